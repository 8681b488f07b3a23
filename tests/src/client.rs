//! Speaks HTTP to the server, holds every answer against the contract, and lets a story say what it expects.

use std::ops::Index;

use reqwest::Method;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, IF_MATCH};
use serde_json::Value;

use crate::contract::Contract;

/// Somebody at the other end of the line: with a token or without one.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    language: &'static str,
}

/// A call that is being put together; `.await` what [`Call::send`] gives.
#[derive(Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct Call {
    what: String,
    method: Method,
    path: String,
    request: reqwest::RequestBuilder,
}

impl Client {
    /// Nobody in particular; `base` is `http://host:port`.
    pub fn stranger(base: String) -> Self {
        Self {
            http: reqwest::Client::new(),
            base,
            token: None,
            language: "zh-CN",
        }
    }

    /// The same caller with a bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same caller, who reads this language (`zh-CN`, `en`).
    #[must_use]
    pub fn reading(&self, language: &'static str) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// The bearer token, if there is one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A call of `path`, which begins with a slash and may carry a query.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        request = request.header(ACCEPT_LANGUAGE, self.language);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let bare = path.split('?').next().unwrap_or_default().to_owned();
        Call {
            what: format!("{method} {path}"),
            method,
            path: bare,
            request,
        }
    }

    /// A request of which the story reads the answer by itself, byte by byte: nothing is held against the contract.
    pub fn raw(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Reads.
    ///
    /// # Panics
    /// When the server is gone or the answer breaks the contract; so do all of these.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    /// Posts a body.
    ///
    /// # Panics
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).body(body).send().await
    }
}

impl Call {
    /// With a JSON body.
    pub fn body(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// With a form of several parts, for files.
    pub fn form(mut self, form: reqwest::multipart::Form) -> Self {
        self.request = self.request.multipart(form);
        self
    }

    /// With the version that the caller has seen.
    pub fn if_match(mut self, version: i64) -> Self {
        self.request = self.request.header(IF_MATCH, format!("\"{version}\""));
        self
    }

    /// Under a key, so that it may be sent twice.
    pub fn once(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// With any other header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sends it and holds the answer against the contract.
    ///
    /// # Panics
    /// When the server is gone or the answer breaks the contract.
    pub async fn send(self) -> Answer {
        let response = self
            .request
            .send()
            .await
            .unwrap_or_else(|e| panic!("{}: no answer: {e}", self.what));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A stream of events has no end: the story reads it by itself, with `raw`.
        let endless = headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "text/event-stream");
        let bytes = if endless {
            Ok(Vec::new())
        } else {
            response.bytes().await.map(|bytes| bytes.to_vec())
        };
        let bytes = bytes.unwrap_or_else(|e| panic!("{}: cut off: {e}", self.what));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let media_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let method = self.method.as_str().to_ascii_lowercase();
        if let Err(broken) = Contract::ours().judge(&method, &self.path, status, media_type, &text) {
            panic!("the answer breaks the contract: {broken}");
        }
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer {
            what: self.what,
            status,
            headers,
            bytes,
            text,
            body,
        }
    }
}

/// An answer that the contract promises.
#[derive(Debug, Clone)]
pub struct Answer {
    what: String,
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
    text: String,
    body: Value,
}

impl Answer {
    /// Its status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body, null where it is no JSON.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The body as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The body as it came, for what is no text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A header, where there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A text of the body.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    pub fn string(&self, field: &str) -> &str {
        self[field]
            .as_str()
            .unwrap_or_else(|| panic!("no text `{field}` in {self}"))
    }

    /// The version of what was answered.
    ///
    /// # Panics
    /// When it has none.
    #[track_caller]
    pub fn version(&self) -> i64 {
        self["version"]
            .as_i64()
            .unwrap_or_else(|| panic!("no version in {self}"))
    }

    /// The things of a page.
    ///
    /// # Panics
    /// When it is no page.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.succeeded()["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no page: {self}"))
    }

    /// Says that it went well.
    ///
    /// # Panics
    /// When it did not; so do all that follow.
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        assert!((200..300).contains(&self.status), "expected success: {self}");
        self
    }

    /// Says that the thing is in this state now.
    ///
    /// # Panics
    /// When it is in another.
    #[track_caller]
    pub fn is(&self, state: &str) -> &Self {
        assert_eq!(self.succeeded()["state"], state, "{self}");
        self
    }

    /// Says which transitions are offered, in any order.
    ///
    /// # Panics
    /// When others are.
    #[track_caller]
    pub fn allows(&self, verbs: &[&str]) -> &Self {
        let mut offered: Vec<_> = self["allowed"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut wanted = verbs.to_vec();
        offered.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(offered, wanted, "{self}");
        self
    }

    /// Says that it failed with the problem of this stable word.
    ///
    /// # Panics
    /// When it succeeded or failed otherwise.
    #[track_caller]
    pub fn is_refused(&self, code: &str) -> &Self {
        assert!(self.status >= 400, "expected `{code}`: {self}");
        assert_eq!(self["code"], code, "{self}");
        assert_eq!(self["status"], self.status, "{self}");
        self
    }

    /// Says that this fault of the input is among those named.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn names_fault(&self, pointer: &str, code: &str) -> &Self {
        let mut faults = self["errors"].as_array().into_iter().flatten();
        assert!(
            faults.any(|fault| fault["pointer"] == pointer && fault["code"] == code),
            "no {code} at {pointer}: {self}"
        );
        self
    }

    /// Says that a field holds this value.
    ///
    /// # Panics
    /// When it holds another.
    #[track_caller]
    pub fn has(&self, field: &str, value: impl Into<Value>) -> &Self {
        assert_eq!(self.succeeded()[field], value.into(), "`{field}` of {self}");
        self
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    /// A field of the body; null where there is none.
    fn index(&self, field: &str) -> &Value {
        self.body.get(field).unwrap_or(&Value::Null)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {}: {}", self.what, self.status, self.text)
    }
}
