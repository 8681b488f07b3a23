//! The member's own journey and notice of leaving.
use actix_web::web::{Data, Path};
use actix_web::{get, post, put};
use domain::access::{ReadOwnRecord, ReportOwnMoves};
use persistence::journeys::Powers;
use persistence::{Store, journeys};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::Tagged;
use crate::extract::{Body, IfMatch, IfMatchHeader, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{BriefingBody, JourneyView, NoticeBody};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(give_notice).service(brief);
}

/// My journey: the open one, else the last.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = JourneyView), (status = 404, description = "There never was one")),
)]
#[get("/v1/me/journey")]
pub(crate) async fn show(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<Tagged<JourneyView>, Failure> {
    let record = store.read(move |tx| journeys::find_own(tx, &scope)).await?;
    Ok(Tagged::ok(JourneyView::of(
        record,
        store.today(),
        &Powers::of_the_member(),
    )))
}

/// Give notice of leaving.
///
/// The same `id` again answers the journey that is there and changes nothing.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    request_body = NoticeBody,
    responses((status = 201, body = JourneyView)),
)]
#[post("/v1/me/journey")]
pub(crate) async fn give_notice(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    Body(notice): Body<NoticeBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let (id, plan) = notice;
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            journeys::plan_own(tx, &scope, id, plan)
        })
        .await?;
    Ok(Tagged::created(JourneyView::of(
        record,
        store.today(),
        &Powers::of_the_member(),
    )))
}

/// Which item of my briefing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OwnBriefingPath {
    /// The item's stable word.
    #[param(example = "contact_details")]
    item: String,
}

/// Mark an item of my briefing (行前教育) as done, or open it again: one that is marked as the member's.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    params(OwnBriefingPath, IfMatchHeader),
    request_body = BriefingBody,
    responses((status = 200, body = JourneyView)),
)]
#[put("/v1/me/journey/briefing/{item}")]
pub(crate) async fn brief(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    path: Path<OwnBriefingPath>,
    IfMatch(seen): IfMatch,
    Body(done_on): Body<BriefingBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::brief_own(tx, &scope, seen, &path.item, done_on))
        .await?;
    Ok(Tagged::ok(JourneyView::of(
        record,
        store.today(),
        &Powers::of_the_member(),
    )))
}
