//! What the two sides of a hand-over write to each other.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{AnswerHandovers, ReadHandovers, Scope};
use domain::conversation::{Speaker, may_be_spoken_of};
use domain::handover::Side;
use domain::id::{HandoverId, MessageId};
use domain::notification::Occasion;
use serde_json::json;

use super::answer::note_with;
use super::row::Found;
use super::{inside, speaker};
use crate::db::{Engine, each};
use crate::schema::handover_messages as messages;
use crate::types::Id;
use crate::{StoreError, Tx, tell};

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    pub who: String,
    /// For whom.
    pub speaker: Speaker,
    /// What.
    pub text: String,
}

/// A message that is being written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id, chosen by the caller so that a repeated message is known.
    pub id: MessageId,
    /// What.
    pub text: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = messages, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    handover_id: Id,
    id: Id,
    at: NaiveDateTime,
    account_id: Option<Id>,
    who: String,
    side: String,
    body: String,
}

impl TryFrom<Row> for Message {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.to(),
            at: row.at.and_utc(),
            who: row.who,
            speaker: row.side.parse().map_err(StoreError::corrupt)?,
            text: row.body,
        })
    }
}

/// Writes to the other side of a hand-over inside the scope, while it is open and for thirty days after; the other side
/// is told. The same id by the same account again answers what is there. Says whether it is new.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] when it was settled too long ago,
/// [`StoreError::Invalid`] for an id that is somebody else's.
pub fn write(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerHandovers>,
    handover: HandoverId,
    new: NewMessage,
) -> Result<(Message, bool), StoreError> {
    let found = inside(tx, scope, handover)?;
    let speaker = speaker(scope, &found)?;
    let account = scope.who().account.map(Id::of);
    if let Some(known) = by_id(tx, new.id)? {
        return if known.handover_id == Id::of(handover) && known.account_id == account {
            Ok((known.try_into()?, false))
        } else {
            Err(StoreError::Invalid {
                field: "/id",
                code: "taken",
            })
        };
    }
    let settled_on = found.settled_at.map(|at| tx.day_of(at.and_utc()));
    if !may_be_spoken_of(settled_on, tx.today()) {
        return Err(StoreError::Refused {
            state: found.handover.state.name().as_str(),
            verb: "write",
            allowed: Vec::new(),
            by: None,
        });
    }
    let row = Row {
        handover_id: Id::of(handover),
        id: Id::of(new.id),
        at: tx.at(),
        account_id: account,
        who: scope.who().name.clone(),
        side: speaker.to_string(),
        body: new.text,
    };
    each!(tx.db, c => diesel::insert_into(messages::table).values(&row).execute(c))?;
    follow(tx, scope, &found, speaker, new.id)?;
    Ok((row.try_into()?, true))
}

/// Notes a message on the conversation's timeline and tells whoever is spoken to.
fn follow(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerHandovers>,
    found: &Found,
    speaker: Speaker,
    id: MessageId,
) -> Result<(), StoreError> {
    let handover = &found.handover;
    let detail = json!({ "message_id": id, "speaker": speaker });
    note_with(tx, scope.who(), handover, handover.id.0, "handover_message", detail)?;
    for side in speaker.listeners() {
        let at = match side {
            Side::Asking => handover.asking,
            Side::Asked => handover.asked,
        };
        tell::staff(tx, Occasion::HandoverMessage, handover.id.0, id.0, at)?;
    }
    Ok(())
}

/// The messages of a hand-over inside the scope, oldest first, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn messages(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadHandovers>,
    handover: HandoverId,
    after: Option<(NaiveDateTime, MessageId)>,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    inside(tx, scope, handover)?;
    let mut query = messages::table
        .filter(messages::handover_id.eq(Id::of(handover)))
        .into_boxed();
    if let Some((at, id)) = after {
        let later = messages::at
            .gt(at)
            .or(messages::at.eq(at).and(messages::id.gt(Id::of(id))));
        query = query.filter(later);
    }
    let rows: Vec<Row> = query
        .order((messages::at, messages::id))
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Message::try_from).collect()
}

/// The texts of messages of a hand-over that the caller was let through to.
pub(super) fn texts(tx: &mut Tx<'_>, handover: HandoverId, ids: Vec<Id>) -> Result<Vec<(Id, String)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(messages::table
        .filter(messages::handover_id.eq(Id::of(handover)))
        .filter(messages::id.eq_any(ids))
        .select((messages::id, messages::body))
        .load(tx.db)?)
}

fn by_id(tx: &mut Tx<'_>, id: MessageId) -> Result<Option<Row>, StoreError> {
    Ok(messages::table
        .filter(messages::id.eq(Id::of(id)))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?)
}
