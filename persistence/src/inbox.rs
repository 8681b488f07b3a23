//! What was said inside the app.
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::Actor;
use domain::id::EntryId;
use domain::notification::{Key, Occasion};
use uuid::Uuid;

use crate::db::{Engine, each};
use crate::kept::Keep as _;
use crate::schema::inbox;
use crate::types::Id;
use crate::{StoreError, Tx};

/// A message in an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id; ids grow with time.
    pub id: EntryId,
    /// Why it was said.
    pub occasion: Occasion,
    /// The member, journey, hand-over or branch that it is about.
    pub subject: Uuid,
    /// One line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// When it was said.
    pub created_at: DateTime<Utc>,
    /// When it was read, or answered by other means.
    pub read_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = inbox, check_for_backend(Engine))]
struct Row {
    id: Id,
    occasion: String,
    subject_id: Id,
    title: String,
    body: String,
    created_at: NaiveDateTime,
    read_at: Option<NaiveDateTime>,
}

impl TryFrom<Row> for Message {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.to(),
            occasion: row.occasion.parse().map_err(StoreError::corrupt)?,
            subject: row.subject_id.0,
            title: row.title,
            body: row.body,
            created_at: row.created_at.and_utc(),
            read_at: row.read_at.map(|at| at.and_utc()),
        })
    }
}

/// Whose inbox: that of whoever is logged in, as an account and as the member behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(Vec<Id>);

impl Owner {
    /// The actor's own.
    pub fn of(actor: &Actor) -> Self {
        let member = actor.member.map(Id::of);
        Self([Id::of(actor.account)].into_iter().chain(member).collect())
    }
}

/// The messages of an inbox after `after`, oldest first, at most `limit`. O(limit).
///
/// # Errors
/// When the store fails.
pub fn list(tx: &mut Tx<'_>, owner: &Owner, after: Option<EntryId>, limit: i64) -> Result<Vec<Message>, StoreError> {
    let mut query = inbox::table
        .filter(inbox::recipient_id.eq_any(owner.0.clone()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(inbox::id.gt(Id::of(after)));
    }
    let rows: Vec<Row> = query
        .order(inbox::id)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Message::try_from).collect()
}

/// The newest messages of an inbox, oldest first, at most `limit`. O(limit).
///
/// # Errors
/// When the store fails.
pub fn newest(tx: &mut Tx<'_>, owner: &Owner, limit: i64) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<Row> = inbox::table
        .filter(inbox::recipient_id.eq_any(owner.0.clone()))
        .order(inbox::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().rev().map(Message::try_from).collect()
}

/// How long a message rests before it is told on a stream: whatever has an earlier id is stored by then, so that who goes
/// on after an id misses nothing.
pub const REST: Duration = Duration::seconds(3);

/// As [`list`], without what has not rested for [`REST`].
///
/// # Errors
/// When the store fails.
pub fn rested(tx: &mut Tx<'_>, owner: &Owner, after: Option<EntryId>, limit: i64) -> Result<Vec<Message>, StoreError> {
    let rested = tx.now() - REST;
    let messages = list(tx, owner, after, limit)?;
    Ok(messages
        .into_iter()
        .take_while(|message| message.created_at <= rested)
        .collect())
}

/// Marks a message as read; the first time counts.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not in this inbox.
pub fn read(tx: &mut Tx<'_>, owner: &Owner, id: EntryId) -> Result<Message, StoreError> {
    let message = || {
        inbox::table
            .filter(inbox::recipient_id.eq_any(owner.0.clone()))
            .filter(inbox::id.eq(Id::of(id)))
    };
    diesel::update(message().filter(inbox::read_at.is_null()))
        .set(inbox::read_at.eq(tx.at()))
        .execute(tx.db)?;
    let row: Option<Row> = message().select(Row::as_select()).first(tx.db).optional()?;
    row.ok_or(StoreError::NotFound("message"))?.try_into()
}

/// Marks what was asked in the inbox about `subject` as read: it was answered, or a newer prompt takes its place.
pub(crate) fn answered(
    tx: &mut Tx<'_>,
    recipient: Uuid,
    subject: Uuid,
    prompts: &[Occasion],
) -> Result<(), StoreError> {
    if prompts.is_empty() {
        return Ok(());
    }
    let at = tx.at();
    each!(tx.db, c => diesel::update(
        inbox::table
            .filter(inbox::recipient_id.eq(Id(recipient)))
            .filter(inbox::subject_id.eq(Id(subject)))
            .filter(inbox::occasion.eq_any(prompts.iter().map(|occasion| occasion.as_str())))
            .filter(inbox::read_at.is_null()),
    )
    .set(inbox::read_at.eq(at))
    .kept()
    .execute(c))?;
    Ok(())
}

/// Puts a message into an inbox; a prompt takes the place of an unread one that it merges with.
pub(crate) fn put(tx: &mut Tx<'_>, key: &Key, title: &str, body: &str) -> Result<(), StoreError> {
    answered(tx, key.recipient, key.subject, key.occasion.merges_with())?;
    let id: EntryId = tx.fresh();
    diesel::insert_into(inbox::table)
        .values((
            inbox::recipient_id.eq(Id(key.recipient)),
            inbox::id.eq(Id::of(id)),
            inbox::occasion.eq(key.occasion.as_str()),
            inbox::subject_id.eq(Id(key.subject)),
            inbox::title.eq(title),
            inbox::body.eq(body),
            inbox::created_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    Ok(())
}
