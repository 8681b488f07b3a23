//! A declaration that a member is out of contact (失联认定): proposed by the branch, confirmed by the committee above it,
//! ended when the member is heard of. It stops prompts and starts nothing else.
use crate::words;

words! {
    /// Where a declaration stands.
    pub enum DeclarationState {
        /// A secretary proposes it.
        Proposed = "proposed",
        /// The parent committee has confirmed it.
        Confirmed = "confirmed",
        /// The branch has taken the proposal back.
        Withdrawn = "withdrawn",
        /// The parent committee has turned the proposal down.
        TurnedDown = "turned_down",
        /// Something was heard of the member before anybody decided.
        Dropped = "dropped",
        /// The member was found again.
        Found = "found",
    }
}

impl DeclarationState {
    /// The states of one that is not over.
    pub const OPEN: &'static [Self] = &[Self::Proposed, Self::Confirmed];
}
