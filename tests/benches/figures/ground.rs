//! What is measured on: a seeded database of either engine, with the keys that sealed it. Seeded once, kept under
//! `target/bench`, copied for each run.
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use api::auth::keys::Keys;
use kiteline_tests::engine::{Database, Engine};
use kiteline_tests::postgres::{self, Cluster, Durability};
use persistence::vault::Vault;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, Value};

use crate::land;
use crate::seed::{self, Cell, Sink};

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As many as the figures are promised for: 1,000,000 members, 200,000 of them away.
    Full,
    /// A tenth, to try the program.
    Quick,
    /// A county of 60,000 members with a year behind it.
    County,
    /// A province of 5,600,000 members with a year behind it.
    Province,
}

impl Size {
    /// How many members.
    pub(crate) const fn members(self) -> u64 {
        match self {
            Self::Full => 1_000_000,
            Self::Quick => 100_000,
            Self::County => 60_000,
            Self::Province => 5_600_000,
        }
    }

    /// How many of them have an account and a session.
    pub(crate) const fn logins(self) -> u64 {
        self.members() / 50
    }
}

/// Where everything of the benchmark lies, and what the cluster and the keys are.
pub(crate) struct Yard {
    pub(crate) folder: PathBuf,
    pub(crate) size: Size,
    pub(crate) cluster: Arc<Cluster>,
    /// What is started as the server.
    pub(crate) program: PathBuf,
    vault: Arc<Vault>,
}

/// A database to measure on, gone with its value.
pub(crate) struct Ground<'a> {
    pub(crate) yard: &'a Yard,
    pub(crate) engine: Engine,
    pub(crate) size: Size,
    pub(crate) url: String,
    _database: Option<postgres::Database>,
}

impl Yard {
    /// Opens `target/bench`.
    pub(crate) fn open(size: Size, server: Option<PathBuf>) -> Self {
        let this = std::env::current_exe().expect("the program's own path");
        let target = this.ancestors().nth(3).expect("target/release/deps/figures");
        let folder = target.join("bench");
        fs::create_dir_all(&folder).expect("target/bench");
        let cluster = Cluster::keep(&folder.join("postgres"), Durability::Full).unwrap_or_else(|why| panic!("{why}"));
        let keys = folder.join("keys.toml");
        let keys = if keys.exists() {
            Keys::load(&keys)
        } else {
            Keys::create(&keys)
        };
        Self {
            vault: Arc::new(keys.expect("the key file").vault()),
            program: server.map_or_else(
                || build(target),
                |server| server.canonicalize().expect("the server's program"),
            ),
            folder,
            size,
            cluster: Arc::new(cluster),
        }
    }

    /// The key file.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.join("keys.toml")
    }

    /// The keys of sealed columns.
    pub(crate) fn vault(&self) -> Arc<Vault> {
        Arc::clone(&self.vault)
    }

    /// A name that differs when the schema or the seed does.
    fn name(size: Size) -> String {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let schema = Database::fresh(Engine::Sqlite).lines("sql", "sqlite_master where sql is not null");
        let mut hasher = DefaultHasher::new();
        (schema, seed::EDITION, land::EDITION, size.members()).hash(&mut hasher);
        format!("seeded_{:016x}", hasher.finish())
    }

    /// A fresh copy of the seeded database, in which the day's jobs have run.
    pub(crate) fn ground(&self, engine: Engine) -> Ground<'_> {
        self.ground_of(engine, self.size)
    }

    /// The same of another size.
    pub(crate) fn ground_of(&self, engine: Engine, size: Size) -> Ground<'_> {
        let (url, database) = match engine {
            Engine::Postgres => {
                let made = self
                    .cluster
                    .filled(&Self::name(size), |url| self.fill_postgres(size, url));
                (made.url().to_owned(), Some(made))
            }
            Engine::Sqlite => (self.copy_of_the_file(size), None),
        };
        let ground = Ground {
            yard: self,
            engine,
            size,
            url,
            _database: database,
        };
        ground.settle();
        ground
    }

    fn copy_of_the_file(&self, size: Size) -> String {
        let seeded = self.folder.join(format!("{}.db", Self::name(size)));
        if !seeded.exists() {
            let unfinished = self.folder.join("unfinished.db");
            remove(&unfinished);
            self.fill_sqlite(size, &unfinished);
            fs::rename(&unfinished, &seeded).expect("the seeded file");
        }
        let run = self.folder.join("run.db");
        remove(&run);
        fs::copy(&seeded, &run).expect("room for a copy");
        fs::File::open(&run).and_then(|file| file.sync_all()).expect("a flush");
        run.display().to_string()
    }

    fn fill_postgres(&self, size: Size, url: &str) -> Result<(), String> {
        let began = announce("PostgreSQL", size);
        persistence::migrate::up(url).map_err(|error| error.to_string())?;
        let psql = self.cluster.programs().join("psql");
        self.write(size, &mut Copy { psql: &psql, url });
        psql_says(&psql, url, "vacuum (analyze)");
        eprintln!(" {} s", began.elapsed().as_secs());
        Ok(())
    }

    fn write(&self, size: Size, sink: &mut dyn Sink) {
        match size {
            Size::Full | Size::Quick => seed::write(size, &self.vault, sink),
            Size::County | Size::Province => land::write(size, crate::now().date_naive(), sink),
        }
    }

    fn fill_sqlite(&self, size: Size, file: &Path) {
        let began = announce("SQLite", size);
        persistence::migrate::up(&file.display().to_string()).expect("the schema");
        let connection = Connection::open(file).expect("the file");
        connection
            .execute_batch("pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-400000;")
            .expect("pragmas");
        self.write(size, &mut Insert(&connection));
        connection
            .execute_batch("analyze; pragma journal_mode=wal;")
            .expect("statistics");
        eprintln!(" {} s", began.elapsed().as_secs());
    }
}

/// The real program, as users build it.
fn build(target: &Path) -> PathBuf {
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--package",
            "api",
            "--target-dir",
        ])
        .arg(target)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "cargo build --release -p api"
    );
    target.join("release/kiteline")
}

fn announce(engine: &str, size: Size) -> Instant {
    eprint!("seeding {engine} with {} members, once …", size.members());
    Instant::now()
}

fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", file.display())).ok();
    }
}

impl Ground<'_> {
    /// Runs statements that both engines understand.
    pub(crate) fn execute(&self, statements: &str) {
        match self.engine {
            Engine::Postgres => {
                self.psql(statements);
            }
            Engine::Sqlite => Connection::open(&self.url)
                .and_then(|connection| connection.execute_batch(statements))
                .expect("SQLite"),
        }
    }

    /// What `psql` prints for a statement.
    pub(crate) fn psql(&self, statement: &str) -> String {
        psql_says(&self.yard.cluster.programs().join("psql"), &self.url, statement)
    }

    /// How much room a database of PostgreSQL takes on the disk.
    pub(crate) fn size_on_disk(&self) -> String {
        let size = self.psql("select pg_size_pretty(pg_database_size(current_database()))");
        size.trim().to_owned()
    }

    /// An id as a literal of this engine.
    pub(crate) fn literal(&self, id: uuid::Uuid) -> String {
        match self.engine {
            Engine::Postgres => format!("'{id}'"),
            Engine::Sqlite => format!("x'{}'", id.simple()),
        }
    }

    /// Marks the jobs of yesterday, today and tomorrow as done, so that a server has nothing to plan and to send.
    fn settle(&self) {
        let today = crate::now().date_naive();
        let days = [today.pred_opt(), Some(today), today.succ_opt()].into_iter().flatten();
        let rows: Vec<String> = days
            .flat_map(|day| {
                notifications::jobs::ALL
                    .iter()
                    .map(move |job| format!("('{}', '{day}', 0, '{day} 00:00:00', '{day} 00:00:00')", job.name))
            })
            .collect();
        self.execute(&format!(
            "insert into job_runs (job, day, planned, started_at, finished_at) values {}",
            rows.join(", ")
        ));
        if self.engine == Engine::Postgres {
            self.psql("checkpoint");
        }
    }
}

impl Drop for Ground<'_> {
    fn drop(&mut self) {
        if self.engine == Engine::Sqlite {
            remove(Path::new(&self.url));
        }
    }
}

fn psql_says(psql: &Path, url: &str, statement: &str) -> String {
    let output = Command::new(psql)
        .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, url])
        .output()
        .expect("psql");
    assert!(
        output.status.success(),
        "{statement}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `COPY … FROM STDIN`.
struct Copy<'a> {
    psql: &'a Path,
    url: &'a str,
}

impl Sink for Copy<'_> {
    fn fill(&mut self, table: &str, columns: &str, rows: &mut dyn Iterator<Item = Vec<Cell<'_>>>) {
        let statement = format!("copy {table} ({columns}) from stdin");
        let mut psql = Command::new(self.psql)
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", &statement, self.url])
            .stdin(Stdio::piped())
            .spawn()
            .expect("psql");
        let mut to = BufWriter::with_capacity(1 << 16, psql.stdin.take().expect("a pipe"));
        for row in rows {
            for (at, cell) in row.into_iter().enumerate() {
                if at > 0 {
                    to.write_all(b"\t").expect("psql reads");
                }
                copied(&mut to, &cell).expect("psql reads");
            }
            to.write_all(b"\n").expect("psql reads");
        }
        drop(to);
        assert!(psql.wait().expect("psql").success(), "{statement}");
    }
}

/// A value in the text format of `COPY`; texts of the seed need no escapes.
fn copied(to: &mut impl Write, cell: &Cell<'_>) -> std::io::Result<()> {
    match cell {
        Cell::Null => to.write_all(b"\\N"),
        Cell::Int(number) => write!(to, "{number}"),
        Cell::Bool(truth) => to.write_all(if *truth { b"t" } else { b"f" }),
        Cell::Text(text) => to.write_all(text.as_bytes()),
        Cell::Id(id) => write!(to, "{id}"),
        Cell::Bytes(bytes) => {
            to.write_all(b"\\\\x")?;
            bytes.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
        }
    }
}

/// One prepared insert.
struct Insert<'a>(&'a Connection);

impl Sink for Insert<'_> {
    fn fill(&mut self, table: &str, columns: &str, rows: &mut dyn Iterator<Item = Vec<Cell<'_>>>) {
        let marks = vec!["?"; columns.split(',').count()].join(", ");
        let statement = format!("insert into {table} ({columns}) values ({marks})");
        self.0.execute_batch("begin").expect("a transaction");
        let mut insert = self.0.prepare(&statement).expect("an insert");
        for row in rows {
            insert.execute(rusqlite::params_from_iter(row)).expect("a row");
        }
        drop(insert);
        self.0.execute_batch("commit").expect("a commit");
    }
}

impl rusqlite::ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Int(number) => (*number).into(),
            Self::Bool(truth) => (*truth).into(),
            Self::Text(text) => text.as_ref().into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
            Self::Id(id) => id.as_bytes().as_slice().into(),
        })
    }
}
