//! Rosters (花名册): which there are.
use crate::words;

words! {
    /// Which roster.
    pub enum Roster {
        /// Every member, with the open journey.
        Members = "members",
        /// Journeys (流出), the open ones unless a state is asked for.
        Outbound = "outbound",
        /// Stays (流入), those that have not ended unless a state is asked for.
        Inbound = "inbound",
        /// Members away whose contact is overdue today.
        Overdue = "overdue",
    }
}

crate::words! {
    /// Where somebody has gone whose destination is no division.
    pub enum Beyond {
        /// Beyond the border 出国（境）.
        Abroad = "abroad",
        /// Nobody has recorded where to.
        Unrecorded = "unrecorded",
    }
}
