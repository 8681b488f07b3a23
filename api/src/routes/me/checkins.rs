//! The member's own check-ins.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use domain::access::{ReadOwnRecord, ReportOwnMoves};
use domain::checkin::{CheckInKind, Means, Wellbeing};
use domain::id::{CheckInId, JourneyId};
use persistence::checkins::Recorded;
use persistence::{Store, checkins};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{Body, CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{CheckInBody, ReceiptView};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(check_in).service(list);
}

/// Check in (报到).
///
/// The id is made by the phone: the same id again answers 200 with `duplicate: true` and changes nothing.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    request_body = CheckInBody,
    responses(
        (status = 201, body = ReceiptView),
        (status = 200, description = "It was here before; nothing has changed", body = ReceiptView),
        (status = 409, description = "There is no journey to check in for"),
    ),
)]
#[post("/v1/me/checkins")]
pub(crate) async fn check_in(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    Body(check_in): Body<CheckInBody>,
) -> Result<HttpResponse, Failure> {
    let receipt = store.write(move |tx| checkins::record(tx, &scope, &check_in)).await?;
    Ok(ReceiptView::from(receipt).answer())
}

/// A check-in as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInView {
    /// Its id.
    id: CheckInId,
    /// Its journey.
    journey_id: JourneyId,
    /// What it says.
    kind: CheckInKind,
    /// GB/T 2260 code of the division.
    #[schema(example = "310115")]
    division_code: Option<String>,
    /// The place in the member's words.
    #[schema(example = "浦东工地宿舍")]
    place: Option<String>,
    /// How the member is.
    wellbeing: Wellbeing,
    /// Anything else.
    note: Option<String>,
    /// How the contact was made.
    means: Means,
    /// By the phone's clock.
    recorded_at: DateTime<Utc>,
    /// When it was received.
    received_at: DateTime<Utc>,
    /// Whether the phone's clock is so wrong that the time of receiving counts instead.
    clock_doubtful: bool,
    /// Whether somebody else recorded it on the member's behalf.
    on_behalf: bool,
}

impl From<Recorded> for CheckInView {
    fn from(recorded: Recorded) -> Self {
        let said = recorded.check_in;
        Self {
            id: said.id,
            journey_id: recorded.journey,
            kind: said.kind,
            division_code: said.division.map(|code| code.to_string()),
            place: said.place,
            wellbeing: said.wellbeing,
            note: said.note,
            means: said.means,
            recorded_at: said.recorded_at,
            received_at: recorded.received_at,
            clock_doubtful: recorded.clock_doubtful,
            on_behalf: recorded.on_behalf,
        }
    }
}

/// My check-ins, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<CheckInView>)),
)]
#[get("/v1/me/checkins")]
pub(crate) async fn list(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, before) = (page.limit()?, page.position::<CheckInId>(&cursors)?);
    let rows = store
        .read(move |tx| checkins::list_own(tx, &scope, before, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.check_in.id)?;
    let items: Vec<CheckInView> = rows.into_iter().map(CheckInView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
