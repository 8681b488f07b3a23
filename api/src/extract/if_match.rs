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
    #[param(
        rename = "If-Match",
        example = "\"1\"",
        pattern = r#"^(W/)?"[1-9][0-9]{0,8}(\.[A-Za-z0-9_-]+)?"$"#
    )]
    if_match: String,
}

/// The version in front of the digest; a proxy that packs bodies makes a tag weak, and it means the same here.
fn version_in(tag: &str) -> Option<i32> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let tag = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let (version, digest) = tag.split_once('.').unwrap_or((tag, "-"));
    let in_digest = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let well_formed = !digest.is_empty() && digest.chars().all(in_digest) && version.len() <= 9;
    version
        .parse()
        .ok()
        .filter(|number| *number > 0 && well_formed && !version.starts_with(['+', '0']))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_before_the_digest() {
        for (tag, version) in [("\"7\"", 7), ("\"7.0tXcP4q1jMZ8aWbR\"", 7), ("W/\"120.a_-\"", 120)] {
            assert_eq!(version_in(tag), Some(version), "{tag}");
        }
        for tag in [
            "7",
            "*",
            "\"\"",
            "\"0\"",
            "\"+7\"",
            "\"07\"",
            "\"7.\"",
            "\"7.a.b\"",
            "\"7\", \"8\"",
            "\"1234567890\"",
        ] {
            assert_eq!(version_in(tag), None, "{tag}");
        }
    }
}
