//! The query, unknown parameters refused.
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::problem::{Failure, Fault};

/// The query as `T`, which denies unknown fields.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = actix_web::web::Query::<T>::from_query(request.query_string());
        let fault = |error: actix_web::error::QueryPayloadError| {
            let why = error.to_string();
            let why = why.strip_prefix("Query deserialize error: ").unwrap_or(&why).to_owned();
            Failure::Invalid(vec![Fault::new("?", "unknown_parameter", why)])
        };
        ready(read.map(|query| Self(query.into_inner())).map_err(fault))
    }
}
