//! `ETag` on everything that is read as JSON, and 304 for who has it already.
use actix_web::body::{BoxBody, MessageBody, None};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes of the body's digest in its tag.
const DIGEST_BYTES: usize = 12;

/// Tags what is read as JSON. A representation that counts its changes keeps the number in front, which is what
/// `If-Match` goes by; the digest behind it tells what the number does not, such as a date that has passed since.
pub(crate) async fn tagged(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let known = (request.method() == Method::GET).then(|| known(request.headers()));
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(known) = known.filter(|_| is_json(&response)) else {
        return Ok(response);
    };
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        // What is streamed is not read twice.
        Err(body) => return Ok(ServiceResponse::new(request, response.set_body(body))),
    };
    let tag = tag(response.headers().get(header::ETAG), &body);
    let seen = known.iter().any(|one| one == "*" || *one == tag);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if seen {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(header::CONTENT_TYPE);
        return Ok(ServiceResponse::new(
            request,
            response.set_body(None::new()).map_into_boxed_body(),
        ));
    }
    Ok(ServiceResponse::new(
        request,
        response.set_body(body).map_into_boxed_body(),
    ))
}

fn is_json(response: &ServiceResponse<BoxBody>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status() == StatusCode::OK && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// The tags of `If-None-Match`; a proxy that packs the body makes them weak, and they mean the same here.
fn known(headers: &HeaderMap) -> Vec<String> {
    let tags = headers.get_all(header::IF_NONE_MATCH);
    let tags = tags
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    tags.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect()
}

fn tag(version: Option<&HeaderValue>, body: &Bytes) -> String {
    let digest = Sha256::digest(body);
    let digest = URL_SAFE_NO_PAD.encode(digest.get(..DIGEST_BYTES).unwrap_or_default());
    match version.and_then(|tag| tag.to_str().ok()) {
        Some(version) => format!("\"{}.{digest}\"", version.trim_matches('"')),
        None => format!("\"{digest}\""),
    }
}
