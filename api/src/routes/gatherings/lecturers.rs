//! Lecturers (党课名师), and the villages that each is paired with (结对).
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use domain::access::{ManageGatherings, ReadGatherings};
use domain::id::{LecturerId, OrganisationId};
use persistence::lecturers::{self, Lecturer, LecturerChange, LecturerFilter, NewLecturer};
use persistence::{Position, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Tagged, Versioned};
use crate::extract::{
    Body, Clearable, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, clearable, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{Named, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(create).service(show).service(change);
}

/// A lecturer (党课名师).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LecturerView {
    /// The id.
    id: LecturerId,
    /// Who lists the lecturer.
    organisation: Named<OrganisationId>,
    /// 姓名.
    #[schema(example = "陈讲师")]
    name: String,
    /// What the lecturer speaks about.
    #[schema(example = "乡村振兴")]
    topic: Option<String>,
    /// The villages that the lecturer is paired with.
    villages: Vec<Named<OrganisationId>>,
    /// Whether the lecturer still gives lessons.
    active: bool,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl From<Lecturer> for LecturerView {
    fn from(one: Lecturer) -> Self {
        Self {
            id: one.id,
            organisation: Named {
                id: one.organisation,
                name: one.organisation_name,
            },
            name: one.name,
            topic: one.topic,
            villages: one.villages.into_iter().map(|(id, name)| Named { id, name }).collect(),
            active: one.active,
            version: one.version,
        }
    }
}

impl Versioned for LecturerView {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Which lecturers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LecturerQuery {
    /// Listed by this organisation, those below it, or those above it.
    organisation_id: Option<OrganisationId>,
    /// Paired with this village.
    village_id: Option<OrganisationId>,
    /// Those who still give lessons, or those who do not.
    active: Option<bool>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the lecturers that can be asked: the caller's organisations', and those of the organisations above.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(LecturerQuery),
    responses((status = 200, body = Page<LecturerView>)),
)]
#[get("/v1/lecturers")]
pub(crate) async fn list(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<LecturerQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = LecturerFilter {
        organisation: wanted.organisation_id,
        village: wanted.village_id,
        active: wanted.active,
    };
    let rows = store
        .read(move |tx| lecturers::list(tx, &scope, filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Lecturer::position)?;
    let items: Vec<LecturerView> = rows.into_iter().map(LecturerView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// A lecturer to be listed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LecturerBody {
    /// The id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<LecturerId>,
    /// Who lists the lecturer.
    organisation_id: OrganisationId,
    /// 姓名.
    #[schema(min_length = 1, max_length = 64, example = "陈讲师")]
    name: String,
    /// What the lecturer speaks about.
    #[schema(max_length = 200, example = "乡村振兴")]
    topic: Option<String>,
    /// The villages that the lecturer is paired with.
    #[serde(default)]
    #[schema(max_items = 100, example = json!([]))]
    village_ids: Vec<OrganisationId>,
}

fn name_in(name: String, faults: &mut Faults) -> Option<String> {
    let name = said(Some(name));
    if name.is_none() {
        faults.add("/name", "not_a_name");
    }
    name
}

impl Input for LecturerBody {
    type Meaning = (Option<LecturerId>, NewLecturer);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let new = NewLecturer {
            id: LecturerId(uuid::Uuid::nil()),
            organisation: self.organisation_id,
            name: name_in(self.name, faults)?,
            topic: said(self.topic),
            villages: self.village_ids,
        };
        Some((self.id, new))
    }
}

/// List a lecturer. The same `id` again answers the lecturer who is there and changes nothing.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    request_body = LecturerBody,
    responses((status = 201, body = LecturerView)),
)]
#[post("/v1/lecturers")]
pub(crate) async fn create(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    Body((id, new)): Body<LecturerBody>,
) -> Result<Tagged<LecturerView>, Failure> {
    let lecturer = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            lecturers::create(tx, &scope, NewLecturer { id, ..new })
        })
        .await?;
    Ok(Tagged::created(lecturer.into()))
}

/// Which lecturer.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LecturerPath {
    /// The lecturer's id.
    id: LecturerId,
}

/// Show a lecturer.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(LecturerPath),
    responses((status = 200, body = LecturerView)),
)]
#[get("/v1/lecturers/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    path: Path<LecturerPath>,
) -> Result<Tagged<LecturerView>, Failure> {
    let lecturer = store.read(move |tx| lecturers::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(lecturer.into()))
}

/// A change of a lecturer: what is absent stays as it is, null is cleared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "topic": "流动党员的权利和义务" }))]
struct LecturerPatch {
    /// 姓名.
    #[schema(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// What the lecturer speaks about.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 200)]
    topic: Clearable<String>,
    /// The villages that the lecturer is paired with, in place of those before.
    #[schema(max_items = 100)]
    village_ids: Option<Vec<OrganisationId>>,
    /// Whether the lecturer still gives lessons.
    active: Option<bool>,
}

impl Input for LecturerPatch {
    type Meaning = LecturerChange;

    fn read(self, faults: &mut Faults) -> Option<LecturerChange> {
        let name = match self.name {
            Some(name) => Some(name_in(name, faults)?),
            None => None,
        };
        Some(LecturerChange {
            name,
            topic: self.topic.map(said),
            villages: self.village_ids,
            active: self.active,
        })
    }
}

/// Change what is known of a lecturer.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    params(LecturerPath, IfMatchHeader),
    request_body = LecturerPatch,
    responses((status = 200, body = LecturerView)),
)]
#[patch("/v1/lecturers/{id}")]
pub(crate) async fn change(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    path: Path<LecturerPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<LecturerPatch>,
) -> Result<Tagged<LecturerView>, Failure> {
    let lecturer = store
        .write(move |tx| lecturers::change(tx, &scope, (path.id, seen), change))
        .await?;
    Ok(Tagged::ok(lecturer.into()))
}
