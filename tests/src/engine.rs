//! A fresh, migrated database of either engine, gone with its value.

use std::fs;
use std::sync::OnceLock;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use persistence::migrate;
use tempfile::TempDir;

use crate::postgres::{self, Cluster};

/// On which engine a story is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database in the suite's private cluster.
    Postgres,
}

/// A database with the present schema and no rows but those of the migrations.
#[derive(Debug)]
pub enum Database {
    /// A file in a folder of its own.
    Sqlite(TempDir),
    /// A database of the suite's cluster.
    Postgres(postgres::Database),
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Database {
    /// Makes one.
    ///
    /// # Panics
    /// When it cannot be made; the message says why.
    pub fn fresh(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder");
                fs::write(folder.path().join("kiteline.db"), empty_file()).expect("a file");
                Self::Sqlite(folder)
            }
            Engine::Postgres => Self::Postgres(
                Cluster::suite().migrated(|url| migrate::up(url).map(drop).map_err(|error| error.to_string())),
            ),
        }
    }

    /// Its address, as `DATABASE_URL` takes it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.path().join("kiteline.db").display().to_string(),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// How many rows `from` has: a table, perhaps with a condition behind it. In the words of both engines.
    ///
    /// # Panics
    /// When the engine refuses; so does [`Database::lines`].
    pub fn count(&self, from: &str) -> i64 {
        let query = diesel::sql_query(format!("select count(*) as count from {from}"));
        let counted = match self {
            Self::Sqlite(_) => query.get_result::<Count>(&mut self.lite()),
            Self::Postgres(_) => query.get_result::<Count>(&mut self.pg()),
        };
        counted.unwrap_or_else(|e| panic!("count of {from}: {e}")).count
    }

    /// The text `what` of each row that `from` has.
    ///
    /// # Panics
    /// When the engine refuses.
    pub fn lines(&self, what: &str, from: &str) -> Vec<String> {
        let query = diesel::sql_query(format!("select {what} as line from {from}"));
        let lines = match self {
            Self::Sqlite(_) => query.load::<Line>(&mut self.lite()),
            Self::Postgres(_) => query.load::<Line>(&mut self.pg()),
        };
        lines
            .unwrap_or_else(|e| panic!("{what} of {from}: {e}"))
            .into_iter()
            .map(|line| line.line)
            .collect()
    }

    /// Runs statements in the words of both engines, past every rule: no foreign key holds meanwhile.
    ///
    /// # Errors
    /// What the engine says.
    pub fn forces(&self, statements: &str) -> Result<(), String> {
        let done = match self {
            Self::Sqlite(_) => self
                .lite()
                .batch_execute(&format!("pragma foreign_keys = off; {statements}")),
            Self::Postgres(_) => self
                .pg()
                .batch_execute(&format!("set session_replication_role = replica; {statements}")),
        };
        done.map_err(|error| format!("{statements}: {error}"))
    }

    fn lite(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(&self.url()).expect("the file opens");
        diesel::sql_query("pragma busy_timeout = 5000")
            .execute(&mut connection)
            .expect("a pragma");
        connection
    }

    fn pg(&self) -> PgConnection {
        PgConnection::establish(&self.url()).expect("the cluster answers")
    }
}

/// A migrated file's bytes: migrated once, copied for each story.
fn empty_file() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("template.db");
        migrate::up(&file.display().to_string()).expect("the schema on SQLite");
        fs::read(file).expect("the file")
    })
}
