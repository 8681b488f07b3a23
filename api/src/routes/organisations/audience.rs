//! Whom an organisation means when it invites, serves or writes.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::ReadRosters;
use domain::audience::{Belonging, Vote};
use domain::id::{MemberId, OrganisationId, PersonId};
use persistence::audience::{self, Participant};
use persistence::{Position, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::OrganisationPath;
use crate::extract::{CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// Somebody whom an organisation means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantView {
    /// Who: a member of this deployment, or a visitor.
    person_id: PersonId,
    /// The member, where it is one of this deployment.
    member_id: Option<MemberId>,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// The branch, or the home unit.
    unit_id: OrganisationId,
    /// Its name.
    #[schema(example = "三塘村党支部")]
    unit: String,
    /// How the person belongs to it.
    belonging: Belonging,
    /// Whether the person votes there: the only thing that differs.
    vote: Vote,
}

impl From<Participant> for ParticipantView {
    fn from(one: Participant) -> Self {
        Self {
            person_id: one.person,
            member_id: one.member,
            name: one.name,
            unit_id: one.unit,
            unit: one.unit_name,
            belonging: one.belonging,
            vote: one.vote,
        }
    }
}

/// List whom an organisation and what is below it mean: its own members and those who are admitted there, alike
/// (一体化、同等化).
#[utoipa::path(
    tag = "organisations",
    operation_id = "list_audience",
    security(("token" = ["ReadRosters"])),
    params(OrganisationPath, PageQuery),
    responses((status = 200, body = Page<ParticipantView>)),
)]
#[get("/v1/organisations/{id}/audience")]
pub(crate) async fn list(
    May(scope): May<ReadRosters>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<OrganisationPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let rows = store
        .read(move |tx| audience::list(tx, &scope, path.id, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.position.clone())?;
    let items: Vec<_> = rows.into_iter().map(ParticipantView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
