//! What the machine does by itself: jobs, and what was and was not delivered.
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Operate;
use domain::notification::{DeliveryState, Key};
use notifications::jobs::{self, Job};
use notifications::planner;
use persistence::job_runs::{self, JobRun};
use persistence::outbox::{self, Notification};
use persistence::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Body, CursorKey, Faults, Input, Language, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .service(list_jobs)
        .service(run_job)
        .service(list_notifications)
        .service(retry);
}

/// A job's run for a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// The day that it ran for.
    day: NaiveDate,
    /// Notifications that it planned and that were not there before.
    #[schema(example = 12)]
    planned: usize,
    /// What stopped it.
    #[schema(example = json!(null))]
    failure: Option<String>,
    /// When it began.
    started_at: DateTime<Utc>,
}

impl From<JobRun> for RunView {
    fn from(run: JobRun) -> Self {
        Self {
            day: run.day,
            planned: run.planned,
            failure: run.failure,
            started_at: run.started_at,
        }
    }
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    /// Its name.
    #[schema(example = "birthday")]
    name: &'static str,
    /// What it does.
    #[schema(example = "生日祝福：公历（含 2 月 29 日）和农历生日")]
    description: &'static str,
    /// Its latest run.
    latest: Option<RunView>,
}

/// The jobs, with what came of the latest run of each.
#[utoipa::path(
    tag = "operations",
    security(("token" = ["Operate"])),
    responses((status = 200, body = Vec<JobView>)),
)]
#[get("/v1/jobs")]
pub(crate) async fn list_jobs(
    May(scope): May<Operate>,
    store: Data<Store>,
    language: Language,
) -> Result<Json<Vec<JobView>>, Failure> {
    let latest = move |tx: &mut persistence::Tx<'_>| {
        let runs = jobs::ALL.iter().map(|job| job_runs::latest(tx, &scope, job.name));
        runs.collect::<Result<Vec<_>, StoreError>>()
    };
    let runs = store.read(latest).await?;
    let views = jobs::ALL.iter().zip(runs).map(|(job, run)| JobView {
        name: job.name,
        description: described(job, language),
        latest: run.map(RunView::from),
    });
    Ok(Json(views.collect()))
}

const fn described(job: &Job, language: Language) -> &'static str {
    match language {
        Language::Chinese => job.zh,
        Language::English => job.en,
    }
}

/// Which job.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct JobPath {
    /// The job's name.
    name: String,
}

/// For which day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunBody {
    /// The day; today unless said.
    #[schema(example = "2027-02-22")]
    day: Option<NaiveDate>,
}

impl Input for RunBody {
    type Meaning = Option<NaiveDate>;

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some(self.day)
    }
}

/// Run a job for a day. What it has planned before stays as it is.
#[utoipa::path(
    tag = "operations",
    security(("token" = ["Operate"])),
    params(JobPath),
    request_body = RunBody,
    responses((status = 200, body = RunView), (status = 404)),
)]
#[post("/v1/jobs/{name}/run")]
pub(crate) async fn run_job(
    May(scope): May<Operate>,
    store: Data<Store>,
    path: Path<JobPath>,
    Body(day): Body<RunBody>,
) -> Result<Json<RunView>, Failure> {
    let job = jobs::find(&path.name).ok_or(StoreError::NotFound("job"))?;
    let run = planner::run(&store, &scope, job, day.unwrap_or_else(|| store.today())).await?;
    Ok(Json(run.into()))
}

/// Which notifications.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct NotificationQuery {
    /// How far they have come.
    state: Option<DeliveryState>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A notification and what became of it. It names nobody: ids only.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationView {
    /// Recipient, occasion, subject, period and channel: what makes it happen once.
    #[schema(example = "0193c2f0a1b27c3d8e4f5a6b7c8d9e0f.birthday.0193c2f0a1b27c3d8e4f5a6b7c8d9e0f.2027.email")]
    id: String,
    /// How far it has come.
    state: DeliveryState,
    /// How often it was tried.
    #[schema(example = 1)]
    attempts: i32,
    /// Not sent before.
    not_before: DateTime<Utc>,
    /// The last day on which it may be sent.
    expires_on: Option<NaiveDate>,
    /// The last answer, or the reason for not sending it.
    #[schema(example = json!(null))]
    last_error: Option<String>,
    /// When it was planned.
    planned_at: DateTime<Utc>,
    /// When it was sent, given up or dropped.
    settled_at: Option<DateTime<Utc>>,
}

impl From<Notification> for NotificationView {
    fn from(one: Notification) -> Self {
        Self {
            id: one.key.to_string(),
            state: one.state,
            attempts: one.attempts,
            not_before: one.not_before,
            expires_on: one.expires_on,
            last_error: one.last_error,
            planned_at: one.planned_at,
            settled_at: one.settled_at,
        }
    }
}

/// What was and was not delivered.
#[utoipa::path(
    tag = "operations",
    security(("token" = ["Operate"])),
    params(NotificationQuery),
    responses((status = 200, body = Page<NotificationView>)),
)]
#[get("/v1/notifications")]
pub(crate) async fn list_notifications(
    May(scope): May<Operate>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<NotificationQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (state, page) = (
        query.state,
        PageQuery {
            limit: query.limit,
            cursor: query.cursor,
        },
    );
    let (limit, after) = (page.limit()?, page.position::<String>(&cursors)?);
    let after: Option<Key> = after.and_then(|key| key.parse().ok());
    let rows = store
        .read(move |tx| outbox::list(tx, &scope, state, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.key.to_string())?;
    let items: Vec<NotificationView> = rows.into_iter().map(NotificationView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Which notification.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct NotificationPath {
    /// The notification's id.
    id: String,
}

/// Try a notification again that was given up.
#[utoipa::path(
    tag = "operations",
    security(("token" = ["Operate"])),
    params(NotificationPath),
    responses((status = 200, body = NotificationView), (status = 404), (status = 409, description = "It was not given up")),
)]
#[post("/v1/notifications/{id}/retry")]
pub(crate) async fn retry(
    May(scope): May<Operate>,
    store: Data<Store>,
    path: Path<NotificationPath>,
) -> Result<Json<NotificationView>, Failure> {
    let key: Key = path
        .id
        .parse()
        .map_err(|_unknown| StoreError::NotFound("notification"))?;
    let one = store.write(move |tx| outbox::retry(tx, &scope, &key)).await?;
    Ok(Json(one.into()))
}
