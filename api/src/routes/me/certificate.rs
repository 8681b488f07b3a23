//! The member's own certificate: as the app keeps it, and as a picture that a host reads from the screen.
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use domain::access::{ReadOwnRecord, ReportOwnMoves, Scope};
use persistence::certificates::{self, CertificateRecord};
use persistence::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Tagged, Versioned};
use crate::auth::{Desk, Proof};
use crate::extract::{IfMatch, IfMatchHeader, Language, May};
use crate::openapi::Routes;
use crate::picture;
use crate::problem::Failure;
use crate::routes::kite::CertificateView;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(show)
        .service(show_png)
        .service(show_svg)
        .service(report_lost);
}

/// The own certificate, with what a host is shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnCertificateView {
    /// The signed token that the picture holds, at most 500 characters; null unless the certificate is valid today. The
    /// app keeps it: a host checks it without a network.
    #[schema(max_length = 500, example = "eyJ0eXAiOiJraXRlbGluZS1jZXJ0K2p3dCIs…")]
    token: Option<String>,
    #[serde(flatten)]
    certificate: CertificateView,
}

impl Versioned for OwnCertificateView {
    fn version(&self) -> i32 {
        self.certificate.version()
    }
}

impl OwnCertificateView {
    fn of(record: CertificateRecord, store: &Store, desk: &Desk, language: Language) -> Result<Self, Failure> {
        let token = match record.certificate.check(store.today()) {
            Ok(()) => Some(token(&record, store, desk)?),
            Err(_) => None,
        };
        Ok(Self {
            token,
            certificate: CertificateView::of(record, store.today(), language),
        })
    }
}

fn token(record: &CertificateRecord, store: &Store, desk: &Desk) -> Result<String, Failure> {
    let signed = desk.signer().prove(Proof::of(record, store.zone()));
    signed.map_err(|error| Failure::Internal(error.to_string()))
}

/// My certificate, with the token that I show to a host.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = OwnCertificateView), (status = 404, description = "None was issued")),
)]
#[get("/v1/me/certificate")]
pub(crate) async fn show(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    desk: Data<Desk>,
    language: Language,
) -> Result<Tagged<OwnCertificateView>, Failure> {
    let record = store.read(move |tx| certificates::find_own(tx, &scope)).await?;
    OwnCertificateView::of(record, &store, &desk, language).map(Tagged::ok)
}

/// The token of a certificate that is valid today.
async fn shown(scope: Scope<ReadOwnRecord>, store: &Store, desk: &Desk) -> Result<String, Failure> {
    let record = store.read(move |tx| certificates::find_own(tx, &scope)).await?;
    if record.certificate.check(store.today()).is_err() {
        let expired = record.certificate.state == domain::certificate::State::Valid;
        let name = record.certificate.state.name().as_str();
        let refused = StoreError::Refused {
            state: if expired { "expired" } else { name },
            verb: "show",
            allowed: Vec::new(),
            by: None,
        };
        return Err(refused.into());
    }
    token(&record, store, desk)
}

/// My certificate as a picture (QR code) for the screen, PNG.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses(
        (status = 200, body = String, content_type = "image/png"),
        (status = 404, description = "None was issued"),
        (status = 409, description = "It is not valid today"),
    ),
)]
#[get("/v1/me/certificate.png")]
pub(crate) async fn show_png(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    desk: Data<Desk>,
) -> Result<HttpResponse, Failure> {
    let picture = picture::png(&shown(scope, &store, &desk).await?)?;
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}

/// My certificate as a picture (QR code) for the screen, SVG.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml"),
        (status = 404, description = "None was issued"),
        (status = 409, description = "It is not valid today"),
    ),
)]
#[get("/v1/me/certificate.svg")]
pub(crate) async fn show_svg(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    desk: Data<Desk>,
) -> Result<HttpResponse, Failure> {
    let picture = picture::svg(&shown(scope, &store, &desk).await?)?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(picture))
}

/// Report my certificate lost, as with a phone: no host takes it any more, and the branch can issue another.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    params(IfMatchHeader),
    responses(
        (status = 200, body = OwnCertificateView),
        (status = 404, description = "None was issued"),
        (status = 409, description = "Not possible now"),
    ),
)]
#[post("/v1/me/certificate/report-lost")]
pub(crate) async fn report_lost(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    desk: Data<Desk>,
    IfMatch(seen): IfMatch,
    language: Language,
) -> Result<Tagged<OwnCertificateView>, Failure> {
    let record = store
        .write(move |tx| certificates::report_own_loss(tx, &scope, seen))
        .await?;
    OwnCertificateView::of(record, &store, &desk, language).map(Tagged::ok)
}
