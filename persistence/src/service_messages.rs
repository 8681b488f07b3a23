//! What is said about a wish or a service request, in order. Days are kept, and of an anonymous author no name.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::service::Side;
use uuid::Uuid;

use crate::db::{Engine, each};
use crate::schema::service_messages as messages;
use crate::types::Id;
use crate::{StoreError, Tx};

/// The most that is said about one thing.
const MOST_MESSAGES: i32 = 100;

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// For whom the speaker spoke.
    pub side: Side,
    /// Who; none for an anonymous author.
    pub who: Option<String>,
    /// What.
    pub body: String,
    /// On which day.
    pub said_on: NaiveDate,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = messages, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    subject_id: Id,
    place: i32,
    side: String,
    who: Option<String>,
    body: String,
    said_on: NaiveDate,
}

/// Says something about a thing whose row the transaction has changed before, so that of two who speak at once one waits.
///
/// # Errors
/// [`StoreError::Invalid`] when as much was said as may be.
pub(crate) fn say(
    tx: &mut Tx<'_>,
    subject: Uuid,
    (side, who): (Side, Option<&str>),
    body: String,
) -> Result<(), StoreError> {
    let last: Option<i32> = messages::table
        .filter(messages::subject_id.eq(Id(subject)))
        .select(diesel::dsl::max(messages::place))
        .first(tx.db)?;
    let place = last.unwrap_or(0) + 1;
    if place > MOST_MESSAGES {
        return Err(StoreError::Invalid {
            field: "/said",
            code: "too_many_messages",
        });
    }
    let row = Row {
        subject_id: Id(subject),
        place,
        side: side.to_string(),
        who: who.map(ToOwned::to_owned),
        body,
        said_on: tx.today(),
    };
    each!(tx.db, c => diesel::insert_into(messages::table).values(&row).execute(c))?;
    Ok(())
}

/// What was said about each of these things, in order.
pub(crate) fn of(tx: &mut Tx<'_>, subjects: Vec<Id>) -> Result<HashMap<Id, Vec<Message>>, StoreError> {
    let rows: Vec<Row> = messages::table
        .filter(messages::subject_id.eq_any(subjects))
        .order((messages::subject_id, messages::place))
        .select(Row::as_select())
        .load(tx.db)?;
    let mut said = HashMap::<Id, Vec<Message>>::new();
    for row in rows {
        said.entry(row.subject_id).or_default().push(Message {
            side: row.side.parse().map_err(StoreError::corrupt)?,
            who: row.who,
            body: row.body,
            said_on: row.said_on,
        });
    }
    Ok(said)
}
