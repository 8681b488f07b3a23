//! Kiteline's store: SQL on PostgreSQL and SQLite, and the files beside it.
//!
//! Every function that reads or writes people takes a [`domain::access::Scope`], so that a query without one does not
//! compile, and runs inside the transaction that [`Store::read`] or [`Store::write`] opened.
pub mod accounts;
pub mod activations;
mod advice;
pub mod audience;
pub mod campaigns;
pub mod certificates;
pub mod checkins;
pub mod clusters;
pub mod contacts;
mod db;
mod effects;
pub mod email_changes;
mod error;
pub mod files;
pub mod forms;
pub mod gatherings;
pub mod gifts;
pub mod grants;
pub mod handovers;
pub mod imports;
pub mod inbox;
pub mod invariants;
pub mod job_runs;
pub mod journeys;
mod kept;
pub mod lecturers;
pub mod logins;
pub mod members;
pub mod migrate;
pub mod officers;
pub mod once;
pub mod organisations;
pub mod outbox;
mod pages;
pub mod people;
pub mod phones;
pub mod requests;
pub mod rosters;
mod schema;
mod scoped;
mod sealed;
mod served;
mod service_messages;
pub mod service_requests;
pub mod sessions;
pub mod settings;
pub mod statistics;
pub mod stays;
mod tell;
pub mod trail;
pub mod transfers;
mod types;
pub mod upkeep;
pub mod vault;
mod verbatim;
pub mod visits;
pub mod webhooks;
pub mod wishes;
pub mod worklist;

pub use db::{Db, Settings, Store, Tx, is_postgres};
pub use error::{Missing, StoreError};
pub use pages::Position;
pub use service_messages::Message;

/// Whether the database answers.
///
/// # Errors
/// [`StoreError::Unavailable`] when it does not.
pub fn ping(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    use diesel::r2d2::R2D2Connection as _;
    tx.db.ping().map_err(|error| StoreError::Unavailable(Box::new(error)))
}
