//! Errors as RFC 9457 problems: the one place where an error becomes a status, a word and a sentence.
mod texts;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use domain::access::Denied;
use persistence::StoreError;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

pub(crate) use texts::{PROBLEMS, ProblemText};

use crate::extract::Language;

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// One fault of an input: where, which, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pub(crate) pointer: String,
    /// Stable word.
    pub(crate) code: String,
    /// What would be right, for the sentence: the limit, the list, the field's name.
    pub(crate) expected: String,
}

impl Fault {
    pub(crate) fn new(pointer: impl Into<String>, code: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            expected: expected.into(),
        }
    }
}

/// An error on its way out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No or bad token.
    #[error("no valid token")]
    Unauthenticated,
    /// Login and password do not match.
    #[error("wrong login or password")]
    WrongPassword,
    /// Somebody tries too often; seconds to wait.
    #[error("too many attempts")]
    TooMany(u64),
    /// The role is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such address.
    #[error("no such address")]
    NoSuchAddress,
    /// The address takes these methods only.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    /// If-Match is missing.
    #[error("If-Match is required")]
    Unconditional,
    /// The body is no JSON.
    #[error("unreadable body: {0}")]
    Unreadable(String),
    /// The body is larger than this many bytes.
    #[error("the body is too large")]
    TooLarge(usize),
    /// The body is not of this media type.
    #[error("unsupported media type")]
    UnsupportedMediaType(&'static str),
    /// The same request, under the same key, is under way.
    #[error("the same request is under way")]
    UnderWay,
    /// The key came with another request before.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// Input that can't be taken, with every fault.
    #[error("invalid input")]
    Invalid(Vec<Fault>),
    /// From the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug outside the store.
    #[error("internal failure: {0}")]
    Internal(String),
}

/// What the caller sees (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A stable address that explains the problem.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not_found")]
    kind: String,
    /// One line, the same for every such problem.
    #[schema(example = "没有这条记录，或者不在您的范围内")]
    title: String,
    /// The status again, for those who lost it.
    #[schema(example = 404)]
    status: u16,
    /// This occurrence, in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The problem as a stable word.
    #[schema(example = "not_found")]
    code: &'static str,
    /// To find this answer in the server's log.
    #[schema(example = "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f")]
    trace_id: String,
    /// Every fault of an input, or everything that is missing for a transition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FaultView>,
    /// The state that the thing is in, where a transition was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// The transitions that are possible now, where one was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<String>>,
}

/// One fault of an input.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// JSON pointer into the body, or `?name` for a query parameter.
    #[schema(example = "/destination/division_code")]
    pointer: String,
    /// Stable word.
    #[schema(example = "unknown_division")]
    code: String,
    /// What is wrong and what would be right.
    #[schema(example = "没有这个行政区划代码")]
    detail: String,
}

impl Failure {
    /// A single fault.
    pub(crate) fn invalid(pointer: &str, code: &str) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, "")])
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.row().0
    }

    /// Status and stable word: the only place that knows statuses.
    fn row(&self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::Unauthenticated => (S::UNAUTHORIZED, "unauthenticated"),
            Self::WrongPassword => (S::UNAUTHORIZED, "wrong_password"),
            Self::TooMany(_) => (S::TOO_MANY_REQUESTS, "too_many_attempts"),
            Self::Denied(_) | Self::Store(StoreError::Denied(_)) => (S::FORBIDDEN, "forbidden"),
            Self::NoSuchAddress | Self::Store(StoreError::NotFound(_)) => (S::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (S::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Unconditional => (S::PRECONDITION_REQUIRED, "if_match_required"),
            Self::Unreadable(_) => (S::BAD_REQUEST, "unreadable"),
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "too_large"),
            Self::UnsupportedMediaType(_) => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::UnderWay => (S::CONFLICT, "request_under_way"),
            Self::KeyReused => (S::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            Self::Invalid(_)
            | Self::Store(StoreError::Invalid { .. } | StoreError::Faults(_) | StoreError::Certificate(_)) => {
                (S::UNPROCESSABLE_ENTITY, "invalid")
            }
            Self::Store(StoreError::Stale) => (S::PRECONDITION_FAILED, "stale"),
            Self::Store(StoreError::Refused { .. }) => (S::CONFLICT, "transition_refused"),
            Self::Store(StoreError::Incomplete { .. }) => (S::CONFLICT, "not_yet"),
            Self::Store(StoreError::Unavailable(_)) => (S::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Store(StoreError::Bug(_)) | Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// Seconds after which the same call may go through.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::UnderWay => Some(1),
            Self::Store(StoreError::Unavailable(_)) => Some(5),
            _ => None,
        }
    }

    /// The problem in the caller's language.
    pub(crate) fn problem(&self, language: Language, trace_id: &str) -> Problem {
        let (status, code) = self.row();
        let (state, allowed) = match self {
            Self::Store(StoreError::Refused { state, allowed, .. } | StoreError::Incomplete { state, allowed, .. }) => {
                (
                    Some((*state).to_owned()),
                    Some(allowed.iter().map(|verb| (*verb).to_owned()).collect()),
                )
            }
            _ => (None, None),
        };
        Problem {
            kind: format!("/problems/{code}"),
            title: texts::title(code, language).to_owned(),
            status: status.as_u16(),
            detail: self.detail(language),
            code,
            trace_id: trace_id.to_owned(),
            errors: self.faults(language),
            state,
            allowed,
        }
    }

    fn faults(&self, language: Language) -> Vec<FaultView> {
        let view = |pointer: &str, code: &str, expected: &str| FaultView {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: texts::fault(code, expected, language),
        };
        match self {
            Self::Invalid(faults) => faults.iter().map(|f| view(&f.pointer, &f.code, &f.expected)).collect(),
            Self::Store(StoreError::Invalid { field, code }) => vec![view(field, code, "")],
            Self::Store(StoreError::Faults(faults)) => {
                faults.iter().map(|f| view(&f.at, f.code, &f.expected)).collect()
            }
            Self::Store(StoreError::Incomplete { missing, .. }) => {
                missing.iter().map(|one| view("", one.code, &one.wanted)).collect()
            }
            Self::Store(StoreError::Certificate(refusal)) => {
                let since = refusal.day().map(|day| day.to_string());
                vec![view("/token", refusal.code(), &since.unwrap_or_default())]
            }
            _ => Vec::new(),
        }
    }

    fn detail(&self, language: Language) -> Option<String> {
        match self {
            Self::Denied(Denied(permission)) | Self::Store(StoreError::Denied(Denied(permission))) => {
                Some(texts::needs(permission, language))
            }
            Self::Store(StoreError::Refused {
                state,
                verb,
                allowed,
                by,
            }) => Some(texts::refused(state, verb, allowed, by.as_deref(), language)),
            Self::Unreadable(why) => Some(why.clone()),
            Self::TooLarge(limit) => Some(texts::limit(*limit, language)),
            Self::UnsupportedMediaType(expected) => Some((*expected).to_owned()),
            _ => None,
        }
    }

    /// The answer in the caller's language.
    pub(crate) fn answer(&self, language: Language, trace_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.row().0);
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Self::MethodNotAllowed(allowed) = self {
            response.insert_header((header::ALLOW, allowed.as_str()));
        }
        if matches!(self, Self::Unauthenticated) {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let body = serde_json::to_value(self.problem(language, trace_id)).unwrap_or(Value::Null);
        response.insert_header((header::CONTENT_LANGUAGE, language.as_str()));
        response
            .insert_header((header::CONTENT_TYPE, PROBLEM_JSON))
            .body(body.to_string())
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.row().0
    }

    /// Spoken in the default language; [`crate::server`] puts it into the caller's.
    fn error_response(&self) -> HttpResponse {
        self.answer(Language::default(), "")
    }
}
