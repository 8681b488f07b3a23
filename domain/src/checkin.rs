//! A check-in (报到): what it may be, and which command it is for the journey.
use chrono::{DateTime, NaiveDate, Utc};

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

/// The instant that counts: the phone's, but never later than it was received, for a clock may be wrong.
pub fn counted_at(recorded_at: DateTime<Utc>, received_at: DateTime<Utc>) -> DateTime<Utc> {
    recorded_at.min(received_at)
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
    fn who_needs_help_is_heard() {
        let effects = check_in(CheckInKind::FinalReturn, Wellbeing::NeedsHelp).effects();
        let id = CheckInId(Uuid::nil());
        assert_eq!(effects, [Effect::AskForHelp(id), Effect::AskToConfirmReturn(id)]);
    }
}
