//! The id by which an answer is found again in the log.
use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

/// The request's trace id, for problems inside of an answer that is none as a whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct TraceId(pub(crate) String);

impl FromRequest for TraceId {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Self>().cloned().unwrap_or_default()))
    }
}
