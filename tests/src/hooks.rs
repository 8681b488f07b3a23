//! Another system that is told what happens: a real HTTP server that keeps what it is sent, checks nothing by itself, and
//! misbehaves as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::access::Role;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::client::Answer;
use crate::contract::Contract;
use crate::people::Person;
use crate::world::World;

/// What the system answers to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// This status, with further headers (a line each) and a text.
    Status(u16, &'static str, &'static str),
    /// What came, back again, with 500.
    Echo,
    /// Cuts the connection.
    Cut,
}

/// An event as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The path that it was sent to.
    pub path: String,
    /// Its headers, in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
    /// What was answered; 0 for a connection that was cut.
    pub answered: u16,
}

impl Received {
    /// A header.
    ///
    /// # Panics
    /// When it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// What has happened.
    ///
    /// # Panics
    /// When it does not say so.
    pub fn kind(&self) -> String {
        self.json()
            .get("type")
            .and_then(Value::as_str)
            .expect("a type")
            .to_owned()
    }

    /// What it says of its subject.
    ///
    /// # Panics
    /// When it is no event.
    pub fn data(&self) -> Value {
        self.json().get("data").cloned().expect("data")
    }

    /// Whether one of its signatures was made with this secret.
    ///
    /// # Panics
    /// When a header is missing or the secret is none.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").expect("a secret");
        let key = STANDARD.decode(key).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{at}.{}", self.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature").split(' ').any(|one| one == expected)
    }
}

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    refused: Mutex<Vec<String>>,
    received: Mutex<Vec<Received>>,
    holds: watch::Sender<bool>,
}

/// The system: on a free port of 127.0.0.1 until the value is dropped.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().expect("not poisoned")
}

impl Receiver {
    /// Starts one, on the runtime of the caller.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let task = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    /// Its address, as `127.0.0.1`.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Its address, by the name of the machine.
    pub fn url_by_name(&self) -> String {
        format!("http://localhost:{}/hook", self.address.port())
    }

    /// What to answer to the next events, after those already decided; 204 to those without.
    pub fn next(&self, times: usize, reply: &Reply) {
        locked(&self.shared.replies).extend(std::iter::repeat_n(reply.clone(), times));
    }

    /// From here on answers 500 to whatever speaks of this.
    pub fn refuses(&self, text: &str) {
        locked(&self.shared.refused).push(text.to_owned());
    }

    /// From here on leaves what comes without an answer, until it lets go.
    pub fn holds(&self) {
        self.shared.holds.send_replace(true);
    }

    /// Answers what it has left, and everything that comes.
    pub fn lets_go(&self) {
        self.shared.holds.send_replace(false);
    }

    /// Takes everything again.
    pub fn behaves(&self) {
        locked(&self.shared.refused).clear();
        locked(&self.shared.replies).clear();
    }

    /// Everything that came, in its order.
    pub fn received(&self) -> Vec<Received> {
        locked(&self.shared.received).clone()
    }

    /// What was taken, in its order.
    pub fn taken(&self) -> Vec<Received> {
        let all = self.received().into_iter();
        all.filter(|one| (200..300).contains(&one.answered)).collect()
    }

    /// The kinds of what was taken, in its order.
    ///
    /// # Panics
    /// When something is no event.
    pub fn kinds(&self) -> Vec<String> {
        self.taken().iter().map(Received::kind).collect()
    }

    /// Says that everything that came is an event as the contract describes it.
    ///
    /// # Panics
    /// When something is not.
    pub fn keeps_the_contract(&self) {
        for one in self.received() {
            if let Err(broken) = Contract::ours().judge_event(&one.body) {
                panic!("the event breaks the contract: {broken}");
            }
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        conversations.spawn(converse(stream, Arc::clone(&shared)));
    }
}

/// One connection, by RFC 9112, as far as a client needs it that sends whole bodies.
async fn converse(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let headers = headers(&mut stream).await?;
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let reply = decide(&shared, &body);
        let (status, more, text) = match &reply {
            Reply::Status(status, more, text) => (*status, (*more).to_owned(), (*text).to_owned()),
            Reply::Echo => (500, String::new(), format!("{headers:?} {body}")),
            Reply::Cut => (0, String::new(), String::new()),
        };
        locked(&shared.received).push(Received {
            path,
            headers,
            body,
            answered: status,
        });
        let mut holds = shared.holds.subscribe();
        holds.wait_for(|holds| !holds).await.map_err(io::Error::other)?;
        if reply == Reply::Cut {
            return Ok(());
        }
        let more = if more.is_empty() { more } else { format!("{more}\r\n") };
        let length = if status == 204 {
            String::new()
        } else {
            format!("content-length: {}\r\n", text.len())
        };
        let answer = format!("HTTP/1.1 {status} Said\r\n{length}{more}\r\n{text}");
        stream.get_mut().write_all(answer.as_bytes()).await?;
    }
}

async fn headers(stream: &mut BufReader<TcpStream>) -> io::Result<BTreeMap<String, String>> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim().split_once(':') else {
            return Ok(headers);
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
}

fn decide(shared: &Shared, body: &str) -> Reply {
    if locked(&shared.refused).iter().any(|text| body.contains(text)) {
        return Reply::Status(500, "", "not today");
    }
    let next = locked(&shared.replies).pop_front();
    next.unwrap_or(Reply::Status(204, "", ""))
}

/// A webhook as its administrator knows it.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its id.
    pub id: String,
    /// The secret that was shown when it was made.
    pub secret: String,
}

impl Hook {
    /// The one that an answer tells of.
    ///
    /// # Panics
    /// When it tells of none.
    pub fn of(answer: &Answer) -> Self {
        Self {
            id: answer.succeeded().string("id").to_owned(),
            secret: answer.string("secret").to_owned(),
        }
    }

    /// Its address in the API.
    pub fn path(&self) -> String {
        format!("/v1/webhooks/{}", self.id)
    }
}

impl World {
    /// An administrator of just that place.
    ///
    /// # Panics
    /// When there is no such place.
    pub async fn administrator_of(&self, place: &str) -> Person {
        self.staff(Role::Administrator, place).await
    }

    /// A place in the county, as a body names it.
    ///
    /// # Panics
    /// When there is none.
    pub fn id_of(&self, place: &str) -> Value {
        json!(self.county().place(place).id)
    }
}

impl Person {
    /// Adds a webhook.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all of these.
    pub async fn connects(&self, organisation: &Value, url: &str, events: &[&str]) -> Answer {
        let body = json!({ "organisation_id": organisation, "url": url, "events": events, "description": "数据平台" });
        self.post("/v1/webhooks", &body).await
    }

    /// What a webhook was told, the latest first.
    ///
    /// # Panics
    /// As [`Person::connects`].
    pub async fn log_of(&self, hook: &Hook) -> Vec<Value> {
        let log = self.get(&format!("{}/deliveries?limit=500", hook.path())).await;
        log.items().to_vec()
    }

    /// Sends something again by hand.
    ///
    /// # Panics
    /// As [`Person::connects`].
    pub async fn sends_again(&self, hook: &Hook, delivery: &Value) -> Answer {
        let id = delivery["id"].as_str().expect("an id");
        let path = format!("{}/deliveries/{id}/redeliver", hook.path());
        let client = self.client().await;
        client.call(reqwest::Method::POST, &path).send().await
    }
}
