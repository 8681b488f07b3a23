//! What the rest of the house holds: plans, delivers, and may be woken.
use std::sync::Arc;

use chrono::NaiveDate;
use domain::access::Scope;
use persistence::job_runs::JobRun;
use persistence::{Store, StoreError};

use crate::channels::email::{MailSettings, MailSettingsError, Mailer};
use crate::dispatcher::{self, Tally};
use crate::jobs::Job;
use crate::planner;
use crate::scheduler::Bell;
use crate::templates::Templates;

/// Plans and delivers notifications; cheap to clone. Takes the time from its store.
#[derive(Clone)]
pub struct Notifier {
    store: Store,
    templates: Arc<Templates>,
    mailer: Arc<Mailer>,
    bell: Bell,
}

/// The notifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The mail settings cannot be used.
    #[error(transparent)]
    Mail(#[from] MailSettingsError),
    /// A template has a mistake.
    #[error("a template has a mistake")]
    Template(#[from] minijinja::Error),
}

impl Notifier {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// When the mail settings cannot be used.
    pub fn new(store: Store, mail: &MailSettings) -> Result<Self, SetupError> {
        Ok(Self {
            store,
            templates: Arc::new(Templates::new()?),
            mailer: Arc::new(Mailer::new(mail)?),
            bell: Bell::default(),
        })
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What sends e-mails, to check it.
    pub fn mailer(&self) -> &Mailer {
        &self.mailer
    }

    /// Runs every job for the days that it has not run for, today included, and wakes the dispatcher.
    ///
    /// # Errors
    /// The last failure, after every job had its turn.
    pub async fn plan(&self) -> Result<Vec<JobRun>, StoreError> {
        let runs = planner::catch_up(&self.store).await;
        self.wake();
        runs
    }

    /// Runs one job for a day, again if it has run before, and wakes the dispatcher.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run(&self, job: &'static Job, day: NaiveDate) -> Result<JobRun, StoreError> {
        let run = planner::run(&self.store, &Scope::of_the_machine(job.name), job, day).await;
        self.wake();
        run
    }

    /// Takes away files that were left over from transactions that failed; says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tidy(&self) -> Result<usize, StoreError> {
        self.store.sweep_files().await
    }

    /// Delivers everything that is due now; one channel's trouble holds up no other.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deliver(&self) -> Result<Tally, StoreError> {
        let inbox = dispatcher::inbox(&self.store, &self.templates);
        let email = dispatcher::email(&self.store, &self.templates, &self.mailer);
        let (inbox, email) = tokio::join!(inbox, email);
        let mut tally = inbox?;
        tally.add(email?);
        Ok(tally)
    }

    /// Wakes the dispatcher: something may be due. Calls while it is busy count as one.
    pub fn wake(&self) {
        self.bell.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.bell.notified().await;
    }
}
