//! The server: routes, middleware and what handlers share, on a listener that the caller owns.
use std::collections::BTreeMap;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, HttpServer};
use notifications::templates::Templates;
use notifications::webhooks::Guard;
use persistence::Store;
use persistence::vault::Vault;
use uuid::Uuid;

use crate::auth::password::Passwords;
use crate::auth::token::Signer;
use crate::auth::{Desk, Gate};
use crate::conventions::{known_parameters, once, tagged};
use crate::extract::{CursorKey, LARGEST_BODY, Language, TraceId, identify};
use crate::openapi::{Routes, Served};
use crate::pace::Pace;
use crate::problem::Failure;
use crate::rosters::Exports;
use crate::routes;
use crate::routes::me::Streams;

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
    /// The addresses of the proxies before the server, which say for whom they ask.
    pub proxies: Vec<IpAddr>,
    /// Which addresses of other systems may be told anything.
    pub webhooks: Guard,
}

/// The server on `listener`. It runs when awaited, until its handle stops it.
///
/// # Errors
/// When the socket cannot be used, or a text has a mistake.
pub fn server(parts: &Parts, listener: TcpListener) -> std::io::Result<Server> {
    let Served {
        contract,
        methods,
        shapes,
    } = Served::of_routes();
    let (methods, shapes, streams) = (Data::new(Methods(methods)), Data::new(shapes), Streams::new());
    let gate = Gate::new(parts.store.clone(), Arc::clone(&parts.signer));
    let desk = Desk::new(parts.store.clone(), Arc::clone(&parts.signer), parts.passwords.clone());
    let exports = Exports::new();
    let pace = Pace::new(parts.store.clock(), parts.proxies.clone());
    let guard = parts.webhooks;
    let templates = Data::new(Templates::new().map_err(std::io::Error::other)?);
    let (store, cursors) = (parts.store.clone(), CursorKey::new(Arc::clone(&parts.vault)));
    let server = HttpServer::new(move || {
        let app = App::new().configure(|worker| routes::configure(&mut Routes::of(worker)));
        app.app_data(Data::new(store.clone()))
            .app_data(Data::new(gate.clone()))
            .app_data(Data::new(desk.clone()))
            .app_data(Data::new(cursors.clone()))
            .app_data(Data::new(exports.clone()))
            .app_data(Data::new(pace.clone()))
            .app_data(Data::new(guard))
            .app_data(templates.clone())
            .app_data(Data::new(routes::system::Contract(Arc::clone(&contract))))
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .app_data(web::PathConfig::default().error_handler(|_, _| Failure::NoSuchAddress.into()))
            .configure(routes::docs)
            .app_data(methods.clone())
            .default_service(web::to(unserved))
            .app_data(shapes.clone())
            .app_data(Data::new(streams.clone()))
            .wrap(from_fn(once))
            .wrap(from_fn(known_parameters))
            .wrap(from_fn(identify))
            .wrap(from_fn(tagged))
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
    let method = request.method().clone();
    request.extensions_mut().insert(TraceId(trace_id.clone()));
    let path = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    // No copy of the request may be held here: the router needs it alone. Handlers' failures come as responses.
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(spoken) = response
        .response()
        .error()
        .map(|error| spoken(error, language, &trace_id, &path))
    {
        response = response.into_response(spoken);
    }
    mark(response.headers_mut(), &trace_id);
    tracing::info!(
        trace.id = %trace_id, http.method = %method, http.path = %path, http.status = response.status().as_u16(),
        took_ms = began.elapsed().as_millis(), "answered"
    );
    Ok(response)
}

/// The problem that an error is, in the caller's language; a failure of ours is logged with what caused it.
fn spoken(error: &actix_web::Error, language: Language, trace_id: &str, path: &str) -> HttpResponse {
    if error.as_response_error().status_code().is_server_error() {
        tracing::error!(trace.id = %trace_id, http.path = %path, %error, causes = %causes(error), "a request failed");
    }
    match error.as_error::<Failure>() {
        Some(failure) => failure.answer(language, trace_id),
        None => Failure::Unreadable(error.to_string()).answer(language, trace_id),
    }
}

fn causes(error: &actix_web::Error) -> String {
    let mut causes = Vec::new();
    let mut next = error.as_error::<Failure>().and_then(std::error::Error::source);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.join(": ")
}

/// What every answer carries.
fn mark(headers: &mut HeaderMap, trace_id: &str) {
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert(HeaderName::from_static("x-trace-id"), value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// What no route takes: an address of ours by another method, or none of ours.
async fn unserved(request: HttpRequest, methods: Data<Methods>) -> Result<HttpResponse, Failure> {
    match request
        .match_pattern()
        .and_then(|pattern| methods.0.get(&pattern).cloned())
    {
        Some(allowed) => Err(Failure::MethodNotAllowed(allowed)),
        None => Err(Failure::NoSuchAddress),
    }
}

/// The methods of each address, as `Allow` lists them.
struct Methods(BTreeMap<String, String>);
