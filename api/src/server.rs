//! The server: routes, middleware and what handlers share, on a listener that the caller owns.
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpMessage, HttpServer};
use persistence::Store;
use persistence::vault::Vault;
use utoipa_actix_web::AppExt;
use uuid::Uuid;

use crate::auth::password::Passwords;
use crate::auth::token::Signer;
use crate::auth::{Desk, Gate};
use crate::extract::{CursorKey, LARGEST_BODY, Language};
use crate::problem::Failure;
use crate::{openapi, routes};

/// What the server is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// The keys of sealed columns; they sign page cursors too.
    pub vault: Arc<Vault>,
    /// What signs and verifies access tokens.
    pub signer: Arc<Signer>,
    /// What makes and checks password hashes.
    pub passwords: Passwords,
    /// Threads that answer requests: 1 to 64.
    pub workers: usize,
}

/// The server on `listener`. It runs when awaited, until its handle stops it.
///
/// # Errors
/// When the socket cannot be used.
pub fn server(parts: &Parts, listener: TcpListener) -> std::io::Result<Server> {
    let contract: Arc<str> = openapi::contract().into();
    let gate = Gate::new(parts.store.clone(), Arc::clone(&parts.signer));
    let desk = Desk::new(parts.store.clone(), Arc::clone(&parts.signer), parts.passwords.clone());
    let (store, cursors) = (parts.store.clone(), CursorKey::new(Arc::clone(&parts.vault)));
    let server = HttpServer::new(move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(routes::configure)
            .split_for_parts();
        app.app_data(Data::new(store.clone()))
            .app_data(Data::new(gate.clone()))
            .app_data(Data::new(desk.clone()))
            .app_data(Data::new(cursors.clone()))
            .app_data(Data::new(routes::system::Contract(Arc::clone(&contract))))
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .app_data(web::PathConfig::default().error_handler(|_, _| Failure::NoSuchAddress.into()))
            .configure(routes::docs)
            .default_service(web::to(async || {
                Err::<actix_web::HttpResponse, _>(Failure::NoSuchAddress)
            }))
            .wrap(Compress::default())
            .wrap(from_fn(speak))
    });
    let server = server
        .workers(parts.workers)
        .client_request_timeout(Duration::from_secs(10))
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// Puts problems into the caller's language, gives each answer its trace id and safe headers, and logs it once.
async fn speak(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let trace_id = Uuid::now_v7().to_string();
    let language = Language::of(&request);
    let (method, path) = (
        request.method().clone(),
        request.match_pattern().unwrap_or_else(|| "unmatched".to_owned()),
    );
    request.extensions_mut().insert(TraceId(trace_id.clone()));
    // No copy of the request may be held here: the router needs it alone. Handlers' failures come as responses.
    let mut response = next.call(request).await?.map_into_boxed_body();
    let failure = response
        .response()
        .error()
        .map(|error| (error.as_error::<Failure>().is_some(), error.to_string()));
    if let Some((ours, text)) = failure {
        if response.status().is_server_error() {
            let chain = response.response().error().map(chain_of).unwrap_or_default();
            tracing::error!(trace.id = %trace_id, http.path = %path, error = %text, chain = %chain, "a request failed");
        }
        let spoken = response
            .response()
            .error()
            .and_then(|error| error.as_error::<Failure>().map(|f| f.answer(language, &trace_id)));
        let spoken = match spoken {
            Some(answer) => answer,
            None if !ours && response.status() == actix_web::http::StatusCode::METHOD_NOT_ALLOWED => {
                Failure::MethodNotAllowed.answer(language, &trace_id)
            }
            None => Failure::Unreadable(text).answer(language, &trace_id),
        };
        response = response.into_response(spoken);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        headers.insert(HeaderName::from_static("x-trace-id"), value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    tracing::info!(
        trace.id = %trace_id, http.method = %method, http.path = %path, http.status = response.status().as_u16(),
        took_ms = began.elapsed().as_millis(), "answered"
    );
    Ok(response)
}

/// The id under which this request is found in the log.
#[derive(Clone)]
pub(crate) struct TraceId(pub(crate) String);

fn chain_of(error: &actix_web::Error) -> String {
    let mut chain = Vec::new();
    let mut next = error.as_error::<Failure>().and_then(std::error::Error::source);
    while let Some(cause) = next {
        chain.push(cause.to_string());
        next = cause.source();
    }
    chain.join(": ")
}
