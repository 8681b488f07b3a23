//! New messages as they come: a stream of server-sent events that goes on where it was cut.
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::id::{EntryId, SessionId};
use futures_util::stream;
use persistence::inbox::{self, Message, Owner};
use persistence::{Store, StoreError, sessions};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};
use utoipa::IntoParams;

use super::inbox::MessageView;
use crate::extract::{InSession, Query};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(events);
}

/// How many streams one server holds open.
const MOST_STREAMS: usize = 500;
/// How often a stream looks for what is new.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a stream is silent before it says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// How long a reader may take for an event before it is let go; it comes back where it was.
const SLOWEST_READER: Duration = Duration::from_secs(10);
/// Events on their way to one reader.
const ON_THE_WAY: usize = 16;
/// Messages read at once.
const AT_ONCE: i64 = 100;
/// The header in which a reader that comes back names the last event that it has.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The places for streams.
#[derive(Clone)]
pub(crate) struct Streams(Arc<Semaphore>);

impl Streams {
    /// As many as one server holds open.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MOST_STREAMS)))
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let full = |error| Failure::Store(StoreError::Unavailable(Box::new(error)));
        Arc::clone(&self.0).try_acquire_owned().map_err(full)
    }
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    /// The last message that the app has, where it cannot send `Last-Event-ID`; without either, what is new from now on.
    after: Option<EntryId>,
}

/// For the contract.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the contract only")]
struct LastEventHeader {
    /// The last message that the app has.
    #[param(rename = "Last-Event-ID", nullable = false)]
    last_event_id: Option<EntryId>,
}

/// One reader's stream.
struct Listener {
    store: Store,
    owner: Owner,
    session: SessionId,
    after: Option<EntryId>,
    out: mpsc::Sender<Bytes>,
}

/// New messages as they come, as server-sent events.
///
/// Each event is a `message` whose id is the message's and whose data is as in the inbox. A reader that comes back, to
/// this server or another, names the last one it has in `Last-Event-ID` and goes on from there. A comment each 25 seconds
/// says that the line is open; the end of the session closes it. With no place left the answer is 503: the inbox may be
/// asked instead.
#[utoipa::path(
    tag = "me",
    security(("token" = [])),
    params(EventsQuery, LastEventHeader),
    responses((status = 200, description = "A stream of events", body = String, content_type = "text/event-stream")),
)]
#[get("/v1/me/events")]
pub(crate) async fn events(
    InSession(actor, session): InSession,
    store: Data<Store>,
    streams: Data<Streams>,
    Query(query): Query<EventsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let place = streams.place()?;
    let owner = Owner::of(&actor);
    let after = match request.headers().get(LAST_EVENT_ID) {
        Some(id) => Some(named(id)?),
        None => query.after,
    };
    let after = match after {
        None => newest(&store, owner.clone()).await?,
        known => known,
    };
    let (out, events) = mpsc::channel(ON_THE_WAY);
    let store = store.get_ref().clone();
    let listener = Listener {
        store,
        owner,
        session,
        after,
        out,
    };
    tokio::spawn(async move {
        listener.run().await;
        drop(place);
    });
    let body = stream::unfold(events, |mut events: mpsc::Receiver<Bytes>| async move {
        let event = events.recv().await?;
        Some((Ok::<_, actix_web::Error>(event), events))
    });
    // Packing would hold events back.
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body))
}

fn named(id: &HeaderValue) -> Result<EntryId, Failure> {
    let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    id.ok_or_else(|| Failure::Invalid(vec![Fault::new("?Last-Event-ID", "malformed", "uuid")]))
}

/// The newest message that has rested: what is new comes after it.
async fn newest(store: &Store, owner: Owner) -> Result<Option<EntryId>, Failure> {
    let rested = store.now() - inbox::REST;
    let newest = store.read(move |tx| inbox::newest(tx, &owner, AT_ONCE)).await?;
    let mut rested = newest.into_iter().rev().filter(|message| message.created_at <= rested);
    Ok(rested.next().map(|message| message.id))
}

impl Listener {
    /// Tells what is new until the reader or the session is gone. While the database is away there is nothing new.
    async fn run(mut self) {
        let mut open = self.say("retry: 3000\n\n".to_owned()).await;
        let mut said = Instant::now();
        while open {
            match self.news().await {
                Ok(None) => return,
                Ok(Some(messages)) => {
                    for message in messages {
                        self.after = Some(message.id);
                        said = Instant::now();
                        open = open && self.say(event(message)).await;
                    }
                }
                Err(error) => tracing::debug!(%error, "a stream looks again later"),
            }
            if said.elapsed() >= HEARTBEAT {
                said = Instant::now();
                open = open && self.say(":\n\n".to_owned()).await;
            }
            tokio::select! {
                () = self.out.closed() => return,
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// What is new; none once the session has ended.
    async fn news(&self) -> Result<Option<Vec<Message>>, StoreError> {
        let (owner, session, after) = (self.owner.clone(), self.session, self.after);
        let news = self.store.read(move |tx| {
            if sessions::actor_of(tx, session)?.is_none() {
                return Ok(None);
            }
            inbox::rested(tx, &owner, after, AT_ONCE).map(Some)
        });
        news.await
    }

    async fn say(&self, text: String) -> bool {
        hand_over(&self.out, text).await
    }
}

/// Whether the reader took it in time.
async fn hand_over(reader: &mpsc::Sender<Bytes>, text: String) -> bool {
    let sent = timeout(SLOWEST_READER, reader.send(Bytes::from(text))).await;
    matches!(sent, Ok(Ok(())))
}

fn event(message: Message) -> String {
    let id = message.id;
    let data = serde_json::to_string(&MessageView::from(message)).unwrap_or_default();
    format!("id: {id}\nevent: message\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_places_and_no_more() {
        let streams = Streams(Arc::new(Semaphore::new(2)));
        let (first, second) = (streams.place(), streams.place());
        assert!(first.is_ok() && second.is_ok());
        let third = streams.place().map_err(|failure| failure.status().as_u16());
        assert_eq!(third.err(), Some(503));
        drop(first);
        assert!(streams.place().is_ok());
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_let_go() {
        let (out, reader) = mpsc::channel(1);
        assert!(hand_over(&out, "first".to_owned()).await);
        let began = Instant::now();
        assert!(!hand_over(&out, "second".to_owned()).await);
        assert!(began.elapsed() >= SLOWEST_READER, "and not before");
        drop(reader);
        assert!(!hand_over(&out, "third".to_owned()).await, "one that is gone at once");
    }
}
