//! Members: registered, read, changed; sensitive values shown for a reason.
mod phone;
mod view;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use domain::access::{ManageMembers, ReadMembers, Reveal};
use domain::codes::Standing;
use domain::id::{EntryId, MemberId, OrganisationId};
use persistence::members::{self, MemberFilter, NewMember};
use persistence::{Position, Store};
use serde::Deserialize;
use utoipa::IntoParams;

use super::kite::TimelineEntry;
use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, IfMatch, IfMatchHeader, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) use phone::PhoneView;
use view::{MemberPatch, NewMemberBody, RevealBody, RevealedView};
pub(crate) use view::{MemberView, email, phone};

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(create).service(show).service(change);
    config.service(reveal).service(timeline);
    config.configure(phone::configure);
}

/// Which member.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MemberPath {
    /// The member's id.
    id: MemberId,
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberQuery {
    /// Of this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// Whose name contains this text.
    #[param(example = "王")]
    name: Option<String>,
    /// Of this standing.
    standing: Option<Standing>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List members in the order of the tree.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ReadMembers"])),
    params(MemberQuery),
    responses((status = 200, body = Page<MemberView>), (status = 404, description = "The organisation is outside the scope")),
)]
#[get("/v1/members")]
pub(crate) async fn list(
    May(scope): May<ReadMembers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<MemberQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = MemberFilter {
        organisation: wanted.organisation_id,
        name: wanted.name.filter(|name| !name.is_empty()),
        standing: wanted.standing,
    };
    let rows = store
        .read(move |tx| members::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| members::position(&row.path, row.id))?;
    let items: Vec<MemberView> = rows.into_iter().map(MemberView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Register a member.
///
/// The same `id` again answers the member who is there and changes nothing.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    request_body = NewMemberBody,
    responses((status = 201, body = MemberView)),
)]
#[post("/v1/members")]
pub(crate) async fn create(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    Body(new): Body<NewMemberBody>,
) -> Result<Tagged<MemberView>, Failure> {
    let member = store
        .write(move |tx| {
            let new = NewMember {
                id: new.id.unwrap_or_else(|| tx.fresh()),
                home_branch: new.home_branch,
                facts: new.facts,
            };
            members::create(tx, &scope, &new)
        })
        .await?;
    Ok(Tagged::created(member.into()))
}

/// Show a member.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ReadMembers"])),
    params(MemberPath),
    responses((status = 200, body = MemberView)),
)]
#[get("/v1/members/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadMembers>,
    store: Data<Store>,
    path: Path<MemberPath>,
) -> Result<Tagged<MemberView>, Failure> {
    let member = store.glance(move |tx| members::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(member.into()))
}

/// Change a member. A new standing is a decision of people and needs its reason.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(MemberPath, IfMatchHeader),
    request_body = MemberPatch,
    responses((status = 200, body = MemberView)),
)]
#[patch("/v1/members/{id}")]
pub(crate) async fn change(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    path: Path<MemberPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<MemberPatch>,
) -> Result<Tagged<MemberView>, Failure> {
    let member = store
        .write(move |tx| members::change(tx, &scope, path.id, seen, change))
        .await?;
    Ok(Tagged::ok(member.into()))
}

/// Show one sensitive value in full. The member sees who looked, and why.
#[utoipa::path(
    tag = "members",
    security(("token" = ["Reveal"])),
    params(MemberPath),
    request_body = RevealBody,
    responses((status = 200, body = RevealedView)),
)]
#[post("/v1/members/{id}/reveal")]
pub(crate) async fn reveal(
    May(scope): May<Reveal>,
    store: Data<Store>,
    path: Path<MemberPath>,
    Body((field, reason)): Body<RevealBody>,
) -> Result<HttpResponse, Failure> {
    let value = store
        .write(move |tx| members::reveal(tx, &scope, path.id, field, &reason))
        .await?;
    Ok(HttpResponse::Ok().json(RevealedView { field, value }))
}

/// A member's timeline, oldest first.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ReadMembers"])),
    params(MemberPath, PageQuery),
    responses((status = 200, body = Page<TimelineEntry>)),
)]
#[get("/v1/members/{id}/timeline")]
pub(crate) async fn timeline(
    May(scope): May<ReadMembers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<MemberPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let events = store
        .read(move |tx| members::timeline(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (events, next_cursor) = cut(events, limit, &cursors, |event| event.id)?;
    let items: Vec<TimelineEntry> = events.into_iter().map(TimelineEntry::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
