//! Somebody was reported twice: who may be the same is suggested, and people decide.
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use domain::access::ManageStays;
use domain::id::StayId;
use domain::stay::merge::Likeness;
use persistence::Store;
use persistence::stays;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stays::StayPath;
use super::view::StayView;
use crate::answer::Tagged;
use crate::extract::{Body, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::reason_in;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(suggest).service(merge).service(keep_apart);
}

/// A stay that may be of the same person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionView {
    /// In what the two people are alike.
    why: Vec<Likeness>,
    /// The other stay.
    stay: StayView,
}

/// Stays that may be of the same person, the most alike first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionsView {
    /// A few.
    items: Vec<SuggestionView>,
}

/// Stays of your hosts that may be of the same person: the same name, or the same phone.
///
/// Whoever has the same identity number and name is recognised without asking; anything less is a person's decision, for
/// namesakes are two people.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath),
    responses((status = 200, body = SuggestionsView)),
)]
#[get("/v1/magnet/stays/{id}/suggestions")]
pub(crate) async fn suggest(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
) -> Result<HttpResponse, Failure> {
    let manages = scope.clone();
    let found = store.read(move |tx| stays::suggestions(tx, &scope, path.id)).await?;
    let view = |one: stays::Suggestion| SuggestionView {
        why: one.why,
        stay: StayView::of(one.record, Some(&manages)),
    };
    let items = found.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(SuggestionsView { items }))
}

/// The other of two stays, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "other_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f", "reason": "本人到站核对过身份证" }))]
pub(crate) struct OtherStayBody {
    /// The other stay.
    other_id: StayId,
    /// Why; the person reads it.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

impl Input for OtherStayBody {
    type Meaning = (StayId, String);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        Some((self.other_id, reason_in(self.reason, faults)?))
    }
}

/// Merge another stay into this one, because both are of one person.
///
/// This one goes on with its state and register number, takes over what it lacks, and shows what happened to both; the
/// other is closed as `merged` and points here.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = OtherStayBody,
    responses((status = 200, body = StayView), (status = 409, description = "One of the two has ended")),
)]
#[post("/v1/magnet/stays/{id}/merge")]
pub(crate) async fn merge(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(other): Body<OtherStayBody>,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| stays::merge(tx, &scope, path.id, seen, other))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}

/// Say that two stays are of two people, such as namesakes: they are not suggested any more.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath),
    request_body = OtherStayBody,
    responses((status = 204, description = "They stay two")),
)]
#[post("/v1/magnet/stays/{id}/keep-apart")]
pub(crate) async fn keep_apart(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    Body((other, reason)): Body<OtherStayBody>,
) -> Result<HttpResponse, Failure> {
    store
        .write(move |tx| stays::keep_apart(tx, &scope, path.id, other, &reason))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
