//! The transfer of the formal relation (组织关系转接), as the origin leads it.
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use domain::access::ManageJourneys;
use domain::id::{OrganisationId, TransferId};
use domain::transfer::{Letter, Receiving, TransferState};
use persistence::transfers::{Receipt, TransferLine};
use persistence::{Store, transfers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::journeys::JourneyPath;
use super::view::{JourneyView, reason_in, said};
use crate::answer::Tagged;
use crate::extract::{Body, Caller, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(start).service(receive).service(drop_transfer);
}

/// The newest transfer of a journey.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JourneyTransferView {
    /// Its id.
    id: TransferId,
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
    /// The receiving branch, when it is here: then it accepts or declines by itself.
    organisation_id: Option<OrganisationId>,
    /// The receiving side's name.
    #[schema(example = "上海市浦东新区某街道党工委")]
    to: String,
    /// Why it was declined or dropped.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// The day on the receipt.
    #[schema(example = json!(null))]
    receipt_on: Option<NaiveDate>,
}

impl From<TransferLine> for JourneyTransferView {
    fn from(line: TransferLine) -> Self {
        Self {
            id: line.id,
            state: line.state,
            letter: line.letter,
            issued_on: line.issued_on,
            valid_until: line.valid_until,
            organisation_id: line.receiving,
            to: line.receiving_name,
            reason: line.reason,
            receipt_on: line.receipt_on,
        }
    }
}

/// A letter of introduction (组织关系介绍信), to a branch that is here or to an organisation elsewhere by its name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "letter": "苏通海组介〔2027〕第0012号", "issued_on": "2027-02-22", "valid_until": "2027-05-22",
    "to": "上海市浦东新区某街道党工委",
}))]
pub(crate) struct LetterBody {
    /// Its number.
    #[schema(min_length = 1, max_length = 60)]
    letter: String,
    /// The day of issue.
    issued_on: NaiveDate,
    /// The last day on which it is good: at most 92 days later.
    valid_until: NaiveDate,
    /// The receiving branch, when it is here.
    organisation_id: Option<OrganisationId>,
    /// The receiving organisation's name, when it is elsewhere.
    #[schema(min_length = 1, max_length = 200)]
    to: Option<String>,
    /// Why, where there is something to say.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

impl Input for LetterBody {
    type Meaning = (Letter, Option<String>);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let to = match (self.organisation_id, said(self.to)) {
            (Some(branch), None) => Some(Receiving::Here(branch)),
            (None, Some(name)) => Some(Receiving::Elsewhere(name)),
            _ => {
                faults.add("/to", "one_of");
                None
            }
        };
        let letter = Letter {
            number: self.letter,
            issued_on: self.issued_on,
            valid_until: self.valid_until,
            to: to?,
        };
        Some((letter, said(self.reason)))
    }
}

/// A receipt (回执) of the receiving side.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferBody {
    /// The organisation that received it, as its receipt names it; that of the letter under way unless said.
    #[schema(min_length = 1, max_length = 200, example = "上海市浦东新区某街道党工委")]
    to: Option<String>,
    /// The number of the letter of introduction; that under way unless said.
    #[schema(min_length = 1, max_length = 60, example = "苏通海组介〔2027〕第0012号")]
    letter: Option<String>,
    /// The day on the receipt.
    #[schema(example = "2027-06-01")]
    receipt_on: NaiveDate,
    /// Why, where there is something to say.
    #[schema(max_length = 500, example = json!(null))]
    reason: Option<String>,
}

impl Input for TransferBody {
    type Meaning = (Receipt, Option<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        let receipt = Receipt {
            to: said(self.to),
            letter: said(self.letter),
            receipt_on: self.receipt_on,
        };
        Some((receipt, said(self.reason)))
    }
}

/// Why a transfer is dropped or declined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferReasonBody {
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "介绍信已过期，需重新开具")]
    reason: String,
}

impl Input for TransferReasonBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// Start the transfer of the formal relation, by a letter of introduction.
///
/// The branch stays responsible until the receipt. A receiving branch that is here is told, and accepts or declines.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = LetterBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/start-transfer")]
pub(crate) async fn start(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body((letter, reason)): Body<LetterBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| transfers::start(tx, &scope, path.id, seen, &letter, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Record that the formal relation was moved, with the receiving side's receipt.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = TransferBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/transfer")]
pub(crate) async fn receive(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body((receipt, reason)): Body<TransferBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| transfers::receive(tx, &scope, path.id, seen, receipt, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Drop the transfer that is under way, with a reason.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = TransferReasonBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/drop-transfer")]
pub(crate) async fn drop_transfer(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<TransferReasonBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| transfers::drop_transfer(tx, &scope, path.id, seen, &reason))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}
