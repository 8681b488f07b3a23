//! Out of contact (失联): signs that end a silence, the declaration, and being found again.
use actix_web::web::{Data, Path};
use actix_web::{post, put};
use chrono::NaiveDate;
use domain::access::{ConfirmOutOfContact, ManageJourneys, RecordContact};
use domain::codes::{AbsenceReason, FoundOutcome};
use domain::journey::Signs;
use persistence::journeys::NewDeclaration;
use persistence::{Store, journeys};
use serde::Deserialize;
use utoipa::ToSchema;

use super::journeys::JourneyPath;
use super::transitions::ReasonBody;
use super::view::{JourneyView, reason_in, said};
use crate::answer::Tagged;
use crate::extract::{Body, Caller, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(record_signs)
        .service(declare)
        .service(withdraw)
        .service(confirm)
        .service(turn_down)
        .service(restore)
        .service(record_outcome);
}

/// Signs of a member that end a silence though nobody spoke with the member; at least one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignsBody {
    /// Organisational life attended 参加组织生活 on that day.
    #[schema(example = "2027-03-01")]
    attended_on: Option<NaiveDate>,
    /// Dues paid 交纳党费 on that day.
    #[schema(example = json!(null))]
    dues_paid_on: Option<NaiveDate>,
}

impl Input for SignsBody {
    type Meaning = Signs;

    fn read(self, faults: &mut Faults) -> Option<Signs> {
        if self.attended_on.or(self.dues_paid_on).is_none() {
            faults.add("/attended_on", "required");
        }
        Some(Signs {
            attended_on: self.attended_on,
            dues_paid_on: self.dues_paid_on,
        })
    }
}

/// Why a member is said to be out of contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclarationBody {
    /// Why the member can't be reached 失去联系情形.
    reason: AbsenceReason,
    /// More about it.
    #[schema(max_length = 1000, example = "工地已撤，同乡也不知去向")]
    note: Option<String>,
}

impl Input for DeclarationBody {
    type Meaning = NewDeclaration;

    fn read(self, _: &mut Faults) -> Option<NewDeclaration> {
        Some(NewDeclaration {
            reason: self.reason,
            note: said(self.note),
        })
    }
}

/// Why a proposal is turned down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TurnDownBody {
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "请先到其亲属处上门了解")]
    reason: String,
}

impl Input for TurnDownBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// A member was found again 经查找取得联系.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FoundBody {
    /// The day.
    #[schema(example = "2027-12-01")]
    on: NaiveDate,
    /// What came of it.
    outcome: FoundOutcome,
    /// More about it.
    #[schema(max_length = 1000, example = "换了号码，现在苏州务工")]
    note: Option<String>,
}

impl Input for FoundBody {
    type Meaning = (NaiveDate, FoundOutcome, Option<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.on, self.outcome, said(self.note)))
    }
}

/// What came of a search.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutcomeBody {
    /// What came of it.
    outcome: FoundOutcome,
    /// More about it.
    #[schema(max_length = 1000, example = "换了号码，现在苏州务工")]
    note: Option<String>,
}

impl Input for OutcomeBody {
    type Meaning = (FoundOutcome, Option<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.outcome, said(self.note)))
    }
}

/// Record that the member took part in organisational life, or paid dues.
///
/// The clock of silence runs from the latest of these, contacts and check-ins.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = SignsBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The member is not away")),
)]
#[put("/v1/kite/journeys/{id}/line")]
pub(crate) async fn record_signs(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(signs): Body<SignsBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::record_signs(tx, &scope, path.id, seen, signs))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Propose that the member is out of contact (失联).
///
/// Possible after more than six months of silence and three failed attempts by two means; else 409 `not_yet` names what
/// is missing. Until the committee above confirms it the member is away as before, and a check-in drops the proposal.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = DeclarationBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now, or something is missing")),
)]
#[post("/v1/kite/journeys/{id}/declare-out-of-contact")]
pub(crate) async fn declare(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(declaration): Body<DeclarationBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::declare(tx, &scope, path.id, seen, &declaration))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Take the proposal back.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = ReasonBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/withdraw-declaration")]
pub(crate) async fn withdraw(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<ReasonBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::withdraw(tx, &scope, path.id, seen, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Confirm that the member is out of contact, as the committee above the branch.
///
/// It stops prompts and starts nothing else.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ConfirmOutOfContact"])),
    params(JourneyPath, IfMatchHeader),
    request_body = ReasonBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/confirm-out-of-contact")]
pub(crate) async fn confirm(
    May(scope): May<ConfirmOutOfContact>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<ReasonBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::confirm(tx, &scope, path.id, seen, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Turn the proposal down, with a reason, as the committee above the branch.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ConfirmOutOfContact"])),
    params(JourneyPath, IfMatchHeader),
    request_body = TurnDownBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/turn-down-declaration")]
pub(crate) async fn turn_down(
    May(scope): May<ConfirmOutOfContact>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<TurnDownBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::turn_down(tx, &scope, path.id, seen, &reason))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Record that a member who was out of contact was found again.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["RecordContact"])),
    params(JourneyPath, IfMatchHeader),
    request_body = FoundBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/contact-restored")]
pub(crate) async fn restore(
    May(scope): May<RecordContact>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body((on, outcome, note)): Body<FoundBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::restore(tx, &scope, path.id, seen, on, (outcome, note.as_deref())))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Record what came of a member who was found, where a check-in or a call ended the search.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = OutcomeBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The journey has ended")),
)]
#[put("/v1/kite/journeys/{id}/found-outcome")]
pub(crate) async fn record_outcome(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body((outcome, note)): Body<OutcomeBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::record_outcome(tx, &scope, path.id, seen, outcome, note.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}
