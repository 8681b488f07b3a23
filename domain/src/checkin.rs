//! A check-in (报到): what it may be, and which command it is for the journey.
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::division::DivisionCode;
use crate::id::CheckInId;
use crate::journey::{Command, Effect, State};
use crate::words;

words! {
    /// What a check-in says.
    pub enum CheckInKind {
        /// 到达报到.
        Arrival = "arrival",
        /// 定期联系.
        Periodic = "periodic",
        /// 返乡报到: home for a festival.
        FestivalReturn = "festival_return",
        /// 返程: away again.
        DepartingAgain = "departing_again",
        /// Home for good; the secretary confirms.
        FinalReturn = "final_return",
    }
}

words! {
    /// How the member is.
    pub enum Wellbeing {
        /// Fine.
        Fine = "fine",
        /// Needs help: a task for the secretary.
        NeedsHelp = "needs_help",
    }
}

words! {
    /// How a contact was made. A call or a visit counts the same as the app.
    pub enum Means {
        /// By the app.
        App = "app",
        /// By telephone.
        Phone = "phone",
        /// By a message.
        Message = "message",
        /// By video.
        Video = "video",
        /// Face to face.
        InPerson = "in_person",
    }
}

/// A check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    /// Made by the phone, so that a repeated one is known.
    pub id: CheckInId,
    /// What it says.
    pub kind: CheckInKind,
    /// Where, at district grain: what the member says, never what a sensor says.
    pub division: Option<DivisionCode>,
    /// Where, in the member's words.
    pub place: Option<String>,
    /// How the member is.
    pub wellbeing: Wellbeing,
    /// Anything else.
    pub note: Option<String>,
    /// How the contact was made.
    pub means: Means,
    /// By the phone's clock.
    pub recorded_at: DateTime<Utc>,
}

/// How far a phone's clock may be ahead before it is doubted.
pub const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(10);
/// How long a check-in may have waited on the phone before the phone's clock is doubted rather than the network.
pub const LONGEST_WAIT: TimeDelta = TimeDelta::days(366);

/// The instant of a check-in that counts, and whether the phone's clock can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The instant that counts.
    pub at: DateTime<Utc>,
    /// The clock was ahead of ours, or so far behind that no network explains it.
    pub clock_doubtful: bool,
}

/// The instant that counts: the phone's, but never later than it was received. A clock that is wrong by years says
/// nothing but that somebody checked in: then what counts is when it was received.
pub fn counted_at(recorded_at: DateTime<Utc>, received_at: DateTime<Utc>) -> Counted {
    let waited = received_at - recorded_at;
    let clock_doubtful = waited < -CLOCK_TOLERANCE || waited > LONGEST_WAIT;
    let at = if clock_doubtful {
        received_at
    } else {
        recorded_at.min(received_at)
    };
    Counted { at, clock_doubtful }
}

/// What a phone's clock showed, to the microsecond and within what every database keeps: the years 1970 to 9999.
pub fn legible(recorded_at: DateTime<Utc>) -> DateTime<Utc> {
    const LAST_OF_9999: i64 = 253_402_300_799_000_000;
    let micros = recorded_at.timestamp_micros().clamp(0, LAST_OF_9999);
    DateTime::from_timestamp_micros(micros).unwrap_or(recorded_at)
}

impl CheckIn {
    /// Which command it is for a journey in `state`, on the day that counts.
    ///
    /// One that is older than the newest known contact (`superseded`), or that says what is known already, is a contact
    /// and nothing more.
    pub fn command(&self, state: &State, on: NaiveDate, superseded: bool) -> Command {
        match (self.kind, state) {
            _ if superseded => Command::CheckIn(on),
            (CheckInKind::FestivalReturn, State::Away { .. }) => Command::ComeHome(on),
            (CheckInKind::DepartingAgain, State::HomeVisit { .. }) => Command::DepartAgain(on),
            _ => Command::CheckIn(on),
        }
    }

    /// What follows from the check-in itself, whatever the journey's state.
    pub fn effects(&self) -> Vec<Effect> {
        let help = (self.wellbeing == Wellbeing::NeedsHelp).then_some(Effect::AskForHelp(self.id));
        let confirm = (self.kind == CheckInKind::FinalReturn).then_some(Effect::AskToConfirmReturn(self.id));
        help.into_iter().chain(confirm).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn check_in(kind: CheckInKind, wellbeing: Wellbeing) -> CheckIn {
        let (division, place, note) = (None, None, None);
        let recorded_at = DateTime::UNIX_EPOCH;
        CheckIn {
            id: CheckInId(Uuid::nil()),
            kind,
            division,
            place,
            wellbeing,
            note,
            means: Means::App,
            recorded_at,
        }
    }

    #[test]
    fn a_festival_return_brings_home_and_a_late_one_does_not() {
        let (since, on): (NaiveDate, NaiveDate) = ("2026-03-01".parse().unwrap(), "2027-02-01".parse().unwrap());
        let away = State::Away { since, due: on };
        let home = State::HomeVisit { since, home_since: on };
        let back = check_in(CheckInKind::FestivalReturn, Wellbeing::Fine);
        assert_eq!(back.command(&away, on, false), Command::ComeHome(on));
        assert_eq!(back.command(&away, on, true), Command::CheckIn(on));
        assert_eq!(back.command(&home, on, false), Command::CheckIn(on));
        let off = check_in(CheckInKind::DepartingAgain, Wellbeing::Fine);
        assert_eq!(off.command(&home, on, false), Command::DepartAgain(on));
    }

    #[test]
    fn a_clock_that_is_wrong_by_years_is_doubted_and_counts_as_now() {
        let received: DateTime<Utc> = "2027-02-20T01:00:00Z".parse().unwrap();
        let counted = |recorded: &str| {
            let counted = counted_at(recorded.parse().unwrap(), received);
            (counted.at, counted.clock_doubtful)
        };
        assert_eq!(
            counted("2027-01-11T01:00:00Z"),
            ("2027-01-11T01:00:00Z".parse().unwrap(), false)
        );
        assert_eq!(counted("2027-02-20T01:09:00Z"), (received, false));
        assert_eq!(counted("2027-02-20T01:11:00Z"), (received, true));
        assert_eq!(counted("2035-01-01T00:00:00Z"), (received, true));
        assert_eq!(counted("1970-01-01T00:00:00Z"), (received, true));
        let year_10000: DateTime<Utc> = "9999-12-31T23:59:59-12:00".parse().unwrap();
        assert_eq!(legible(year_10000).to_rfc3339(), "9999-12-31T23:59:59+00:00");
        assert_eq!(
            legible("0000-01-01T00:00:00+14:00".parse().unwrap()),
            DateTime::UNIX_EPOCH
        );
    }

    #[test]
    fn who_needs_help_is_heard() {
        let effects = check_in(CheckInKind::FinalReturn, Wellbeing::NeedsHelp).effects();
        let id = CheckInId(Uuid::nil());
        assert_eq!(effects, [Effect::AskForHelp(id), Effect::AskToConfirmReturn(id)]);
    }
}
