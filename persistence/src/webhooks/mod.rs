//! Addresses of other systems that are told what happens (webhooks), and what they were told.
mod dispatch;
mod happened;
mod log;
mod secret;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::access::{ManageWebhooks, Scope};
use domain::id::{OrgPath, OrganisationId, WebhookId};
use domain::webhook::{EventKind, WebhookState};
use serde_json::json;

use crate::db::{Engine, each};
use crate::pages::{self, Position};
use crate::schema::webhooks;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

pub use dispatch::{Address, Attempt, Claimed, Outcome, claim, due, forget, settle};
pub(crate) use happened::{Happening, happened};
pub use log::{Delivery, deliveries, ping, redeliver};
pub use secret::Secret;

/// The host of an address, for people; what stands behind it may be a key.
pub fn host_of(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    parsed
        .and_then(|url| url.host_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

/// An address that is told what happens in an organisation's subtree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose subtree.
    pub organisation: OrganisationId,
    /// Where that stands.
    pub path: OrgPath,
    /// Where events are sent.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which events, in the order of the list.
    pub events: Vec<EventKind>,
    /// Whether it is told anything.
    pub state: WebhookState,
    /// Since when nothing has arrived, while it fails.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when the secret before the present one signs as well.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Counts changes.
    pub version: i32,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A new address.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose subtree.
    pub organisation: OrganisationId,
    /// Where events are sent; the caller has looked at it.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which events.
    pub events: Vec<EventKind>,
}

/// A change of an address: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// Where events are sent; the caller has looked at it.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Which events.
    pub events: Option<Vec<EventKind>>,
    /// Whether it is told anything.
    pub active: Option<bool>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, check_for_backend(Engine), treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    organisation_id: Id,
    url: String,
    description: Option<String>,
    events: String,
    state: String,
    secret_sealed: Vec<u8>,
    old_secret_sealed: Option<Vec<u8>>,
    old_secret_until: Option<NaiveDateTime>,
    failing_since: Option<NaiveDateTime>,
    owner_id: Option<Id>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The words of events as a column keeps them.
fn written(events: &[EventKind]) -> String {
    let chosen = EventKind::ALL.iter().filter(|kind| events.contains(kind));
    chosen.map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
}

fn read(events: &str) -> Result<Vec<EventKind>, StoreError> {
    let words = events.split_whitespace();
    words.map(|word| word.parse().map_err(StoreError::corrupt)).collect()
}

fn webhook((row, path): (Row, String)) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: row.id.to(),
        organisation: row.organisation_id.to(),
        path: path.parse().map_err(StoreError::corrupt)?,
        url: row.url,
        description: row.description,
        events: read(&row.events)?,
        state: row.state.parse().map_err(StoreError::corrupt)?,
        failing_since: row.failing_since.map(|at| at.and_utc()),
        old_secret_until: row.old_secret_until.map(|at| at.and_utc()),
        version: row.version,
        created_at: row.created_at.and_utc(),
    })
}

/// Those of the scope, at and below an organisation where one is named, in the order of the tree, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    under: Option<OrganisationId>,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Webhook>, StoreError> {
    let scope = organisations::narrowed(tx, scope, under)?;
    let rows: Vec<(Row, String)> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = webhooks::table
            .select((Row::as_select(), webhooks::path))
            .filter(webhooks::path.ge(range.low).and(webhooks::path.lt(range.end)))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(webhooks::path.gt(range.low).or(webhooks::id.gt(Id(after))));
        }
        Ok(query.order((webhooks::path, webhooks::id)).limit(left).load(tx.db)?)
    })?;
    rows.into_iter().map(webhook).collect()
}

/// One inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ManageWebhooks>, id: WebhookId) -> Result<Webhook, StoreError> {
    row_of(tx, scope, id).and_then(webhook)
}

fn row_of(tx: &mut Tx<'_>, scope: &Scope<ManageWebhooks>, id: WebhookId) -> Result<(Row, String), StoreError> {
    let found: Option<(Row, String)> = webhooks::table
        .find(Id::of(id))
        .select((Row::as_select(), webhooks::path))
        .first(tx.db)
        .optional()?;
    let (row, path) = found.ok_or(StoreError::NotFound("webhook"))?;
    if scope.covers(&path.parse().map_err(StoreError::corrupt)?) {
        Ok((row, path))
    } else {
        Err(StoreError::NotFound("webhook"))
    }
}

/// Adds one, with a secret that nobody is shown again.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope, [`StoreError::Invalid`] for an id that is taken.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    new: NewWebhook,
) -> Result<(Webhook, Secret), StoreError> {
    let organisation = organisations::held(tx, new.organisation)?;
    if !scope.covers(&organisation.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    let secret = Secret::made_up();
    let row = Row {
        id: Id::of(new.id),
        organisation_id: Id::of(new.organisation),
        url: new.url,
        description: new.description,
        events: written(&new.events),
        state: WebhookState::Active.to_string(),
        secret_sealed: secret.seal(tx.vault, new.id)?,
        old_secret_sealed: None,
        old_secret_until: None,
        failing_since: None,
        owner_id: scope.who().account.map(Id::of),
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    let path = organisation.path;
    let stored = (&row, webhooks::path.eq(path.as_str()));
    each!(tx.db, c => diesel::insert_into(webhooks::table).values(stored).execute(c))?;
    let detail = json!({ "host": host_of(&row.url), "events": row.events });
    note(tx, scope, "webhook_created", (new.id, &path), Some(detail))?;
    Ok((webhook((row, path.to_string()))?, secret))
}

/// Changes one. One that is told again begins anew, whatever had failed before.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    id: WebhookId,
    seen: i32,
    change: WebhookChange,
) -> Result<Webhook, StoreError> {
    let (mut row, path) = seen_row(tx, scope, id, seen)?;
    row.url = change.url.unwrap_or(row.url);
    row.description = change.description.unwrap_or(row.description);
    row.events = change.events.map_or(row.events, |events| written(&events));
    match change.active {
        Some(true) if row.state != WebhookState::Active.as_str() => {
            row.state = WebhookState::Active.to_string();
            row.failing_since = None;
        }
        Some(false) if row.state == WebhookState::Active.as_str() => row.state = WebhookState::Paused.to_string(),
        _ => {}
    }
    let row = store(tx, row)?;
    let detail = json!({ "host": host_of(&row.url), "state": row.state, "events": row.events });
    let path = path.parse().map_err(StoreError::corrupt)?;
    note(tx, scope, "webhook_changed", (id, &path), Some(detail))?;
    webhook((row, path.to_string()))
}

/// Gives one another secret; the one before signs as well for `overlap`.
///
/// # Errors
/// As [`change`].
pub fn rotate(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    id: WebhookId,
    seen: i32,
    overlap: TimeDelta,
) -> Result<(Webhook, Secret), StoreError> {
    let (mut row, path) = seen_row(tx, scope, id, seen)?;
    let secret = Secret::made_up();
    let sealed = secret.seal(tx.vault, id)?;
    let lasts = overlap > TimeDelta::zero();
    row.old_secret_sealed = lasts.then(|| std::mem::replace(&mut row.secret_sealed, sealed.clone()));
    row.old_secret_until = lasts.then(|| tx.at() + overlap);
    row.secret_sealed = sealed;
    let row = store(tx, row)?;
    let path = path.parse().map_err(StoreError::corrupt)?;
    note(tx, scope, "webhook_secret_rotated", (id, &path), None)?;
    Ok((webhook((row, path.to_string()))?, secret))
}

/// Takes one away, with everything that it was or was to be told.
///
/// # Errors
/// As [`change`].
pub fn remove(tx: &mut Tx<'_>, scope: &Scope<ManageWebhooks>, id: WebhookId, seen: i32) -> Result<(), StoreError> {
    let (row, path) = seen_row(tx, scope, id, seen)?;
    let same = webhooks::table.find(Id::of(id)).filter(webhooks::version.eq(seen));
    if diesel::delete(same).execute(tx.db)? == 0 {
        return Err(StoreError::Stale);
    }
    let path = path.parse().map_err(StoreError::corrupt)?;
    let detail = json!({ "host": host_of(&row.url) });
    note(tx, scope, "webhook_removed", (id, &path), Some(detail))
}

fn seen_row(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    id: WebhookId,
    seen: i32,
) -> Result<(Row, String), StoreError> {
    let (row, path) = row_of(tx, scope, id)?;
    if row.version == seen {
        Ok((row, path))
    } else {
        Err(StoreError::Stale)
    }
}

/// Writes a row anew that nobody else has changed, and counts it; its path is not the row's to write.
fn store(tx: &mut Tx<'_>, mut row: Row) -> Result<Row, StoreError> {
    let same = webhooks::table.find(row.id).filter(webhooks::version.eq(row.version));
    row.version += 1;
    row.updated_at = tx.at();
    if each!(tx.db, c => diesel::update(same).set(&row).execute(c))? == 0 {
        return Err(StoreError::Stale);
    }
    Ok(row)
}

fn note(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageWebhooks>,
    action: &str,
    (id, path): (WebhookId, &OrgPath),
    detail: Option<serde_json::Value>,
) -> Result<(), StoreError> {
    let audit = NewAudit {
        action,
        subject: Some(id.0),
        path: Some(path),
        detail,
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)
}
