//! Sends one event to one address, signed as the Standard Webhooks specification has it. Follows no redirect, uses no
//! proxy, and reads of the answer no more than the log keeps.
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::webhook::ANSWER_CHARS;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use persistence::webhooks::{Address, Claimed, Secret};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sha2::Sha256;

use super::guard::{Guard, Resolver};
use crate::planner::chain;

/// How long a connection may take.
const CONNECTS_IN: Duration = Duration::from_secs(5);
/// How long a whole attempt may take.
const ANSWERS_IN: Duration = Duration::from_secs(15);
/// The longest that an address may ask for with `Retry-After`.
const ASKS_FOR_AT_MOST: TimeDelta = TimeDelta::hours(6);
/// Who sends.
const SENDER: &str = concat!("kiteline/", env!("CARGO_PKG_VERSION"));

/// How events are sent.
#[derive(Debug, Clone, Default)]
pub struct WebhookSettings {
    /// Where to.
    pub guard: Guard,
    /// Certificates in PEM that an address's own may be signed by, beside the public authorities.
    pub authority: Option<PathBuf>,
}

/// The certificates that the settings name can't be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookSettingsError {
    /// The file can't be read.
    #[error("the certificates can't be read")]
    Authority(#[source] std::io::Error),
    /// There is none in it, or one that means nothing.
    #[error("a certificate means nothing")]
    Certificate(#[source] rustls::Error),
    /// The cipher suites do not fit each other.
    #[error("no common version of TLS")]
    Tls(#[source] rustls::Error),
}

/// What came of an attempt.
pub(super) enum Answer {
    /// A status, the beginning of what was said, and how long the address asks to be left alone.
    Said(u16, String, Option<TimeDelta>),
    /// Nothing came, and why.
    Nothing(String),
}

/// Sends events over connections that are used again.
pub(crate) struct Courier {
    guard: Guard,
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
}

impl Courier {
    /// Opens no connection yet.
    pub(crate) fn new(settings: &WebhookSettings) -> Result<Self, WebhookSettingsError> {
        let mut connector = HttpConnector::new_with_resolver(Resolver(settings.guard));
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECTS_IN));
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(settings.authority.as_deref())?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        Ok(Self {
            guard: settings.guard,
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Sends one event at `now`.
    pub(super) async fn send(&self, address: &Address, event: &Claimed, now: DateTime<Utc>) -> Answer {
        let request = match self.request(address, event, now) {
            Ok(request) => request,
            Err(why) => return Answer::Nothing(why),
        };
        let conversation = async {
            let response = self.client.request(request).await.map_err(|error| chain(&error))?;
            let (status, pause) = (response.status().as_u16(), asked_pause(response.headers()));
            Ok(Answer::Said(status, beginning(response).await, pause))
        };
        match tokio::time::timeout(ANSWERS_IN, conversation).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => Answer::Nothing(why),
            Err(_late) => Answer::Nothing("no answer in time".to_owned()),
        }
    }

    fn request(&self, to: &Address, event: &Claimed, now: DateTime<Utc>) -> Result<Request<Full<Bytes>>, String> {
        let url = self.guard.read(&to.url).map_err(|why| why.to_string())?;
        let (id, timestamp) = (event.id.to_string(), now.timestamp());
        let signature = signatures(&to.secrets, &id, timestamp, &event.body).ok_or("it can't be signed")?;
        Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, SENDER)
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(Full::from(event.body.clone()))
            .map_err(|error| error.to_string())
    }
}

/// One signature a secret, the present one's first, separated by spaces.
fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> Option<String> {
    let one = |secret: &Secret| sign(secret.key(), id, timestamp, body);
    let all = secrets.iter().map(one).collect::<Option<Vec<_>>>()?;
    Some(all.join(" "))
}

/// `v1,base64(HMAC-SHA256(key, id.timestamp.body))`; none never, for the key may have any length.
fn sign(key: &[u8], id: &str, timestamp: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// `Retry-After` in seconds, as far as it is reasonable.
fn asked_pause(headers: &HeaderMap) -> Option<TimeDelta> {
    let seconds: i64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    let pause = TimeDelta::try_seconds(seconds)?;
    Some(pause.clamp(TimeDelta::zero(), ASKS_FOR_AT_MOST))
}

/// What the log keeps of an answer: its beginning, without what a terminal would obey, and without anything that looks
/// like a key or a signature of ours, should somebody send back what came.
async fn beginning(response: Response<Incoming>) -> String {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while bytes.len() < 4 * ANSWER_CHARS {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    shown(&String::from_utf8_lossy(&bytes))
}

fn shown(text: &str) -> String {
    let clean = |word: &str| {
        let secret = word.contains("whsec_") || word.contains("v1,");
        if secret { "…".to_owned() } else { word.to_owned() }
    };
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<String> = visible.split_whitespace().map(clean).collect();
    words.join(" ").chars().take(ANSWER_CHARS).collect()
}

fn tls(authority: Option<&Path>) -> Result<ClientConfig, WebhookSettingsError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for certificate in authority.map(certificates_in).transpose()?.into_iter().flatten() {
        roots.add(certificate).map_err(WebhookSettingsError::Certificate)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(WebhookSettingsError::Tls)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn certificates_in(file: &Path) -> Result<Vec<CertificateDer<'static>>, WebhookSettingsError> {
    let unreadable = |why: std::io::Error| WebhookSettingsError::Authority(why);
    let pem = std::fs::read(file).map_err(unreadable)?;
    let invalid = |why: String| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, why));
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| invalid(error.to_string()))?;
    if found.is_empty() {
        return Err(invalid("no certificate in it".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn an_answer_is_kept_short_and_tells_no_secret() {
        assert_eq!(
            shown("got\u{1b}[31m whsec_c2VjcmV0\r\nv1,g0hM9SsE= {\"x\":\"v1,g0=\"} thanks"),
            "got [31m … … … thanks"
        );
        assert_eq!(shown(&"长".repeat(900)).chars().count(), ANSWER_CHARS);
    }

    #[test]
    fn a_pause_that_is_asked_for_has_its_limits() {
        let asked = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            asked_pause(&headers)
        };
        assert_eq!(asked("120"), Some(TimeDelta::minutes(2)));
        assert_eq!(asked("-5"), Some(TimeDelta::zero()));
        assert_eq!(asked("99999999"), Some(ASKS_FOR_AT_MOST));
        assert_eq!(asked("Fri, 31 Dec 2027 23:59:59 GMT"), None);
    }
}
