//! A person who was reported twice has two stays: people find that out, and one of the two goes on. Namesakes are two
//! people: nothing here finds anybody by the name.
use super::{Command, Effect, Origin, Refused, StateName, Stay, Verb};
use crate::identity::IdentityNumber;
use crate::words;

words! {
    /// In what two people are alike.
    pub enum Likeness {
        /// The identity number.
        IdentityNumber = "identity_number",
        /// The telephone.
        Phone = "phone",
        /// The name.
        Name = "name",
    }
}

words! {
    /// Why two stays can't be merged.
    pub enum MergeFault {
        /// They are one already.
        SameStay = "same_stay",
        /// They are of two people: two members, or two identity numbers. Which of the two is not said, for it would tell
        /// whether somebody is a member.
        TwoPeople = "two_people",
        /// They are with two hosts, and each has its own register and its own record.
        TwoHosts = "two_hosts",
        /// The other has come further: it has to be the one that goes on.
        OtherWayRound = "merge_other_way",
    }
}

/// One of two stays, with what tells whose it is.
#[derive(Debug, Clone)]
pub struct Side {
    /// The stay.
    pub stay: Stay,
    /// 公民身份号码 of the person.
    pub identity: Option<IdentityNumber>,
    /// Whether there is a telephone.
    pub has_phone: bool,
}

/// How well it is known who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    ByName,
    ByPhone,
    ByNumber,
    AsMember,
}

impl Side {
    const fn known(&self) -> Known {
        match (self.stay.member.is_some(), self.identity.is_some(), self.has_phone) {
            (true, ..) => Known::AsMember,
            (_, true, _) => Known::ByNumber,
            (.., true) => Known::ByPhone,
            _ => Known::ByName,
        }
    }

    /// Whether these are certainly two people.
    pub fn is_another_than(&self, other: &Self) -> bool {
        let differ = |one: bool, other: bool, equal: bool| one && other && !equal;
        let (member, other_member) = (self.stay.member, other.stay.member);
        let (number, other_number) = (&self.identity, &other.identity);
        differ(member.is_some(), other_member.is_some(), member == other_member)
            || differ(number.is_some(), other_number.is_some(), number == other_number)
    }
}

/// What comes of two stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The one that goes on.
    pub remaining: Stay,
    /// The other, closed.
    pub other: Stay,
    /// What follows for the other.
    pub effects: Vec<Effect>,
}

/// Why nothing comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMerged {
    /// Because of what the two are.
    Fault(MergeFault),
    /// Because of where one of them stands.
    Refused(Refused),
}

/// How far a stay has come; none for one that has ended.
const fn progress(state: StateName) -> Option<u8> {
    match state {
        StateName::Reported => Some(0),
        StateName::Verifying => Some(1),
        StateName::Verified => Some(2),
        StateName::Admitted => Some(3),
        StateName::Left | StateName::Rejected | StateName::Withdrawn | StateName::Merged => None,
    }
}

/// Merges `other` into `remaining`, which keeps its state and its register number, and takes over what it lacks: who the
/// person is, where that is known better of the other, and with it origin and journey; address and employer.
///
/// # Errors
/// [`NotMerged`].
pub fn merge(remaining: Side, other: Side, reason: String) -> Result<Merged, NotMerged> {
    if remaining.stay.id == other.stay.id {
        return Err(NotMerged::Fault(MergeFault::SameStay));
    }
    if remaining.stay.host != other.stay.host {
        return Err(NotMerged::Fault(MergeFault::TwoHosts));
    }
    if remaining.is_another_than(&other) {
        return Err(NotMerged::Fault(MergeFault::TwoPeople));
    }
    let stay = &remaining.stay;
    let Some(far) = progress(stay.state.name()) else {
        return Err(NotMerged::Refused(Refused {
            state: stay.state.name(),
            verb: Verb::Merge,
            allowed: stay.allowed(),
            missing: Vec::new(),
        }));
    };
    if progress(other.stay.state.name()).is_some_and(|other| other > far) {
        return Err(NotMerged::Fault(MergeFault::OtherWayRound));
    }
    let better = other.known() > remaining.known();
    let (into, said) = (stay.id, other.stay.clone());
    let closed = other.stay.apply(Command::Merge { into, reason });
    let (other, effects) = closed.map_err(NotMerged::Refused)?;
    Ok(Merged {
        remaining: filled(remaining.stay, said, better),
        other,
        effects,
    })
}

fn filled(stay: Stay, said: Stay, better: bool) -> Stay {
    let nowhere = Origin::Elsewhere {
        name: None,
        phone: None,
    };
    // The origin of a member who was not known to be one is that of the member's own record.
    let becomes_member = stay.member.is_none() && said.member.is_some();
    let takes_origin = match (stay.origin.here(), said.origin.here()) {
        (_, Some(_)) if becomes_member => true,
        (Some(_), _) => false,
        (None, Some(_)) if better => true,
        (None, _) => stay.origin == nowhere,
    };
    Stay {
        person: if better { said.person } else { stay.person },
        member: stay.member.or(said.member),
        journey: stay.journey.or(said.journey),
        origin: if takes_origin { said.origin } else { stay.origin },
        address: stay.address.or(said.address),
        employer: stay.employer.or(said.employer),
        version: stay.version + 1,
        ..stay
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::super::{Admission, Officer, RegisterNumber, Source, State, Verification};
    use super::*;
    use crate::id::{AccountId, JourneyId, MemberId, OrganisationId, PersonId, StayId};

    fn day() -> NaiveDate {
        "2027-03-01".parse().unwrap()
    }

    fn side(id: u128, state: StateName) -> Side {
        let verification = Verification::Handover { on: day() };
        let admission = Admission {
            home_unit: OrganisationId(Uuid::nil()),
            officer: Officer::Account(AccountId(Uuid::nil())),
            register: RegisterNumber { year: 2027, number: 1 },
            on: day(),
        };
        let reason = || "未到".to_owned();
        let state = match state {
            StateName::Reported => State::Reported,
            StateName::Verifying => State::Verifying,
            StateName::Verified => State::Verified(verification),
            StateName::Admitted => State::Admitted {
                verification,
                admission,
            },
            StateName::Rejected => State::Rejected { reason: reason() },
            StateName::Merged => State::Merged {
                into: StayId(Uuid::nil()),
                reason: reason(),
            },
            StateName::Left | StateName::Withdrawn => State::Withdrawn { reason: reason() },
        };
        let stay = Stay {
            id: StayId(Uuid::from_u128(id)),
            person: PersonId(Uuid::from_u128(id)),
            member: None,
            host: OrganisationId(Uuid::nil()),
            source: Source::Survey,
            origin: Origin::Elsewhere {
                name: None,
                phone: None,
            },
            journey: None,
            arrived_on: day(),
            address: None,
            employer: None,
            state,
            version: 1,
        };
        Side {
            stay,
            identity: None,
            has_phone: false,
        }
    }

    fn member(id: u128, state: StateName) -> Side {
        let mut side = side(id, state);
        side.stay.member = Some(MemberId(Uuid::from_u128(id)));
        side.stay.journey = Some(JourneyId(Uuid::from_u128(id)));
        side.stay.origin = Origin::Here(OrganisationId(Uuid::from_u128(id)));
        side
    }

    fn merged(one: Side, other: Side) -> Result<Merged, NotMerged> {
        merge(one, other, "同一人".to_owned())
    }

    #[test]
    fn only_what_goes_on_takes_in_and_only_what_has_come_no_further_is_taken() {
        for one in StateName::ALL {
            for other in StateName::ALL {
                let came = merged(side(1, *one), side(2, *other));
                let possible = one.is_open()
                    && matches!(other, StateName::Reported | StateName::Verifying | StateName::Verified)
                    && progress(*other) <= progress(*one);
                assert_eq!(came.is_ok(), possible, "{other} into {one}: {came:?}");
                let Ok(came) = came else { continue };
                assert_eq!(came.remaining.state, side(1, *one).stay.state, "it keeps its state");
                assert_eq!((came.remaining.version, came.other.version), (2, 2));
                assert!(matches!(came.other.state, State::Merged { into, .. } if into == came.remaining.id));
                let asked = *other == StateName::Verifying;
                assert_eq!(came.effects.contains(&Effect::DropQuestion), asked);
            }
        }
    }

    #[test]
    fn the_one_that_goes_on_takes_over_what_is_known_better_of_the_other() {
        let mut visitor = side(1, StateName::Admitted);
        visitor.stay.employer = Some("海安某纺织厂".to_owned());
        let mut known = member(2, StateName::Verified);
        known.stay.address = Some("城东镇".to_owned());
        known.stay.employer = Some("某工地".to_owned());
        let came = merged(visitor.clone(), known.clone()).unwrap().remaining;
        assert_eq!(came.person, known.stay.person);
        assert_eq!((came.member, came.journey), (known.stay.member, known.stay.journey));
        assert_eq!(came.origin, known.stay.origin);
        assert_eq!(came.address.as_deref(), Some("城东镇"));
        assert_eq!(came.employer.as_deref(), Some("海安某纺织厂"), "what it knew stays");

        let mut phoned = side(3, StateName::Reported);
        phoned.has_phone = true;
        let came = merged(known.clone(), phoned).unwrap().remaining;
        assert_eq!((came.person, came.member), (known.stay.person, known.stay.member));
    }

    #[test]
    fn two_people_are_never_one() {
        let two = |one: Side, other: Side| match merged(one, other) {
            Err(NotMerged::Fault(fault)) => fault,
            other => panic!("{other:?}"),
        };
        let reported = StateName::Reported;
        assert_eq!(two(side(1, reported), side(1, reported)), MergeFault::SameStay);
        assert_eq!(two(member(1, reported), member(2, reported)), MergeFault::TwoPeople);
        let numbered = |id, number: &str| Side {
            identity: IdentityNumber::parse(number).ok(),
            ..side(id, reported)
        };
        let valid = |last: &str| {
            let guesses = "0123456789X"
                .chars()
                .map(|check| format!("3206001990010100{last}{check}"));
            guesses
                .into_iter()
                .find(|text| IdentityNumber::parse(text).is_ok())
                .unwrap()
        };
        let (one, other) = (valid("2"), valid("4"));
        assert_eq!(two(numbered(1, &one), numbered(2, &other)), MergeFault::TwoPeople);
        assert!(merged(numbered(1, &one), numbered(2, &one)).is_ok());
        assert_eq!(
            two(side(1, reported), side(2, StateName::Verified)),
            MergeFault::OtherWayRound
        );
    }
}
