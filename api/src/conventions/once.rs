//! `Idempotency-Key`: a request that creates, sent twice by a shaky network, is carried out once and answered alike.
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, rt};
use persistence::Store;
use persistence::once::{self as answers, Asked, Known};
use serde::{Deserialize, Serialize};

use super::Shapes;
use crate::extract::{LARGEST_BODY, Language, TraceId, caller_of};
use crate::problem::{Failure, Fault};

/// The header with the caller's key.
pub(crate) const ONCE_HEADER: &str = "Idempotency-Key";
/// The header that says that an answer was given before.
pub(crate) const REPLAYED_HEADER: &str = "idempotency-replayed";
/// The longest key, characters.
const LONGEST_KEY: usize = 128;
/// The headers of an answer that belong to what it says.
const KEPT_HEADERS: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::CONTENT_LANGUAGE,
    header::ETAG,
    header::LOCATION,
    header::LINK,
];

/// An answer as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Carries out a request under a key once; the same request again gets the first answer.
pub(crate) async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let claimed = match claim(&mut request).await {
        Ok(claimed) => claimed,
        Err(failure) => return Ok(request.error_response(failure)),
    };
    match claimed {
        Claimed::Free => Ok(next.call(request).await?.map_into_boxed_body()),
        Claimed::Before(answer) => Ok(request.into_response(answer.replayed())),
        Claimed::Ours(store, asked) => {
            let (language, trace) = (Language::of(&request), trace_of(&mut request).await);
            // On its own: when the caller's line is cut, what was begun is finished and its answer is kept.
            let work = rt::spawn(async move {
                let response = next.call(request).await?.map_into_boxed_body();
                kept(&store, asked, response, language, &trace).await
            });
            work.await.map_err(|error| Failure::Internal(error.to_string()))?
        }
    }
}

enum Claimed {
    /// Without a key, or nothing is created.
    Free,
    /// Answered before.
    Before(Answer),
    /// To be carried out now, and kept.
    Ours(Store, Asked),
}

async fn claim(request: &mut ServiceRequest) -> Result<Claimed, Failure> {
    let creates = Shapes::of(request).is_some_and(|shape| shape.creates);
    let Some(key) = request.headers().get(ONCE_HEADER).filter(|_| creates) else {
        return Ok(Claimed::Free);
    };
    let (Ok((actor, _)), Some(store)) = (caller_of(request.request()), request.app_data::<Data<Store>>()) else {
        return Ok(Claimed::Free);
    };
    let key = readable(key)?;
    let store = store.get_ref().clone();
    let body = request
        .extract::<Bytes>()
        .await
        .map_err(|_large| Failure::TooLarge(LARGEST_BODY))?;
    let asked = Asked::new(
        actor.account,
        &key,
        request.method().as_str(),
        &request.uri().to_string(),
        &body,
    );
    request.set_payload(Payload::from(body));
    let wanted = asked.clone();
    match store.write(move |tx| answers::claim(tx, &wanted)).await? {
        Known::New => Ok(Claimed::Ours(store, asked)),
        Known::Answered(answer) => serde_json::from_slice(&answer)
            .map(Claimed::Before)
            .map_err(|error| Failure::Internal(error.to_string())),
        Known::UnderWay => Err(Failure::UnderWay),
        Known::Another => Err(Failure::KeyReused),
    }
}

fn readable(key: &HeaderValue) -> Result<String, Failure> {
    let fault = || Failure::Invalid(vec![Fault::new(format!("?{ONCE_HEADER}"), "malformed", "1–128 ASCII")]);
    let key = key.to_str().map_err(|_bytes| fault())?.trim();
    if key.is_empty() || key.len() > LONGEST_KEY || !key.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Err(fault());
    }
    Ok(key.to_owned())
}

async fn trace_of(request: &mut ServiceRequest) -> String {
    request
        .extract::<TraceId>()
        .await
        .map(|trace| trace.0)
        .unwrap_or_default()
}

/// Keeps an answer that says something about the request; one that says only that we are in trouble is forgotten.
async fn kept(
    store: &Store,
    asked: Asked,
    response: ServiceResponse<BoxBody>,
    language: Language,
    trace: &str,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let passing = response.status().is_server_error() || response.status() == StatusCode::TOO_MANY_REQUESTS;
    if passing {
        remember(store, move |tx| answers::forget(tx, &asked)).await;
        return Ok(response);
    }
    let failure = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Failure>());
    let response = match failure.map(|failure| failure.answer(language, trace)) {
        Some(spoken) => response.into_response(spoken),
        None => response,
    };
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let answer = Answer::of(response.status(), response.headers(), &body);
    remember(store, move |tx| {
        let answer = serde_json::to_vec(&answer).map_err(persistence::StoreError::corrupt)?;
        answers::keep(tx, &asked, &answer)
    })
    .await;
    Ok(ServiceResponse::new(
        request,
        response.set_body(body).map_into_boxed_body(),
    ))
}

/// Writes what is to be known of a request. What was done stays done when that fails.
async fn remember(
    store: &Store,
    write: impl FnOnce(&mut persistence::Tx<'_>) -> Result<(), persistence::StoreError> + Send + 'static,
) {
    if let Err(error) = store.write(write).await {
        tracing::warn!(%error, "an answer could not be kept under its key");
    }
}

impl Answer {
    fn of(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        let text = |name: &HeaderName| {
            let value = headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        };
        Self {
            status: status.as_u16(),
            headers: KEPT_HEADERS.iter().filter_map(text).collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    fn replayed(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        for (name, value) in self.headers {
            response.insert_header((name, value));
        }
        response.insert_header((REPLAYED_HEADER, "true"));
        response.body(self.body)
    }
}
