//! The contacts about the member: what others recorded, for the member to read.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::ReadOwnRecord;
use persistence::contacts::{ContactPosition, Recorded};
use persistence::{Store, contacts};

use crate::extract::{CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::ContactView;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list);
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
