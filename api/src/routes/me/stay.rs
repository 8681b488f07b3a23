//! The member's own stay with a host, and the report of an arrival.
use actix_web::web::Data;
use actix_web::{get, post};
use domain::access::{ReadOwnRecord, ReportOwnMoves};
use persistence::{Store, stays};

use crate::answer::Tagged;
use crate::extract::{Body, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::magnet::{OwnStayBody, StayView};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(report);
}

/// My stay with a host: the open one, else the last.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = StayView), (status = 404, description = "There never was one")),
)]
#[get("/v1/me/stay")]
pub(crate) async fn show(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<Tagged<StayView>, Failure> {
    let record = store.read(move |tx| stays::find_own(tx, &scope)).await?;
    Ok(Tagged::ok(StayView::of(record, None)))
}

/// Report my arrival to a host (报到).
///
/// The same `id` again answers the stay that is there and changes nothing.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    request_body = OwnStayBody,
    responses((status = 201, body = StayView)),
)]
#[post("/v1/me/stay")]
pub(crate) async fn report(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    Body((id, stay)): Body<OwnStayBody>,
) -> Result<Tagged<StayView>, Failure> {
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            stays::report_own(tx, &scope, stay(id))
        })
        .await?;
    Ok(Tagged::created(StayView::of(record, None)))
}
