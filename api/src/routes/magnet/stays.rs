//! Stays: reported, read and corrected.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use domain::access::{ManageStays, ReadStays};
use domain::id::{EntryId, OrganisationId, StayId};
use domain::stay::StateName;
use persistence::stays::{self, StayFilter, StayRecord};
use persistence::{Position, Store};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{NewStayBody, StayCorrectionBody};
use super::view::StayView;
use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, IfMatch, IfMatchHeader, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::TimelineEntry;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(report)
        .service(show)
        .service(correct)
        .service(timeline);
}

/// Which stay.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct StayPath {
    /// The stay's id.
    pub(super) id: StayId,
}

/// Which stays.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaysQuery {
    /// With this host and those below it.
    organisation_id: Option<OrganisationId>,
    /// In this state.
    #[param(inline)]
    state: Option<StateName>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List stays, in the order of the tree.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StaysQuery),
    responses((status = 200, body = Page<StayView>)),
)]
#[get("/v1/magnet/stays")]
pub(crate) async fn list(
    May(scope): May<ReadStays>,
    manages: Option<May<ManageStays>>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<StaysQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = StayFilter {
        organisation: query.organisation_id,
        state: query.state,
    };
    let rows = store
        .read(move |tx| stays::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, StayRecord::position)?;
    let manages = manages.map(|May(scope)| scope);
    let items: Vec<_> = rows
        .into_iter()
        .map(|row| StayView::of(row, manages.as_ref()))
        .collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Report somebody whom the host found (排查身份).
///
/// A member who is known here is recognised by identity number and name together; the answer shows what was declared,
/// and nothing else, until the origin has confirmed. The same `id` again answers the stay that is there.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    request_body = NewStayBody,
    responses((status = 201, body = StayView)),
)]
#[post("/v1/magnet/stays")]
pub(crate) async fn report(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    Body((id, stay)): Body<NewStayBody>,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            stays::report(tx, &scope, stay(id))
        })
        .await?;
    Ok(Tagged::created(StayView::of(record, Some(&manages))))
}

/// Show a stay.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StayPath),
    responses((status = 200, body = StayView)),
)]
#[get("/v1/magnet/stays/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadStays>,
    manages: Option<May<ManageStays>>,
    store: Data<Store>,
    path: Path<StayPath>,
) -> Result<Tagged<StayView>, Failure> {
    let record = store.read(move |tx| stays::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(StayView::of(
        record,
        manages.map(|May(scope)| scope).as_ref(),
    )))
}

/// Correct the facts of an open stay.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = StayCorrectionBody,
    responses((status = 200, body = StayView), (status = 409, description = "The stay has ended")),
)]
#[patch("/v1/magnet/stays/{id}")]
pub(crate) async fn correct(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<StayCorrectionBody>,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| stays::change(tx, &scope, path.id, seen, change))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}

/// A stay's timeline, oldest first.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StayPath, PageQuery),
    responses((status = 200, body = Page<TimelineEntry>)),
)]
#[get("/v1/magnet/stays/{id}/timeline")]
pub(crate) async fn timeline(
    May(scope): May<ReadStays>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<StayPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let events = store
        .read(move |tx| stays::timeline(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (events, next_cursor) = cut(events, limit, &cursors, |event| event.id)?;
    let items: Vec<TimelineEntry> = events.into_iter().map(TimelineEntry::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
