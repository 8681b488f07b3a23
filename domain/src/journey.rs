//! A member's journey (流动), the kite: its states, its transitions, and what follows from each.
use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::codes::{DestinationUnit, FormerOccupation, JourneyReason};
use crate::division::DivisionCode;
use crate::id::{CheckInId, JourneyId, MemberId, OrganisationId};
use crate::notification::Occasion;
use crate::words;

/// Where the journey stands, with the data of that state only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Registered, not yet left.
    Planned,
    /// Away since a day; the next contact is due on another.
    Away {
        /// Day of departure.
        since: NaiveDate,
        /// Day by which contact is due.
        due: NaiveDate,
    },
    /// At home for a festival (返乡).
    HomeVisit {
        /// Day of departure.
        since: NaiveDate,
        /// Day of coming home.
        home_since: NaiveDate,
    },
    /// Home for good.
    Returned {
        /// Day of departure.
        since: NaiveDate,
        /// Day of return.
        on: NaiveDate,
    },
    /// The formal relation was moved (组织关系转接), with the receiving side's receipt.
    Transferred {
        /// Day of departure.
        since: NaiveDate,
        /// By which letter, to whom.
        transfer: Transfer,
    },
    /// Never left.
    Cancelled,
}

words! {
    /// A state's word.
    pub enum StateName as "JourneyState" {
        /// Registered, not yet left.
        Planned = "planned",
        /// Away.
        Away = "away",
        /// At home for a festival.
        HomeVisit = "home_visit",
        /// Home for good.
        Returned = "returned",
        /// The formal relation was moved.
        Transferred = "transferred",
        /// Never left.
        Cancelled = "cancelled",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "JourneyTransition" {
        /// The member has left.
        Depart = "depart",
        /// The plan is dropped.
        Cancel = "cancel",
        /// The member was in contact.
        CheckIn = "check_in",
        /// Home for a festival.
        ComeHome = "come_home",
        /// Away again after a visit.
        DepartAgain = "depart_again",
        /// Home for good.
        Return = "return",
        /// The formal relation was moved.
        Transfer = "transfer",
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The member has left on that day.
    Depart(NaiveDate),
    /// The plan is dropped.
    Cancel,
    /// The member was in contact on that day.
    CheckIn(NaiveDate),
    /// Home for a festival since that day.
    ComeHome(NaiveDate),
    /// Away again on that day.
    DepartAgain(NaiveDate),
    /// Home for good on that day.
    Return(NaiveDate),
    /// The formal relation was moved.
    Transfer(Transfer),
}

/// A completed transfer of the formal relation. Until its receipt is there the origin stays responsible, so there is no
/// transition without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The organisation that received it, as its receipt names it.
    pub to: String,
    /// The number of the letter of introduction (组织关系介绍信).
    pub letter: String,
    /// The day on the receipt (回执).
    pub receipt_on: NaiveDate,
}

/// Where to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destination {
    /// The division, at district grain or coarser.
    pub division: Option<DivisionCode>,
    /// The country or region, when abroad.
    pub country: Option<String>,
    /// The place as the member says it.
    pub place: Option<String>,
    /// The employer or school there.
    pub employer: Option<String>,
    /// The kind of unit 外出流向.
    pub unit: Option<DestinationUnit>,
}

impl Destination {
    /// Whether it says anything about where.
    pub const fn is_known(&self) -> bool {
        self.division.is_some() || self.country.is_some() || self.place.is_some()
    }
}

/// A journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// Its id.
    pub id: JourneyId,
    /// Whose.
    pub member: MemberId,
    /// The branch that keeps the formal relation.
    pub origin: OrganisationId,
    /// Why.
    pub reason: JourneyReason,
    /// Where to.
    pub destination: Destination,
    /// What the member did before leaving 原职业.
    pub former_occupation: Option<FormerOccupation>,
    /// The host organisation, once known here.
    pub host: Option<OrganisationId>,
    /// The number of the certificate (流动党员活动证), where one was issued.
    pub certificate_number: Option<String>,
    /// The day on which the member means to leave.
    pub planned_departure_on: Option<NaiveDate>,
    /// The day on which the member means to be back.
    pub expected_return_on: Option<NaiveDate>,
    /// Days between contacts: 1 to 366.
    pub interval_days: u16,
    /// When the member was last in contact.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: State,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The interval can be between these, both included, in days.
pub const INTERVAL_DAYS: std::ops::RangeInclusive<u16> = 1..=366;

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Note it on the timeline, under the verb's word.
    Note(Verb),
    /// Offer the member to the host organisation.
    OfferHandover(OrganisationId),
    /// Withdraw what was offered and not yet answered.
    WithdrawHandover,
    /// What the member was asked is answered, or has become untrue.
    StopPrompts(&'static [Occasion]),
    /// The secretary is to confirm what the check-in says: that the member is home for good.
    AskToConfirmReturn(CheckInId),
    /// The member asks for help in the check-in: a task for the secretary.
    AskForHelp(CheckInId),
    /// The host is told that the member has left for home or elsewhere.
    TellHost,
    /// The journey has ended, and its certificate with it.
    EndCertificate,
}

/// Nobody is asked about a departure that has happened, or will not.
const LEFT: Effect = Effect::StopPrompts(&[Occasion::PreDeparture, Occasion::DepartureCheck]);
/// Nobody is asked to report who has just reported.
const IN_CONTACT: Effect = Effect::StopPrompts(&[Occasion::CheckinDue, Occasion::CheckinOverdue]);
/// Nobody at home is asked anything about being away.
const HOME: Effect = Effect::StopPrompts(Occasion::PROMPTS);

/// The transition is not drawn from this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {}", state.name())]
pub struct Refused {
    /// Where it stands.
    pub state: State,
    /// What was asked.
    pub verb: Verb,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Depart(_) => Verb::Depart,
            Self::Cancel => Verb::Cancel,
            Self::CheckIn(_) => Verb::CheckIn,
            Self::ComeHome(_) => Verb::ComeHome,
            Self::DepartAgain(_) => Verb::DepartAgain,
            Self::Return(_) => Verb::Return,
            Self::Transfer(_) => Verb::Transfer,
        }
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Planned => StateName::Planned,
            Self::Away { .. } => StateName::Away,
            Self::HomeVisit { .. } => StateName::HomeVisit,
            Self::Returned { .. } => StateName::Returned,
            Self::Transferred { .. } => StateName::Transferred,
            Self::Cancelled => StateName::Cancelled,
        }
    }

    /// The transitions that are drawn from here.
    pub const fn allowed(&self) -> &'static [Verb] {
        match self {
            Self::Planned => &[Verb::Depart, Verb::Cancel],
            Self::Away { .. } => &[Verb::CheckIn, Verb::ComeHome, Verb::Return, Verb::Transfer],
            Self::HomeVisit { .. } => &[Verb::CheckIn, Verb::DepartAgain, Verb::Return, Verb::Transfer],
            Self::Returned { .. } | Self::Transferred { .. } | Self::Cancelled => &[],
        }
    }

    /// Whether the journey goes on.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Planned | Self::Away { .. } | Self::HomeVisit { .. })
    }

    /// The day of departure, once there was one.
    pub const fn departed_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Away { since, .. }
            | Self::HomeVisit { since, .. }
            | Self::Returned { since, .. }
            | Self::Transferred { since, .. } => Some(*since),
            Self::Planned | Self::Cancelled => None,
        }
    }

    /// The day by which contact is due.
    pub const fn due(&self) -> Option<NaiveDate> {
        match self {
            Self::Away { due, .. } => Some(*due),
            _ => None,
        }
    }

    /// Whether contact is overdue on `today`: away, and past the day. Computed, never stored, and it changes nothing.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.due().is_some_and(|due| due < today)
    }
}

impl Journey {
    /// Applies a command: the journey after it, and what follows.
    ///
    /// A contact never moves the due date back, so that a late one from a phone without network does no harm.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        use Command as C;
        use State as S;
        let verb = command.verb();
        let interval = Days::new(u64::from(self.interval_days));
        let due = |day: NaiveDate| day + interval;
        let (state, follow) = match (self.state, command) {
            (S::Planned, C::Depart(on)) => {
                let offer = self.host.map(Effect::OfferHandover);
                (
                    S::Away {
                        since: on,
                        due: due(on),
                    },
                    [Some(LEFT), offer],
                )
            }
            (S::Planned, C::Cancel) => (S::Cancelled, [Some(LEFT), Some(Effect::WithdrawHandover)]),
            (S::Away { since, due: old }, C::CheckIn(on)) => (
                S::Away {
                    since,
                    due: old.max(due(on)),
                },
                [Some(IN_CONTACT), None],
            ),
            (S::Away { since, .. }, C::ComeHome(on)) => (S::HomeVisit { since, home_since: on }, [Some(HOME), None]),
            (home @ S::HomeVisit { .. }, C::CheckIn(_)) => (home, [None, None]),
            (S::HomeVisit { since, .. }, C::DepartAgain(on)) => (S::Away { since, due: due(on) }, [None, None]),
            (S::Away { since, .. } | S::HomeVisit { since, .. }, C::Return(on)) => {
                (S::Returned { since, on }, [Some(HOME), Some(Effect::TellHost)])
            }
            (S::Away { since, .. } | S::HomeVisit { since, .. }, C::Transfer(transfer)) => {
                (S::Transferred { since, transfer }, [Some(HOME), Some(Effect::TellHost)])
            }
            (state, _) => return Err(Refused { state, verb }),
        };
        let ended = (!state.is_open()).then_some(Effect::EndCertificate);
        let effects = [Some(Effect::Note(verb))].into_iter().chain(follow).chain([ended]);
        let effects = effects.flatten().collect();
        Ok((
            Self {
                state,
                version: self.version + 1,
                ..self
            },
            effects,
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn journey(state: State) -> Journey {
        Journey {
            id: JourneyId(Uuid::nil()),
            member: MemberId(Uuid::nil()),
            origin: OrganisationId(Uuid::nil()),
            reason: JourneyReason::Work,
            destination: Destination::default(),
            former_occupation: None,
            host: None,
            certificate_number: None,
            planned_departure_on: None,
            expected_return_on: None,
            interval_days: 30,
            last_contact_at: None,
            state,
            version: 1,
        }
    }

    fn states() -> [State; 6] {
        let (since, on) = (day("2027-02-22"), day("2027-12-20"));
        [
            State::Planned,
            State::Away { since, due: on },
            State::HomeVisit { since, home_since: on },
            State::Returned { since, on },
            State::Transferred {
                since,
                transfer: letter(),
            },
            State::Cancelled,
        ]
    }

    fn letter() -> Transfer {
        Transfer {
            to: "上海某街道".to_owned(),
            letter: "沪-1".to_owned(),
            receipt_on: day("2027-12-20"),
        }
    }

    fn commands() -> [Command; 7] {
        let on = day("2027-12-20");
        [
            Command::Depart(on),
            Command::Cancel,
            Command::CheckIn(on),
            Command::ComeHome(on),
            Command::DepartAgain(on),
            Command::Return(on),
            Command::Transfer(letter()),
        ]
    }

    #[test]
    fn what_allowed_promises_apply_keeps() {
        for state in states() {
            for command in commands() {
                let promised = state.allowed().contains(&command.verb());
                assert_eq!(
                    journey(state.clone()).apply(command.clone()).is_ok(),
                    promised,
                    "{state:?} {command:?}"
                );
            }
        }
    }

    #[test]
    fn a_late_contact_never_moves_the_due_date_back() {
        let away = journey(State::Away {
            since: day("2027-02-22"),
            due: day("2027-06-01"),
        });
        let (later, _) = away.clone().apply(Command::CheckIn(day("2027-03-01"))).unwrap();
        assert_eq!(later.state.due(), Some(day("2027-06-01")));
        let (later, _) = away.apply(Command::CheckIn(day("2027-05-20"))).unwrap();
        assert_eq!(later.state.due(), Some(day("2027-06-19")));
    }

    #[test]
    fn a_contact_while_away_answers_the_question_and_leaves_the_invitation_home() {
        let away = journey(State::Away {
            since: day("2027-02-22"),
            due: day("2027-06-01"),
        });
        let (_, effects) = away.apply(Command::CheckIn(day("2027-05-20"))).unwrap();
        assert_eq!(effects, [Effect::Note(Verb::CheckIn), IN_CONTACT]);
    }

    #[test]
    fn a_known_host_is_offered_the_member_on_departure() {
        let host = OrganisationId(Uuid::from_u128(9));
        let planned = Journey {
            host: Some(host),
            ..journey(State::Planned)
        };
        let (_, effects) = planned.apply(Command::Depart(day("2027-02-22"))).unwrap();
        assert!(effects.contains(&Effect::OfferHandover(host)));
    }

    #[test]
    fn whatever_ends_the_journey_ends_its_certificate() {
        for state in states() {
            for command in commands() {
                if let Ok((after, effects)) = journey(state.clone()).apply(command) {
                    let ends = effects.contains(&Effect::EndCertificate);
                    assert_eq!(ends, !after.state.is_open(), "{state:?} {:?}", after.state);
                }
            }
        }
    }

    #[test]
    fn overdue_is_the_day_after_the_due_date() {
        let away = State::Away {
            since: day("2027-02-22"),
            due: day("2027-03-24"),
        };
        assert!(!away.is_overdue(day("2027-03-24")));
        assert!(away.is_overdue(day("2027-03-25")));
        assert!(!State::Planned.is_overdue(day("2030-01-01")));
    }

    /// The drawn diagram, as pairs.
    const DRAWN: &[(StateName, StateName)] = &[
        (StateName::Planned, StateName::Away),
        (StateName::Planned, StateName::Cancelled),
        (StateName::Away, StateName::Away),
        (StateName::Away, StateName::HomeVisit),
        (StateName::HomeVisit, StateName::HomeVisit),
        (StateName::HomeVisit, StateName::Away),
        (StateName::Away, StateName::Returned),
        (StateName::HomeVisit, StateName::Returned),
        (StateName::Away, StateName::Transferred),
        (StateName::HomeVisit, StateName::Transferred),
    ];

    proptest! {
        #[test]
        fn no_sequence_of_commands_leaves_the_diagram(picks in prop::collection::vec(0..7_usize, 0..40)) {
            let mut now = journey(State::Planned);
            for pick in picks {
                let before = now.clone();
                match now.apply(commands()[pick].clone()) {
                    Ok((after, effects)) => {
                        prop_assert!(DRAWN.contains(&(before.state.name(), after.state.name())));
                        prop_assert_eq!(after.version, before.version + 1);
                        prop_assert!(!effects.is_empty());
                        now = after;
                    }
                    Err(refused) => {
                        prop_assert_eq!(&refused.state, &before.state);
                        now = before;
                    }
                }
            }
        }
    }
}
