//! Which job has run for which day, and what came of it.
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{Operate, Scope};

use crate::db::{Engine, each};
use crate::schema::job_runs;
use crate::trail::{self, NewAudit};
use crate::{StoreError, Tx};

/// A job's run for a day; a later run for the same day takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRun {
    /// The job's name.
    pub job: String,
    /// The day that it ran for.
    pub day: NaiveDate,
    /// Notifications planned by all its runs for the day.
    pub planned: usize,
    /// What stopped the last one.
    pub failure: Option<String>,
    /// When the last one began.
    pub started_at: DateTime<Utc>,
    /// When it ended well; none after a failure.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = job_runs, check_for_backend(Engine))]
struct Row {
    job: String,
    day: NaiveDate,
    planned: i32,
    failure: Option<String>,
    started_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

impl From<Row> for JobRun {
    fn from(row: Row) -> Self {
        Self {
            job: row.job,
            day: row.day,
            planned: usize::try_from(row.planned).unwrap_or_default(),
            failure: row.failure,
            started_at: row.started_at.and_utc(),
            finished_at: row.finished_at.map(|at| at.and_utc()),
        }
    }
}

/// Records a run in the transaction of its planning, or, with a failure, in one of its own; in the audit trail too, where
/// a person asked for it.
///
/// # Errors
/// When the store fails.
pub fn record(
    tx: &mut Tx<'_>,
    scope: &Scope<Operate>,
    job: &str,
    day: NaiveDate,
    outcome: Result<usize, String>,
) -> Result<JobRun, StoreError> {
    let (planned, failure) = match outcome {
        Ok(planned) => (i32::try_from(planned).map_err(StoreError::corrupt)?, None),
        Err(failure) => (0, Some(failure)),
    };
    let row = Row {
        job: job.to_owned(),
        day,
        planned,
        finished_at: failure.is_none().then_some(tx.at()),
        failure,
        started_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(job_runs::table)
        .values(&row)
        .on_conflict((job_runs::job, job_runs::day))
        .do_update()
        .set((
            job_runs::planned.eq(job_runs::planned + planned),
            job_runs::failure.eq(&row.failure),
            job_runs::started_at.eq(row.started_at),
            job_runs::finished_at.eq(row.finished_at),
        ))
        .execute(c))?;
    if scope.who().account.is_some() {
        let audit = NewAudit {
            action: "job_run",
            detail: Some(serde_json::json!({ "job": job, "day": day, "planned": planned })),
            ..NewAudit::default()
        };
        trail::record(tx, scope.who(), audit)?;
    }
    Ok(row.into())
}

/// The first day that the job has ever run for, if any.
///
/// # Errors
/// When the store fails.
pub fn first(tx: &mut Tx<'_>, _: &Scope<Operate>, job: &str) -> Result<Option<NaiveDate>, StoreError> {
    Ok(job_runs::table
        .filter(job_runs::job.eq(job))
        .select(diesel::dsl::min(job_runs::day))
        .first(tx.db)?)
}

/// The days from `from` on for which the job has run well. O(days).
///
/// # Errors
/// When the store fails.
pub fn finished(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    job: &str,
    from: NaiveDate,
) -> Result<HashSet<NaiveDate>, StoreError> {
    let days: Vec<NaiveDate> = job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::day.ge(from))
        .filter(job_runs::finished_at.is_not_null())
        .select(job_runs::day)
        .load(tx.db)?;
    Ok(days.into_iter().collect())
}

/// The job's latest run, if any.
///
/// # Errors
/// When the store fails.
pub fn latest(tx: &mut Tx<'_>, _: &Scope<Operate>, job: &str) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_runs::table
        .filter(job_runs::job.eq(job))
        .order(job_runs::day.desc())
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    Ok(row.map(JobRun::from))
}

/// Runs that did not end well, newest first, at most `limit`.
///
/// # Errors
/// When the store fails.
pub fn failed(tx: &mut Tx<'_>, _: &Scope<Operate>, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    let rows: Vec<Row> = job_runs::table
        .filter(job_runs::failure.is_not_null())
        .order(job_runs::day.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    Ok(rows.into_iter().map(JobRun::from).collect())
}
