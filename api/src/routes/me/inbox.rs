//! What was said to me inside the app.
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use domain::id::EntryId;
use domain::notification::Occasion;
use persistence::Store;
use persistence::inbox::{self, Message, Owner};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::extract::{CursorKey, InSession, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(read);
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct InboxQuery {
    /// The last message that the app has; without it, from the first on.
    after: Option<EntryId>,
    /// Messages at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before, instead of `after`.
    cursor: Option<String>,
}

/// A message in an inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Its id; ids grow with time.
    id: EntryId,
    /// Why it was said.
    occasion: Occasion,
    /// The member, journey, stay, hand-over or branch that it is about.
    subject_id: Uuid,
    /// One line.
    #[schema(example = "三塘村党支部祝您生日快乐")]
    title: String,
    /// Plain text.
    #[schema(example = "王芳同志：\n\n今天是您的生日，三塘村党支部全体同志祝您生日快乐！")]
    body: String,
    /// When it was said.
    created_at: DateTime<Utc>,
    /// When it was read, or answered by other means.
    read_at: Option<DateTime<Utc>>,
}

impl MessageView {
    /// Its id.
    pub(super) const fn id(&self) -> EntryId {
        self.id
    }

    /// Whether it was read.
    pub(super) const fn is_read(&self) -> bool {
        self.read_at.is_some()
    }
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            occasion: message.occasion,
            subject_id: message.subject,
            title: message.title,
            body: message.body,
            created_at: message.created_at,
            read_at: message.read_at,
        }
    }
}

/// My inbox, oldest first.
#[utoipa::path(
    tag = "me",
    security(("token" = [])),
    params(InboxQuery),
    responses((status = 200, body = Page<MessageView>)),
)]
#[get("/v1/me/inbox")]
pub(crate) async fn list(
    InSession(actor, _): InSession,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<InboxQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, owner) = (page.limit()?, Owner::of(&actor));
    let after = page.position::<EntryId>(&cursors)?.or(query.after);
    let messages = store.read(move |tx| inbox::list(tx, &owner, after, limit + 1)).await?;
    let (messages, next_cursor) = cut(messages, limit, &cursors, |message| message.id)?;
    let items: Vec<MessageView> = messages.into_iter().map(MessageView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Which message.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct MessagePath {
    /// The message's id.
    id: EntryId,
}

/// Mark a message as read; the first time counts.
#[utoipa::path(
    tag = "me",
    security(("token" = [])),
    params(MessagePath),
    responses((status = 200, body = MessageView), (status = 404)),
)]
#[post("/v1/me/inbox/{id}/read")]
pub(crate) async fn read(
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<MessagePath>,
) -> Result<Json<MessageView>, Failure> {
    let owner = Owner::of(&actor);
    let message = store.write(move |tx| inbox::read(tx, &owner, path.id)).await?;
    Ok(Json(message.into()))
}
