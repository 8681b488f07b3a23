//! A world for one story: the real server on a free port, its own database, a clock, a mail server.

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::panicking;
use std::time::Duration;

use api::auth::keys::Keys;
use api::auth::password::Passwords;
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::clock::Clock;
use notifications::webhooks::{Guard, WebhookSettings};
use notifications::{MailSettings, Notifier, Outlet, Smtp, Tally, Tls};
use persistence::{Settings, Store};
use tokio::runtime::Builder;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::clock::TestClock;
use crate::county::County;
use crate::engine::{Database, Engine};
use crate::line::Line;
use crate::mail::{LOGIN, MailServer};
use crate::people::PASSWORD;

/// Every story begins on Monday, 11 January 2027, at nine in the morning in Hai'an, 26 days before the Spring Festival.
const BEGINNING: &str = "2027-01-11T01:00:00Z";
/// The deployment's zone.
pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

/// How long the mail server's answer is waited for.
const MAIL_PATIENCE: Duration = Duration::from_secs(8);

/// Tells a story on an engine; what [`crate::stories`] expands to.
///
/// # Panics
/// When the story fails, or leaves work undone.
pub fn tell<Story: Future<Output = ()>>(engine: Engine, story: impl FnOnce(World) -> Story) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async { story(World::on(engine).await).await });
}

/// Makes each named story, an `async fn(World)`, two tests: `on_sqlite` and `on_postgres`.
#[macro_export]
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $story() { $crate::world::tell($crate::engine::Engine::Sqlite, super::$story); })+
        }
        mod on_postgres {
            $(#[test] fn $story() { $crate::world::tell($crate::engine::Engine::Postgres, super::$story); })+
        }
    };
}

/// What the people of a story share with it.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) county: County,
    pub(crate) stranger: Client,
    /// Of [`crate::people::PASSWORD`], by a recipe too cheap for anybody but a test.
    pub(crate) password_hash: String,
}

/// The world of one story. Dropping it fails the test when something was left undone: a notification that is due and
/// not settled, a job that failed, a server that died.
pub struct World {
    pub(crate) shared: Arc<Shared>,
    mail: MailServer,
    notifier: Notifier,
    leaves_work: AtomicBool,
    /// Where the files are that the settings name.
    settings: Option<tempfile::TempDir>,
    files: tempfile::TempDir,
    server: JoinHandle<std::io::Result<()>>,
    stop: Box<dyn Fn() + Send + Sync>,
    /// Last, so that it goes after everything that uses it.
    database: Database,
    parts: api::Parts,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

impl World {
    /// A world on an engine, with the county founded and nobody in it.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn on(engine: Engine) -> Self {
        let database = Database::fresh(engine);
        let url = database.url();
        Self::at(database, url).await
    }

    /// A world whose server reaches its database, on PostgreSQL, over a line that can be cut.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn over_a_line() -> (Self, Line) {
        let database = Database::fresh(Engine::Postgres);
        let Database::Postgres(server) = &database else {
            panic!("not on PostgreSQL: {database:?}");
        };
        let line = Line::to(server.socket()).await;
        let url = server.url_at(line.address());
        (Self::at(database, url).await, line)
    }

    /// A world in a database that its server reaches at `url`.
    async fn at(database: Database, url: String) -> Self {
        let clock = Arc::new(TestClock::at(BEGINNING.parse().expect("an instant")));
        let keys = Keys::generate();
        let vault = Arc::new(keys.vault());
        let files = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            files: files.path().to_owned(),
            url,
            connections: 8,
            vault: Arc::clone(&vault),
            clock: Arc::<TestClock>::clone(&clock),
            zone: ZONE,
        };
        let store = Store::open(settings).expect("the store");
        let county = County::found(&store).await;
        let mail = MailServer::start().await;
        let notifier = Notifier::new(store.clone(), &mail_settings(&mail, None), &nearby()).expect("the notifier");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let stranger = Client::stranger(format!("http://{}", listener.local_addr().expect("an address")));
        let parts = api::Parts {
            store: store.clone(),
            vault,
            signer: Arc::new(keys.signer("kiteline-tests").expect("a signer")),
            passwords: Passwords::new(2).expect("a hasher"),
            workers: 2,
            proxies: vec![Ipv4Addr::LOCALHOST.into()],
            webhooks: nearby().guard,
        };
        let server = api::server(&parts, listener).expect("the server");
        let parts = parts.clone();
        let handle = server.handle();
        let password_hash = cheap_hash(PASSWORD);
        Self {
            shared: Arc::new(Shared {
                store,
                clock,
                county,
                stranger,
                password_hash,
            }),
            mail,
            notifier,
            leaves_work: AtomicBool::new(false),
            settings: None,
            files,
            parts,
            server: tokio::spawn(server),
            // The command is sent by the call; nobody waits for its end.
            stop: Box::new(move || drop(handle.stop(false))),
            database,
        }
    }

    /// Another server on the same database, as after a restart or beside the first; it ends with the story. What speaks
    /// to it is somebody without a token.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn another_server(&self) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let stranger = Client::stranger(format!("http://{}", listener.local_addr().expect("an address")));
        tokio::spawn(api::server(&self.parts, listener).expect("the server"));
        stranger
    }

    /// From here on other systems of this machine are told nothing, as in a deployment that does not say otherwise; a
    /// server that goes by it, and somebody without a token who speaks to it.
    ///
    /// # Panics
    /// When the settings cannot be used.
    pub fn tells_only_the_internet(&mut self) -> Client {
        let settings = mail_settings(&self.mail, None);
        let webhooks = WebhookSettings::default();
        self.notifier = Notifier::new(self.shared.store.clone(), &settings, &webhooks).expect("the notifier");
        self.parts.webhooks = webhooks.guard;
        self.another_server()
    }

    /// The same, but that events may travel in the clear.
    ///
    /// # Panics
    /// When the settings cannot be used.
    pub fn tells_in_the_clear_but_not_here(&mut self) {
        let settings = mail_settings(&self.mail, None);
        let guard = Guard {
            allow_http: true,
            ..Guard::default()
        };
        let webhooks = WebhookSettings {
            guard,
            ..WebhookSettings::default()
        };
        self.notifier = Notifier::new(self.shared.store.clone(), &settings, &webhooks).expect("the notifier");
    }

    /// Somebody without a token.
    pub fn stranger(&self) -> Client {
        self.shared.stranger.clone()
    }

    /// The mail server to which the county's mail goes.
    pub fn mail(&self) -> &MailServer {
        &self.mail
    }

    /// From here on the county's mail goes to this server, with a login where it wants one; the operator has told of its
    /// certificate, or has not.
    ///
    /// # Panics
    /// When the settings cannot be used.
    pub fn posts_by(&mut self, mail: MailServer, told: bool) {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = mail.certificate().filter(|_| told).map(|certificate| {
            let file = folder.path().join("ca.pem");
            fs::write(&file, certificate).expect("a file");
            file
        });
        let settings = mail_settings(&mail, authority);
        self.notifier = Notifier::new(self.shared.store.clone(), &settings, &nearby()).expect("the notifier");
        (self.mail, self.settings) = (mail, Some(folder));
    }

    /// The county's organisations.
    pub fn county(&self) -> &County {
        &self.shared.county
    }

    /// The store behind the server, for what no route shows.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The folder of the files that people hand in.
    pub fn files(&self) -> &Path {
        self.files.path()
    }

    /// The database behind the store.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The story's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// The story's day in Hai'an.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&ZONE).date_naive()
    }

    /// The story begins at nine in the morning of that day instead, before anything has happened.
    ///
    /// # Panics
    /// When that is no day.
    pub fn begins_on(&self, day: &str) {
        let morning = format!("{day}T01:00:00Z");
        self.shared.clock.set(morning.parse().expect("a day"));
    }

    /// Lets time pass, and the jobs with it: after each day, and at the end, what is due is planned and delivered.
    ///
    /// # Panics
    /// When a job or the delivery fails.
    pub async fn passes(&self, time: TimeDelta) {
        let mut left = time;
        while left > TimeDelta::zero() {
            let step = left.min(TimeDelta::days(1));
            self.shared.clock.advance(step);
            left -= step;
            self.runs_jobs().await;
        }
    }

    /// Runs the jobs of the day and delivers what is due now.
    ///
    /// # Panics
    /// When a job or the delivery fails.
    pub async fn runs_jobs(&self) {
        self.notifier.plan().await.expect("the jobs");
        self.delivers().await;
    }

    /// Delivers what is due now; answers what came of it.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn delivers(&self) -> Tally {
        self.tells().await;
        self.notifier.deliver().await.expect("the delivery")
    }

    /// Tells other systems what is due now; answers what came of it.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn tells(&self) -> Tally {
        self.notifier.deliver_webhooks().await.expect("the delivery")
    }

    /// What plans and delivers.
    pub fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    /// Moves the clock on, without a job being run.
    pub fn waits(&self, time: TimeDelta) {
        self.shared.clock.advance(time);
    }

    /// The story means to leave notifications unsent or a job failed: then dropping the world is no failure.
    pub fn leaves_work_undone(&self) {
        self.leaves_work.store(true, Ordering::SeqCst);
    }

    /// What is left undone, a sentence each.
    fn undone(&self) -> Vec<String> {
        let now = self.now().format("%Y-%m-%d %H:%M:%S");
        let outbox = format!("outbox where state = 'waiting' and not_before <= '{now}' or state = 'failed'");
        let notifications = self
            .database
            .lines("occasion || ' by ' || channel || ': ' || state", &outbox);
        let events = format!("webhook_deliveries where state = 'waiting' and not_before <= '{now}'");
        let events = self.database.lines("event || ': ' || state", &events);
        let jobs = self
            .database
            .lines("job || ': ' || failure", "job_runs where failure is not null");
        notifications.into_iter().chain(events).chain(jobs).collect()
    }
}

/// The other systems of a story stand on this machine, and speak in the clear.
fn nearby() -> WebhookSettings {
    WebhookSettings {
        guard: Guard {
            allow_private: true,
            allow_http: true,
        },
        authority: None,
    }
}

fn mail_settings(mail: &MailServer, authority: Option<PathBuf>) -> MailSettings {
    let smtp = Smtp {
        host: mail.address().ip().to_string(),
        port: mail.address().port(),
        tls: mail.tls(),
        authority,
        login: (mail.tls() != Tls::None).then(|| (LOGIN.0.to_owned(), LOGIN.1.to_owned())),
        connections: 4,
        timeout: MAIL_PATIENCE,
    };
    MailSettings {
        from: "海安市流动党员之家 <kiteline@example.org>".to_owned(),
        outlet: Outlet::Smtp(smtp),
    }
}

/// The server checks a hash by the recipe that the hash names.
fn cheap_hash(password: &str) -> String {
    let recipe = Params::new(8, 1, 1, None).expect("a recipe");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, recipe);
    hasher.hash_password(password.as_bytes()).expect("a hash").to_string()
}

impl Drop for World {
    fn drop(&mut self) {
        let died = self.server.is_finished();
        (self.stop)();
        if panicking() {
            return;
        }
        assert!(!died, "the server died during the story");
        if !self.leaves_work.load(Ordering::SeqCst) {
            assert_eq!(self.undone(), Vec::<String>::new(), "the story leaves work undone");
        }
    }
}
