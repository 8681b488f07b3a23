//! A member's journey (流动), the kite: its states, its transitions, and what follows from each.
use chrono::{DateTime, NaiveDate, Utc};

use crate::codes::{DestinationUnit, FormerOccupation, JourneyReason};
use crate::declaration::DeclarationState;
use crate::division::DivisionCode;
use crate::id::{CheckInId, DeclarationId, JourneyId, MemberId, OrganisationId, TransferId};
use crate::notification::Occasion;
use crate::silence::{Missing, Search, Silence};
use crate::transfer::TransferState;

mod allowed;
mod apply;
mod word;

pub use word::{Mover, StateName, Verb};

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
    /// Out of contact (失联), as a committee has confirmed.
    OutOfContact {
        /// Day of departure.
        since: NaiveDate,
    },
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The member has left on that day.
    Depart(NaiveDate),
    /// The plan is dropped.
    Cancel,
    /// The member checked in on that day.
    CheckIn(NaiveDate),
    /// Somebody reached the member on that day.
    Contact(NaiveDate),
    /// Home for a festival since that day.
    ComeHome(NaiveDate),
    /// Away again on that day.
    DepartAgain(NaiveDate),
    /// Home for good on that day.
    Return(NaiveDate),
    /// The formal relation was moved.
    Transfer(Transfer),
    /// There was a sign of the member: of the organisation's life, not of the member's own.
    RecordSigns(Signs),
    /// The member is said to be out of contact, after this search: a proposal.
    Declare(DeclarationId, Search),
    /// The proposal is taken back.
    WithdrawDeclaration,
    /// The parent committee confirms it.
    ConfirmOutOfContact,
    /// The parent committee does not.
    TurnDownDeclaration,
    /// The member was found on that day.
    RestoreContact(NaiveDate),
    /// The member has gone on to another place without coming home.
    MoveOn(Move),
    /// The formal relation is to be moved, by a letter.
    StartTransfer(TransferId),
    /// It is not, after all.
    DropTransfer,
    /// The receiving branch does not take it.
    DeclineTransfer,
}

/// A move to another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where to.
    pub to: Destination,
    /// The host organisation there, once known here.
    pub host: Option<OrganisationId>,
    /// On that day.
    pub on: NaiveDate,
}

/// Signs of a member that end a silence though nobody spoke with the member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signs {
    /// Organisational life attended 参加组织生活 on a day.
    pub attended_on: Option<NaiveDate>,
    /// Dues paid 交纳党费 on a day.
    pub dues_paid_on: Option<NaiveDate>,
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

    /// Whether it is abroad: a country or region instead of a division.
    pub const fn is_abroad(&self) -> bool {
        self.country.is_some() && self.division.is_none()
    }

    /// The most days between contacts with a member there: abroad at least every half year.
    pub const fn longest_interval(&self) -> u16 {
        if self.is_abroad() {
            ABROAD_INTERVAL_DAYS
        } else {
            *INTERVAL_DAYS.end()
        }
    }

    /// The days between contacts: what was chosen, else abroad half a year, else what is usual.
    pub fn interval_days(&self, chosen: Option<u16>, usual: u16) -> u16 {
        let unsaid = if self.is_abroad() { ABROAD_INTERVAL_DAYS } else { usual };
        chosen.unwrap_or(unsaid)
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
    /// Since when nothing was heard of the member, once away.
    pub silence: Option<Silence>,
    /// The declaration that the member is out of contact, while it is proposed or stands.
    pub declaration: Option<DeclarationId>,
    /// The transfer of the formal relation, while it is under way.
    pub transfer: Option<TransferId>,
    /// Where it stands.
    pub state: State,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The interval can be between these, both included, in days.
pub const INTERVAL_DAYS: std::ops::RangeInclusive<u16> = 1..=366;
/// Days between contacts with a member abroad: half a year, unless fewer are chosen.
pub const ABROAD_INTERVAL_DAYS: u16 = 182;

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
    /// The member was at this place until a day.
    KeepPlace(Move),
    /// The host that the member has left for another place is told.
    LeaveHost,
    /// The declaration that the member is out of contact comes to this.
    SettleDeclaration(DeclarationId, DeclarationState),
    /// The journey has ended, and its certificate with it.
    EndCertificate,
    /// The transfer of the formal relation comes to this.
    SettleTransfer(TransferId, TransferState),
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
            Self::Depart(_) => Verb::Depart,
            Self::Cancel => Verb::Cancel,
            Self::CheckIn(_) => Verb::CheckIn,
            Self::Contact(_) => Verb::Contact,
            Self::ComeHome(_) => Verb::ComeHome,
            Self::DepartAgain(_) => Verb::DepartAgain,
            Self::Return(_) => Verb::Return,
            Self::Transfer(_) => Verb::Transfer,
            Self::RecordSigns(_) => Verb::RecordSigns,
            Self::Declare(..) => Verb::DeclareOutOfContact,
            Self::WithdrawDeclaration => Verb::WithdrawDeclaration,
            Self::ConfirmOutOfContact => Verb::ConfirmOutOfContact,
            Self::TurnDownDeclaration => Verb::TurnDownDeclaration,
            Self::RestoreContact(_) => Verb::RestoreContact,
            Self::MoveOn(_) => Verb::MoveOn,
            Self::StartTransfer(_) => Verb::StartTransfer,
            Self::DropTransfer => Verb::DropTransfer,
            Self::DeclineTransfer => Verb::DeclineTransfer,
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
            Self::OutOfContact { .. } => StateName::OutOfContact,
        }
    }

    /// Whether the journey goes on.
    pub const fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Planned | Self::Away { .. } | Self::HomeVisit { .. } | Self::OutOfContact { .. }
        )
    }

    /// The day of departure, once there was one.
    pub const fn departed_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Away { since, .. }
            | Self::HomeVisit { since, .. }
            | Self::Returned { since, .. }
            | Self::Transferred { since, .. }
            | Self::OutOfContact { since } => Some(*since),
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

#[cfg(test)]
pub(crate) mod tests;
