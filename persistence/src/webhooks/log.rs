//! The log of what addresses were told, and what is sent by hand.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ManageWebhooks, Scope};
use domain::id::{DeliveryId, WebhookId};
use domain::webhook::{DeliveryState, Event, EventKind, Told, WebhookState, WebhookTold};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Attempt, Webhook, find, happened, note};
use crate::db::{Engine, each};
use crate::schema::{webhook_attempts as attempts, webhook_deliveries as deliveries};
use crate::types::Id;
use crate::{StoreError, Tx};

/// An event and what became of it on its way to an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its id, the `webhook-id` that it is sent with.
    pub id: DeliveryId,
    /// What has happened.
    pub event: EventKind,
    /// To what.
    pub subject: Uuid,
    /// What is sent.
    pub body: Value,
    /// How far it has come.
    pub state: DeliveryState,
    /// Not sent before, while it waits.
    pub not_before: Option<DateTime<Utc>>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// When it arrived or was given up.
    pub settled_at: Option<DateTime<Utc>>,
    /// Each time that it was tried, the first one first.
    pub attempts: Vec<Attempt>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(Engine))]
struct Row {
    id: Id,
    event: String,
    subject_id: Id,
    body: String,
    state: String,
    not_before: NaiveDateTime,
    created_at: NaiveDateTime,
    settled_at: Option<NaiveDateTime>,
}

/// What an address inside the scope was told, the latest first, before `before`. O(limit) and their attempts.
///
/// # Errors
/// [`StoreError::NotFound`] for an address that is unknown or outside.
pub fn deliveries(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    find(tx, scope, webhook)?;
    let mut query = deliveries::table
        .filter(deliveries::webhook_id.eq(Id::of(webhook)))
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(deliveries::state.eq(state.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(deliveries::id.lt(Id::of(before)));
    }
    let rows: Vec<Row> = query
        .order(deliveries::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    with_attempts(tx, rows)
}

fn one(tx: &mut Tx<'_>, webhook: WebhookId, id: DeliveryId) -> Result<Delivery, StoreError> {
    let row: Option<Row> = deliveries::table
        .find(Id::of(id))
        .filter(deliveries::webhook_id.eq(Id::of(webhook)))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let found = with_attempts(tx, row.into_iter().collect())?;
    found.into_iter().next().ok_or(StoreError::NotFound("delivery"))
}

fn with_attempts(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Delivery>, StoreError> {
    type Tried = (Id, NaiveDateTime, i32, Option<i32>, Option<String>);
    let tried: Vec<Tried> = attempts::table
        .filter(attempts::delivery_id.eq_any(rows.iter().map(|row| row.id).collect::<Vec<_>>()))
        .order((attempts::delivery_id, attempts::id))
        .select((
            attempts::delivery_id,
            attempts::at,
            attempts::took_ms,
            attempts::status,
            attempts::answer,
        ))
        .load(tx.db)?;
    let mut by_delivery = HashMap::<Id, Vec<Attempt>>::new();
    for (delivery, at, took_ms, status, answer) in tried {
        let at = at.and_utc();
        by_delivery.entry(delivery).or_default().push(Attempt {
            at,
            took_ms,
            status,
            answer,
        });
    }
    let whole = |row: Row| {
        let state: DeliveryState = row.state.parse().map_err(StoreError::corrupt)?;
        let waits = state == DeliveryState::Waiting;
        Ok(Delivery {
            id: row.id.to(),
            event: row.event.parse().map_err(StoreError::corrupt)?,
            subject: row.subject_id.0,
            body: serde_json::from_str(&row.body).map_err(StoreError::corrupt)?,
            state,
            not_before: waits.then(|| row.not_before.and_utc()),
            created_at: row.created_at.and_utc(),
            settled_at: row.settled_at.map(|at| at.and_utc()),
            attempts: by_delivery.remove(&row.id).unwrap_or_default(),
        })
    };
    rows.into_iter().map(whole).collect()
}

/// Only an address that is told anything can be sent something.
fn listening(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    id: WebhookId,
    verb: &'static str,
) -> Result<Webhook, StoreError> {
    let webhook = find(tx, scope, id)?;
    let state = webhook.state;
    if state == WebhookState::Active {
        return Ok(webhook);
    }
    Err(StoreError::Refused {
        state: state.as_str(),
        verb,
        allowed: Vec::new(),
        by: None,
    })
}

/// Sends an address inside the scope something that means nothing, to see whether it arrives.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] for an address that is not told anything.
pub fn ping(tx: &mut Tx<'_>, scope: &Scope<ManageWebhooks>, webhook: WebhookId) -> Result<Delivery, StoreError> {
    let listener = listening(tx, scope, webhook, "ping")?;
    let event = Event {
        kind: EventKind::Ping,
        timestamp: tx.now(),
        data: Told::Webhook(WebhookTold { webhook_id: webhook }),
    };
    let body = serde_json::to_string(&event).map_err(StoreError::corrupt)?;
    // Each ping is a subject of its own: one that hangs keeps back no other.
    let subject = tx.fresh::<DeliveryId>().0;
    let row = happened::row(tx, Id::of(webhook), (EventKind::Ping, subject), 1, &body);
    each!(tx.db, c => diesel::insert_into(deliveries::table).values(&row).execute(c))?;
    note(tx, scope, "webhook_pinged", (webhook, &listener.path), None)?;
    one(tx, webhook, row.id.to())
}

/// Sends again what has arrived or was given up: the same, under the same id. It is tried from the beginning.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope; [`StoreError::Refused`] while it waits, and for an address that is not
/// told anything.
pub fn redeliver(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, StoreError> {
    let listener = listening(tx, scope, webhook, "redeliver")?;
    let before = one(tx, webhook, id)?;
    let settled = deliveries::table
        .find(Id::of(id))
        .filter(deliveries::state.ne(DeliveryState::Waiting.as_str()));
    let begun = diesel::update(settled)
        .set((
            deliveries::state.eq(DeliveryState::Waiting.as_str()),
            deliveries::attempts.eq(0),
            deliveries::not_before.eq(tx.at()),
            deliveries::first_tried_at.eq(None::<NaiveDateTime>),
            deliveries::settled_at.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db)?;
    if begun == 0 {
        return Err(StoreError::Refused {
            state: before.state.as_str(),
            verb: "redeliver",
            allowed: Vec::new(),
            by: None,
        });
    }
    let detail = json!({ "delivery_id": id });
    note(
        tx,
        scope,
        "webhook_redelivered",
        (webhook, &listener.path),
        Some(detail),
    )?;
    one(tx, webhook, id)
}
