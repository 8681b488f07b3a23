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
    }
}
