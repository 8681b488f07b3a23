//! A stay (流入) with a host, the magnet: its states, its transitions, and what follows from each.
use chrono::NaiveDate;

use crate::codes::{DestinationUnit, FormerOccupation};
use crate::division::{DivisionCode, find_by_name};
use crate::handover::Inquiry;
use crate::id::{AccountId, FileId, JourneyId, MemberId, OrganisationId, PersonId, StayId};
use crate::words;

mod apply;
pub mod merge;

/// Where the stay stands, with the data of that state only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Somebody says that the person is here.
    Reported,
    /// The origin was asked.
    Verifying,
    /// It is known who the person is and where from.
    Verified(Verification),
    /// Entered in the register, with a home unit and a contact officer.
    Admitted {
        /// How it became known who the person is.
        verification: Verification,
        /// The entry.
        admission: Admission,
    },
    /// Gone from the host (走有注销).
    Left {
        /// How it became known who the person is.
        verification: Verification,
        /// The entry.
        admission: Admission,
        /// When and where to.
        leaving: Leaving,
    },
    /// Turned down: by the host, or because the origin denied.
    Rejected {
        /// Why.
        reason: String,
    },
    /// Called off: a mistake, or the person never came.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// Of a person who was reported twice: the other stay goes on.
    Merged {
        /// The other stay.
        into: StayId,
        /// Why the two are one person.
        reason: String,
    },
}

words! {
    /// A state's word.
    pub enum StateName as "StayState" {
        /// Somebody says that the person is here.
        Reported = "reported",
        /// The origin was asked.
        Verifying = "verifying",
        /// It is known who the person is.
        Verified = "verified",
        /// Entered in the register.
        Admitted = "admitted",
        /// Gone from the host.
        Left = "left",
        /// Turned down.
        Rejected = "rejected",
        /// Called off.
        Withdrawn = "withdrawn",
        /// Of a person who was reported twice: the other stay goes on.
        Merged = "merged",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "StayTransition" {
        /// Ask the origin, which is here.
        AskOrigin = "ask_origin",
        /// The origin has confirmed.
        OriginConfirms = "origin_confirms",
        /// The origin has denied.
        OriginDenies = "origin_denies",
        /// The origin has not answered in time.
        QuestionLapses = "question_lapses",
        /// The origin has confirmed by telephone.
        ConfirmByCall = "confirm_by_call",
        /// The holder has shown a certificate of the origin.
        ConfirmByCertificate = "confirm_by_certificate",
        /// The origin has confirmed by a letter.
        ConfirmByLetter = "confirm_by_letter",
        /// Enter in the register.
        Admit = "admit",
        /// Ask the origin, which is here, where the person is.
        AskWhereabouts = "ask_whereabouts",
        /// Turn down.
        Reject = "reject",
        /// Call off.
        Withdraw = "withdraw",
        /// Gone.
        Leave = "leave",
        /// The person was reported twice: the other stay goes on.
        Merge = "merge",
    }
}

words! {
    /// Who told of the stay first.
    pub enum Source as "StaySource" {
        /// The origin, by a hand-over.
        Handover = "handover",
        /// The member.
        SelfReport = "self_report",
        /// The host's own survey (排查).
        Survey = "survey",
    }
}

words! {
    /// Where the person goes on leaving.
    pub enum NextPlace {
        /// Home: the end of the journey is proposed to the origin.
        Home = "home",
        /// On to another place.
        Onward = "onward",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

/// Where the person says to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An organisation of this deployment.
    Here(OrganisationId),
    /// Another one, as declared.
    Elsewhere {
        /// Its name.
        name: Option<String>,
        /// Its telephone.
        phone: Option<String>,
    },
}

impl Origin {
    /// The organisation, when it is of this deployment.
    pub const fn here(&self) -> Option<OrganisationId> {
        match self {
            Self::Here(id) => Some(*id),
            Self::Elsewhere { .. } => None,
        }
    }
}

/// What the yearly tables ask about somebody who has come in. Of a member who is on a journey here, the journey tells what
/// is not said; the division of an origin that is here is its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Background {
    /// The division of the origin 流入前所在地.
    pub origin_division: Option<DivisionCode>,
    /// The kind of unit that the person works or lives in here.
    pub unit: Option<DestinationUnit>,
    /// 原职业.
    pub former_occupation: Option<FormerOccupation>,
}

impl Background {
    /// What an origin tells: the division that the name of one elsewhere begins with.
    ///
    /// ```
    /// use domain::stay::{Background, Origin};
    /// let elsewhere = Origin::Elsewhere { name: Some("四川省达州市某村党支部".to_owned()), phone: None };
    /// assert_eq!(Background::of_origin(&elsewhere).origin_division, "511700".parse().ok());
    /// ```
    pub fn of_origin(origin: &Origin) -> Self {
        let origin_division = match origin {
            Origin::Here(_) => None,
            Origin::Elsewhere { name, .. } => name.as_deref().and_then(find_by_name),
        };
        Self {
            origin_division,
            ..Self::default()
        }
    }

    /// This, with what `other` says of what is not said here.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            origin_division: self.origin_division.or(other.origin_division),
            unit: self.unit.or(other.unit),
            former_occupation: self.former_occupation.or(other.former_occupation),
        }
    }
}

/// How it became known who the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// The origin itself offered the member.
    Handover {
        /// The day on which the host accepted.
        on: NaiveDate,
    },
    /// The origin was asked and confirmed.
    Origin {
        /// The day.
        on: NaiveDate,
        /// Who answered there.
        by: String,
    },
    /// The origin confirmed by telephone.
    Call(Call),
    /// The holder showed a certificate of the origin, which was good.
    Certificate(Shown),
    /// The origin confirmed by a letter.
    Letter(Letter),
}

/// A letter of the origin (介绍信) that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its picture or document.
    pub file: FileId,
    /// The day.
    pub on: NaiveDate,
    /// Who handed it in.
    pub by: String,
}

/// A certificate (流动党员活动证) that was shown and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub number: String,
    /// The day.
    pub on: NaiveDate,
    /// Who looked at it.
    pub by: String,
}

/// A recorded telephone call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Whom the host spoke with.
    pub spoke_with: String,
    /// The number.
    pub phone: String,
    /// The day.
    pub on: NaiveDate,
}

/// The entry in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Workstation, temporary branch or another unit of the host.
    pub home_unit: OrganisationId,
    /// Who looks after the person.
    pub officer: Officer,
    /// The number.
    pub register: RegisterNumber,
    /// The day.
    pub on: NaiveDate,
}

/// A contact officer (联系干部): an account, or somebody who has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Officer {
    /// By account.
    Account(AccountId),
    /// By name and telephone.
    Named {
        /// Name.
        name: String,
        /// Telephone.
        phone: String,
    },
}

/// A number of a host's register, counted from 1 each year without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisterNumber {
    /// The year of admission.
    pub year: i32,
    /// The number in that year.
    pub number: i32,
}

/// When and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The day.
    pub on: NaiveDate,
    /// Why.
    pub reason: Option<String>,
    /// Where to.
    pub next: NextPlace,
    /// The division of the next place, where it is known.
    pub division: Option<DivisionCode>,
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask the origin, which is here.
    AskOrigin,
    /// The origin has confirmed.
    OriginConfirms {
        /// The day.
        on: NaiveDate,
        /// Who answered there.
        by: String,
    },
    /// The origin has denied, with a reason.
    OriginDenies(String),
    /// The origin has not answered in time.
    QuestionLapses,
    /// The origin has confirmed by telephone.
    ConfirmByCall(Call),
    /// The holder has shown a certificate of the origin.
    ConfirmByCertificate(Shown),
    /// The origin has confirmed by a letter.
    ConfirmByLetter(Letter),
    /// Enter in the register.
    Admit(Admission),
    /// Turn down, with a reason.
    Reject(String),
    /// Call off, with a reason.
    Withdraw(String),
    /// The person was reported twice: the other stay goes on.
    Merge {
        /// The other stay.
        into: StayId,
        /// Why the two are one person.
        reason: String,
    },
    /// Ask the origin, which is here, where the person is: nothing is heard of the person any more.
    AskWhereabouts,
    /// Gone, after this inquiry.
    Leave(Leaving, Inquiry),
}

/// A stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Its id.
    pub id: StayId,
    /// Who stays.
    pub person: PersonId,
    /// The member that the person is, when known here.
    pub member: Option<MemberId>,
    /// The host.
    pub host: OrganisationId,
    /// Who told of it.
    pub source: Source,
    /// Where from.
    pub origin: Origin,
    /// The journey that led here, when known here.
    pub journey: Option<JourneyId>,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The local address, as the person says it.
    pub address: Option<String>,
    /// The employer or school.
    pub employer: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Note it on the timeline, under the verb's word.
    Note(Verb),
    /// Put the question to the origin: a hand-over of the kind `verification`.
    Ask(OrganisationId),
    /// Ask the origin where the person is: a hand-over of the kind `whereabouts`.
    AskWhereabouts(OrganisationId),
    /// An open question has become needless and lapses.
    DropQuestion,
    /// The origin is told that the stay is not, or no longer.
    TellOrigin(OrganisationId),
    /// The origin is told that the person has gone home, and asked to end the member's journey.
    ProposeReturn(OrganisationId),
}

/// What is missing for a transition that is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The origin has to be asked first where the person is.
    Asking,
    /// The origin was asked; its answer is waited for until this day.
    Answer(NaiveDate),
    /// It has to be said what was done to find the person: the origin is not here to be asked.
    Reason,
}

impl Missing {
    /// Its stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asking => "origin_not_asked",
            Self::Answer(_) => "origin_has_not_answered",
            Self::Reason => "search_not_told",
        }
    }

    /// What would be enough: the day.
    pub fn wanted(self) -> String {
        match self {
            Self::Answer(day) => day.to_string(),
            Self::Asking | Self::Reason => String::new(),
        }
    }
}

/// The transition is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {state}")]
pub struct Refused {
    /// Where it stands.
    pub state: StateName,
    /// What was asked.
    pub verb: Verb,
    /// What is possible.
    pub allowed: Vec<Verb>,
    /// What is missing, when the transition is drawn.
    pub missing: Vec<Missing>,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::AskOrigin => Verb::AskOrigin,
            Self::OriginConfirms { .. } => Verb::OriginConfirms,
            Self::OriginDenies(_) => Verb::OriginDenies,
            Self::QuestionLapses => Verb::QuestionLapses,
            Self::ConfirmByCall(_) => Verb::ConfirmByCall,
            Self::ConfirmByCertificate(_) => Verb::ConfirmByCertificate,
            Self::ConfirmByLetter(_) => Verb::ConfirmByLetter,
            Self::Admit(_) => Verb::Admit,
            Self::Reject(_) => Verb::Reject,
            Self::Withdraw(_) => Verb::Withdraw,
            Self::Merge { .. } => Verb::Merge,
            Self::AskWhereabouts => Verb::AskWhereabouts,
            Self::Leave(..) => Verb::Leave,
        }
    }
}

impl Verb {
    /// Whether the host decides it about this stay alone; the others are the origin's, through a hand-over, or come with
    /// the other stay that it is merged into.
    pub const fn is_hosts(self) -> bool {
        !matches!(
            self,
            Self::OriginConfirms | Self::OriginDenies | Self::QuestionLapses | Self::Merge
        )
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Reported => StateName::Reported,
            Self::Verifying => StateName::Verifying,
            Self::Verified(_) => StateName::Verified,
            Self::Admitted { .. } => StateName::Admitted,
            Self::Left { .. } => StateName::Left,
            Self::Rejected { .. } => StateName::Rejected,
            Self::Withdrawn { .. } => StateName::Withdrawn,
            Self::Merged { .. } => StateName::Merged,
        }
    }

    /// How it became known who the person is; until it did, nothing of the person's own record is shown to the host.
    pub const fn verification(&self) -> Option<&Verification> {
        match self {
            Self::Verified(verification) | Self::Admitted { verification, .. } | Self::Left { verification, .. } => {
                Some(verification)
            }
            _ => None,
        }
    }

    /// The entry in the register.
    pub const fn admission(&self) -> Option<&Admission> {
        match self {
            Self::Admitted { admission, .. } | Self::Left { admission, .. } => Some(admission),
            _ => None,
        }
    }

    /// When and where to.
    pub const fn leaving(&self) -> Option<&Leaving> {
        match self {
            Self::Left { leaving, .. } => Some(leaving),
            _ => None,
        }
    }

    /// Why it was rejected, withdrawn, merged or left.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Rejected { reason } | Self::Withdrawn { reason } | Self::Merged { reason, .. } => Some(reason),
            Self::Left { leaving, .. } => leaving.reason.as_deref(),
            _ => None,
        }
    }
}

impl StateName {
    /// The states of a stay that goes on.
    pub const OPEN: &'static [Self] = &[Self::Reported, Self::Verifying, Self::Verified, Self::Admitted];

    /// Whether the stay goes on.
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

#[cfg(test)]
pub(crate) mod tests;
