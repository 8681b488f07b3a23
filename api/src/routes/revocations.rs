//! The public list of certificates that no host takes any more, for checking without a login and without a network.
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use persistence::Store;
use persistence::certificates::{self, Void};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// For how long a copy is good, seconds: what is revoked now is known everywhere after that.
const CACHING: &str = "public, max-age=300";

/// A certificate that no host takes any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoidView {
    /// Its number.
    #[schema(example = "320685100-2027-0001")]
    number: String,
    /// Since when.
    #[schema(example = "2027-06-01")]
    on: NaiveDate,
}

impl From<Void> for VoidView {
    fn from(void: Void) -> Self {
        Self {
            number: void.number,
            on: void.on,
        }
    }
}

/// The certificates that no host takes any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevocationsView {
    /// By number; those whose period is over are left out, for their tokens say so themselves.
    revoked: Vec<VoidView>,
}

/// The certificates that are revoked, lost, replaced, ended or handed back before their time: numbers and days, no names.
///
/// `ETag` and `If-None-Match` spare a copy that has not changed.
#[utoipa::path(
    tag = "system",
    responses((status = 200, body = RevocationsView), (status = 304, description = "Not changed")),
)]
#[get("/.well-known/kiteline-revocations.json")]
pub(crate) async fn list(store: Data<Store>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let void = store.glance(certificates::void).await?;
    let view = RevocationsView {
        revoked: void.into_iter().map(VoidView::from).collect(),
    };
    let body = serde_json::to_vec(&view).map_err(|error| Failure::Internal(error.to_string()))?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&body)));
    let known = request.headers().get(header::IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let same = known.split(',').any(|one| one.trim() == tag);
    let mut answer = if same {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    let answer = answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, CACHING));
    Ok(if same {
        answer.finish()
    } else {
        answer.content_type("application/json").body(body)
    })
}
