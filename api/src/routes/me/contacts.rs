//! The contacts about the member and the visits of hosts: what others recorded, for the member to read.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::ReadOwnRecord;
use persistence::contacts::{ContactPosition, Recorded};
use persistence::{Store, contacts, visits};

use crate::extract::{CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::ContactView;
use crate::routes::magnet::{VisitView, answer_visits};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(list_visits);
}

/// What was recorded about reaching me, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<ContactView>)),
)]
#[get("/v1/me/contacts")]
pub(crate) async fn list(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<ContactPosition>(&cursors)?);
    let rows = store
        .glance(move |tx| contacts::list_own(tx, &scope, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Recorded::position)?;
    let items: Vec<ContactView> = rows.into_iter().map(ContactView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What hosts did to see me, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<VisitView>)),
)]
#[get("/v1/me/visits")]
pub(crate) async fn list_visits(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<ContactPosition>(&cursors)?);
    let rows = store
        .glance(move |tx| visits::list_own(tx, &scope, after, limit + 1))
        .await?;
    answer_visits(rows, limit, &cursors, &request)
}
