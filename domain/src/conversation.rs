//! What two organisations may say and see in a hand-over (对接) besides the answer: messages, the part of the
//! organisation above both, and which of the other's events each sees.
use chrono::{Days, NaiveDate};

use crate::handover::{Kind, Side};
use crate::id::OrgPath;
use crate::words;

words! {
    /// For whom somebody speaks in a hand-over.
    pub enum Speaker as "HandoverSpeaker" {
        /// For the organisation that asked.
        Asking = "asking",
        /// For the organisation that was asked.
        Asked = "asked",
        /// For both, such as an organisation above.
        Both = "both",
    }
}

impl Speaker {
    /// For whom somebody speaks whose scope covers these sides.
    pub const fn of(asking: bool, asked: bool) -> Option<Self> {
        match (asking, asked) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Asking),
            (false, true) => Some(Self::Asked),
            (false, false) => None,
        }
    }

    /// Who is told what the speaker says.
    pub const fn listeners(self) -> &'static [Side] {
        match self {
            Self::Asking => &[Side::Asked],
            Self::Asked => &[Side::Asking],
            Self::Both => &[Side::Asking, Side::Asked],
        }
    }

    /// Whether this is one of the speaker's sides.
    pub fn is_of(self, side: Side) -> bool {
        !self.listeners().contains(&side) || self == Self::Both
    }
}

/// Days after a hand-over was settled in which the two sides may still write to each other.
pub const SPOKEN_OF_DAYS: u64 = 30;

/// Whether the sides may write to each other: while it is open, and for a while after.
pub fn may_be_spoken_of(settled_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    settled_on.is_none_or(|day| today <= day + Days::new(SPOKEN_OF_DAYS))
}

/// The organisation above both: their lowest common one, or, where one stands above the other, the next above that.
/// None for two trees that nothing joins.
pub fn above_both(asking: &OrgPath, asked: &OrgPath) -> Option<OrgPath> {
    let common = asking.common_with(asked);
    let above = if common == *asking || common == *asked {
        common.parent()?
    } else {
        common
    };
    (above != OrgPath::root()).then_some(above)
}

/// In whose name a hand-over is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswersAs {
    /// The asked organisation's own.
    Asked,
    /// That of an organisation above it, in its place.
    Above,
}

/// Where a hand-over stands between two organisations.
#[derive(Debug, Clone, Copy)]
pub struct Between<'a> {
    /// Who asks.
    pub asking: &'a OrgPath,
    /// Who is asked.
    pub asked: &'a OrgPath,
    /// The day by which an answer is due.
    pub due_on: NaiveDate,
}

impl Between<'_> {
    /// How somebody answers whose nearest role at or above the asked organisation is held for `seat`.
    ///
    /// An organisation above answers in the asked one's place: one that stands above the asked side alone at any time,
    /// one that stands above both from the day on which the answer is due. Whoever asks answers never.
    pub fn answers_as(&self, seat: &OrgPath, today: NaiveDate) -> Option<AnswersAs> {
        if seat == self.asked {
            return Some(AnswersAs::Asked);
        }
        if seat == self.asking || !seat.contains(self.asked) {
            return None;
        }
        let alone = !seat.contains(self.asking);
        (alone || self.due_on <= today).then_some(AnswersAs::Above)
    }
}

/// Whose an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The home organisation's.
    Origin,
    /// The host's.
    Host,
    /// What the two say to each other.
    Both,
}

/// How much of an event the side sees whose it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// That it happened, who and when; the reason and the details are internal.
    Bare,
}

/// An event that both sides may know.
#[derive(Debug, Clone, Copy)]
pub struct SharedEvent {
    /// Its word on the timeline.
    pub event: &'static str,
    /// Whose it is.
    pub owner: Owner,
    /// What the other side sees.
    pub seen: Seen,
}

const fn shared(event: &'static str, owner: Owner, seen: Seen) -> SharedEvent {
    SharedEvent { event, owner, seen }
}

/// Everything that both sides may know. What does not stand here stays with the side whose it is: corrections, the
/// briefing, what a journey has to do with other hosts.
pub const SHARED: &[SharedEvent] = &[
    shared("planned", Owner::Origin, Seen::Whole),
    shared("depart", Owner::Origin, Seen::Bare),
    shared("cancel", Owner::Origin, Seen::Bare),
    shared("check_in", Owner::Origin, Seen::Whole),
    shared("come_home", Owner::Origin, Seen::Bare),
    shared("depart_again", Owner::Origin, Seen::Bare),
    shared("return", Owner::Origin, Seen::Bare),
    shared("transfer", Owner::Origin, Seen::Bare),
    shared("stay_reported", Owner::Host, Seen::Whole),
    shared("stay_reported_again", Owner::Host, Seen::Bare),
    shared("stay_handed_over", Owner::Host, Seen::Whole),
    shared("stay_origin_asked", Owner::Host, Seen::Whole),
    shared("stay_confirmed", Owner::Host, Seen::Whole),
    shared("stay_denied", Owner::Host, Seen::Whole),
    shared("stay_confirmed_by_call", Owner::Host, Seen::Bare),
    shared("stay_confirmed_by_letter", Owner::Host, Seen::Bare),
    shared("stay_confirmed_by_certificate", Owner::Host, Seen::Bare),
    shared("stay_question_lapsed", Owner::Host, Seen::Whole),
    shared("stay_admitted", Owner::Host, Seen::Whole),
    shared("stay_rejected", Owner::Host, Seen::Whole),
    shared("stay_merged", Owner::Host, Seen::Bare),
    shared("stay_merged_into", Owner::Host, Seen::Bare),
    shared("stay_withdrawn", Owner::Host, Seen::Whole),
    shared("visit", Owner::Host, Seen::Whole),
    shared("visit_not_reached", Owner::Host, Seen::Whole),
    shared("stay_whereabouts_asked", Owner::Host, Seen::Whole),
    shared("stay_left", Owner::Host, Seen::Whole),
    shared("handover_offered", Owner::Both, Seen::Whole),
    shared("handover_asked", Owner::Both, Seen::Whole),
    shared("handover_accepted", Owner::Both, Seen::Whole),
    shared("handover_declined", Owner::Both, Seen::Whole),
    shared("handover_withdrawn", Owner::Both, Seen::Whole),
    shared("handover_confirmed", Owner::Both, Seen::Whole),
    shared("handover_denied", Owner::Both, Seen::Whole),
    shared("handover_answered", Owner::Both, Seen::Whole),
    shared("handover_lapsed", Owner::Both, Seen::Whole),
    shared("handover_dropped", Owner::Both, Seen::Whole),
    shared("handover_escalated", Owner::Both, Seen::Whole),
    shared("handover_message", Owner::Both, Seen::Whole),
];

/// What a speaker sees of an event; none for one that is not shared.
pub fn seen(event: &str, kind: Kind, speaker: Speaker) -> Option<Seen> {
    let line = SHARED.iter().find(|line| line.event == event)?;
    let (origin, host) = match kind {
        Kind::Offer => (Side::Asking, Side::Asked),
        Kind::Verification | Kind::Whereabouts => (Side::Asked, Side::Asking),
    };
    let own = match line.owner {
        Owner::Origin => speaker.is_of(origin),
        Owner::Host => speaker.is_of(host),
        Owner::Both => true,
    };
    Some(if own { Seen::Whole } else { line.seen })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> OrgPath {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn above_both_is_the_lowest_common_organisation_or_the_next() {
        let of = |one: &str, other: &str| above_both(&path(one), &path(other));
        assert_eq!(of("/c/t/v/", "/c/s/w/"), Some(path("/c/")));
        assert_eq!(of("/c/t/v/", "/c/t/"), Some(path("/c/")), "one stands above the other");
        assert_eq!(of("/c/", "/c/s/w/"), None, "nothing stands above the county");
        assert_eq!(of("/c/t/", "/d/s/"), None, "two trees");
    }

    #[test]
    fn the_asked_answers_at_once_its_own_committee_in_its_place_and_the_county_once_it_is_due() {
        let (asking, asked) = (path("/c/t/v/"), path("/c/s/w/"));
        let between = Between {
            asking: &asking,
            asked: &asked,
            due_on: day("2027-01-21"),
        };
        let answers = |seat: &str, on: &str| between.answers_as(&path(seat), day(on));
        assert_eq!(answers("/c/s/w/", "2027-01-11"), Some(AnswersAs::Asked));
        assert_eq!(answers("/c/s/", "2027-01-11"), Some(AnswersAs::Above));
        assert_eq!(answers("/c/", "2027-01-20"), None);
        assert_eq!(answers("/c/", "2027-01-21"), Some(AnswersAs::Above));
        assert_eq!(answers("/c/t/", "2027-02-21"), None, "not above the asked");
        let from_above = Between {
            asking: &path("/c/s/"),
            ..between
        };
        assert_eq!(
            from_above.answers_as(&path("/c/s/"), day("2027-02-21")),
            None,
            "whoever asks"
        );
    }

    #[test]
    fn a_word_stands_on_the_list_once_and_each_side_sees_its_own_whole() {
        for (at, line) in SHARED.iter().enumerate() {
            assert!(
                SHARED.iter().skip(at + 1).all(|other| other.event != line.event),
                "{}",
                line.event
            );
        }
        assert_eq!(seen("depart", Kind::Offer, Speaker::Asking), Some(Seen::Whole));
        assert_eq!(seen("depart", Kind::Offer, Speaker::Asked), Some(Seen::Bare));
        assert_eq!(seen("depart", Kind::Verification, Speaker::Asking), Some(Seen::Bare));
        assert_eq!(seen("depart", Kind::Offer, Speaker::Both), Some(Seen::Whole));
        assert_eq!(
            seen("stay_confirmed_by_call", Kind::Verification, Speaker::Asked),
            Some(Seen::Bare)
        );
        assert_eq!(seen("corrected", Kind::Offer, Speaker::Asking), None);
    }

    #[test]
    fn a_settled_handover_is_spoken_of_for_thirty_days() {
        assert!(may_be_spoken_of(None, day("2027-03-01")));
        assert!(may_be_spoken_of(Some(day("2027-01-30")), day("2027-03-01")));
        assert!(!may_be_spoken_of(Some(day("2027-01-29")), day("2027-03-01")));
    }
}
