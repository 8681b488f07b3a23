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
use crate::webhooks::{self, Courier, WebhookSettings, WebhookSettingsError};

/// Plans and delivers notifications; cheap to clone. Takes the time from its store.
#[derive(Clone)]
pub struct Notifier {
    store: Store,
    templates: Arc<Templates>,
    mailer: Arc<Mailer>,
    courier: Arc<Courier>,
    bell: Bell,
    second_bell: Bell,
}

/// The notifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The mail settings cannot be used.
    #[error(transparent)]
    Mail(#[from] MailSettingsError),
    /// The settings of webhooks cannot be used.
    #[error(transparent)]
    Webhooks(#[from] WebhookSettingsError),
    /// A template has a mistake.
    #[error("a template has a mistake")]
    Template(#[from] minijinja::Error),
}

impl Notifier {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(store: Store, mail: &MailSettings, webhooks: &WebhookSettings) -> Result<Self, SetupError> {
        Ok(Self {
            store,
            templates: Arc::new(Templates::new()?),
            mailer: Arc::new(Mailer::new(mail)?),
            courier: Arc::new(Courier::new(webhooks)?),
            bell: Bell::default(),
            second_bell: Bell::default(),
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

    /// Takes away what the log of events to other systems does not keep; says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_events(&self) -> Result<usize, StoreError> {
        webhooks::forget(&self.store).await
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

    /// Sends every event that is due now to the addresses of other systems.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deliver_webhooks(&self) -> Result<Tally, StoreError> {
        webhooks::deliver(&self.store, &self.courier).await
    }

    /// Wakes the dispatchers: something may be due. Calls while one is busy count as one.
    pub fn wake(&self) {
        self.bell.notify_one();
        self.second_bell.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.bell.notified().await;
    }

    /// The same, for what sends to other systems.
    pub(crate) async fn woken_for_webhooks(&self) {
        self.second_bell.notified().await;
    }
}
