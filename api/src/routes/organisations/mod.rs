//! Organisations: the tree that members, grants and rosters hang on.
mod audience;
mod settings;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use domain::access::{ManageOrganisations, ReadOrganisations};
use domain::division::DivisionCode;
use domain::id::{OrgPath, OrganisationId};
use domain::organisation::OrganisationKind;
use domain::phone::Phone;
use persistence::organisations::{self, NewOrganisation, Organisation, OrganisationChange};
use persistence::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::kite::said;
use crate::answer::{Tagged, Versioned};
use crate::extract::{
    Body, Clearable, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, clearable, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(create).service(show).service(change);
    config.service(children).service(move_under);
    config.configure(settings::configure).configure(audience::configure);
}

/// Which organisation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OrganisationPath {
    /// The organisation's id.
    id: OrganisationId,
}

/// Which organisations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationQuery {
    /// With this code: one, or none.
    #[param(example = "320685")]
    code: Option<String>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// An organisation (组织).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationView {
    /// Its id.
    id: OrganisationId,
    /// Its code, unique in the deployment; never changes.
    #[schema(example = "320685100201")]
    code: String,
    /// What it is.
    kind: OrganisationKind,
    /// Its name.
    #[schema(example = "三塘村党支部")]
    name: String,
    /// The organisation above; null for a root.
    parent_id: Option<OrganisationId>,
    /// Where it stands: the codes from the root down.
    #[schema(value_type = String, example = "/320685/320685100/320685100201/")]
    path: OrgPath,
    /// GB/T 2260 code of its division.
    #[schema(example = "320685")]
    division_code: Option<String>,
    /// The telephone that members and other organisations may call, E.164.
    #[schema(example = "+8651388812345")]
    phone: Option<String>,
    /// Days between contacts, where it has chosen its own.
    #[schema(example = 30)]
    contact_interval_days: Option<u16>,
    /// Whether it still exists.
    #[schema(example = true)]
    active: bool,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl Versioned for OrganisationView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        Self {
            id: organisation.id,
            code: organisation.code,
            kind: organisation.kind,
            name: organisation.name,
            parent_id: organisation.parent,
            path: organisation.path,
            division_code: organisation.division_code,
            phone: organisation.phone,
            contact_interval_days: organisation.contact_interval_days,
            active: organisation.active,
            version: organisation.version,
        }
    }
}

/// A new organisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisationBody {
    /// Its id, chosen by the client so that a repeated request is known; the server's choice unless given.
    id: Option<OrganisationId>,
    /// Its code, unique in the deployment; never changes.
    #[schema(pattern = "^[0-9A-Za-z_-]{1,32}$", example = "320685100201")]
    code: String,
    /// What it is.
    kind: OrganisationKind,
    /// Its name.
    #[schema(min_length = 1, max_length = 200, example = "三塘村党支部")]
    name: String,
    /// The organisation above; null for a root.
    parent_id: Option<OrganisationId>,
    /// GB/T 2260 code of its division; an old code is read as its successor.
    #[schema(pattern = "^[0-9]{6}$", example = "320685")]
    division_code: Option<String>,
    /// The telephone that members and other organisations may call.
    #[schema(max_length = 40, example = "0513-88812345")]
    phone: Option<String>,
    /// Days between contacts, where it chooses its own.
    #[schema(minimum = 1, maximum = 366, example = 30)]
    contact_interval_days: Option<u16>,
}

impl Input for NewOrganisationBody {
    /// The new organisation; the id that the client chose, if any.
    type Meaning = (Option<OrganisationId>, NewOrganisation);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let name = name(self.name, faults);
        let new = NewOrganisation {
            id: self.id.unwrap_or(OrganisationId(uuid::Uuid::nil())),
            code: self.code,
            kind: self.kind,
            name: name?,
            parent: self.parent_id,
            division_code: division(self.division_code, faults),
            phone: phone(self.phone, faults),
            contact_interval_days: self.contact_interval_days,
        };
        Some((self.id, new))
    }
}

fn name(text: String, faults: &mut Faults) -> Option<String> {
    let name = said(Some(text));
    if name.is_none() {
        faults.add("/name", "required");
    }
    name
}

fn division(code: Option<String>, faults: &mut Faults) -> Option<String> {
    let code = faults.take("/division_code", DivisionCode::parse(&code?), |_| "unknown_division")?;
    Some(code.to_string())
}

fn phone(text: Option<String>, faults: &mut Faults) -> Option<String> {
    let phone = faults.take("/phone", Phone::parse(&said(text)?), |_| "phone_malformed")?;
    Some(phone.as_str().to_owned())
}

/// A change: what is absent stays as it is, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationPatch {
    /// Its name.
    #[schema(min_length = 1, max_length = 200, example = "三塘村党支部")]
    name: Option<String>,
    /// What it is.
    kind: Option<OrganisationKind>,
    /// GB/T 2260 code of its division.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{6}$", example = "320685")]
    division_code: Clearable<String>,
    /// The telephone that members and other organisations may call.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 40, example = "0513-88812345")]
    phone: Clearable<String>,
    /// Days between contacts, where it chooses its own.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 366, example = 30)]
    contact_interval_days: Clearable<u16>,
    /// Whether it still exists.
    #[schema(example = true)]
    active: Option<bool>,
}

impl Input for OrganisationPatch {
    type Meaning = OrganisationChange;

    fn read(self, faults: &mut Faults) -> Option<OrganisationChange> {
        Some(OrganisationChange {
            name: self.name.and_then(|text| name(text, faults)),
            kind: self.kind,
            division_code: self.division_code.map(|code| division(code, faults)),
            phone: self.phone.map(|text| phone(text, faults)),
            contact_interval_days: self.contact_interval_days,
            active: self.active,
        })
    }
}

/// Where an organisation moves to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveBody {
    /// The organisation that it stands below from now on.
    parent_id: OrganisationId,
}

impl Input for MoveBody {
    type Meaning = OrganisationId;

    fn read(self, _: &mut Faults) -> Option<OrganisationId> {
        Some(self.parent_id)
    }
}

/// List the organisations of the scope, in the order of the tree.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ReadOrganisations"])),
    params(OrganisationQuery),
    responses((status = 200, body = Page<OrganisationView>)),
)]
#[get("/v1/organisations")]
pub(crate) async fn list(
    May(scope): May<ReadOrganisations>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<OrganisationQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<OrgPath>(&cursors)?);
    let code = wanted.code;
    let rows = store
        .glance(move |tx| match code {
            Some(code) => match organisations::find_by_code(tx, &scope, &code) {
                Err(StoreError::NotFound(_)) => Ok(Vec::new()),
                found => Ok(vec![found?]),
            },
            None => organisations::list(tx, &scope, None, after.as_ref(), limit + 1),
        })
        .await?;
    answer(rows, limit, &cursors, &request)
}

/// List the organisations directly below one.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ReadOrganisations"])),
    params(OrganisationPath, PageQuery),
    responses((status = 200, body = Page<OrganisationView>)),
)]
#[get("/v1/organisations/{id}/children")]
pub(crate) async fn children(
    May(scope): May<ReadOrganisations>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<OrganisationPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<OrgPath>(&cursors)?);
    let rows = store
        .read(move |tx| {
            organisations::find(tx, &scope, path.id)?;
            organisations::list(tx, &scope, Some(path.id), after.as_ref(), limit + 1)
        })
        .await?;
    answer(rows, limit, &cursors, &request)
}

fn answer(
    rows: Vec<Organisation>,
    limit: i64,
    cursors: &CursorKey,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (rows, next_cursor) = cut(rows, limit, cursors, |row| row.path.clone())?;
    let items: Vec<OrganisationView> = rows.into_iter().map(OrganisationView::from).collect();
    Ok(Page { items, next_cursor }.answer(request))
}

/// Create an organisation.
///
/// The same `id` again answers the organisation that is there and changes nothing.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageOrganisations"])),
    request_body = NewOrganisationBody,
    responses((status = 201, body = OrganisationView), (status = 404, description = "The parent is outside the scope")),
)]
#[post("/v1/organisations")]
pub(crate) async fn create(
    May(scope): May<ManageOrganisations>,
    store: Data<Store>,
    Body((id, new)): Body<NewOrganisationBody>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let created = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            organisations::create(tx, &scope, NewOrganisation { id, ..new })
        })
        .await?;
    Ok(Tagged::created(created.into()))
}

/// Show an organisation.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ReadOrganisations"])),
    params(OrganisationPath),
    responses((status = 200, body = OrganisationView)),
)]
#[get("/v1/organisations/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadOrganisations>,
    store: Data<Store>,
    path: Path<OrganisationPath>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let found = store.glance(move |tx| organisations::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(found.into()))
}

/// Change an organisation.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageOrganisations"])),
    params(OrganisationPath, IfMatchHeader),
    request_body = OrganisationPatch,
    responses((status = 200, body = OrganisationView)),
)]
#[patch("/v1/organisations/{id}")]
pub(crate) async fn change(
    May(scope): May<ManageOrganisations>,
    store: Data<Store>,
    path: Path<OrganisationPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<OrganisationPatch>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let changed = store
        .write(move |tx| organisations::change(tx, &scope, path.id, seen, change))
        .await?;
    Ok(Tagged::ok(changed.into()))
}

/// Move an organisation, with everything below it, under another one.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageOrganisations"])),
    params(OrganisationPath, IfMatchHeader),
    request_body = MoveBody,
    responses((status = 200, body = OrganisationView)),
)]
#[post("/v1/organisations/{id}/move")]
pub(crate) async fn move_under(
    May(scope): May<ManageOrganisations>,
    store: Data<Store>,
    path: Path<OrganisationPath>,
    IfMatch(seen): IfMatch,
    Body(parent): Body<MoveBody>,
) -> Result<Tagged<OrganisationView>, Failure> {
    let moved = store
        .write(move |tx| organisations::move_under(tx, &scope, path.id, seen, parent))
        .await?;
    Ok(Tagged::ok(moved.into()))
}
