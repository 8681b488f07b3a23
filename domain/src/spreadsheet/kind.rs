//! Imports: what a file tells about, and how far its import has come.
use crate::words;

words! {
    /// What a file tells about.
    pub enum ImportKind {
        /// The tree of organisations.
        Organisations = "organisations",
        /// The members of branches.
        Members = "members",
        /// Members who are away.
        Outbound = "outbound",
        /// Members of other places who live here.
        Inbound = "inbound",
    }
}

words! {
    /// How far an import has come.
    pub enum ImportState {
        /// Read and compared; nothing was written.
        Checked = "checked",
        /// Its rows were taken over.
        Committed = "committed",
        /// It was dropped.
        Discarded = "discarded",
    }
}
