//! A journey's transitions: one verb a route, one command each.
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use domain::access::{ManageJourneys, Scope};
use domain::id::JourneyId;
use domain::journey::Command;
use persistence::journeys::Powers;
use persistence::{Store, journeys};
use serde::Deserialize;
use utoipa::ToSchema;

use super::journeys::JourneyPath;
use super::view::{JourneyView, said};
use crate::answer::Tagged;
use crate::extract::{Body, Caller, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(depart)
        .service(cancel)
        .service(come_home)
        .service(depart_again)
        .service(come_back);
}

/// The member has left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepartureBody {
    /// The day of departure.
    #[schema(example = "2027-02-22")]
    departed_on: NaiveDate,
    /// Why, where there is something to say.
    #[schema(max_length = 500, example = json!(null))]
    reason: Option<String>,
}

/// A day, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayBody {
    /// The day on which it happened.
    #[schema(example = "2027-12-20")]
    on: NaiveDate,
    /// Why, where there is something to say.
    #[schema(max_length = 500, example = json!(null))]
    reason: Option<String>,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonBody {
    /// Why, where there is something to say.
    #[schema(max_length = 500, example = "计划有变")]
    reason: Option<String>,
}

/// A command and its reason.
type Asked = (Command, Option<String>);

impl Input for DepartureBody {
    type Meaning = Asked;
    fn read(self, _: &mut Faults) -> Option<Asked> {
        Some((Command::Depart(self.departed_on), said(self.reason)))
    }
}

impl Input for DayBody {
    type Meaning = (NaiveDate, Option<String>);
    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.on, said(self.reason)))
    }
}

impl Input for ReasonBody {
    type Meaning = Option<String>;
    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some(said(self.reason))
    }
}

async fn apply(
    store: &Store,
    scope: Scope<ManageJourneys>,
    powers: &Powers,
    id: JourneyId,
    seen: i32,
    (command, reason): Asked,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::apply(tx, &scope, id, seen, command, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), powers)))
}

/// Record that the member has left.
///
/// Opens a hand-over when the host organisation is known here. Briefing items still open do not hold it up.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = DepartureBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/depart")]
pub(crate) async fn depart(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(asked): Body<DepartureBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    apply(&store, scope, &powers, path.id, seen, asked).await
}

/// Drop the plan: the member does not leave.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = ReasonBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/cancel")]
pub(crate) async fn cancel(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<ReasonBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    apply(&store, scope, &powers, path.id, seen, (Command::Cancel, reason)).await
}

/// Record that the member is home for a festival (返乡).
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = DayBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/come-home")]
pub(crate) async fn come_home(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(day): Body<DayBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let (on, reason) = day;
    apply(&store, scope, &powers, path.id, seen, (Command::ComeHome(on), reason)).await
}

/// Record that the member has left again after a visit home (返程).
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = DayBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/depart-again")]
pub(crate) async fn depart_again(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(day): Body<DayBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let (on, reason) = day;
    apply(
        &store,
        scope,
        &powers,
        path.id,
        seen,
        (Command::DepartAgain(on), reason),
    )
    .await
}

/// Record that the member is home for good.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = DayBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/return")]
pub(crate) async fn come_back(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(day): Body<DayBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let (on, reason) = day;
    apply(&store, scope, &powers, path.id, seen, (Command::Return(on), reason)).await
}
