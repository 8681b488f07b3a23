//! A gathering (活动): a lesson, a study session, a meeting, a birthday that is kept together, or lecturers who come to a
//! city. What it may be, and its states.
pub mod attendance;
pub mod code;
pub mod series;
#[cfg(test)]
pub(crate) mod tests;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::id::{GatheringId, LecturerId, OrganisationId, SeriesId};
use crate::words;

words! {
    /// What a gathering is.
    pub enum GatheringKind {
        /// 党课.
        Lesson = "lesson",
        /// 学习会.
        StudySession = "study_session",
        /// 支部会议: 党员大会, 党小组会, 组织生活会.
        BranchMeeting = "branch_meeting",
        /// 集中补课: for those who missed something.
        MakeUpLesson = "make_up_lesson",
        /// 集体政治生日.
        CollectiveBirthday = "collective_birthday",
        /// 送课: lecturers come to a city.
        LecturersTour = "lecturers_tour",
    }
}

impl GatheringKind {
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Lesson => "党课",
            Self::StudySession => "学习会",
            Self::BranchMeeting => "支部会议",
            Self::MakeUpLesson => "集中补课",
            Self::CollectiveBirthday => "集体政治生日",
            Self::LecturersTour => "送课活动",
        }
    }

    /// Its name in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Lesson => "Lesson",
            Self::StudySession => "Study session",
            Self::BranchMeeting => "Branch meeting",
            Self::MakeUpLesson => "Make-up lesson",
            Self::CollectiveBirthday => "Collective political birthday",
            Self::LecturersTour => "Lecturers' tour",
        }
    }

    /// Whether those who missed it are proposed a make-up: a birthday is not made up, and who misses a make-up is still
    /// proposed one for what was missed first.
    pub const fn is_made_up(self) -> bool {
        !matches!(self, Self::MakeUpLesson | Self::CollectiveBirthday)
    }

    /// Whether the time spent counts as learning unless somebody says otherwise.
    pub const fn is_learning(self) -> bool {
        !matches!(self, Self::CollectiveBirthday)
    }
}

/// Where it stands, with the data of that state only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It will be, or is going on.
    Planned,
    /// It was held, and its list is closed.
    Held,
    /// It was called off.
    Cancelled {
        /// Why.
        reason: String,
    },
}

words! {
    /// A state's word.
    pub enum StateName as "GatheringState" {
        /// It will be, or is going on.
        Planned = "planned",
        /// It was held.
        Held = "held",
        /// It was called off.
        Cancelled = "cancelled",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "GatheringTransition" {
        /// It was held: whoever was expected and was not there has missed it.
        Hold = "hold",
        /// Call it off.
        Cancel = "cancel",
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// It was held, as is said at that instant.
    Hold(DateTime<Utc>),
    /// Call it off, for this reason.
    Cancel {
        /// Why.
        reason: String,
        /// How many people were there, or made up for it, as is said until now.
        attended: u32,
    },
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Note it in the audit trail, under the verb's word.
    Note(Verb),
    /// Whoever is still expected has missed it.
    CloseList,
    /// Who missed it is proposed a make-up, and whoever leads the organisation is told how many.
    ProposeMakeUp,
    /// Whoever was invited is told that it is called off.
    TellCancelled,
}

/// When and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// When it begins.
    pub begins: DateTime<Utc>,
    /// When it ends, later than it begins.
    pub ends: DateTime<Utc>,
    /// Where, in words.
    pub place: Option<String>,
    /// An `https` address to join from afar.
    pub link: Option<String>,
}

/// A fault of an appointment: where, and its word.
pub type AppointmentFault = (&'static str, &'static str);

/// The longest that a gathering lasts; what lasts longer is a series.
pub const LONGEST: TimeDelta = TimeDelta::hours(72);
/// Days before a gathering on which whoever it means is put on its list and invited; at once where it is nearer.
pub const INVITED_DAYS: u16 = 10;
/// Days before a gathering on which those expected are reminded.
pub const REMINDED_DAYS: u16 = 1;

impl Appointment {
    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<AppointmentFault> {
        let lasts = self.ends - self.begins;
        let ends = match lasts {
            _ if lasts <= TimeDelta::zero() => Some(("/ends_at", "ends_before_it_begins")),
            _ if lasts > LONGEST => Some(("/ends_at", "lasts_too_long")),
            _ => None,
        };
        let nowhere = self.place.is_none() && self.link.is_none();
        let link = self.link.as_deref().is_some_and(|link| !is_link(link));
        [
            ends,
            nowhere.then_some(("/place", "place_or_link")),
            link.then_some(("/link", "not_a_link")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Minutes from its beginning to its end.
    pub fn minutes(&self) -> u16 {
        u16::try_from((self.ends - self.begins).num_minutes()).unwrap_or(0)
    }
}

/// Whether a text is an address that a phone may open: `https`, with a host, without blanks or quotes.
fn is_link(text: &str) -> bool {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    let plain = text
        .chars()
        .all(|c| !c.is_whitespace() && !c.is_control() && !"\"'<>\\".contains(c));
    host.is_some_and(|host| host.contains('.')) && plain
}

/// The series that a gathering belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Which.
    pub id: SeriesId,
    /// Its rule (RFC 5545, RRULE).
    pub rule: String,
}

/// A gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathering {
    /// Its id.
    pub id: GatheringId,
    /// Who invites.
    pub organisation: OrganisationId,
    /// What it is.
    pub kind: GatheringKind,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// When and where.
    pub appointment: Appointment,
    /// How many minutes of learning it counts for.
    pub learning_minutes: u16,
    /// Who speaks.
    pub lecturer: Option<LecturerId>,
    /// The series that it is one of.
    pub series: Option<Series>,
    /// Where it stands.
    pub state: State,
    /// Who planned it.
    pub organised_by: String,
    /// The day on which whoever it means was put on its list last.
    pub invited_on: Option<NaiveDate>,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The transition is not drawn from this state, or it is too early or too late for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {state}")]
pub struct Refused {
    /// Where it stands.
    pub state: StateName,
    /// What was asked.
    pub verb: Verb,
    /// From when on it is possible, where it is only too early.
    pub from: Option<DateTime<Utc>>,
    /// How many people were there already, where that is in the way.
    pub attended: Option<u32>,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Hold(_) => Verb::Hold,
            Self::Cancel { .. } => Verb::Cancel,
        }
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Planned => StateName::Planned,
            Self::Held => StateName::Held,
            Self::Cancelled { .. } => StateName::Cancelled,
        }
    }
}

impl Gathering {
    /// The verbs that are possible at an instant, when so many people were there or made up for it: what somebody
    /// attended was held, and counts.
    pub fn allowed(&self, now: DateTime<Utc>, attended: u32) -> Vec<Verb> {
        if self.state != State::Planned {
            return Vec::new();
        }
        let hold = (self.appointment.begins <= now).then_some(Verb::Hold);
        let cancel = (attended == 0).then_some(Verb::Cancel);
        hold.into_iter().chain(cancel).collect()
    }

    /// Applies a command: the gathering after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn, the gathering has not begun yet, or it is called off after somebody
    /// was there.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        let verb = command.verb();
        let refused = Refused {
            state: self.state.name(),
            verb,
            from: None,
            attended: None,
        };
        let (state, follow) = match (&self.state, command) {
            (State::Planned, Command::Hold(now)) if now < self.appointment.begins => {
                let from = Some(self.appointment.begins);
                return Err(Refused { from, ..refused });
            }
            (State::Planned, Command::Hold(_)) => {
                let proposed = self.kind.is_made_up().then_some(Effect::ProposeMakeUp);
                (State::Held, [Some(Effect::CloseList), proposed])
            }
            (State::Planned, Command::Cancel { reason, attended: 0 }) => {
                (State::Cancelled { reason }, [Some(Effect::TellCancelled), None])
            }
            (State::Planned, Command::Cancel { attended, .. }) => {
                let attended = Some(attended);
                return Err(Refused { attended, ..refused });
            }
            (State::Held | State::Cancelled { .. }, _) => return Err(refused),
        };
        let effects = [Some(Effect::Note(verb))].into_iter().chain(follow).flatten().collect();
        let after = Self {
            state,
            version: self.version + 1,
            ..self
        };
        Ok((after, effects))
    }
}
