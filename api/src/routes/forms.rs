//! The registration form (流动党员登记表) of a journey and of a stay, as PDF.
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use domain::access::{Denied, Permission, ReadJourneys, ReadMembers, ReadStays, Reveal, Scope};
use domain::id::{JourneyId, StayId};
use persistence::{Store, forms};
use serde::Deserialize;
use utoipa::IntoParams;

use super::kite::said;
use crate::extract::{Language, May, Query};
use crate::form::{self, Form};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};
use crate::rosters::Said;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(of_journey).service(of_stay);
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// What is printed in full.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormQuery {
    /// Why identity number and phone are printed in full; the member can read it. They are masked unless it is said, and
    /// it needs the permission `Reveal`.
    #[param(min_length = 1, max_length = 200)]
    reveal_reason: Option<String>,
}

impl FormQuery {
    /// The permission to print the numbers in full, and the reason, where one is given.
    fn read(self, may: Option<May<Reveal>>) -> Result<Option<(Scope<Reveal>, String)>, Failure> {
        let Some(reason) = self.reveal_reason else {
            return Ok(None);
        };
        let reason = said(Some(reason)).ok_or_else(|| Failure::invalid("?reveal_reason", "reason_required"))?;
        if reason.chars().count() > LONGEST_REASON {
            let fault = Fault::new("?reveal_reason", "too_long", LONGEST_REASON.to_string());
            return Err(Failure::Invalid(vec![fault]));
        }
        let May(scope) = may.ok_or(Denied(Reveal::NAME))?;
        Ok(Some((scope, reason)))
    }
}

/// For whom a form is drawn up.
fn speech(store: &Store, language: Language) -> Said {
    Said {
        language,
        today: store.today(),
        zone: store.zone(),
    }
}

fn answer(form: &Form, name: &str, language: Language) -> Result<HttpResponse, Failure> {
    let disposition = ContentDisposition {
        disposition: DispositionType::Inline,
        parameters: vec![DispositionParam::Filename(format!("{name}-form.pdf"))],
    };
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(disposition)
        .insert_header((header::CONTENT_LANGUAGE, language.as_str()))
        .body(form::pdf(form)?))
}

/// The registration form of a journey (流动党员登记表), a PDF to be printed and signed.
///
/// It is an electronic record and no certificate. Who drew it up stands on it and in the access log that the member reads.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys", "ReadMembers"])),
    params(("id" = JourneyId, Path, description = "The journey's id"), FormQuery),
    responses((status = 200, body = String, content_type = "application/pdf")),
)]
#[get("/v1/kite/journeys/{id}/form.pdf")]
pub(crate) async fn of_journey(
    May(scope): May<ReadJourneys>,
    May(people): May<ReadMembers>,
    reveals: Option<May<Reveal>>,
    store: Data<Store>,
    id: Path<JourneyId>,
    Query(query): Query<FormQuery>,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let revealing = query.read(reveals)?;
    let form = store
        .write(move |tx| {
            let revealing = revealing.as_ref().map(|(scope, reason)| (scope, reason.as_str()));
            forms::of_journey(tx, &scope, &people, revealing, *id)
        })
        .await?;
    let form = form::of_journey(&form, store.now(), speech(&store, language));
    answer(&form, "journey", language)
}

/// The registration form of a stay (流动党员登记表), a PDF to be printed and signed.
///
/// It is an electronic record and no certificate. Who drew it up stands on it and in the access log that the member reads.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(("id" = StayId, Path, description = "The stay's id"), FormQuery),
    responses((status = 200, body = String, content_type = "application/pdf")),
)]
#[get("/v1/magnet/stays/{id}/form.pdf")]
pub(crate) async fn of_stay(
    May(scope): May<ReadStays>,
    reveals: Option<May<Reveal>>,
    store: Data<Store>,
    id: Path<StayId>,
    Query(query): Query<FormQuery>,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let revealing = query.read(reveals)?;
    let form = store
        .write(move |tx| {
            let revealing = revealing.as_ref().map(|(scope, reason)| (scope, reason.as_str()));
            forms::of_stay(tx, &scope, revealing, *id)
        })
        .await?;
    let form = form::of_stay(&form, store.now(), speech(&store, language));
    answer(&form, "stay", language)
}
