//! Claiming what is to be sent under a lease, and settling what became of it, as [`crate::outbox`] does. What concerns one
//! subject leaves in order: an event waits until the one before it has arrived or was given up.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Timestamp};
use domain::access::{Operate, Role, Scope};
use domain::id::{DeliveryId, EntryId, WebhookId};
use domain::notification::{Occasion, Period};
use domain::webhook::{DeliveryState, FAILS_AT_MOST, LOG_KEPT, WebhookState};
use uuid::Uuid;

use super::Secret;
use crate::db::{Db, each};
use crate::outbox::{self, To};
use crate::schema::{webhook_attempts as attempts, webhook_deliveries as deliveries, webhooks};
use crate::types::{Id, UuidSql};
use crate::{StoreError, Tx};

/// An event that the caller may send until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its id.
    pub id: DeliveryId,
    /// The address.
    pub webhook: WebhookId,
    /// What is sent, byte by byte the same each time.
    pub body: String,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// When it was first tried.
    pub first_tried_at: DateTime<Utc>,
    subject: Uuid,
    place: i32,
}

/// Where claimed events go, and by what they are signed: the present secret first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Where to.
    pub url: String,
    /// The secrets that sign.
    pub secrets: Vec<Secret>,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, milliseconds.
    pub took_ms: i32,
    /// The status, where there was an answer.
    pub status: Option<i32>,
    /// The beginning of the answer, or why there was none.
    pub answer: Option<String>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The address has taken it.
    Delivered,
    /// Not now: tried again at the instant.
    Again(DateTime<Utc>),
    /// Given up.
    Failed,
    /// The address says that it is no more: it is not told anything again.
    Gone,
}

/// The addresses for which something is due that no event before it keeps back. O(addresses, and what is due).
///
/// # Errors
/// When the store fails.
pub fn due(tx: &mut Tx<'_>, _: &Scope<Operate>) -> Result<Vec<WebhookId>, StoreError> {
    let before = diesel::alias!(deliveries as before);
    let kept_back = before
        .filter(before.field(deliveries::webhook_id).eq(deliveries::webhook_id))
        .filter(before.field(deliveries::subject_id).eq(deliveries::subject_id))
        .filter(before.field(deliveries::state).eq(DeliveryState::Waiting.as_str()))
        .filter(
            before.field(deliveries::place).lt(deliveries::place).or(before
                .field(deliveries::place)
                .eq(deliveries::place)
                .and(before.field(deliveries::id).lt(deliveries::id))),
        );
    let waiting = deliveries::table
        .filter(deliveries::webhook_id.eq(webhooks::id))
        .filter(deliveries::state.eq(DeliveryState::Waiting.as_str()))
        .filter(deliveries::not_before.le(tx.at()))
        .filter(diesel::dsl::not(diesel::dsl::exists(kept_back)));
    let found: Vec<Id> = webhooks::table
        .filter(webhooks::state.eq(WebhookState::Active.as_str()))
        .filter(diesel::dsl::exists(waiting))
        .select(webhooks::id)
        .load(tx.db)?;
    Ok(found.into_iter().map(Id::to).collect())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = UuidSql)]
    id: Id,
    #[diesel(sql_type = UuidSql)]
    subject_id: Id,
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Timestamp)]
    first_tried_at: NaiveDateTime,
}

/// Both engines read `$1` as the first bound value. Rows that another sender holds are passed over on PostgreSQL
/// (`{lock}`); SQLite has one writer. What is held goes on waiting, and so keeps back what comes after it.
const CLAIM: &str = "with due as materialized (
    select d.id from webhook_deliveries d
    where d.webhook_id = $1 and d.state = 'waiting' and d.not_before <= $2
        and not exists (select 1 from webhook_deliveries before
            where before.webhook_id = d.webhook_id and before.subject_id = d.subject_id and before.state = 'waiting'
                and (before.place < d.place or before.place = d.place and before.id < d.id))
    order by d.not_before, d.id limit $3 {lock})
update webhook_deliveries set not_before = $4, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, $5)
from due where webhook_deliveries.id = due.id
returning webhook_deliveries.id, webhook_deliveries.subject_id, webhook_deliveries.place, webhook_deliveries.body,
    webhook_deliveries.attempts, webhook_deliveries.first_tried_at";

/// Takes up to `limit` events that are due for an address, until `lease_ends`: nobody else gets them before, and if the
/// sender dies they are due again then. None for an address that is not told anything any more. O(limit).
///
/// # Errors
/// When the store fails.
pub fn claim(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    webhook: WebhookId,
    limit: i64,
    lease_ends: DateTime<Utc>,
) -> Result<Option<(Address, Vec<Claimed>)>, StoreError> {
    type Found = (String, Vec<u8>, Option<Vec<u8>>, Option<NaiveDateTime>);
    let address: Option<Found> = webhooks::table
        .find(Id::of(webhook))
        .filter(webhooks::state.eq(WebhookState::Active.as_str()))
        .select((
            webhooks::url,
            webhooks::secret_sealed,
            webhooks::old_secret_sealed,
            webhooks::old_secret_until,
        ))
        .first(tx.db)
        .optional()?;
    let Some((url, secret, old_secret, until)) = address else {
        return Ok(None);
    };
    let old_secret = old_secret.filter(|_| until.is_some_and(|until| tx.at() < until));
    let secrets = [Some(secret), old_secret].into_iter().flatten();
    let secrets = secrets.map(|sealed| Secret::open(tx.vault, webhook, &sealed));
    let secrets = secrets.collect::<Result<_, _>>()?;
    let rows = claim_rows(tx, webhook, limit, lease_ends)?;
    let claimed = rows.into_iter().map(|row| Claimed {
        id: row.id.to(),
        webhook,
        body: row.body,
        attempts: row.attempts,
        first_tried_at: row.first_tried_at.and_utc(),
        subject: row.subject_id.0,
        place: row.place,
    });
    Ok(Some((Address { url, secrets }, claimed.collect())))
}

fn claim_rows(
    tx: &mut Tx<'_>,
    webhook: WebhookId,
    limit: i64,
    lease_ends: DateTime<Utc>,
) -> Result<Vec<Row>, StoreError> {
    let now = tx.at();
    let lock = match tx.db {
        Db::Pg(_) => "for update of d skip locked",
        Db::Lite(_) => "",
    };
    let statement = CLAIM.replace("{lock}", lock);
    Ok(each!(tx.db, c => diesel::sql_query(statement)
        .bind::<UuidSql, _>(Id::of(webhook))
        .bind::<Timestamp, _>(now)
        .bind::<BigInt, _>(limit)
        .bind::<Timestamp, _>(lease_ends.naive_utc())
        .bind::<Timestamp, _>(now)
        .load(c))?)
}

/// Writes down what became of claimed events of one address. O(their number). Says whether the address was disabled.
///
/// # Errors
/// When the store fails.
pub fn settle(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    webhook: WebhookId,
    outcomes: &[(Claimed, Attempt, Outcome)],
) -> Result<bool, StoreError> {
    for (claimed, attempt, outcome) in outcomes {
        log(tx, claimed, attempt)?;
        settle_one(tx, claimed, *outcome)?;
    }
    let any = |wanted: Outcome| outcomes.iter().any(|(.., outcome)| *outcome == wanted);
    let this = webhooks::table.find(Id::of(webhook));
    if any(Outcome::Delivered) {
        diesel::update(this.filter(webhooks::failing_since.is_not_null()))
            .set(webhooks::failing_since.eq(None::<NaiveDateTime>))
            .execute(tx.db)?;
    } else if !outcomes.is_empty() {
        diesel::update(this.filter(webhooks::failing_since.is_null()))
            .set(webhooks::failing_since.eq(tx.at()))
            .execute(tx.db)?;
    }
    let (gone, given_up) = (any(Outcome::Gone), any(Outcome::Failed));
    // One that fails after long quiet is tried as long as any before it is given up.
    if gone || given_up {
        disable(tx, webhook, gone)
    } else {
        Ok(false)
    }
}

fn log(tx: &mut Tx<'_>, claimed: &Claimed, attempt: &Attempt) -> Result<(), StoreError> {
    let id: EntryId = tx.fresh();
    // Whoever takes an address away takes its log along.
    let there = deliveries::table.find(Id::of(claimed.id)).select(deliveries::id);
    if there.first::<Id>(tx.db).optional()?.is_none() {
        return Ok(());
    }
    diesel::insert_into(attempts::table)
        .values((
            attempts::delivery_id.eq(Id::of(claimed.id)),
            attempts::id.eq(Id::of(id)),
            attempts::at.eq(attempt.at.naive_utc()),
            attempts::took_ms.eq(attempt.took_ms),
            attempts::status.eq(attempt.status),
            attempts::answer.eq(attempt.answer.as_deref()),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// A sender whose lease ended settles nothing: the row counts another attempt by then.
fn settle_one(tx: &mut Tx<'_>, claimed: &Claimed, outcome: Outcome) -> Result<(), StoreError> {
    let held = deliveries::table
        .find(Id::of(claimed.id))
        .filter(deliveries::state.eq(DeliveryState::Waiting.as_str()))
        .filter(deliveries::attempts.eq(claimed.attempts));
    let state = match outcome {
        Outcome::Again(at) => {
            let at = at.naive_utc();
            diesel::update(held).set(deliveries::not_before.eq(at)).execute(tx.db)?;
            // What comes after it cannot leave before either, and is not looked at until then.
            let after = deliveries::table
                .filter(deliveries::webhook_id.eq(Id::of(claimed.webhook)))
                .filter(deliveries::subject_id.eq(Id(claimed.subject)))
                .filter(deliveries::state.eq(DeliveryState::Waiting.as_str()))
                .filter(deliveries::place.gt(claimed.place))
                .filter(deliveries::not_before.lt(at));
            diesel::update(after)
                .set(deliveries::not_before.eq(at))
                .execute(tx.db)?;
            return Ok(());
        }
        Outcome::Delivered => DeliveryState::Delivered,
        Outcome::Failed | Outcome::Gone => DeliveryState::Failed,
    };
    diesel::update(held)
        .set((deliveries::state.eq(state.as_str()), deliveries::settled_at.eq(tx.at())))
        .execute(tx.db)?;
    Ok(())
}

/// Stops an address that has failed for too long, or is gone; what waits for it is given up, and its owner is told.
fn disable(tx: &mut Tx<'_>, webhook: WebhookId, gone: bool) -> Result<bool, StoreError> {
    let last = tx.at() - FAILS_AT_MOST;
    let mut failing = webhooks::table
        .find(Id::of(webhook))
        .filter(webhooks::state.eq(WebhookState::Active.as_str()))
        .select((webhooks::organisation_id, webhooks::owner_id, webhooks::version))
        .into_boxed();
    if !gone {
        failing = failing.filter(webhooks::failing_since.le(last));
    }
    let found: Option<(Id, Option<Id>, i32)> = failing.first(tx.db).optional()?;
    let Some((organisation, owner, version)) = found else {
        return Ok(false);
    };
    let same = webhooks::table
        .find(Id::of(webhook))
        .filter(webhooks::version.eq(version));
    let stopped = diesel::update(same)
        .set((
            webhooks::state.eq(WebhookState::Disabled.as_str()),
            webhooks::version.eq(version + 1),
            webhooks::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    if stopped == 0 {
        return Ok(false);
    }
    let waiting = deliveries::table
        .filter(deliveries::webhook_id.eq(Id::of(webhook)))
        .filter(deliveries::state.eq(DeliveryState::Waiting.as_str()));
    diesel::update(waiting)
        .set((
            deliveries::state.eq(DeliveryState::Failed.as_str()),
            deliveries::settled_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    let period = Period::Thing(tx.fresh::<EntryId>().into());
    let told = owner.map(|owner| To::Account(owner.to()));
    for to in told
        .into_iter()
        .chain([To::Role(Role::Administrator, organisation.to())])
    {
        outbox::enqueue(tx, Occasion::WebhookDisabled, webhook.0, period, to)?;
    }
    Ok(true)
}

/// Takes away what was settled so long ago that the log does not keep it; says how many.
///
/// # Errors
/// When the store fails.
pub fn forget(tx: &mut Tx<'_>, _: &Scope<Operate>) -> Result<usize, StoreError> {
    let old = deliveries::table.filter(deliveries::settled_at.lt(tx.at() - LOG_KEPT));
    Ok(diesel::delete(old).execute(tx.db)?)
}
