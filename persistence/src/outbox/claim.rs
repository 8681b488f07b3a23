//! Claiming what is due under a lease, and settling what became of it.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamp};
use domain::access::{Operate, Scope};
use domain::notification::{Audience, Channel, DeliveryState as State, Key};

use crate::db::{Db, each};
use crate::schema::outbox;
use crate::types::{Id, UuidSql};
use crate::{StoreError, Tx, inbox};

/// A notification that the caller may send until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// What, to whom, how.
    pub key: Key,
    /// Whom the recipient's id names.
    pub audience: Audience,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// When it was first tried.
    pub first_tried_at: DateTime<Utc>,
    /// The last day on which it may be sent.
    pub expires_on: Option<NaiveDate>,
}

/// What became of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Handed over.
    Sent,
    /// Said inside the app: the message is put into the inbox with the same transaction.
    Said {
        /// One line.
        title: String,
        /// Plain text.
        body: String,
    },
    /// Not now: tried again at the instant, for the reason.
    Again(DateTime<Utc>, String),
    /// Given up, with the last answer.
    Failed(String),
    /// Not to be said any more, and why.
    Dropped(&'static str),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = UuidSql)]
    recipient_id: Id,
    #[diesel(sql_type = Text)]
    occasion: String,
    #[diesel(sql_type = UuidSql)]
    subject_id: Id,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    recipient_kind: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Timestamp)]
    first_tried_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Date>)]
    expires_on: Option<NaiveDate>,
}

/// Both engines read `$1` as the first bound value. Rows that another sender holds are passed over on PostgreSQL
/// (`{lock}`); SQLite has one writer.
const CLAIM: &str = "with due as materialized (
    select recipient_id, occasion, subject_id, period, channel from outbox
    where state = 'waiting' and channel = $1 and not_before <= $2
    order by not_before limit $3 {lock})
update outbox set not_before = $4, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, $5)
from due
where outbox.recipient_id = due.recipient_id and outbox.occasion = due.occasion
    and outbox.subject_id = due.subject_id and outbox.period = due.period and outbox.channel = due.channel
returning outbox.recipient_id, outbox.occasion, outbox.subject_id, outbox.period, outbox.channel,
    outbox.recipient_kind, outbox.attempts, outbox.first_tried_at, outbox.expires_on";

/// Takes up to `limit` notifications of a channel that are due, until `lease_ends`: nobody else gets them before, and
/// if the sender dies they are due again then. O(limit).
///
/// # Errors
/// When the store fails.
pub fn claim(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    channel: Channel,
    limit: i64,
    lease_ends: DateTime<Utc>,
) -> Result<Vec<Claimed>, StoreError> {
    let now = tx.at();
    let lock = match tx.db {
        Db::Pg(_) => "for update skip locked",
        Db::Lite(_) => "",
    };
    let statement = CLAIM.replace("{lock}", lock);
    let rows: Vec<Row> = each!(tx.db, c => diesel::sql_query(statement)
        .bind::<Text, _>(channel.as_str())
        .bind::<Timestamp, _>(now)
        .bind::<BigInt, _>(limit)
        .bind::<Timestamp, _>(lease_ends.naive_utc())
        .bind::<Timestamp, _>(now)
        .load(c))?;
    rows.into_iter().map(Claimed::try_from).collect()
}

impl TryFrom<Row> for Claimed {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            key: Key {
                recipient: row.recipient_id.0,
                occasion: row.occasion.parse().map_err(StoreError::corrupt)?,
                subject: row.subject_id.0,
                period: row.period.parse().map_err(StoreError::corrupt)?,
                channel: row.channel.parse().map_err(StoreError::corrupt)?,
            },
            audience: row.recipient_kind.parse().map_err(StoreError::corrupt)?,
            attempts: row.attempts,
            first_tried_at: row.first_tried_at.and_utc(),
            expires_on: row.expires_on,
        })
    }
}

/// The row, as long as it is still this claim's: a sender whose lease ended settles nothing.
macro_rules! held {
    ($claimed:expr) => {
        outbox::table
            .filter(outbox::recipient_id.eq(Id($claimed.key.recipient)))
            .filter(outbox::occasion.eq($claimed.key.occasion.as_str()))
            .filter(outbox::subject_id.eq(Id($claimed.key.subject)))
            .filter(outbox::period.eq($claimed.key.period.to_string()))
            .filter(outbox::channel.eq($claimed.key.channel.as_str()))
            .filter(outbox::state.eq(State::Waiting.as_str()))
            .filter(outbox::attempts.eq($claimed.attempts))
    };
}

/// Writes what became of claimed notifications. O(their number).
///
/// # Errors
/// When the store fails.
pub fn settle(tx: &mut Tx<'_>, _: &Scope<Operate>, outcomes: &[(Claimed, Outcome)]) -> Result<(), StoreError> {
    for (claimed, outcome) in outcomes {
        let (state, answer) = match outcome {
            Outcome::Again(at, answer) => {
                diesel::update(held!(claimed))
                    .set((outbox::not_before.eq(at.naive_utc()), outbox::last_error.eq(answer)))
                    .execute(tx.db)?;
                continue;
            }
            Outcome::Sent | Outcome::Said { .. } => (State::Sent, None),
            Outcome::Failed(answer) => (State::Failed, Some(answer.as_str())),
            Outcome::Dropped(reason) => (State::Dropped, Some(*reason)),
        };
        let settled = diesel::update(held!(claimed))
            .set((
                outbox::state.eq(state.as_str()),
                outbox::last_error.eq(answer),
                outbox::settled_at.eq(tx.at()),
            ))
            .execute(tx.db)?;
        if let (1, Outcome::Said { title, body }) = (settled, outcome) {
            inbox::put(tx, &claimed.key, title, body)?;
        }
    }
    Ok(())
}

/// Puts claimed notifications off as if they had not been tried: it is too early or too late in the day.
///
/// # Errors
/// When the store fails.
pub fn postpone(tx: &mut Tx<'_>, _: &Scope<Operate>, claimed: &[(Claimed, DateTime<Utc>)]) -> Result<(), StoreError> {
    for (claimed, until) in claimed {
        let first_tried_at = (claimed.attempts > 1).then_some(claimed.first_tried_at.naive_utc());
        diesel::update(held!(claimed))
            .set((
                outbox::not_before.eq(until.naive_utc()),
                outbox::attempts.eq(claimed.attempts - 1),
                outbox::first_tried_at.eq(first_tried_at),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// When the next notification is due, if any waits. O(log n).
///
/// # Errors
/// When the store fails.
pub fn first_due(tx: &mut Tx<'_>, _: &Scope<Operate>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let first: Option<NaiveDateTime> = outbox::table
        .filter(outbox::state.eq(State::Waiting.as_str()))
        .select(diesel::dsl::min(outbox::not_before))
        .first(tx.db)?;
    Ok(first.map(|at| at.and_utc()))
}
