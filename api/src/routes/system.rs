//! For whoever runs the server: is it alive, is it ready, the contract, and what a problem means.
use std::fmt::Write;
use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use persistence::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Language;
use crate::openapi::Routes;
use crate::problem::{Failure, PROBLEMS, ProblemText};

/// The contract, made once.
pub(crate) struct Contract(pub(crate) Arc<str>);

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(alive).service(ready).service(openapi).service(problem);
}

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process is alive.
#[utoipa::path(tag = "system", responses((status = 200, body = Health)))]
#[get("/healthz")]
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Whether the database answers.
#[utoipa::path(tag = "system", responses((status = 200, body = Health)))]
#[get("/readyz")]
pub(crate) async fn ready(store: Data<Store>) -> Result<HttpResponse, Failure> {
    store.glance(persistence::ping).await?;
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}

/// The contract itself.
#[utoipa::path(tag = "system", responses((status = 200, body = serde_json::Value, content_type = "application/yaml")))]
#[get("/openapi.yaml")]
pub(crate) async fn openapi(contract: Data<Contract>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/yaml; charset=utf-8")
        .body(contract.0.to_string())
}

/// What a problem means and what to do about it, as a page.
#[utoipa::path(
    tag = "system",
    params(("code" = String, Path, description = "The problem's stable word", example = "stale")),
    responses((status = 200, body = String, content_type = "text/html")),
)]
#[get("/problems/{code}")]
pub(crate) async fn problem(code: Path<String>, language: Language) -> Result<HttpResponse, Failure> {
    let text = PROBLEMS
        .iter()
        .find(|text| text.code == *code)
        .ok_or(Failure::NoSuchAddress)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page(text, language)))
}

fn page(text: &ProblemText, language: Language) -> String {
    let (title, advice) = match language {
        Language::Chinese => (text.zh, text.advice_zh),
        Language::English => (text.en, text.advice_en),
    };
    let mut page = String::new();
    let _ = write!(
        page,
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1><p>{advice}</p><p><code>{} {}</code></p></html>",
        language.as_str(),
        text.status,
        text.code,
    );
    page
}
