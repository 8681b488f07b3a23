//! Where several members of one branch have gone: suggests a temporary branch to the committee above.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Scope, TendClusters};
use domain::cluster::{ClusterAnswerKind, ClusterState};
use domain::division::{DivisionCode, full_name};
use domain::id::OrganisationId;
use persistence::Store;
use persistence::clusters::{self, Approval, Cluster, ClusterAnswer, ClusterPosition, NewAnswer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{Named, reason_in, said};
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(dismiss).service(approve);
}

/// Which clusters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClustersQuery {
    /// Of this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// `suggested` unless said.
    #[param(inline)]
    state: Option<ClusterState>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Full members of one branch with open journeys to one division: three or more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterView {
    /// The branch.
    organisation: Named<OrganisationId>,
    /// The committee above it, to which a temporary branch or group is suggested.
    committee: Option<Named<OrganisationId>>,
    /// GB/T 2260 code of the destination's division.
    #[schema(example = "310115")]
    division_code: String,
    /// Its full name.
    #[schema(example = "上海市浦东新区")]
    division: String,
    /// How many.
    #[schema(example = 3)]
    members: i64,
    /// Where they are listed: the outbound roster, filtered to them.
    #[schema(
        example = "/v1/rosters/outbound?organisation_id=01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f&division=310115&standing=full"
    )]
    roster: String,
    /// What has come of the suggestion.
    state: ClusterState,
    /// The committee's newest answer.
    answer: Option<ClusterAnswerView>,
}

/// What a committee made of a suggestion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterAnswerView {
    /// What.
    answer: ClusterAnswerKind,
    /// How many members there were then.
    #[schema(example = 3)]
    members: i64,
    /// Why it was dismissed.
    #[schema(example = "月底完工返乡")]
    reason: Option<String>,
    /// Who approved it.
    #[schema(example = json!(null))]
    approved_by: Option<String>,
    /// The day of the approval.
    #[schema(example = json!(null))]
    approved_on: Option<NaiveDate>,
    /// The last day on which the approval is good.
    #[schema(example = json!(null))]
    valid_until: Option<NaiveDate>,
    /// Who answered.
    #[schema(example = "曲塘镇党委")]
    by: String,
    /// When.
    at: DateTime<Utc>,
}

impl From<ClusterAnswer> for ClusterAnswerView {
    fn from(answer: ClusterAnswer) -> Self {
        let approval = answer.approval;
        Self {
            answer: answer.kind,
            members: answer.members,
            reason: answer.reason,
            approved_on: approval.as_ref().map(|approval| approval.on),
            valid_until: approval.as_ref().map(|approval| approval.valid_until),
            approved_by: approval.map(|approval| approval.by),
            by: answer.by,
            at: answer.at,
        }
    }
}

impl From<Cluster> for ClusterView {
    fn from(cluster: Cluster) -> Self {
        let (id, name) = cluster.organisation;
        let division_code = cluster.division.to_string();
        Self {
            roster: format!("/v1/rosters/outbound?organisation_id={id}&division={division_code}&standing=full"),
            organisation: Named { id, name },
            committee: cluster.committee.map(|(id, name)| Named { id, name }),
            division: full_name(cluster.division),
            division_code,
            members: cluster.members,
            state: cluster.state,
            answer: cluster.answer.map(ClusterAnswerView::from),
        }
    }
}

/// List where three or more full members of one branch have open journeys to one division, in the order of the tree: a
/// temporary branch or group is suggested to the committee above.
///
/// A suggestion that was dismissed comes back when there are more members than then; one that was approved, when the
/// approval has run out.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["TendClusters"])),
    params(ClustersQuery),
    responses((status = 200, body = Page<ClusterView>)),
)]
#[get("/v1/kite/clusters")]
pub(crate) async fn list(
    May(scope): May<TendClusters>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<ClustersQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<ClusterPosition>(&cursors)?);
    let wanted = (query.organisation_id, query.state.unwrap_or(ClusterState::Suggested));
    let rows = store
        .read(move |tx| clusters::list(tx, &scope, wanted, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Cluster::position)?;
    let items: Vec<ClusterView> = rows.into_iter().map(ClusterView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// A suggestion that is dismissed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClusterDismissalBody {
    /// The branch.
    organisation_id: OrganisationId,
    /// GB/T 2260 code of the destination's division.
    #[schema(example = "310115", pattern = "^[0-9]{6}$")]
    division_code: String,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "月底完工返乡")]
    reason: String,
}

/// Branch, division, and what is made of it.
type Read = (OrganisationId, DivisionCode, NewAnswer);

fn division(code: &str, faults: &mut Faults) -> Option<DivisionCode> {
    faults.take("/division_code", DivisionCode::parse(code), |_| "unknown_division")
}

impl Input for ClusterDismissalBody {
    type Meaning = Read;

    fn read(self, faults: &mut Faults) -> Option<Read> {
        let division = division(&self.division_code, faults);
        let reason = reason_in(self.reason, faults);
        Some((self.organisation_id, division?, NewAnswer::Dismiss(reason?)))
    }
}

/// A temporary branch that was approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClusterApprovalBody {
    /// The branch from which the members come.
    organisation_id: OrganisationId,
    /// GB/T 2260 code of the destination's division.
    #[schema(example = "310115", pattern = "^[0-9]{6}$")]
    division_code: String,
    /// Who approved it.
    #[schema(min_length = 1, max_length = 100, example = "海安市委组织部")]
    approved_by: String,
    /// The day of the approval.
    #[schema(example = "2027-03-01")]
    approved_on: NaiveDate,
    /// The last day on which it is good.
    #[schema(example = "2028-02-29")]
    valid_until: NaiveDate,
}

impl Input for ClusterApprovalBody {
    type Meaning = Read;

    fn read(self, faults: &mut Faults) -> Option<Read> {
        let division = division(&self.division_code, faults);
        let by = said(Some(self.approved_by));
        if by.is_none() {
            faults.add("/approved_by", "required");
        }
        if self.valid_until < self.approved_on {
            faults.add("/valid_until", "period_over");
        }
        let approval = Approval {
            by: by?,
            on: self.approved_on,
            valid_until: self.valid_until,
        };
        Some((self.organisation_id, division?, NewAnswer::Approve(approval)))
    }
}

async fn answer(
    store: &Store,
    scope: Scope<TendClusters>,
    (organisation, division, answer): Read,
) -> Result<HttpResponse, Failure> {
    let cluster = store
        .write(move |tx| clusters::answer(tx, &scope, organisation, division, answer))
        .await?;
    Ok(HttpResponse::Created().json(ClusterView::from(cluster)))
}

/// Dismiss a suggestion, with a reason; it comes back when there are more members than now.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["TendClusters"])),
    request_body = ClusterDismissalBody,
    responses((status = 201, body = ClusterView)),
)]
#[post("/v1/kite/clusters/dismissals")]
pub(crate) async fn dismiss(
    May(scope): May<TendClusters>,
    store: Data<Store>,
    Body(read): Body<ClusterDismissalBody>,
) -> Result<HttpResponse, Failure> {
    answer(&store, scope, read).await
}

/// Record that a temporary branch was approved: by whom, when, and until when.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["TendClusters"])),
    request_body = ClusterApprovalBody,
    responses((status = 201, body = ClusterView)),
)]
#[post("/v1/kite/clusters/approvals")]
pub(crate) async fn approve(
    May(scope): May<TendClusters>,
    store: Data<Store>,
    Body(read): Body<ClusterApprovalBody>,
) -> Result<HttpResponse, Failure> {
    answer(&store, scope, read).await
}
