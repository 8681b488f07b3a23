//! Attendance (参加): whether somebody who is on the list of a gathering was there. A fact, never a mark: what was missed
//! is proposed to be made up, and nothing else follows.
use chrono::{DateTime, NaiveDate, Utc};

use crate::id::GatheringId;
use crate::words;

/// Where it stands, with the data of that state only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Is expected.
    Invited,
    /// Was there.
    Attended(Presence),
    /// Could not come, and said why.
    Excused {
        /// Why.
        reason: String,
    },
    /// Was not there.
    Missed,
    /// Was not there, and has made it up at another gathering.
    MadeUp {
        /// Which.
        by: GatheringId,
    },
}

/// How it is known that somebody was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// How it was told.
    pub means: AttendanceMeans,
    /// When, by the clock of whoever told.
    pub at: DateTime<Utc>,
    /// The minutes of learning that count.
    pub minutes: u16,
}

words! {
    /// How it was told that somebody was there.
    pub enum AttendanceMeans {
        /// 扫码签到: by the member, with the code at the place.
        Code = "code",
        /// By whoever kept the list.
        Officer = "officer",
    }
}

words! {
    /// What whoever keeps the list can say of somebody.
    pub enum Marked as "AttendanceMark" {
        /// Was there.
        Attended = "attended",
        /// Could not come.
        Excused = "excused",
        /// Was not there.
        Missed = "missed",
    }
}

words! {
    /// A state's word.
    pub enum StateName as "AttendanceState" {
        /// Is expected.
        Invited = "invited",
        /// Was there.
        Attended = "attended",
        /// Could not come, and said why.
        Excused = "excused",
        /// Was not there.
        Missed = "missed",
        /// Has made it up.
        MadeUp = "made_up",
    }
}

words! {
    /// A command's word in problems and `allowed`.
    pub enum Verb as "AttendanceTransition" {
        /// Was there.
        Attend = "attend",
        /// Could not come.
        Excuse = "excuse",
        /// Was not there.
        Miss = "miss",
        /// Made it up.
        MakeUp = "make_up",
        /// Did not make it up after all.
        Reopen = "reopen",
    }
}

/// What is said of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Was there.
    Attend(Presence),
    /// Could not come, for this reason.
    Excuse(String),
    /// Was not there.
    Miss,
    /// Made it up at that gathering.
    MakeUp(GatheringId),
    /// Did not make it up after all: the make-up was recorded by mistake.
    Reopen,
}

/// What follows, for the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Note it on the person's timeline, under the verb's word.
    Note(Verb),
    /// The member was heard of: organisational life was attended.
    Heard,
    /// What this gathering makes up is made up.
    CloseMissed,
    /// What this gathering was thought to make up is missed again.
    ReopenMissed,
    /// What was proposed or asked about it is settled.
    StopAsking,
}

/// The transition is not drawn from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {state}")]
pub struct Refused {
    /// Where it stands.
    pub state: StateName,
    /// What was said.
    pub verb: Verb,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Attend(_) => Verb::Attend,
            Self::Excuse(_) => Verb::Excuse,
            Self::Miss => Verb::Miss,
            Self::MakeUp(_) => Verb::MakeUp,
            Self::Reopen => Verb::Reopen,
        }
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Invited => StateName::Invited,
            Self::Attended(_) => StateName::Attended,
            Self::Excused { .. } => StateName::Excused,
            Self::Missed => StateName::Missed,
            Self::MadeUp { .. } => StateName::MadeUp,
        }
    }

    /// The verbs that are possible.
    pub fn allowed(&self) -> &'static [Verb] {
        match self {
            Self::Invited => &[Verb::Attend, Verb::Excuse, Verb::Miss],
            Self::Attended(_) => &[Verb::Excuse, Verb::Miss],
            Self::Excused { .. } => &[Verb::Attend, Verb::Miss],
            Self::Missed => &[Verb::Attend, Verb::Excuse, Verb::MakeUp],
            Self::MadeUp { .. } => &[Verb::Attend, Verb::Reopen],
        }
    }

    /// What is known, where it is said again otherwise: how long somebody was there, as whoever keeps the list corrects
    /// it, or why somebody could not come. Nothing follows from that.
    pub fn corrected(&self, command: &Command) -> Option<Self> {
        match (self, command) {
            (Self::Attended(known), Command::Attend(said))
                if said.means == AttendanceMeans::Officer && said.minutes != known.minutes =>
            {
                let minutes = said.minutes;
                Some(Self::Attended(Presence {
                    minutes,
                    ..known.clone()
                }))
            }
            (Self::Excused { reason: known }, Command::Excuse(reason)) if reason != known => {
                let reason = reason.clone();
                Some(Self::Excused { reason })
            }
            _ => None,
        }
    }

    /// Applies what is said: the state after it, and what follows.
    ///
    /// Somebody may turn out to have been there, or not, after the list was closed: a phone without network tells late,
    /// and whoever keeps the list corrects it.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        let verb = command.verb();
        let was_there = matches!(self, Self::Attended(_));
        let was_expected = matches!(self, Self::Invited);
        let (state, follow): (Self, &[Effect]) = match (self, command) {
            (Self::Invited | Self::Excused { .. } | Self::Missed | Self::MadeUp { .. }, Command::Attend(presence)) => (
                Self::Attended(presence),
                &[Effect::Heard, Effect::CloseMissed, Effect::StopAsking],
            ),
            (Self::Invited | Self::Attended(_) | Self::Missed, Command::Excuse(reason)) => {
                (Self::Excused { reason }, &[Effect::StopAsking])
            }
            (Self::Invited | Self::Attended(_) | Self::Excused { .. }, Command::Miss)
            | (Self::MadeUp { .. }, Command::Reopen) => (Self::Missed, &[]),
            (Self::Missed, Command::MakeUp(by)) => (Self::MadeUp { by }, &[Effect::StopAsking]),
            (state, _) => {
                let state = state.name();
                return Err(Refused { state, verb });
            }
        };
        // That somebody did not come is no event of a person's history.
        let noted = (verb != Verb::Miss || !was_expected).then_some(Effect::Note(verb));
        let reopened = was_there.then_some(Effect::ReopenMissed);
        let effects = noted.into_iter().chain(follow.iter().copied()).chain(reopened);
        Ok((state, effects.collect()))
    }
}

impl StateName {
    /// Of two lines that turn out to be of one person, the one that says more.
    pub const fn says_more_than(self, other: Self) -> bool {
        self.weight() > other.weight()
    }

    const fn weight(self) -> u8 {
        match self {
            Self::Invited => 0,
            Self::Missed => 1,
            Self::Excused => 2,
            Self::MadeUp => 3,
            Self::Attended => 4,
        }
    }
}

/// What somebody learned in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learned {
    /// The year, in the deployment's zone.
    pub year: i32,
    /// At how many gatherings.
    pub gatherings: u32,
    /// How many minutes.
    pub minutes: u32,
}

impl Learned {
    /// Adds up days and minutes, the newest year first.
    pub fn by_year(attended: impl IntoIterator<Item = (NaiveDate, u16)>) -> Vec<Self> {
        use chrono::Datelike as _;
        let mut years = std::collections::BTreeMap::<i32, Self>::new();
        for (day, minutes) in attended {
            let year = day.year();
            let line = years.entry(year).or_insert(Self {
                year,
                gatherings: 0,
                minutes: 0,
            });
            line.gatherings = line.gatherings.saturating_add(1);
            line.minutes = line.minutes.saturating_add(minutes.into());
        }
        years.into_values().rev().collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::transitions::Step;

    fn presence() -> Presence {
        Presence {
            means: AttendanceMeans::Code,
            at: "2027-01-25T01:00:00Z".parse().unwrap(),
            minutes: 90,
        }
    }

    fn states() -> [State; 5] {
        let reason = "夜班".to_owned();
        let by = GatheringId(Uuid::nil());
        [
            State::Invited,
            State::Attended(presence()),
            State::Excused { reason },
            State::Missed,
            State::MadeUp { by },
        ]
    }

    fn commands() -> [Command; 5] {
        [
            Command::Attend(presence()),
            Command::Excuse("夜班".to_owned()),
            Command::Miss,
            Command::MakeUp(GatheringId(Uuid::nil())),
            Command::Reopen,
        ]
    }

    /// Every sample told every command, for the tables of transitions.
    pub(crate) fn steps() -> Vec<Step> {
        let told = states()
            .into_iter()
            .flat_map(|state| commands().map(|command| (state.clone(), command)));
        told.map(|(state, command)| {
            let (name, verb) = (state.name().as_str(), command.verb().as_str());
            (
                name,
                verb,
                state.apply(command).ok().map(|(after, _)| after.name().as_str()),
            )
        })
        .collect()
    }

    #[test]
    fn what_allowed_promises_apply_keeps() {
        for state in states() {
            for command in commands() {
                let promised = state.allowed().contains(&command.verb());
                assert_eq!(
                    state.clone().apply(command.clone()).is_ok(),
                    promised,
                    "{state:?} {command:?}"
                );
            }
        }
    }

    #[test]
    fn who_turns_out_not_to_have_been_there_has_made_nothing_up() {
        let (missed, effects) = State::Attended(presence()).apply(Command::Miss).unwrap();
        assert_eq!(missed, State::Missed);
        assert!(effects.contains(&Effect::ReopenMissed) && !effects.contains(&Effect::Heard));
        let (_, effects) = State::Invited.apply(Command::Miss).unwrap();
        assert_eq!(effects, [], "who did not come finds no mark of it in the own history");
    }

    #[test]
    fn what_is_known_is_corrected_by_whoever_keeps_the_list() {
        let said = |means, minutes| Presence {
            means,
            minutes,
            at: "2027-01-26T01:00:00Z".parse().unwrap(),
        };
        let known = State::Attended(presence());
        let shorter = Command::Attend(said(AttendanceMeans::Officer, 45));
        let minutes = 45;
        let expected = State::Attended(Presence { minutes, ..presence() });
        assert_eq!(known.corrected(&shorter), Some(expected));
        let same = Command::Attend(said(AttendanceMeans::Officer, 90));
        let scanned = Command::Attend(said(AttendanceMeans::Code, 45));
        assert_eq!((known.corrected(&same), known.corrected(&scanned)), (None, None));
        let excused = |reason: &str| State::Excused {
            reason: reason.to_owned(),
        };
        let ill = Command::Excuse("生病".to_owned());
        assert_eq!(excused("夜班").corrected(&ill), Some(excused("生病")));
        assert_eq!(excused("生病").corrected(&ill), None);
        assert_eq!(State::Missed.corrected(&ill), None, "that is no correction");
    }

    #[test]
    fn having_been_there_says_most() {
        let order = [
            StateName::Invited,
            StateName::Missed,
            StateName::Excused,
            StateName::MadeUp,
            StateName::Attended,
        ];
        for (at, one) in order.iter().enumerate() {
            for (other_at, other) in order.iter().enumerate() {
                assert_eq!(one.says_more_than(*other), at > other_at);
            }
        }
    }

    #[test]
    fn hours_are_those_of_a_year() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let learned = Learned::by_year([
            (day("2026-12-25"), 90),
            (day("2027-01-25"), 90),
            (day("2027-12-31"), 45),
        ]);
        let years: Vec<_> = learned
            .iter()
            .map(|one| (one.year, one.gatherings, one.minutes))
            .collect();
        assert_eq!(years, [(2027, 2, 135), (2026, 1, 90)]);
    }
}
