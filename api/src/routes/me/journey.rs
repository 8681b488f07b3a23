//! The member's own journey and notice of leaving.
use actix_web::web::Data;
use actix_web::{get, post};
use domain::access::{ReadOwnRecord, ReportOwnMoves};
use persistence::journeys::Powers;
use persistence::{Store, journeys};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::Tagged;
use crate::extract::{Body, May};
use crate::problem::Failure;
use crate::routes::kite::{JourneyView, NoticeBody};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(show).service(give_notice);
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
