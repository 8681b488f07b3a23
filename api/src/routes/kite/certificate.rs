//! A journey's certificate (流动党员活动证): issued, and led through its states.
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use domain::access::{ManageJourneys, ReadJourneys, Scope};
use domain::certificate::Command;
use domain::id::{CertificateId, JourneyId};
use persistence::Store;
use persistence::certificates::{self, Review};
use serde::Deserialize;
use utoipa::ToSchema;

use super::certificate_view::CertificateView;
use super::journeys::JourneyPath;
use super::view::{reason_in, said};
use crate::answer::Tagged;
use crate::extract::{Body, Faults, IfMatch, IfMatchHeader, Input, Language, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(issue).service(show).service(extend).service(revoke);
    config
        .service(report_lost)
        .service(reissue)
        .service(hand_back)
        .service(review);
}

/// A certificate to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssueBody {
    /// The certificate's id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<CertificateId>,
    /// The last day on which it is good, at most a year ahead; the expected return unless said.
    #[schema(example = "2027-12-20")]
    valid_until: Option<NaiveDate>,
}

impl Input for IssueBody {
    type Meaning = (Option<CertificateId>, Option<NaiveDate>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.id, self.valid_until))
    }
}

/// Issue the certificate of an open journey, under the next number of the committee's year.
///
/// The committee is the nearest above the branch. The journey takes the number over, and the briefing's item is done.
/// The same `id` again answers the certificate that is there.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath),
    request_body = IssueBody,
    responses(
        (status = 201, body = CertificateView),
        (status = 409, description = "The journey has ended, or has a certificate"),
    ),
)]
#[post("/v1/kite/journeys/{id}/certificate")]
pub(crate) async fn issue(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    language: Language,
    Body((id, until)): Body<IssueBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            certificates::issue(tx, &scope, path.id, id, until)
        })
        .await?;
    Ok(Tagged::created(CertificateView::of(record, store.today(), language)))
}

/// Show the newest certificate of a journey, with what was entered.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys"])),
    params(JourneyPath),
    responses((status = 200, body = CertificateView)),
)]
#[get("/v1/kite/journeys/{id}/certificate")]
pub(crate) async fn show(
    May(scope): May<ReadJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    language: Language,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store.read(move |tx| certificates::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(CertificateView::of(record, store.today(), language)))
}

/// The day until which it is to be good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtensionBody {
    /// The last day, at most a year from today.
    #[schema(example = "2028-01-31")]
    valid_until: NaiveDate,
}

impl Input for ExtensionBody {
    type Meaning = NaiveDate;

    fn read(self, _: &mut Faults) -> Option<NaiveDate> {
        Some(self.valid_until)
    }
}

/// Why it is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevocationBody {
    /// Why; the member reads it, hosts don't.
    #[schema(min_length = 1, max_length = 500, example = "登记信息有误")]
    reason: String,
}

impl Input for RevocationBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// The day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateDayBody {
    /// The day; today unless said.
    #[schema(example = json!(null))]
    on: Option<NaiveDate>,
}

impl Input for CertificateDayBody {
    type Meaning = Option<NaiveDate>;

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some(self.on)
    }
}

async fn apply(
    store: &Store,
    scope: Scope<ManageJourneys>,
    (journey, seen): (JourneyId, i32),
    language: Language,
    command: impl FnOnce(NaiveDate) -> Command + Send + 'static,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .write(move |tx| {
            let command = command(tx.today());
            certificates::apply(tx, &scope, journey, seen, command)
        })
        .await?;
    Ok(Tagged::ok(CertificateView::of(record, store.today(), language)))
}

/// Make the period longer.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = ExtensionBody,
    responses((status = 200, body = CertificateView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/certificate/extend")]
pub(crate) async fn extend(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    language: Language,
    Body(until): Body<ExtensionBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    apply(&store, scope, (path.id, seen), language, move |_| {
        Command::Extend(until)
    })
    .await
}

/// Take the certificate back, with a reason: no host takes it any more.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = RevocationBody,
    responses((status = 200, body = CertificateView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/certificate/revoke")]
pub(crate) async fn revoke(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    language: Language,
    Body(reason): Body<RevocationBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let command = move |on| Command::Revoke { on, reason };
    apply(&store, scope, (path.id, seen), language, command).await
}

/// Record that the certificate was lost: no host takes it any more, and another can be issued.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = CertificateDayBody,
    responses((status = 200, body = CertificateView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/certificate/report-lost")]
pub(crate) async fn report_lost(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    language: Language,
    Body(on): Body<CertificateDayBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let command = move |today| Command::ReportLost(on.unwrap_or(today));
    apply(&store, scope, (path.id, seen), language, command).await
}

/// Issue another certificate in its place (补发), under the next number; the old number is void.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    responses((status = 201, body = CertificateView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/certificate/reissue")]
pub(crate) async fn reissue(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    language: Language,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .write(move |tx| certificates::reissue(tx, &scope, path.id, seen))
        .await?;
    Ok(Tagged::created(CertificateView::of(record, store.today(), language)))
}

/// Record that the certificate was handed back (交回).
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = CertificateDayBody,
    responses((status = 200, body = CertificateView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/kite/journeys/{id}/certificate/return")]
pub(crate) async fn hand_back(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    language: Language,
    Body(on): Body<CertificateDayBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let command = move |today| Command::Return(on.unwrap_or(today));
    apply(&store, scope, (path.id, seen), language, command).await
}

/// A yearly review (年审).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewBody {
    /// The year: one in which the certificate was in force.
    #[schema(minimum = 1949, maximum = 9999, example = 2027)]
    year: i32,
    /// What it says, where there is something to say.
    #[schema(max_length = 500, example = "已参加民主评议")]
    said: Option<String>,
}

impl Input for ReviewBody {
    type Meaning = Review;

    fn read(self, _: &mut Faults) -> Option<Review> {
        Some(Review {
            year: self.year,
            said: said(self.said),
        })
    }
}

/// Enter the yearly review (年审), as the formal home; each year once.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath),
    request_body = ReviewBody,
    responses((status = 201, body = CertificateView), (status = 409, description = "It is no longer in force")),
)]
#[post("/v1/kite/journeys/{id}/certificate/reviews")]
pub(crate) async fn review(
    May(scope): May<ManageJourneys>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    language: Language,
    Body(review): Body<ReviewBody>,
) -> Result<Tagged<CertificateView>, Failure> {
    let record = store
        .write(move |tx| certificates::review_by_home(tx, &scope, path.id, review))
        .await?;
    Ok(Tagged::created(CertificateView::of(record, store.today(), language)))
}
