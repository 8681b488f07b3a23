//! The planner: runs the jobs for the days that are not planned yet, and records what came of each.
use chrono::{Days, NaiveDate};
use domain::access::{Operate, Scope};
use persistence::job_runs::{self, JobRun};
use persistence::{Store, StoreError, Tx};

use crate::jobs::{self, Job};

/// How many days back a job makes up for what it missed.
pub const CATCH_UP_DAYS: u64 = 31;

/// Runs `job` for `day` in one transaction, whether it ran before or not: what is planned already stays as it is.
///
/// # Errors
/// When the store fails; that is recorded too, where the store lets it.
pub async fn run(
    store: &Store,
    scope: &Scope<Operate>,
    job: &'static Job,
    day: NaiveDate,
) -> Result<JobRun, StoreError> {
    let (runs, records) = (scope.clone(), scope.clone());
    let planned = match one_by_one(store, scope, job, day).await {
        Ok(()) => {
            let plan = move |tx: &mut Tx<'_>| {
                let planned = job.plan(tx, &runs, day)?;
                job_runs::record(tx, &runs, job.name, day, Ok(planned))
            };
            store.write(plan).await
        }
        Err(error) => Err(error),
    };
    match &planned {
        Ok(run) => tracing::info!(job.name, job.day = %day, planned = run.planned, "a job has run"),
        Err(error) => {
            tracing::error!(job.name, job.day = %day, error = %chain(error), "a job has failed");
            let failure = error.to_string();
            let recorded = store
                .write(move |tx| job_runs::record(tx, &records, job.name, day, Err(failure)))
                .await;
            if let Err(error) = recorded {
                tracing::error!(job.name, error = %chain(&error), "a failed job could not be recorded");
            }
        }
    }
    planned
}

/// What the job does to one thing after the other, each in a transaction of its own: one that fails holds up no other.
async fn one_by_one(store: &Store, scope: &Scope<Operate>, job: &Job, day: NaiveDate) -> Result<(), StoreError> {
    let mut failure = None;
    for work in jobs::ONE_BY_ONE.iter().filter(|work| work.job == job.name) {
        let finds = scope.clone();
        let due = store.read(move |tx| (work.due)(tx, &finds, day)).await?;
        for id in due {
            let does = scope.clone();
            let done = store.write(move |tx| (work.carry_out)(tx, &does, id, day)).await;
            failure = done.err().or(failure);
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Runs every job for each day since it last ran, today included: at start, and at each tick. The first time, only
/// today is planned. A job that fails holds up no other.
///
/// # Errors
/// The last failure, after all jobs had their turn.
pub async fn catch_up(store: &Store) -> Result<Vec<JobRun>, StoreError> {
    let (mut runs, mut failure) = (Vec::new(), None);
    for job in jobs::ALL {
        for day in unplanned(store, job).await? {
            match run(store, &scope(job), job, day).await {
                Ok(run) => runs.push(run),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
    }
    failure.map_or(Ok(runs), Err)
}

/// The days since the job's first run, as far back as it makes up for, for which it has not run well.
async fn unplanned(store: &Store, job: &'static Job) -> Result<Vec<NaiveDate>, StoreError> {
    let today = store.today();
    let back = if job.catches_up { CATCH_UP_DAYS } else { 0 };
    let earliest = today - Days::new(back);
    let (first, finished) = store
        .read(move |tx| {
            let scope = scope(job);
            let first = job_runs::first(tx, &scope, job.name)?;
            Ok((first, job_runs::finished(tx, &scope, job.name, earliest)?))
        })
        .await?;
    let from = first.map_or(today, |first| first.max(earliest)).min(today);
    let days = from.iter_days().take_while(|day| *day <= today);
    Ok(days.filter(|day| !finished.contains(day)).collect())
}

fn scope(job: &Job) -> Scope<Operate> {
    Scope::of_the_machine(job.name)
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
