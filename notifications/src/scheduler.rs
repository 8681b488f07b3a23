//! The clockwork: ticks that only save waiting. A missed tick delays, and two servers may both tick.
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::Notifier;
use crate::planner::chain;

/// When the machine works by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// The hour of the deployment's day from which the day is planned, 0 to 23.
    pub morning_hour: u32,
    /// How often the dispatcher looks at the outbox without being woken; at least a second.
    pub dispatch_every: Duration,
}

impl Rhythm {
    /// When jobs run, as a cron line with seconds: each hour from the morning on, so that what an hour missed the next
    /// one makes up for; a day is planned once.
    pub fn schedule(&self) -> String {
        format!("0 0 {}-23 * * *", self.morning_hour.min(23))
    }

    /// When left-over files are swept: once a day, half an hour after the planning.
    fn tidying(&self) -> String {
        format!("0 30 {} * * *", self.morning_hour.min(23))
    }
}

/// Running clockwork; stops when it is told to, or dropped.
pub struct Clockwork {
    scheduler: JobScheduler,
    dispatchers: [JoinHandle<()>; 2],
}

impl Clockwork {
    /// Starts it: plans what was missed, then plans and delivers at every tick and whenever the notifier is woken.
    ///
    /// # Errors
    /// When the scheduler cannot be started.
    pub async fn start(notifier: &Notifier, rhythm: Rhythm) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        let (planning, waking) = (notifier.clone(), notifier.clone());
        let zone = notifier.store().zone();
        scheduler
            .add(Job::new_async_tz(rhythm.schedule(), zone, move |_, _| {
                let notifier = planning.clone();
                Box::pin(async move { plan(&notifier).await })
            })?)
            .await?;
        let tidying = notifier.clone();
        scheduler
            .add(Job::new_async_tz(rhythm.tidying(), zone, move |_, _| {
                let notifier = tidying.clone();
                Box::pin(async move { tidy(&notifier).await })
            })?)
            .await?;
        scheduler
            .add(Job::new_repeated(rhythm.dispatch_every, move |_, _| waking.wake())?)
            .await?;
        scheduler.start().await?;
        let (notifier, telling) = (notifier.clone(), notifier.clone());
        let dispatcher = tokio::spawn(async move {
            plan(&notifier).await;
            loop {
                if let Err(error) = notifier.deliver().await {
                    tracing::error!(error = %chain(&error), "delivery has failed");
                }
                notifier.woken().await;
            }
        });
        // By itself: another system that is slow holds up no mail.
        let teller = tokio::spawn(async move {
            loop {
                if let Err(error) = telling.deliver_webhooks().await {
                    tracing::error!(error = %chain(&error), "telling other systems has failed");
                }
                telling.woken_for_webhooks().await;
            }
        });
        Ok(Self {
            scheduler,
            dispatchers: [dispatcher, teller],
        })
    }

    /// Stops ticking; what is being sent now is due again when its lease ends.
    pub async fn stop(mut self) {
        self.dispatchers.iter().for_each(JoinHandle::abort);
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the scheduler did not stop well");
        }
    }
}

impl Drop for Clockwork {
    fn drop(&mut self) {
        self.dispatchers.iter().for_each(JoinHandle::abort);
    }
}

async fn plan(notifier: &Notifier) {
    if let Err(error) = notifier.plan().await {
        tracing::error!(error = %chain(&error), "planning has failed; the next tick tries again");
    }
}

async fn tidy(notifier: &Notifier) {
    match notifier.tidy().await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(files.swept = swept, "files without a row were taken away"),
        Err(error) => tracing::error!(error = %chain(&error), "sweeping files has failed; tomorrow tries again"),
    }
    if let Err(error) = notifier.forget_events().await {
        tracing::error!(error = %chain(&error), "old events could not be taken away; tomorrow tries again");
    }
}

/// Shared by the notifier's clones.
pub(crate) type Bell = Arc<tokio::sync::Notify>;
