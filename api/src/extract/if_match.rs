//! The version that a change was decided on, in `If-Match`.
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use utoipa::IntoParams;

use crate::problem::{Failure, Fault};

/// The version in `If-Match: "<version>"`; without it the answer is 428.
pub(crate) struct IfMatch(pub(crate) i32);

/// For the contract.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the contract only")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` of the representation that the change was decided on.
    #[param(rename = "If-Match", example = "\"1\"")]
    if_match: String,
}

/// The version in front of the digest; a proxy that packs bodies makes a tag weak, and it means the same here.
fn version_in(tag: &str) -> Option<i32> {
    let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
    tag.split('.').next()?.parse().ok()
}

impl FromRequest for IfMatch {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(tag) = request.headers().get(header::IF_MATCH) else {
            return ready(Err(Failure::Unconditional));
        };
        let version = tag.to_str().ok().and_then(version_in);
        let fault = || Failure::Invalid(vec![Fault::new("?If-Match", "malformed", "\"<version>\"")]);
        ready(version.map(IfMatch).ok_or_else(fault))
    }
}
