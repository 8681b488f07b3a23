//! The certificate of whoever stays with a host: what the host reads and enters in it.
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use domain::access::{ManageStays, ReadStays};
use persistence::Store;
use persistence::certificates::{self, Conduct};
use serde::Deserialize;
use utoipa::ToSchema;

use super::stays::StayPath;
use crate::answer::Tagged;
use crate::extract::{Body, Faults, Input, Language, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{CertificateView, ReviewBody, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(review).service(write_conduct);
}

/// Show the certificate of whoever stays here, once the stay is verified.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StayPath),
    responses((status = 200, body = CertificateView)),
)]
#[get("/v1/magnet/stays/{id}/certificate")]
pub(crate) async fn show(
    May(scope): May<ReadStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    language: Language,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .read(move |tx| certificates::find_of_stay(tx, &scope, path.id))
        .await?;
    Ok(Tagged::ok(CertificateView::of(record, store.today(), language)))
}

/// Enter the yearly review (年审), as the host where organisational life is held; each year once.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath),
    request_body = ReviewBody,
    responses((status = 201, body = CertificateView), (status = 409, description = "It is no longer in force")),
)]
#[post("/v1/magnet/stays/{id}/certificate/reviews")]
pub(crate) async fn review(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    language: Language,
    Body(review): Body<ReviewBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .write(move |tx| certificates::review_by_host(tx, &scope, path.id, review))
        .await?;
    Ok(Tagged::created(CertificateView::of(record, store.today(), language)))
}

/// How the holder took part and paid dues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConductBody {
    /// 参加党的活动和交纳党费情况, in the host's words; the member and the formal home read it.
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "按时参加组织生活，党费交至2027年11月。"
    )]
    said: String,
}

impl Input for ConductBody {
    type Meaning = Conduct;

    fn read(self, faults: &mut Faults) -> Option<Conduct> {
        let text = said(Some(self.said));
        if text.is_none() {
            faults.add("/said", "required");
        }
        text.map(Conduct)
    }
}

/// Enter how the holder took part and paid dues (参加党的活动和交纳党费情况), when the holder leaves; once a stay.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath),
    request_body = ConductBody,
    responses((status = 201, body = CertificateView), (status = 409, description = "It takes no entry any more")),
)]
#[post("/v1/magnet/stays/{id}/certificate/conduct")]
pub(crate) async fn write_conduct(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    language: Language,
    Body(conduct): Body<ConductBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .write(move |tx| certificates::write_conduct(tx, &scope, path.id, conduct))
        .await?;
    Ok(Tagged::created(CertificateView::of(record, store.today(), language)))
}
