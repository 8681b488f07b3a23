//! What members ask about their records (申请), as their branch sees and answers it.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use domain::access::ManageMembers;
use domain::id::{MemberId, OrganisationId, RequestId};
use domain::request::{RequestKind, RequestOutcome, RequestState};
use persistence::requests::{self, Request};
use persistence::{Position, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::kite::{Named, said};
use crate::answer::{Tagged, Versioned};
use crate::extract::{Body, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(show).service(answer);
}

/// A request (申请) of a member about the own record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestView {
    /// Its id.
    id: RequestId,
    /// Who asks.
    member: Named<MemberId>,
    /// What is asked for.
    kind: RequestKind,
    /// In the member's words.
    #[schema(example = "入党日期应为 1992 年 7 月 1 日")]
    said: Option<String>,
    /// The new number, of a change of it, masked; `reveal` shows it for a reason as `new_phone`.
    #[schema(example = "199****0002")]
    phone: Option<String>,
    /// Where it stands.
    state: RequestState,
    /// Why it was answered so.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// Who answered.
    #[schema(example = json!(null))]
    answered_by: Option<String>,
    /// When it was answered.
    answered_at: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl Versioned for RequestView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl From<Request> for RequestView {
    fn from(request: Request) -> Self {
        Self {
            id: request.id,
            member: Named {
                id: request.member,
                name: request.member_name,
            },
            kind: request.kind,
            said: request.said,
            phone: request.phone.map(|phone| phone.masked()),
            state: request.state,
            reason: request.reason,
            answered_by: request.answered_by,
            answered_at: request.answered_at,
            created_at: request.created_at,
            version: request.version,
        }
    }
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestQuery {
    /// Of the members of this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// In this state.
    state: Option<RequestState>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List what members ask, in the order of the tree and then of time.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(RequestQuery),
    responses((status = 200, body = Page<RequestView>)),
)]
#[get("/v1/requests")]
pub(crate) async fn list(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<RequestQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = (wanted.organisation_id, wanted.state);
    let rows = store
        .read(move |tx| requests::list(tx, &scope, filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |(_, position)| position.clone())?;
    let items: Vec<RequestView> = rows.into_iter().map(|(one, _)| one.into()).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Which request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RequestPath {
    /// The request's id.
    id: RequestId,
}

/// Show what a member asks.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(RequestPath),
    responses((status = 200, body = RequestView)),
)]
#[get("/v1/requests/{id}")]
pub(crate) async fn show(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    path: Path<RequestPath>,
) -> Result<Tagged<RequestView>, Failure> {
    let request = store.read(move |tx| requests::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(request.into()))
}

/// An answer to a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestAnswer {
    /// Whether it is done.
    outcome: RequestOutcome,
    /// Why; needed when it is declined. The member reads it.
    #[schema(max_length = 500, example = "已按档案更正")]
    reason: Option<String>,
}

impl Input for RequestAnswer {
    type Meaning = (RequestOutcome, Option<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.outcome, said(self.reason)))
    }
}

/// Answer what a member asks; the member is told.
///
/// A new phone number that is confirmed becomes the member's at once. A correction or an erasure is made in the record
/// first: the answer says that it was.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(RequestPath, IfMatchHeader),
    request_body = RequestAnswer,
    responses((status = 200, body = RequestView), (status = 409, description = "It is not open any more")),
)]
#[post("/v1/requests/{id}/answer")]
pub(crate) async fn answer(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    path: Path<RequestPath>,
    IfMatch(seen): IfMatch,
    Body((outcome, reason)): Body<RequestAnswer>,
) -> Result<Tagged<RequestView>, Failure> {
    let request = store
        .write(move |tx| requests::answer(tx, &scope, (path.id, seen), outcome, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(request.into()))
}
