//! Gatherings held and called off.
use actix_web::post;
use actix_web::web::{Data, Path};
use domain::access::ManageGatherings;
use persistence::Store;
use persistence::gatherings;

use super::GatheringPath;
use super::body::CancellationBody;
use super::view::GatheringView;
use crate::answer::Tagged;
use crate::extract::{Body, IfMatch, IfMatchHeader, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(hold).service(cancel);
}

/// Say that a gathering was held, once it has begun: its list is closed.
///
/// Whoever was expected and was not there has missed it and is proposed to make it up; nothing else follows.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    params(GatheringPath, IfMatchHeader),
    responses((status = 200, body = GatheringView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/gatherings/{id}/hold")]
pub(crate) async fn hold(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    path: Path<GatheringPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<GatheringView>, Failure> {
    let record = store
        .write(move |tx| gatherings::hold(tx, &scope, (path.id, seen)))
        .await?;
    Ok(Tagged::ok(GatheringView::of(record, store.now())))
}

/// Call a gathering off, and those that follow it in its series where `following` says so. Whoever was told of it is told.
///
/// Once somebody was there it was held: what was attended counts.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    params(GatheringPath, IfMatchHeader),
    request_body = CancellationBody,
    responses((status = 200, body = GatheringView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/gatherings/{id}/cancel")]
pub(crate) async fn cancel(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    path: Path<GatheringPath>,
    IfMatch(seen): IfMatch,
    Body((reason, following)): Body<CancellationBody>,
) -> Result<Tagged<GatheringView>, Failure> {
    let record = store
        .write(move |tx| gatherings::cancel(tx, &scope, (path.id, seen), (&reason, following)))
        .await?;
    Ok(Tagged::ok(GatheringView::of(record, store.now())))
}
