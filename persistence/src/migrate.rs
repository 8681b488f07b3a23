//! The schema's steps, embedded: the same names for both engines.
use diesel::Connection;
use diesel::{PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::StoreError;
use crate::db::is_postgres;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// What a database has and lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Steps applied just now, or found waiting, in order.
    pub steps: Vec<String>,
}

/// Applies the steps that are missing. SQLite makes the file where there is none.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Bug`] when a step fails.
pub fn up(url: &str) -> Result<Progress, StoreError> {
    if is_postgres(url) {
        run(&mut postgres(url)?, POSTGRES)
    } else {
        run(&mut sqlite(url)?, SQLITE)
    }
}

/// Takes back every step, newest first: for tests and for a fresh demo.
///
/// # Errors
/// As [`up`].
pub fn down(url: &str) -> Result<(), StoreError> {
    if is_postgres(url) {
        revert(&mut postgres(url)?, POSTGRES)
    } else {
        revert(&mut sqlite(url)?, SQLITE)
    }
}

/// The steps that are missing.
///
/// # Errors
/// As [`up`].
pub fn missing(url: &str) -> Result<Progress, StoreError> {
    if is_postgres(url) {
        pending(&mut postgres(url)?, POSTGRES)
    } else {
        pending(&mut sqlite(url)?, SQLITE)
    }
}

fn postgres(url: &str) -> Result<PgConnection, StoreError> {
    PgConnection::establish(url).map_err(|error| StoreError::Unavailable(Box::new(error)))
}

fn sqlite(url: &str) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(url).map_err(|error| StoreError::Unavailable(Box::new(error)))
}

fn run<C: MigrationHarness<B>, B: diesel::backend::Backend>(
    c: &mut C,
    steps: EmbeddedMigrations,
) -> Result<Progress, StoreError> {
    let done = c.run_pending_migrations(steps).map_err(StoreError::Bug)?;
    Ok(Progress {
        steps: done.iter().map(ToString::to_string).collect(),
    })
}

fn revert<C: MigrationHarness<B>, B: diesel::backend::Backend>(
    c: &mut C,
    steps: EmbeddedMigrations,
) -> Result<(), StoreError> {
    c.revert_all_migrations(steps).map_err(StoreError::Bug)?;
    Ok(())
}

fn pending<C: MigrationHarness<B>, B: diesel::backend::Backend + 'static>(
    c: &mut C,
    steps: EmbeddedMigrations,
) -> Result<Progress, StoreError> {
    let waiting = c.pending_migrations(steps).map_err(StoreError::Bug)?;
    Ok(Progress {
        steps: waiting.iter().map(|step| step.name().to_string()).collect(),
    })
}
