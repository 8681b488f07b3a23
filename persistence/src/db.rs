//! The two-engine connection, its pool, and the only ways to a transaction.
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection, PgConnection, SqliteConnection};
use domain::clock::Clock;
use domain::wish::stands_for;
use tokio::sync::Semaphore;
use uuid::{ContextV7, NoContext, Uuid};

use crate::StoreError;
use crate::files::Files;
use crate::vault::Vault;

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Pg(PgConnection),
    /// The embedded default.
    Lite(SqliteConnection),
}

/// The backend of [`Db`].
pub(crate) type Engine = <Db as Connection>::Backend;

/// Says one statement for each engine, for what the shared DSL does not take
/// (`on_conflict`, `returning` a struct, several rows at once).
macro_rules! each {
    ($db:expr, $conn:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Pg($conn) => $body,
            $crate::db::Db::Lite($conn) => $body,
        }
    };
}
pub(crate) use each;

/// An open transaction, with the instant at which it began.
pub struct Tx<'a> {
    pub(crate) db: &'a mut Db,
    pub(crate) vault: &'a Vault,
    ids: &'a Mutex<ContextV7>,
    now: DateTime<Utc>,
    zone: Tz,
}

impl Tx<'_> {
    /// The instant of this transaction, to the microsecond.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The same as the database keeps it: UTC without saying so.
    pub(crate) fn at(&self) -> NaiveDateTime {
        self.now.naive_utc()
    }

    /// Today in the deployment's zone.
    pub fn today(&self) -> NaiveDate {
        self.day_of(self.now)
    }

    /// The day of an instant in the deployment's zone.
    pub fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    /// The deployment's time zone.
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The keys of sealed columns.
    pub const fn vault(&self) -> &Vault {
        self.vault
    }

    /// Runs a part of the transaction that may fail by itself: what it wrote is taken back then, and the rest goes on.
    pub(crate) fn attempt<R>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        each!(&mut *self.db, c => AnsiTransactionManager::begin_transaction(c))?;
        let outcome = part(self);
        if outcome.is_ok() {
            each!(&mut *self.db, c => AnsiTransactionManager::commit_transaction(c))?;
        } else {
            each!(&mut *self.db, c => AnsiTransactionManager::rollback_transaction(c))?;
        }
        outcome
    }

    /// Has PostgreSQL plan each statement of this transaction for its values, and interpret it: for few statements over
    /// many rows the plan matters, and a plan for any values is a bad one. SQLite knows no values when it plans.
    pub(crate) fn plan_for_values(&mut self) -> Result<(), StoreError> {
        if let Db::Pg(c) = self.db {
            c.batch_execute("set local plan_cache_mode = force_custom_plan; set local jit = off;")?;
        }
        Ok(())
    }

    /// Has PostgreSQL plan each statement of this transaction once for whatever values, and keep the plan: for many
    /// statements over few rows planning takes longer than running. SQLite knows nothing else.
    pub(crate) fn plan_once(&mut self) -> Result<(), StoreError> {
        if let Db::Pg(c) = self.db {
            c.batch_execute("set local plan_cache_mode = force_generic_plan;")?;
        }
        Ok(())
    }

    /// A fresh id (UUIDv7) of this instant, later than every one that this store gave before: what is ordered by id is
    /// ordered as it happened, also within one transaction.
    pub fn fresh<T: From<Uuid>>(&self) -> T {
        fresh(self.ids, self.now)
    }

    /// A fresh id that tells today's date and no more.
    pub fn fresh_of_day<T: From<Uuid>>(&self) -> T {
        of_day(self.today())
    }
}

/// An id (UUIDv7) of a day, and otherwise by chance: neither the minute nor what came before and after can be read from it.
fn of_day<T: From<Uuid>>(day: NaiveDate) -> T {
    let seconds = u64::try_from(stands_for(day).timestamp()).unwrap_or_default();
    T::from(Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, 0)))
}

fn fresh<T: From<Uuid>>(ids: &Mutex<ContextV7>, now: DateTime<Utc>) -> T {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let stamp = uuid::Timestamp::from_unix(ids, seconds, now.timestamp_subsec_nanos());
    T::from(Uuid::new_v7(stamp))
}

struct Manager(String);

/// A connection of the pool. Diesel does not say whether its server is still there, so the pool is told.
struct Pooled {
    db: Db,
    lost: bool,
}

impl Manager {
    fn establish(&self) -> Result<Db, diesel::r2d2::Error> {
        if is_postgres(&self.0) {
            return Ok(Db::Pg(PgConnection::establish(&self.0)?));
        }
        let mut lite = SqliteConnection::establish(&self.0)?;
        lite.batch_execute(
            "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
             PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;",
        )
        .map_err(diesel::r2d2::Error::QueryError)?;
        Ok(Db::Lite(lite))
    }
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        self.establish().map(|db| Pooled { db, lost: false })
    }

    fn is_valid(&self, one: &mut Pooled) -> Result<(), Self::Error> {
        one.db.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, one: &mut Pooled) -> bool {
        one.lost || one.db.is_broken()
    }
}

/// Whether the address names a PostgreSQL server; anything else is a file for SQLite.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// What a store is opened with.
#[derive(Clone)]
pub struct Settings {
    /// `postgres://…`, or the path of an SQLite file.
    pub url: String,
    /// Connections, and as many blocking threads: 1 to 100.
    pub connections: u32,
    /// The keys of sealed columns.
    pub vault: Arc<Vault>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// The deployment's time zone, whose days are "today".
    pub zone: Tz,
    /// The folder of the files beside the database.
    pub files: PathBuf,
}

/// The store: a pool, and as many blocking places as it has connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    places: Arc<Semaphore>,
    /// SQLite has one writer: the others wait here instead of polling a locked file.
    writer: Option<Arc<Semaphore>>,
    waiting: Arc<AtomicUsize>,
    /// Whether the last call that wanted a connection got none.
    gone: Arc<AtomicBool>,
    ids: Arc<Mutex<ContextV7>>,
    files: Files,
    settings: Settings,
}

/// What a call does with its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Glance,
    Read,
    Write,
}

/// How many calls may wait for a connection before the next is turned away at once.
const LONGEST_QUEUE: usize = 1_000;
/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits when there is not one connection to wait for.
const LITTLE_PATIENCE: Duration = Duration::from_millis(500);

impl Store {
    /// Opens the database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached.
    pub fn open(settings: Settings) -> Result<Self, StoreError> {
        let pool = Pool::builder()
            .max_size(settings.connections)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .build(Manager(settings.url.clone()))
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let places = usize::try_from(settings.connections).unwrap_or(1);
        Ok(Self {
            pool,
            places: Arc::new(Semaphore::new(places)),
            writer: (!is_postgres(&settings.url)).then(|| Arc::new(Semaphore::new(1))),
            waiting: Arc::default(),
            gone: Arc::default(),
            ids: Arc::new(Mutex::new(ContextV7::new().with_additional_precision())),
            files: Files::in_folder(settings.files.clone(), Arc::clone(&settings.vault)),
            settings,
        })
    }

    /// The instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.settings.clock.now().trunc_subsecs(6)
    }

    /// Today in the deployment's zone.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&self.settings.zone).date_naive()
    }

    /// The deployment's time zone.
    pub const fn zone(&self) -> Tz {
        self.settings.zone
    }

    /// The clock that the store was opened with.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.settings.clock)
    }

    /// The files beside the database.
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// A fresh id (UUIDv7) of this instant, for what is stored before its transaction begins.
    pub fn fresh<T: From<Uuid>>(&self) -> T {
        fresh(&self.ids, self.now())
    }

    /// A fresh id that tells today's date and no more.
    pub fn fresh_of_day<T: From<Uuid>>(&self) -> T {
        of_day(self.today())
    }

    /// The address of the database. It may hold a password: not for logs.
    pub fn url(&self) -> &str {
        &self.settings.url
    }

    /// Runs one reading statement without a transaction around it: half the round trips of [`Store::read`].
    ///
    /// # Errors
    /// What `work` returned, or [`StoreError::Unavailable`].
    pub async fn glance<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.run(Mode::Glance, work).await
    }

    /// Runs `work` on one snapshot that nothing is written to.
    ///
    /// # Errors
    /// What `work` returned, or [`StoreError::Unavailable`].
    pub async fn read<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.run(Mode::Read, work).await
    }

    /// Runs `work` in one transaction: all of it is stored, or nothing.
    ///
    /// # Errors
    /// What `work` returned, or [`StoreError::Unavailable`].
    pub async fn write<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.run(Mode::Write, work).await
    }

    async fn run<R: Send + 'static>(
        &self,
        mode: Mode,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let turn = match &self.writer {
            Some(writer) if mode == Mode::Write => Some(self.place(writer).await?),
            _ => None,
        };
        let place = self.place(&self.places).await?;
        let store = self.clone();
        // The one place that takes a blocking thread for the store: bounded by the permits held.
        let task = tokio::task::spawn_blocking(move || {
            let _held = (turn, place);
            let mut one = store.connection()?;
            let outcome = store.transaction(&mut one.db, mode, work);
            one.lost = matches!(outcome, Err(StoreError::Unavailable(_))) && one.db.ping().is_err();
            outcome
        });
        task.await.map_err(|error| StoreError::Bug(Box::new(error)))?
    }

    /// A connection. When there is none, and a call has waited for one in vain, the next does not wait as well: the pool
    /// goes on trying by itself, and the first connection that it gets ends this.
    fn connection(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let none = self.pool.state().connections == 0;
        if none && self.gone.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("the database is gone".into()));
        }
        let found = self.pool.get_timeout(if none { LITTLE_PATIENCE } else { PATIENCE });
        self.gone.store(found.is_err(), Ordering::Relaxed);
        found.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    async fn place(&self, of: &Arc<Semaphore>) -> Result<tokio::sync::OwnedSemaphorePermit, StoreError> {
        if let Ok(permit) = Arc::clone(of).try_acquire_owned() {
            return Ok(permit);
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= LONGEST_QUEUE {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Unavailable("too many calls are waiting".into()));
        }
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(of).acquire_owned()).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        match permit {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(closed)) => Err(StoreError::Unavailable(Box::new(closed))),
            Err(late) => Err(StoreError::Unavailable(Box::new(late))),
        }
    }

    fn transaction<R>(
        &self,
        db: &mut Db,
        mode: Mode,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        begin(db, mode)?;
        let mut tx = Tx {
            now: self.now(),
            db,
            vault: &self.settings.vault,
            ids: &self.ids,
            zone: self.settings.zone,
        };
        match work(&mut tx) {
            outcome if mode == Mode::Glance => outcome,
            Ok(value) => {
                each!(db, c => AnsiTransactionManager::commit_transaction(c))?;
                Ok(value)
            }
            Err(error) => {
                if let Err(lost) = each!(db, c => AnsiTransactionManager::rollback_transaction(c)) {
                    tracing::warn!(error = %lost, "the connection was lost in a transaction");
                }
                Err(error)
            }
        }
    }
}

/// SQLite takes the write lock at once, so that a transaction never has to upgrade; a read sees one snapshot on both.
fn begin(db: &mut Db, mode: Mode) -> Result<(), StoreError> {
    match (db, mode) {
        (_, Mode::Glance) => {}
        (Db::Pg(c), Mode::Write) => AnsiTransactionManager::begin_transaction(c)?,
        (Db::Pg(c), Mode::Read) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
        (Db::Lite(c), Mode::Write) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        (Db::Lite(c), Mode::Read) => AnsiTransactionManager::begin_transaction(c)?,
    }
    Ok(())
}
