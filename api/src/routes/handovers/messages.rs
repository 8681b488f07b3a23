//! What the two sides of a hand-over write to each other, and what both may know.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::access::{AnswerHandovers, ReadHandovers};
use domain::conversation::Speaker;
use domain::id::{EntryId, MessageId};
use persistence::Store;
use persistence::handovers::{self, Message, NewMessage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation::HandoverPath;
use crate::answer::recorded;
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{TimelineEntry, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(write).service(timeline);
}

/// A message to the other side.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandoverMessageBody {
    /// Its id, chosen by the client so that a repeated request is known; else the server's choice.
    id: Option<MessageId>,
    /// What is said.
    #[schema(min_length = 1, max_length = 2000, example = "请问王芳什么时候到你处？")]
    text: String,
}

impl Input for HandoverMessageBody {
    type Meaning = (Option<MessageId>, String);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let text = said(Some(self.text));
        if text.is_none() {
            faults.add("/text", "required");
        }
        Some((self.id, text?))
    }
}

/// What somebody wrote.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverMessageView {
    /// Its id.
    id: MessageId,
    /// When.
    at: DateTime<Utc>,
    /// Who wrote it.
    #[schema(example = "李书记")]
    who: String,
    /// For whom.
    speaker: Speaker,
    /// What is said.
    #[schema(example = "请问王芳什么时候到你处？")]
    text: String,
}

impl From<Message> for HandoverMessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            at: message.at,
            who: message.who,
            speaker: message.speaker,
            text: message.text,
        }
    }
}

/// Write to the other side: while the hand-over is open, and for thirty days after. The other side is told.
///
/// The same `id` again answers the message that is there and changes nothing.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath),
    request_body = HandoverMessageBody,
    responses(
        (status = 201, body = HandoverMessageView),
        (status = 200, description = "It was here before; nothing has changed", body = HandoverMessageView),
        (status = 409, description = "Settled more than thirty days ago"),
    ),
)]
#[post("/v1/handovers/{id}/messages")]
pub(crate) async fn write(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    Body((id, text)): Body<HandoverMessageBody>,
) -> Result<HttpResponse, Failure> {
    let (message, new) = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            handovers::write(tx, &scope, path.id, NewMessage { id, text })
        })
        .await?;
    Ok(recorded(HandoverMessageView::from(message), new))
}

/// List what the two sides wrote, oldest first.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["ReadHandovers"])),
    params(HandoverPath, PageQuery),
    responses((status = 200, body = Page<HandoverMessageView>)),
)]
#[get("/v1/handovers/{id}/messages")]
pub(crate) async fn list(
    May(scope): May<ReadHandovers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<HandoverPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<(NaiveDateTime, MessageId)>(&cursors)?);
    let rows = store
        .read(move |tx| handovers::messages(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| (row.at.naive_utc(), row.id))?;
    let items: Vec<HandoverMessageView> = rows.into_iter().map(HandoverMessageView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// One timeline for both sides, oldest first: what happened to the journey and the stay, and what was said between.
///
/// Each side sees its own events whole; of the other's, reasons and details that are internal are null.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["ReadHandovers"])),
    params(HandoverPath, PageQuery),
    responses((status = 200, body = Page<TimelineEntry>)),
)]
#[get("/v1/handovers/{id}/timeline")]
pub(crate) async fn timeline(
    May(scope): May<ReadHandovers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<HandoverPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let events = store
        .read(move |tx| handovers::timeline(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (events, next_cursor) = cut(events, limit, &cursors, |event| event.id)?;
    let items: Vec<TimelineEntry> = events.into_iter().map(TimelineEntry::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
