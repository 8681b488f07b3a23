//! Visits (走访): what a host's people did to see somebody who stays there.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use domain::access::{ReadJourneys, ReadStays, RecordContact};
use domain::contact::{ContactMeans, ContactOutcome};
use domain::id::{ContactId, StayId};
use persistence::contacts::ContactPosition;
use persistence::visits::Visit;
use persistence::{Store, visits};
use serde::Serialize;
use utoipa::ToSchema;

use super::stays::StayPath;
use crate::answer::recorded;
use crate::extract::{Body, CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{ContactBody, JourneyPath, whole};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(record).service(list).service(list_of_journey);
}

/// A visit as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitView {
    /// Its id.
    id: ContactId,
    /// Its stay.
    stay_id: StayId,
    /// The host's name.
    #[schema(example = "驻沪流动党员联合党委")]
    host: String,
    /// How.
    means: ContactMeans,
    /// What came of it.
    outcome: ContactOutcome,
    /// What was spoken of, or tried.
    #[schema(example = "到工地看望，安全帽已领，孩子入学手续还差一份证明")]
    summary: Option<String>,
    /// What the host does next; the origin does not see it.
    #[schema(example = "联系学校")]
    next_step: Option<String>,
    /// When.
    visited_at: DateTime<Utc>,
    /// Who recorded it.
    #[schema(example = "陈书记")]
    by: String,
    /// When it was received first.
    received_at: DateTime<Utc>,
}

impl From<Visit> for VisitView {
    fn from(visit: Visit) -> Self {
        let contact = visit.contact;
        Self {
            id: contact.id,
            stay_id: visit.stay,
            host: visit.host,
            means: contact.means,
            outcome: contact.outcome,
            summary: contact.summary,
            next_step: contact.next_step,
            visited_at: contact.contacted_at,
            by: visit.by,
            received_at: visit.received_at,
        }
    }
}

/// Record a visit (走访) to somebody who stays here: in person, or by other means.
///
/// Who was reached is in contact, exactly as by a check-in, on the journey at home too; an attempt that failed moves
/// nothing. The same id again answers 200 and changes nothing. The contact officer of the stay may record it too.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["RecordContact"])),
    params(StayPath),
    request_body = ContactBody,
    responses(
        (status = 201, body = VisitView),
        (status = 200, description = "It was here before; nothing has changed", body = VisitView),
        (status = 409, description = "The stay has ended"),
    ),
)]
#[post("/v1/magnet/stays/{id}/visits")]
pub(crate) async fn record(
    May(scope): May<RecordContact>,
    store: Data<Store>,
    path: Path<StayPath>,
    Body(tried): Body<ContactBody>,
) -> Result<HttpResponse, Failure> {
    let (visit, new) = store
        .write(move |tx| {
            let contact = whole(tx, tried);
            visits::record(tx, &scope, path.id, &contact)
        })
        .await?;
    Ok(recorded(VisitView::from(visit), new))
}

/// The visits of a stay, newest first.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StayPath, PageQuery),
    responses((status = 200, body = Page<VisitView>)),
)]
#[get("/v1/magnet/stays/{id}/visits")]
pub(crate) async fn list(
    May(scope): May<ReadStays>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<StayPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<ContactPosition>(&cursors)?);
    let rows = store
        .read(move |tx| visits::list(tx, &scope, path.id, after, limit + 1))
        .await?;
    answer(rows, limit, &cursors, &request)
}

/// What hosts did to see the member of a journey, newest first; what they do next is theirs.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys"])),
    params(JourneyPath, PageQuery),
    responses((status = 200, body = Page<VisitView>)),
)]
#[get("/v1/kite/journeys/{id}/visits")]
pub(crate) async fn list_of_journey(
    May(scope): May<ReadJourneys>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<JourneyPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<ContactPosition>(&cursors)?);
    let rows = store
        .read(move |tx| visits::list_of_journey(tx, &scope, path.id, after, limit + 1))
        .await?;
    answer(rows, limit, &cursors, &request)
}

/// A page of visits.
pub(crate) fn answer(
    rows: Vec<Visit>,
    limit: i64,
    cursors: &CursorKey,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (rows, next_cursor) = cut(rows, limit, cursors, Visit::position)?;
    let items: Vec<VisitView> = rows.into_iter().map(VisitView::from).collect();
    Ok(Page { items, next_cursor }.answer(request))
}
