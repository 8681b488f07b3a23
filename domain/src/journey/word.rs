//! The words of states and commands.
use crate::words;

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
        /// Out of contact, as a committee has confirmed.
        OutOfContact = "out_of_contact",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "JourneyTransition" {
        /// The member has left.
        Depart = "depart",
        /// The plan is dropped.
        Cancel = "cancel",
        /// The member checked in.
        CheckIn = "check_in",
        /// Somebody reached the member.
        Contact = "contact",
        /// Home for a festival.
        ComeHome = "come_home",
        /// Away again after a visit.
        DepartAgain = "depart_again",
        /// Home for good.
        Return = "return",
        /// The formal relation was moved.
        Transfer = "transfer",
        /// The formal relation is to be moved, by a letter.
        StartTransfer = "start_transfer",
        /// It is not, after all.
        DropTransfer = "drop_transfer",
        /// The receiving branch does not take it.
        DeclineTransfer = "decline_transfer",
        /// The member has gone on to another place without coming home.
        MoveOn = "move_on",
        /// There was a sign of the member: organisational life attended, dues paid.
        RecordSigns = "record_signs",
        /// The member is said to be out of contact: a proposal.
        DeclareOutOfContact = "declare_out_of_contact",
        /// The proposal is taken back.
        WithdrawDeclaration = "withdraw_declaration",
        /// The parent committee confirms it.
        ConfirmOutOfContact = "confirm_out_of_contact",
        /// The parent committee does not.
        TurnDownDeclaration = "turn_down_declaration",
        /// The member was found again.
        RestoreContact = "contact_restored",
    }
}

/// Who may make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mover {
    /// Whoever leads the journey: the branch, and the offices above it.
    Leads,
    /// Whoever is in contact with the member, and for some moves the member.
    Contacts,
    /// The committee above the branch.
    Committee,
    /// The branch that is to receive the formal relation, by the transfer itself.
    Receiving,
}

impl Verb {
    /// Whose move it is.
    pub const fn mover(self) -> Mover {
        match self {
            Self::CheckIn | Self::Contact | Self::RestoreContact => Mover::Contacts,
            Self::ConfirmOutOfContact | Self::TurnDownDeclaration => Mover::Committee,
            Self::DeclineTransfer => Mover::Receiving,
            _ => Mover::Leads,
        }
    }
}
