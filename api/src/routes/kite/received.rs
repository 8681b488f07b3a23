//! Transfers of the formal relation, as the receiving branch sees and answers them.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{AnswerTransfers, Scope};
use domain::id::{MemberId, OrganisationId, TransferId};
use domain::transfer::TransferState;
use persistence::transfers::TransferRecord;
use persistence::{Position, Store, transfers};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::transfers::TransferReasonBody;
use super::view::Named;
use crate::answer::{Tagged, Versioned};
use crate::extract::{Body, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(show).service(accept).service(decline);
}

/// Which transfer.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TransferPath {
    /// The transfer's id.
    id: TransferId,
}

/// Which transfers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransfersQuery {
    /// In this state.
    #[param(inline)]
    state: Option<TransferState>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A transfer of a member's formal relation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransferView {
    /// Its id.
    id: TransferId,
    /// The member.
    member: Named<MemberId>,
    /// The branch that has the relation until the receipt.
    origin: Named<OrganisationId>,
    /// The receiving branch, when it is here.
    organisation_id: Option<OrganisationId>,
    /// The receiving side's name.
    #[schema(example = "浦东临时党支部")]
    to: String,
    /// Where it stands.
    state: TransferState,
    /// The number of the letter of introduction.
    #[schema(example = "苏通海组介〔2027〕第0012号")]
    letter: String,
    /// The day of issue.
    issued_on: NaiveDate,
    /// The last day on which the letter is good.
    #[schema(example = "2027-05-22")]
    valid_until: NaiveDate,
    /// Who started it.
    #[schema(example = "李书记")]
    started_by: String,
    /// When.
    started_at: DateTime<Utc>,
    /// Who ended it.
    #[schema(example = json!(null))]
    ended_by: Option<String>,
    /// When.
    ended_at: Option<DateTime<Utc>>,
    /// Why it was declined or dropped.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// The day on the receipt.
    #[schema(example = json!(null))]
    receipt_on: Option<NaiveDate>,
    /// Counts changes of the journey; goes into `If-Match`.
    #[schema(example = 3)]
    version: i32,
    /// What this caller may do now.
    #[schema(example = json!(["accept", "decline"]))]
    allowed: Vec<&'static str>,
}

impl Versioned for TransferView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl TransferView {
    fn of(record: TransferRecord, scope: &Scope<AnswerTransfers>) -> Self {
        let may = record.state == TransferState::UnderWay && record.is_received_by(scope);
        Self {
            id: record.id,
            member: Named {
                id: record.member,
                name: record.member_name,
            },
            origin: Named {
                id: record.origin,
                name: record.origin_name,
            },
            organisation_id: record.receiving,
            to: record.receiving_name,
            state: record.state,
            letter: record.letter,
            issued_on: record.issued_on,
            valid_until: record.valid_until,
            started_by: record.started_by,
            started_at: record.started_at,
            ended_by: record.ended_by,
            ended_at: record.ended_at,
            reason: record.reason,
            receipt_on: record.receipt_on,
            version: record.version,
            allowed: if may { vec!["accept", "decline"] } else { Vec::new() },
        }
    }
}

/// Transfers to branches of the subtree, in the order of the tree.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["AnswerTransfers"])),
    params(TransfersQuery),
    responses((status = 200, body = Page<TransferView>)),
)]
#[get("/v1/kite/transfers")]
pub(crate) async fn list(
    May(scope): May<AnswerTransfers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<TransfersQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let answers = scope.clone();
    let rows = store
        .read(move |tx| transfers::list(tx, &scope, query.state, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, transfers::position)?;
    let items: Vec<TransferView> = rows.into_iter().map(|row| TransferView::of(row, &answers)).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Show a transfer to or from the subtree.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["AnswerTransfers"])),
    params(TransferPath),
    responses((status = 200, body = TransferView)),
)]
#[get("/v1/kite/transfers/{id}")]
pub(crate) async fn show(
    May(scope): May<AnswerTransfers>,
    store: Data<Store>,
    path: Path<TransferPath>,
) -> Result<Tagged<TransferView>, Failure> {
    let answers = scope.clone();
    let record = store.read(move |tx| transfers::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(TransferView::of(record, &answers)))
}

/// The receipt of the receiving branch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptanceBody {
    /// The day on the receipt.
    #[schema(example = "2027-03-10")]
    receipt_on: NaiveDate,
}

impl Input for AcceptanceBody {
    type Meaning = NaiveDate;

    fn read(self, _: &mut Faults) -> Option<NaiveDate> {
        Some(self.receipt_on)
    }
}

/// Accept the member: the formal relation and the member's record move to the receiving branch.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["AnswerTransfers"])),
    params(TransferPath, IfMatchHeader),
    request_body = AcceptanceBody,
    responses((status = 200, body = TransferView), (status = 409, description = "The transfer is not under way")),
)]
#[post("/v1/kite/transfers/{id}/accept")]
pub(crate) async fn accept(
    May(scope): May<AnswerTransfers>,
    store: Data<Store>,
    path: Path<TransferPath>,
    IfMatch(seen): IfMatch,
    Body(receipt_on): Body<AcceptanceBody>,
) -> Result<Tagged<TransferView>, Failure> {
    let answers = scope.clone();
    let record = store
        .write(move |tx| transfers::accept(tx, &scope, path.id, seen, receipt_on))
        .await?;
    Ok(Tagged::ok(TransferView::of(record, &answers)))
}

/// Decline, with a reason: nothing changes for the member.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["AnswerTransfers"])),
    params(TransferPath, IfMatchHeader),
    request_body = TransferReasonBody,
    responses((status = 200, body = TransferView), (status = 409, description = "The transfer is not under way")),
)]
#[post("/v1/kite/transfers/{id}/decline")]
pub(crate) async fn decline(
    May(scope): May<AnswerTransfers>,
    store: Data<Store>,
    path: Path<TransferPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<TransferReasonBody>,
) -> Result<Tagged<TransferView>, Failure> {
    let answers = scope.clone();
    let record = store
        .write(move |tx| transfers::decline(tx, &scope, path.id, seen, &reason))
        .await?;
    Ok(Tagged::ok(TransferView::of(record, &answers)))
}
