//! What was and was not delivered, for operators: ids and answers, no names.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::not;
use diesel::prelude::*;
use domain::access::{Operate, Scope};
use domain::notification::{Audience, DeliveryState as State, Key, Occasion};

use crate::db::Engine;
use crate::schema::outbox;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// One notification and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What, to whom, how; its text is the id.
    pub key: Key,
    /// Whom the recipient's id names.
    pub audience: Audience,
    /// How far it has come.
    pub state: State,
    /// How often it was tried.
    pub attempts: i32,
    /// Not sent before.
    pub not_before: DateTime<Utc>,
    /// The last day on which it may be sent.
    pub expires_on: Option<NaiveDate>,
    /// The last answer, or the reason for not sending it.
    pub last_error: Option<String>,
    /// When it was planned.
    pub planned_at: DateTime<Utc>,
    /// When it was sent, given up or dropped.
    pub settled_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(Engine))]
struct Row {
    recipient_id: Id,
    occasion: String,
    subject_id: Id,
    period: String,
    channel: String,
    recipient_kind: String,
    state: String,
    attempts: i32,
    not_before: NaiveDateTime,
    expires_on: Option<NaiveDate>,
    last_error: Option<String>,
    planned_at: NaiveDateTime,
    settled_at: Option<NaiveDateTime>,
}

impl TryFrom<Row> for Notification {
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
            state: row.state.parse().map_err(StoreError::corrupt)?,
            attempts: row.attempts,
            not_before: row.not_before.and_utc(),
            expires_on: row.expires_on,
            last_error: row.last_error,
            planned_at: row.planned_at.and_utc(),
            settled_at: row.settled_at.map(|at| at.and_utc()),
        })
    }
}

/// Notifications in the order of their keys after `after`, at most `limit`. O(limit) for all states and for `failed`;
/// for the others O(rows passed over).
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    state: Option<State>,
    after: Option<&Key>,
    limit: i64,
) -> Result<Vec<Notification>, StoreError> {
    let mut query = outbox::table.filter(not(of_wishes())).into_boxed();
    if let Some(state) = state {
        query = query.filter(outbox::state.eq(state.as_str()));
    }
    if let Some(key) = after {
        let in_subject = outbox::subject_id
            .gt(Id(key.subject))
            .or(outbox::subject_id.eq(Id(key.subject)).and(
                outbox::period.gt(key.period.to_string()).or(outbox::period
                    .eq(key.period.to_string())
                    .and(outbox::channel.gt(key.channel.as_str()))),
            ));
        let in_occasion = outbox::occasion
            .gt(key.occasion.as_str())
            .or(outbox::occasion.eq(key.occasion.as_str()).and(in_subject));
        query = query
            .filter(outbox::recipient_id.ge(Id(key.recipient)))
            .filter(outbox::recipient_id.gt(Id(key.recipient)).or(in_occasion));
    }
    let rows: Vec<Row> = query
        .order((
            outbox::recipient_id,
            outbox::occasion,
            outbox::subject_id,
            outbox::period,
            outbox::channel,
        ))
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Notification::try_from).collect()
}

/// What is said to members about wishes. It is shown to nobody and can't be tried again by hand: that somebody is told of a
/// wish says whose it is.
fn of_wishes() -> crate::scoped::Condition<outbox::table> {
    let of_wishes = Occasion::ALL.iter().filter(|occasion| occasion.is_of_wish());
    let words: Vec<_> = of_wishes.map(|occasion| occasion.as_str()).collect();
    let to_members = outbox::recipient_kind.eq(Audience::Member.as_str());
    Box::new(to_members.and(outbox::occasion.eq_any(words)))
}

/// Lets a notification that was given up be tried again from now on.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none with this key, [`StoreError::Refused`] when it was not given up.
pub fn retry(tx: &mut Tx<'_>, scope: &Scope<Operate>, key: &Key) -> Result<Notification, StoreError> {
    let row = || {
        outbox::table
            .filter(outbox::recipient_id.eq(Id(key.recipient)))
            .filter(outbox::occasion.eq(key.occasion.as_str()))
            .filter(outbox::subject_id.eq(Id(key.subject)))
            .filter(outbox::period.eq(key.period.to_string()))
            .filter(outbox::channel.eq(key.channel.as_str()))
            .filter(not(of_wishes()))
    };
    let changed = diesel::update(row().filter(outbox::state.eq(State::Failed.as_str())))
        .set((
            outbox::state.eq(State::Waiting.as_str()),
            outbox::not_before.eq(tx.at()),
            outbox::first_tried_at.eq(None::<NaiveDateTime>),
            outbox::settled_at.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db)?;
    let found: Option<Row> = row().select(Row::as_select()).first(tx.db).optional()?;
    let found = Notification::try_from(found.ok_or(StoreError::NotFound("notification"))?)?;
    if changed == 0 {
        return Err(StoreError::Refused {
            state: found.state.as_str(),
            verb: "retry",
            allowed: Vec::new(),
            by: None,
        });
    }
    let audit = NewAudit {
        action: "notification_retried",
        subject: Some(key.subject),
        detail: Some(serde_json::json!({ "notification": key.to_string() })),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)?;
    Ok(found)
}
