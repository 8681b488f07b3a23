//! A certificate that somebody shows: checked, and taken as the verification of a stay.
use actix_web::post;
use actix_web::web::Json;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use domain::access::ManageStays;
use domain::certificate::Refusal;
use domain::codes::JourneyReason;
use domain::division::{DivisionCode, full_name};
use domain::id::{MemberId, OrganisationId, StayId};
use domain::stay::StateName;
use persistence::certificates::{self, Checked};
use persistence::stays::{self, ShownStay};
use persistence::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stays::StayPath;
use super::view::StayView;
use crate::answer::Tagged;
use crate::auth::{Desk, Proof};
use crate::extract::{Body, Faults, IfMatch, IfMatchHeader, Input, Language, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{NotGrantedView, not_granted, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(check).service(report).service(confirm);
}

/// A certificate's token, as the picture holds it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenBody {
    /// The token.
    #[schema(max_length = 2000, example = "eyJ0eXAiOiJraXRlbGluZS1jZXJ0K2p3dCIs…")]
    token: String,
}

impl Input for TokenBody {
    type Meaning = String;

    fn read(self, _: &mut Faults) -> Option<String> {
        Some(self.token)
    }
}

/// The holder's open stay with a host of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownStayView {
    /// Its id.
    id: StayId,
    /// Where it stands.
    state: StateName,
}

/// The branch that keeps the formal relation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertifiedOriginView {
    /// Its id, where the certificate is known here.
    organisation_id: Option<OrganisationId>,
    /// Its name.
    #[schema(example = "三塘村党支部")]
    name: String,
}

/// A certificate that counts, with what a stay is prefilled with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckedView {
    /// Its number.
    #[schema(example = "320685100-2027-0001")]
    number: String,
    /// The holder's name: to be compared with the identity card.
    #[schema(example = "王芳")]
    name: String,
    /// The branch that keeps the formal relation.
    origin: CertifiedOriginView,
    /// Why the holder is away.
    reason: JourneyReason,
    /// GB/T 2260 code of the division where to.
    #[schema(example = "310115")]
    division_code: Option<String>,
    /// The division's full name.
    #[schema(example = "上海市浦东新区")]
    division: Option<String>,
    /// The first day on which it is good.
    valid_from: Option<NaiveDate>,
    /// The last day on which it is good.
    #[schema(example = "2027-12-20")]
    valid_until: Option<NaiveDate>,
    /// Whether the holder's record and the certificate are kept here; else all that is known is what the token says.
    known_here: bool,
    /// The holder, where known here.
    member_id: Option<MemberId>,
    /// The holder's open stay with a host of the caller's: confirm that one instead of reporting another.
    stay: Option<KnownStayView>,
    /// What it does not give.
    not_granted: Vec<NotGrantedView>,
}

impl CheckedView {
    fn of(proof: Proof, known: Option<&Checked>, store: &Store, language: Language) -> Self {
        let (from, until) = (proof.from(store.zone()), proof.until(store.zone()));
        let certificate = known.map(|known| &known.record.certificate);
        let division = proof
            .division
            .as_deref()
            .and_then(|code| DivisionCode::parse(code).ok());
        Self {
            number: proof.number,
            name: proof.name,
            origin: CertifiedOriginView {
                organisation_id: known.map(|known| known.record.journey.journey.origin),
                name: proof.origin,
            },
            reason: proof.reason,
            division: division.map(full_name),
            division_code: proof.division,
            valid_from: from,
            valid_until: until,
            known_here: known.is_some(),
            member_id: certificate.map(|certificate| certificate.member),
            stay: known
                .and_then(|known| known.stay)
                .map(|(id, state)| KnownStayView { id, state }),
            not_granted: not_granted(language),
        }
    }
}

/// What a token says, if it is a certificate's, signed here, and good now.
fn read(token: &str, store: &Store, desk: &Desk) -> Result<Proof, Failure> {
    let proof = desk.signer().check(token, store.now(), store.zone());
    proof.map_err(|refusal: Refusal| StoreError::from(refusal).into())
}

/// Check a certificate that somebody shows, and prefill a stay from it.
///
/// A certificate that does not count is refused with 422 and says why at `/token`: it is malformed, another kind of token,
/// signed with an unknown key or falsely, not good yet, expired, lost, replaced, revoked, ended or handed back, each with
/// its day. The member sees in the access log who looked.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    request_body = TokenBody,
    responses((status = 200, body = CheckedView)),
)]
#[post("/v1/magnet/certificates/check")]
pub(crate) async fn check(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    desk: Data<Desk>,
    language: Language,
    Body(token): Body<TokenBody>,
) -> Result<Json<CheckedView>, Failure> {
    let proof = read(&token, &store, &desk)?;
    let number = proof.number.clone();
    let known = store.write(move |tx| certificates::check(tx, &scope, &number)).await?;
    Ok(Json(CheckedView::of(proof, known.as_ref(), &store, language)))
}

/// Somebody who shows a certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownStayBody {
    /// The stay's id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<StayId>,
    /// The host.
    host_organisation_id: OrganisationId,
    /// The certificate's token: name, origin and journey come from it.
    #[schema(max_length = 2000, example = "eyJ0eXAiOiJraXRlbGluZS1jZXJ0K2p3dCIs…")]
    token: String,
    /// The day of arrival.
    #[schema(example = "2027-03-01")]
    arrived_on: NaiveDate,
    /// The local address, as the person says it.
    #[schema(max_length = 200, example = "城东镇某小区")]
    address: Option<String>,
    /// The employer or school.
    #[schema(max_length = 200, example = "海安某纺织厂")]
    employer: Option<String>,
}

impl Input for ShownStayBody {
    type Meaning = Self;

    fn read(self, _: &mut Faults) -> Option<Self> {
        Some(self)
    }
}

/// Report somebody who shows a certificate: it is checked, and the stay is verified at once.
///
/// The same `id` again answers the stay that is there.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    request_body = ShownStayBody,
    responses((status = 201, body = StayView)),
)]
#[post("/v1/magnet/certificates/report")]
pub(crate) async fn report(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    desk: Data<Desk>,
    Body(body): Body<ShownStayBody>,
) -> Result<Tagged<StayView>, Failure> {
    let number = read(&body.token, &store, &desk)?.number;
    let manages = scope.clone();
    let record = store
        .write(move |tx| {
            let new = ShownStay {
                id: body.id.unwrap_or_else(|| tx.fresh()),
                host: body.host_organisation_id,
                number,
                arrived_on: body.arrived_on,
                address: said(body.address),
                employer: said(body.employer),
            };
            stays::report_by_certificate(tx, &scope, new)
        })
        .await?;
    Ok(Tagged::created(StayView::of(record, Some(&manages))))
}

/// Verify a stay by the certificate that the person shows.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = TokenBody,
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/confirm-by-certificate")]
pub(crate) async fn confirm(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(token): Body<TokenBody>,
) -> Result<Tagged<StayView>, Failure> {
    let (manages, stay) = (scope.clone(), path.id);
    // Whoever may not reach the stay learns nothing else.
    let reached = scope.clone();
    store.read(move |tx| stays::reach(tx, &reached, stay)).await?;
    let number = read(&token, &store, &desk)?.number;
    let record = store
        .write(move |tx| stays::confirm_by_certificate(tx, &scope, stay, seen, number))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}
