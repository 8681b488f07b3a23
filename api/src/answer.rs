//! Answers that carry a version, in `ETag`; [`crate::conventions`] answers 304 to who has it already.
use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

/// A representation that counts its changes.
pub(crate) trait Versioned: Serialize {
    /// How often it was changed, from 1.
    fn version(&self) -> i32;
}

/// A versioned representation as an answer.
pub(crate) struct Tagged<T> {
    status: StatusCode,
    view: T,
}

impl<T: Versioned> Tagged<T> {
    /// 200.
    pub(crate) const fn ok(view: T) -> Self {
        Self {
            status: StatusCode::OK,
            view,
        }
    }

    /// 201.
    pub(crate) const fn created(view: T) -> Self {
        Self {
            status: StatusCode::CREATED,
            view,
        }
    }
}

impl<T: Versioned> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let tag = format!("\"{}\"", self.view.version());
        HttpResponse::build(self.status)
            .insert_header((header::ETAG, tag))
            .json(self.view)
    }
}

/// What was recorded under an id that the caller chose: 201 where it is new, 200 where it was here before.
pub(crate) fn recorded(view: impl Serialize, new: bool) -> HttpResponse {
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    HttpResponse::build(status).json(view)
}
