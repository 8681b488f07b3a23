//! A hand-over (对接), the conversation between two organisations about one person: its states and what follows.
use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::id::{HandoverId, JourneyId, OrganisationId, PersonId, StayId};
use crate::words;

words! {
    /// What is asked.
    pub enum Kind as "HandoverKind" {
        /// The origin offers a member who has left to the host.
        Offer = "offer",
        /// The host asks the origin whether the person is its member.
        Verification = "verification",
        /// The host, which hears nothing of the person any more, asks the origin where the person is.
        Whereabouts = "whereabouts",
    }
}

/// What a host asks an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether the person is its member.
    Verification,
    /// Where the person is.
    Whereabouts,
}

words! {
    /// Where the person is, as the origin says.
    pub enum Whereabouts {
        /// Home.
        Home = "home",
        /// Gone on to another place.
        MovedOn = "moved_on",
        /// Still with the host, as far as the origin knows.
        WithHost = "with_host",
        /// The origin does not know either.
        Unknown = "unknown",
    }
}

words! {
    /// Which way a hand-over goes, seen from one side.
    pub enum Direction as "HandoverDirection" {
        /// This side is asked.
        Incoming = "incoming",
        /// This side asks.
        Outgoing = "outgoing",
    }
}

/// Where the conversation stands, with the data of that state only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The origin offers.
    Offered,
    /// The host has taken the member.
    Accepted(Answer),
    /// The host has not, and says why.
    Declined(Answer, String),
    /// The origin has taken the offer back.
    Withdrawn,
    /// The host asks.
    Asked(Question),
    /// The origin knows the person.
    Confirmed(Answer),
    /// The origin does not, and says why.
    Denied(Answer, String),
    /// The origin has said where the person is, and more about it.
    Answered(Answer, Whereabouts, Option<String>),
    /// Nobody answered, or no answer is needed any more.
    Lapsed(Kind),
}

words! {
    /// A state's word.
    pub enum StateName as "HandoverState" {
        /// The origin offers.
        Offered = "offered",
        /// The host has taken the member.
        Accepted = "accepted",
        /// The host has not.
        Declined = "declined",
        /// The origin has taken the offer back.
        Withdrawn = "withdrawn",
        /// The host asks.
        Asked = "asked",
        /// The origin knows the person.
        Confirmed = "confirmed",
        /// The origin does not.
        Denied = "denied",
        /// The origin has said where the person is.
        Answered = "answered",
        /// Nobody answered, or no answer is needed any more.
        Lapsed = "lapsed",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "HandoverTransition" {
        /// Take the member.
        Accept = "accept",
        /// Do not take the member.
        Decline = "decline",
        /// Take the offer back.
        Withdraw = "withdraw",
        /// The person is known.
        Confirm = "confirm",
        /// The person is not.
        Deny = "deny",
        /// Say where the person is.
        Answer = "answer",
        /// Time is over.
        Lapse = "lapse",
        /// No answer is needed any more.
        Drop = "drop",
    }
}

/// Who answered, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The name to show.
    pub by: String,
    /// The instant.
    pub at: DateTime<Utc>,
    /// The organisation above that answered in the asked one's place; none where the asked one answered itself.
    pub from: Option<OrganisationId>,
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Take the member.
    Accept(Answer),
    /// Do not take the member, with a reason.
    Decline(Answer, String),
    /// Take the offer back.
    Withdraw,
    /// The person is known.
    Confirm(Answer),
    /// The person is not, with a reason.
    Deny(Answer, String),
    /// Say where the person is, and more about it.
    Answer(Answer, Whereabouts, Option<String>),
    /// Time is over.
    Lapse,
    /// The question has become needless: who asked knows without the answer.
    Drop,
}

/// A hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Its id.
    pub id: HandoverId,
    /// About whom.
    pub person: PersonId,
    /// The journey that is offered, or that led to the stay.
    pub journey: Option<JourneyId>,
    /// The stay that is asked about, or that an accepted offer opened.
    pub stay: Option<StayId>,
    /// Who asks.
    pub asking: OrganisationId,
    /// Who is asked.
    pub asked: OrganisationId,
    /// Who asked, by name.
    pub asked_by: String,
    /// When it is spoken of and lapses, unless it is answered.
    pub deadlines: Deadlines,
    /// Where it stands.
    pub state: State,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The day on which the asked side is reminded, counted from the asking, where nobody has chosen otherwise.
pub const REMINDED_DAYS: u16 = 5;
/// Days within which an answer is due, where nobody has chosen otherwise.
pub const DUE_DAYS: u16 = 10;
/// The day on which an unanswered hand-over lapses, counted from the asking, where nobody has chosen otherwise.
pub const LAPSES_DAYS: u16 = 30;

/// Days after which the question where somebody is has to be put again: what it brought then is no news any more.
pub const INQUIRY_COUNTS_DAYS: u64 = 90;

/// How far a host that hears nothing of somebody has come with asking the origin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Inquiry {
    /// It has not asked.
    #[default]
    NotAsked,
    /// It has asked, and waits for the answer until this day.
    Waiting(NaiveDate),
    /// The origin has answered, or has not in time.
    Over,
}

/// How many days after the asking an unanswered hand-over is spoken of, and lapses: the asked organisation's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The asked side is reminded.
    pub reminded: u16,
    /// The answer is due.
    pub due: u16,
    /// It lapses.
    pub lapses: u16,
}

/// The days on which an unanswered hand-over is spoken of, and lapses: fixed when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// The asked side is reminded.
    pub remind_on: NaiveDate,
    /// The answer is due; the organisation above both is told.
    pub due_on: NaiveDate,
    /// It lapses.
    pub lapses_on: NaiveDate,
}

impl Terms {
    /// The days for what is asked on `asked_on`. Choices that were made apart from each other may meet, when a part of
    /// the tree is moved: the due day counts, and neither is the reminder later nor the lapse earlier.
    pub fn from(self, asked_on: NaiveDate) -> Deadlines {
        let day = |days: u16| asked_on + Days::new(days.into());
        let due = self.due.clamp(1, 10_000);
        Deadlines {
            remind_on: day(self.reminded.min(due - 1)),
            due_on: day(due),
            lapses_on: day(self.lapses.max(due.saturating_add(1))),
        }
    }
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Note it on the timeline, under the verb's word.
    Note(Verb),
    /// A verified stay opens with the host.
    OpenStay,
    /// The stay that was asked about becomes verified, as this name says.
    ConfirmStay(String),
    /// The stay that was asked about is rejected, for this reason.
    RejectStay(String),
    /// The stay that was asked about is as it was before the question: it can be asked again, or confirmed by telephone.
    ReopenStay,
    /// Who asked is told.
    TellAsking,
    /// Who was asked is told.
    TellAsked,
}

/// The transition is not drawn from this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {}", state.name())]
pub struct Refused {
    /// Where it stands; an answered one names who answered.
    pub state: State,
    /// What was asked.
    pub verb: Verb,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Accept(_) => Verb::Accept,
            Self::Decline(..) => Verb::Decline,
            Self::Withdraw => Verb::Withdraw,
            Self::Confirm(_) => Verb::Confirm,
            Self::Deny(..) => Verb::Deny,
            Self::Answer(..) => Verb::Answer,
            Self::Lapse => Verb::Lapse,
            Self::Drop => Verb::Drop,
        }
    }
}

/// One of the two organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who asked.
    Asking,
    /// Who was asked.
    Asked,
}

impl Verb {
    /// Whose move it is; time alone lets a hand-over lapse, and only what follows from another move drops it.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Accept | Self::Decline | Self::Confirm | Self::Deny | Self::Answer => Some(Side::Asked),
            Self::Withdraw => Some(Side::Asking),
            Self::Lapse | Self::Drop => None,
        }
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Offered => StateName::Offered,
            Self::Accepted(_) => StateName::Accepted,
            Self::Declined(..) => StateName::Declined,
            Self::Withdrawn => StateName::Withdrawn,
            Self::Asked(_) => StateName::Asked,
            Self::Confirmed(_) => StateName::Confirmed,
            Self::Denied(..) => StateName::Denied,
            Self::Answered(..) => StateName::Answered,
            Self::Lapsed(_) => StateName::Lapsed,
        }
    }

    /// What was asked.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Offered | Self::Accepted(_) | Self::Declined(..) | Self::Withdrawn => Kind::Offer,
            Self::Asked(Question::Verification) | Self::Confirmed(_) | Self::Denied(..) => Kind::Verification,
            Self::Asked(Question::Whereabouts) | Self::Answered(..) => Kind::Whereabouts,
            Self::Lapsed(kind) => *kind,
        }
    }

    /// Who answered, once somebody did.
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Accepted(answer)
            | Self::Declined(answer, _)
            | Self::Confirmed(answer)
            | Self::Denied(answer, _)
            | Self::Answered(answer, ..) => Some(answer),
            Self::Offered | Self::Withdrawn | Self::Asked(_) | Self::Lapsed(_) => None,
        }
    }

    /// Whether an answer is awaited.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Offered | Self::Asked(_))
    }

    /// Why it was declined or denied; what was said about where the person is.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Declined(_, reason) | Self::Denied(_, reason) => Some(reason),
            Self::Answered(_, _, said) => said.as_deref(),
            _ => None,
        }
    }

    /// Where the person is, as the origin says.
    pub const fn whereabouts(&self) -> Option<Whereabouts> {
        match self {
            Self::Answered(_, whereabouts, _) => Some(*whereabouts),
            _ => None,
        }
    }

    /// The transitions that are drawn from here.
    pub const fn allowed(&self) -> &'static [Verb] {
        match self {
            Self::Offered => &[Verb::Accept, Verb::Decline, Verb::Withdraw, Verb::Lapse],
            Self::Asked(Question::Verification) => &[Verb::Confirm, Verb::Deny, Verb::Lapse, Verb::Drop],
            Self::Asked(Question::Whereabouts) => &[Verb::Answer, Verb::Lapse, Verb::Drop],
            Self::Accepted(_)
            | Self::Declined(..)
            | Self::Withdrawn
            | Self::Confirmed(_)
            | Self::Denied(..)
            | Self::Answered(..)
            | Self::Lapsed(_) => &[],
        }
    }
}

impl Handover {
    /// Applies a command: the hand-over after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        use Command as C;
        use Effect as E;
        use Question as Q;
        use State as S;
        let verb = command.verb();
        let kind = self.state.kind();
        let (state, follow) = match (self.state, command) {
            (S::Offered, C::Accept(answer)) => (S::Accepted(answer), vec![E::OpenStay, E::TellAsking]),
            (S::Offered, C::Decline(answer, reason)) => (S::Declined(answer, reason), vec![E::TellAsking]),
            (S::Offered, C::Withdraw) => (S::Withdrawn, vec![E::TellAsked]),
            (S::Offered | S::Asked(Q::Whereabouts), C::Lapse) => (S::Lapsed(kind), vec![E::TellAsking, E::TellAsked]),
            (S::Asked(Q::Verification), C::Confirm(answer)) => {
                let by = answer.by.clone();
                (S::Confirmed(answer), vec![E::ConfirmStay(by), E::TellAsking])
            }
            (S::Asked(Q::Verification), C::Deny(answer, reason)) => (
                S::Denied(answer, reason.clone()),
                vec![E::RejectStay(reason), E::TellAsking],
            ),
            (S::Asked(Q::Verification), C::Lapse) => {
                (S::Lapsed(kind), vec![E::ReopenStay, E::TellAsking, E::TellAsked])
            }
            (S::Asked(Q::Whereabouts), C::Answer(answer, whereabouts, said)) => {
                (S::Answered(answer, whereabouts, said), vec![E::TellAsking])
            }
            (S::Asked(_), C::Drop) => (S::Lapsed(kind), vec![]),
            (state, _) => return Err(Refused { state, verb }),
        };
        let in_its_place = state.answer().is_some_and(|answer| answer.from.is_some());
        let tell_asked = in_its_place.then_some(E::TellAsked);
        let effects = [E::Note(verb)].into_iter().chain(follow).chain(tell_asked).collect();
        Ok((
            Self {
                state,
                version: self.version + 1,
                ..self
            },
            effects,
        ))
    }

    /// What the host knows by this question about where the person is; none for a hand-over of another kind.
    pub fn inquiry(&self, asked_on: NaiveDate, today: NaiveDate) -> Option<Inquiry> {
        if self.state.kind() != Kind::Whereabouts || asked_on + Days::new(INQUIRY_COUNTS_DAYS) < today {
            return None;
        }
        let waits = self.state.answer().is_none() && today < self.deadlines.due_on;
        Some(if waits {
            Inquiry::Waiting(self.deadlines.due_on)
        } else {
            Inquiry::Over
        })
    }

    /// The deadlines once the organisation above was told on `today` that the answer is overdue: told late, it has as
    /// long to act as if it had been told in time.
    pub fn escalated(&self, today: NaiveDate) -> Deadlines {
        let Deadlines { due_on, lapses_on, .. } = self.deadlines;
        Deadlines {
            lapses_on: lapses_on.max(today + (lapses_on - due_on)),
            ..self.deadlines
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
