//! A county whose people have lived: a database that `kiteline simulate` has filled.

use std::sync::Arc;

use api::auth::keys::Keys;
use chrono::{DateTime, Utc};
use persistence::{Settings, Store};
use tempfile::TempDir;

use crate::clock::TestClock;
use crate::engine::{Database, Engine};
use crate::program::{kiteline, said};
use crate::world::ZONE;

/// The last day of every such life: a fixed one, so that festivals fall alike whenever the tests run.
const UNTIL: &str = "2026-11-20";
/// The instant after it at which one looks.
const AFTERWARDS: &str = "2026-11-20T15:00:00Z";

/// A county whose people have lived.
#[derive(Debug)]
pub struct Life {
    /// What the simulation said of it.
    pub told: String,
    /// Whether the simulation found that everything holds.
    pub holds: bool,
    /// Where they lived.
    pub database: Database,
    folder: TempDir,
}

impl Life {
    /// So many members live so many days.
    ///
    /// # Panics
    /// When the program cannot be run.
    pub fn of(engine: Engine, members: u32, days: u32, seed: u64) -> Self {
        let (database, folder) = (Database::fresh(engine), tempfile::tempdir().expect("a folder"));
        let settings = |command: &mut std::process::Command| {
            command
                .env("DATABASE_URL", database.url())
                .env("KITELINE_KEYS_FILE", "kiteline.keys")
                .env("KITELINE_FILES_DIRECTORY", "files");
        };
        let mut keys = kiteline(folder.path(), &["migrate", "--new-keys"]);
        settings(&mut keys);
        let made = keys.output().expect("the program starts");
        assert!(made.status.success(), "{}", said(&made));
        let [members, days, seed] = [members.to_string(), days.to_string(), seed.to_string()];
        let line = [
            "simulate",
            "--members",
            &members,
            "--days",
            &days,
            "--seed",
            &seed,
            "--until",
            UNTIL,
        ];
        let mut simulate = kiteline(folder.path(), &line);
        settings(&mut simulate);
        let lived = simulate.output().expect("the program starts");
        Self {
            told: if lived.status.success() {
                String::from_utf8_lossy(&lived.stdout).into_owned()
            } else {
                said(&lived)
            },
            holds: lived.status.success(),
            database,
            folder,
        }
    }

    /// The store after the last day; what is sealed does not open.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn store(&self) -> Store {
        let at: DateTime<Utc> = AFTERWARDS.parse().expect("an instant");
        let settings = Settings {
            files: self.files(),
            url: self.database.url(),
            connections: 2,
            vault: Arc::new(Keys::generate().vault()),
            clock: Arc::new(TestClock::at(at)),
            zone: ZONE,
        };
        Store::open(settings).expect("the store")
    }

    /// The folder of files.
    pub fn files(&self) -> std::path::PathBuf {
        self.folder.path().join("files")
    }

    /// Runs a command on the same database.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn runs(&self, line: &[&str]) -> std::process::Output {
        kiteline(self.folder.path(), line)
            .env("DATABASE_URL", self.database.url())
            .env("KITELINE_KEYS_FILE", "kiteline.keys")
            .env("KITELINE_FILES_DIRECTORY", "files")
            .output()
            .expect("the program starts")
    }
}
