//! The clockwork: ticks that only save waiting. A missed tick delays, and two servers may both tick.
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::Notifier;
use crate::jobs::SCHEDULE;
use crate::planner::chain;

/// How often the dispatcher looks at the outbox without being woken, as a cron line with seconds.
const DISPATCH: &str = "*/15 * * * * *";

/// Running clockwork; stops when it is told to, or dropped.
pub struct Clockwork {
    scheduler: JobScheduler,
    dispatcher: JoinHandle<()>,
}

impl Clockwork {
    /// Starts it: plans what was missed, then plans and delivers at every tick and whenever the notifier is woken.
    ///
    /// # Errors
    /// When the scheduler cannot be started.
    pub async fn start(notifier: &Notifier) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        let (planning, waking) = (notifier.clone(), notifier.clone());
        let zone = notifier.store().zone();
        scheduler
            .add(Job::new_async_tz(SCHEDULE, zone, move |_, _| {
                let notifier = planning.clone();
                Box::pin(async move { plan(&notifier).await })
            })?)
            .await?;
        scheduler.add(Job::new(DISPATCH, move |_, _| waking.wake())?).await?;
        scheduler.start().await?;
        let notifier = notifier.clone();
        let dispatcher = tokio::spawn(async move {
            plan(&notifier).await;
            loop {
                if let Err(error) = notifier.deliver().await {
                    tracing::error!(error = %chain(&error), "delivery has failed");
                }
                notifier.woken().await;
            }
        });
        Ok(Self { scheduler, dispatcher })
    }

    /// Stops ticking; what is being sent now is due again when its lease ends.
    pub async fn stop(mut self) {
        self.dispatcher.abort();
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the scheduler did not stop well");
        }
    }
}

impl Drop for Clockwork {
    fn drop(&mut self) {
        self.dispatcher.abort();
    }
}

async fn plan(notifier: &Notifier) {
    if let Err(error) = notifier.plan().await {
        tracing::error!(error = %chain(&error), "planning has failed; the next tick tries again");
    }
}

/// Shared by the notifier's clones.
pub(crate) type Bell = Arc<tokio::sync::Notify>;
