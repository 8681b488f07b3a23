//! What was said to me inside the app.
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::id::EntryId;
use domain::notification::Occasion;
use persistence::Store;
use persistence::inbox::{self, Message, Owner};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::extract::{InSession, PageQuery, Query};
use crate::problem::Failure;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
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
}

/// A message in an inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Its id; ids grow with time.
    id: EntryId,
    /// Why it was said.
    occasion: Occasion,
    /// The member, journey, hand-over or branch that it is about.
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

/// Messages, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxView {
    /// The messages; the id of the last one is the next `after`.
    items: Vec<MessageView>,
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
    responses((status = 200, body = InboxView)),
)]
#[get("/v1/me/inbox")]
pub(crate) async fn list(
    InSession(actor, _): InSession,
    store: Data<Store>,
    Query(query): Query<InboxQuery>,
) -> Result<Json<InboxView>, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: None,
    };
    let (limit, owner) = (page.limit()?, Owner::of(&actor));
    let messages = store
        .read(move |tx| inbox::list(tx, &owner, query.after, limit))
        .await?;
    let items = messages.into_iter().map(MessageView::from).collect();
    Ok(Json(InboxView { items }))
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
