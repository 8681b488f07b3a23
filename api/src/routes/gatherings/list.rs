//! Gatherings: planned, read, changed.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use domain::access::{ManageGatherings, ReadGatherings};
use domain::gathering::{GatheringKind, StateName};
use domain::id::{LecturerId, OrganisationId, SeriesId};
use persistence::gatherings::{self, GatheringFilter, GatheringPosition, NewGathering};
use persistence::{Store, Tx};
use serde::Deserialize;
use utoipa::IntoParams;

use super::GatheringPath;
use super::body::{GatheringBody, GatheringPatch, Planned};
use super::view::GatheringView;
use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, IfMatch, IfMatchHeader, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(plan).service(show).service(change);
}

/// Which gatherings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct GatheringQuery {
    /// Of this organisation and those below it, or with people of theirs on the list.
    organisation_id: Option<OrganisationId>,
    /// Of this kind.
    kind: Option<GatheringKind>,
    /// In this state.
    state: Option<StateName>,
    /// Of this series.
    series_id: Option<SeriesId>,
    /// With this lecturer.
    lecturer_id: Option<LecturerId>,
    /// That begin at this instant or later.
    from: Option<DateTime<Utc>>,
    /// That begin before this instant.
    until: Option<DateTime<Utc>>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List gatherings by time: those of the caller's organisations, and those of organisations above to which people of the
/// caller's are invited.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(GatheringQuery),
    responses((status = 200, body = Page<GatheringView>)),
)]
#[get("/v1/gatherings")]
pub(crate) async fn list(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<GatheringQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<GatheringPosition>(&cursors)?);
    let filter = GatheringFilter {
        organisation: wanted.organisation_id,
        kind: wanted.kind,
        state: wanted.state,
        series: wanted.series_id,
        lecturer: wanted.lecturer_id,
        from: wanted.from,
        until: wanted.until,
    };
    let rows = store
        .read(move |tx| gatherings::list(tx, &scope, &filter, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| GatheringPosition::of(&row.gathering))?;
    let now = store.now();
    let items: Vec<_> = rows.into_iter().map(|row| GatheringView::of(row, now)).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// With an id of the server's choice, where the caller chose none.
pub(super) fn whole(tx: &Tx<'_>, (id, new): Planned) -> NewGathering {
    NewGathering {
        id: id.unwrap_or_else(|| tx.fresh()),
        ..new
    }
}

/// Plan a gathering (活动), or a series by a rule; answers the first.
///
/// Whoever it means is put on its list and invited ten days before, or at once where it is nearer, and reminded the day
/// before; members and admitted alike (一体化、同等化). The same `id` again answers the gathering and changes nothing.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    request_body = GatheringBody,
    responses((status = 201, body = GatheringView)),
)]
#[post("/v1/gatherings")]
pub(crate) async fn plan(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    Body(planned): Body<GatheringBody>,
) -> Result<Tagged<GatheringView>, Failure> {
    let record = store
        .write(move |tx| {
            let new = whole(tx, planned);
            gatherings::plan(tx, &scope, &new)
        })
        .await?;
    Ok(Tagged::created(GatheringView::of(record, store.now())))
}

/// Show a gathering.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(GatheringPath),
    responses((status = 200, body = GatheringView)),
)]
#[get("/v1/gatherings/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    path: Path<GatheringPath>,
) -> Result<Tagged<GatheringView>, Failure> {
    let record = store.read(move |tx| gatherings::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(GatheringView::of(record, store.now())))
}

/// Change a gathering that is planned, and those that follow it in its series where `following` says so.
///
/// Whoever was told of one that is elsewhere or at another time now is told of that.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    params(GatheringPath, IfMatchHeader),
    request_body = GatheringPatch,
    responses((status = 200, body = GatheringView), (status = 409, description = "It is not planned any more")),
)]
#[patch("/v1/gatherings/{id}")]
pub(crate) async fn change(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    path: Path<GatheringPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<GatheringPatch>,
) -> Result<Tagged<GatheringView>, Failure> {
    let record = store
        .write(move |tx| gatherings::change(tx, &scope, (path.id, seen), &change))
        .await?;
    Ok(Tagged::ok(GatheringView::of(record, store.now())))
}
