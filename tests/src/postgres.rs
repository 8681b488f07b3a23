//! The suite's private PostgreSQL: a cluster in a temporary folder, made from installed programs, gone with the process.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::programs;

/// How long a cluster may take from `initdb` to the first answered connection.
const START_LIMIT: Duration = Duration::from_mins(2);

/// What the supervising shell does; it takes the cluster's folder, the programs' folder, the folder of the data and the
/// server's settings. Data that are there already are gone on with.
///
/// It lives in a process group of its own and reads a pipe that the test process holds open, so it stops the server
/// and removes the folder however that process ends, by `kill -9` too.
///
/// The locale sorts unlike C on purpose: a column that is compared as a path must say its collation itself.
/// Before PostgreSQL 15 a cluster cannot be made with an ICU locale, hence the second try.
const SUPERVISE: &str = r#"
dir=$1 bin=$2 data=$3
shift 3
init() { "$bin/initdb" -D "$data" -U kiteline -A trust -E UTF8 --locale=C --no-sync "$@"; }
[ -f "$data/PG_VERSION" ] || init --locale-provider=icu --icu-locale=zh-Hans >"$dir/log" 2>&1 ||
    init >>"$dir/log" 2>&1 || exit 1
"$bin/postgres" -D "$data" -k "$dir" -p 5432 -c listen_addresses= "$@" >>"$dir/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
rm -rf "$dir"
"#;

/// Whether what is committed must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production; for measurements.
    Full,
    /// Nothing is flushed to the disk; for tests.
    None,
}

impl Durability {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Full => &[
                "-c",
                "max_connections=200",
                "-c",
                "shared_buffers=512MB",
                "-c",
                "max_wal_size=2GB",
            ],
            Self::None => &[
                "-c",
                "max_connections=400",
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
                "-c",
                "synchronous_commit=off",
            ],
        }
    }
}

/// A running PostgreSQL server that only this machine's user reaches, by a socket in a private folder.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    programs: PathBuf,
    supervisor: Mutex<Child>,
    template: OnceLock<Result<String, String>>,
}

impl Cluster {
    /// The cluster that all tests of this process share; started by the first who asks.
    ///
    /// # Panics
    /// When PostgreSQL is neither installed nor installable, or does not start; the message says what to do.
    pub fn suite() -> Arc<Self> {
        static SUITE: OnceLock<Result<Arc<Cluster>, String>> = OnceLock::new();
        match SUITE.get_or_init(|| Self::start(Durability::None).map(Arc::new)) {
            Ok(cluster) => Arc::clone(cluster),
            Err(why) => panic!("{why}"),
        }
    }

    /// Makes and starts a cluster of its own.
    ///
    /// # Errors
    /// A sentence for the person who runs the tests.
    pub fn start(durability: Durability) -> Result<Self, String> {
        Self::run(None, durability)
    }

    /// Starts a cluster whose data stay in the folder `data` when it stops, and are found there again.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn keep(data: &Path, durability: Durability) -> Result<Self, String> {
        Self::run(Some(data), durability)
    }

    fn run(kept: Option<&Path>, durability: Durability) -> Result<Self, String> {
        let programs = programs::postgres()?;
        let directory =
            private_directory().map_err(|e| format!("Cannot make a folder for PostgreSQL in /tmp: {e}."))?;
        let data = kept.map_or_else(|| directory.join("data"), Path::to_path_buf);
        if kept.is_some() {
            hand_over(&data).map_err(|e| format!("Cannot make the folder {}: {e}.", data.display()))?;
        }
        let supervisor = supervise(&directory, &data, &programs, durability)
            .map_err(|e| format!("Cannot start a shell to supervise PostgreSQL: {e}."))?;
        let cluster = Self {
            directory,
            programs,
            supervisor: Mutex::new(supervisor),
            template: OnceLock::new(),
        };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// The folder of `psql`, `pgbench` and the rest of the same version.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// What the server has written to its log so far.
    pub fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// A copy of the database `name`, which `fill` makes out of an empty one where the cluster does not have it yet.
    ///
    /// # Panics
    /// When the server refuses, or `fill` fails.
    pub fn filled(self: &Arc<Self>, name: &str, fill: impl FnOnce(&str) -> Result<(), String>) -> Database {
        let mut connection = PgConnection::establish(&self.url("postgres")).expect("the cluster answers");
        let found = diesel::sql_query("SELECT FROM pg_database WHERE datname = $1")
            .bind::<diesel::sql_types::Text, _>(name)
            .execute(&mut connection)
            .expect("the catalogue answers");
        if found == 0 {
            let unfinished = format!("{name}_unfinished");
            self.administer(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"));
            self.administer(&format!("CREATE DATABASE {unfinished} TEMPLATE template0"));
            fill(&self.url(&unfinished)).unwrap_or_else(|why| panic!("{name} cannot be filled: {why}"));
            self.administer(&format!("ALTER DATABASE {unfinished} RENAME TO {name}"));
        }
        self.create(name)
    }

    /// A database without a table.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn empty(self: &Arc<Self>) -> Database {
        self.create("template0")
    }

    /// A database with the schema that `migrate` makes out of the empty one whose address it is given.
    /// It runs once a cluster; each database is a copy of its result.
    ///
    /// # Panics
    /// When the migration failed, here or for an earlier caller.
    pub fn migrated(self: &Arc<Self>, migrate: impl FnOnce(&str) -> Result<(), String>) -> Database {
        let template = self.template.get_or_init(|| {
            let name = "kiteline_template".to_owned();
            self.administer(&format!("CREATE DATABASE {name} TEMPLATE template0"));
            migrate(&self.url(&name)).map(|()| name)
        });
        match template {
            Ok(name) => self.create(name),
            Err(why) => panic!("The schema cannot be made on PostgreSQL: {why}"),
        }
    }

    fn create(self: &Arc<Self>, template: &str) -> Database {
        let name = format!("t_{}", Uuid::now_v7().simple());
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Database {
            url: self.url(&name),
            name,
            cluster: Arc::clone(self),
        }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=kiteline", self.directory.display())
    }

    fn administer(&self, statement: &str) {
        let mut connection = PgConnection::establish(&self.url("postgres")).expect("the cluster answers");
        diesel::sql_query(statement)
            .execute(&mut connection)
            .unwrap_or_else(|e| panic!("{statement}: {e}"));
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let Err(not_yet) = PgConnection::establish(&self.url("postgres")) else {
                return Ok(());
            };
            let ended = self
                .supervisor
                .lock()
                .expect("not poisoned")
                .try_wait()
                .is_ok_and(|status| status.is_some());
            if ended || started.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                fs::remove_dir_all(&self.directory).ok();
                return Err(format!(
                    "The tests' own PostgreSQL did not start: {not_yet}\nIts log:\n{log}"
                ));
            }
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Closes the supervisor's input, which is the sign to stop, and waits for the end.
        self.supervisor.get_mut().expect("not poisoned").wait().ok();
    }
}

/// A database of one test, dropped with this value.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    cluster: Arc<Cluster>,
}

impl Database {
    /// Its address, as `DATABASE_URL` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The socket on which its server listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.cluster.directory.join(".s.PGSQL.5432")
    }

    /// Its address at the other end of a line to the server.
    pub(crate) fn url_at(&self, address: SocketAddr) -> String {
        format!(
            "postgres://kiteline@{address}/{}?sslmode=disable&gssencmode=disable",
            self.name
        )
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.cluster
            .administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// A new folder that only the server's user may enter. In `/tmp`, because a socket's path may have 107 bytes only.
fn private_directory() -> io::Result<PathBuf> {
    let directory = tempfile::Builder::new()
        .prefix("kiteline-postgres-")
        .tempdir_in("/tmp")?
        .keep();
    hand_over(&directory)?;
    Ok(directory)
}

/// Makes the folder if need be and gives it to the server's user.
fn hand_over(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    if let Some((user, group)) = server_user(Path::new("/proc/self"))? {
        chown(directory, Some(user), Some(group))?;
    }
    Ok(())
}

/// PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody` where the package made no such user.
/// `ours` is a path of this process, and so tells who we are.
fn server_user(ours: &Path) -> io::Result<Option<(u32, u32)>> {
    if fs::metadata(ours)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(wanted)).then_some(())?;
            Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
    };
    Ok(Some(
        find("postgres").or_else(|| find("nobody")).unwrap_or((65_534, 65_534)),
    ))
}

fn supervise(directory: &Path, data: &Path, programs: &Path, durability: Durability) -> io::Result<Child> {
    let owner = fs::metadata(directory)?;
    let mut command = Command::new("sh");
    command
        .args(["-c", SUPERVISE, "sh"])
        .args([directory, programs, data])
        .args(durability.settings());
    command.current_dir(directory).process_group(0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGOPTIONS", "PGDATABASE"] {
        command.env_remove(variable);
    }
    if server_user(Path::new("/proc/self"))?.is_some() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.spawn()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use diesel::sql_types::BigInt;

    use super::*;

    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }

    fn count(url: &str, of: &str) -> i64 {
        let mut connection = PgConnection::establish(url).unwrap();
        diesel::sql_query(format!("SELECT count(*) AS count FROM {of}"))
            .get_result::<Count>(&mut connection)
            .unwrap()
            .count
    }

    fn one_table(url: &str) -> Result<(), String> {
        let mut connection = PgConnection::establish(url).map_err(|e| e.to_string())?;
        diesel::sql_query("CREATE TABLE kite (name text)")
            .execute(&mut connection)
            .map_err(|e| e.to_string())?;
        Ok(())
    }

    #[test]
    fn each_database_is_a_fresh_copy_of_the_template_and_goes_with_its_value() {
        let cluster = Arc::new(Cluster::start(Durability::None).unwrap());
        let (first, second) = (
            cluster.migrated(one_table),
            cluster.migrated(|_| unreachable!("the template is there")),
        );
        diesel::sql_query("INSERT INTO kite VALUES ('风筝')")
            .execute(&mut PgConnection::establish(first.url()).unwrap())
            .unwrap();
        assert_eq!((count(first.url(), "kite"), count(second.url(), "kite")), (1, 0));
        let (url, directory) = (cluster.url("postgres"), cluster.directory.clone());
        drop((first, second));
        assert_eq!(count(&url, "pg_database WHERE datname LIKE 't\\_%'"), 0);
        drop(cluster);
        assert!(!directory.exists(), "the supervisor clears up");
    }

    #[test]
    fn many_ask_at_once_and_share_one_cluster() {
        let (done, finished) = mpsc::channel();
        for _ in 0..4 {
            let done = done.clone();
            std::thread::spawn(move || done.send(count(Cluster::suite().empty().url(), "pg_class") > 0));
        }
        drop(done);
        assert_eq!(finished.iter().filter(|seen| *seen).count(), 4);
    }
}
