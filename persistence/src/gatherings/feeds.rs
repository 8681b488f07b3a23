//! The private calendar of a member: whoever has its address reads it, so its secret is kept as a hash, and can be taken
//! back at any time.
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::access::{ChangeOwnRecord, ReadOwnRecord, Scope};
use domain::id::MemberId;

use super::own::{self, OwnGathering};
use crate::db::each;
use crate::outbox::ACTIVE_STANDINGS;
use crate::schema::{calendar_feeds as feeds, members};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A member's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// Since when it has its present address.
    pub created_at: DateTime<Utc>,
}

/// What the secret is hashed as.
const FIELD: &str = "calendar_feed";
/// The most gatherings that a calendar shows, the latest ones.
const MOST: i64 = 200;
/// How long past gatherings stay in it.
const KEPT: TimeDelta = TimeDelta::days(180);

/// The caller's calendar, if there is one.
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Option<Feed>, StoreError> {
    let created_at: Option<NaiveDateTime> = feeds::table
        .find(Id::of(scope.me()?))
        .select(feeds::created_at)
        .first(tx.db)
        .optional()?;
    Ok(created_at.map(|at| Feed {
        created_at: at.and_utc(),
    }))
}

/// Gives the caller's calendar an address with this secret; one that it had before leads nowhere.
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn make(tx: &mut Tx<'_>, scope: &Scope<ChangeOwnRecord>, secret: &str) -> Result<Feed, StoreError> {
    let me = scope.me()?;
    let fresh = (
        feeds::token_hash.eq(tx.vault.hash(FIELD, secret)?),
        feeds::created_at.eq(tx.at()),
    );
    // Of two at the same moment the later one has the address.
    each!(tx.db, c => {
        diesel::insert_into(feeds::table)
            .values((feeds::member_id.eq(Id::of(me)), fresh.clone()))
            .on_conflict(feeds::member_id)
            .do_update()
            .set(fresh)
            .execute(c)
    })?;
    note(tx, scope, me, "calendar_feed_made")?;
    Ok(Feed { created_at: tx.now() })
}

/// Takes the address of the caller's calendar back; twice is the same.
///
/// # Errors
/// As [`make`].
pub fn revoke(tx: &mut Tx<'_>, scope: &Scope<ChangeOwnRecord>) -> Result<(), StoreError> {
    let me = scope.me()?;
    let gone = diesel::delete(feeds::table.find(Id::of(me))).execute(tx.db)?;
    if gone == 1 {
        note(tx, scope, me, "calendar_feed_revoked")?;
    }
    Ok(())
}

fn note(tx: &mut Tx<'_>, scope: &Scope<ChangeOwnRecord>, me: MemberId, action: &str) -> Result<(), StoreError> {
    let audit = NewAudit {
        action,
        person: Some(me.0),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)
}

/// The gatherings in the calendar whose address has this secret: the latest, and none that is long over. O(log calendars)
/// and the gatherings of one person.
///
/// # Errors
/// [`StoreError::NotFound`] for a secret that is not, or not any more, that of a calendar; a wrong one and a revoked one
/// are alike.
pub fn feed_of(tx: &mut Tx<'_>, secret: &str) -> Result<Vec<OwnGathering>, StoreError> {
    let hash = tx.vault.hash(FIELD, secret)?;
    let member: Option<Id> = feeds::table
        .inner_join(members::table.on(members::id.eq(feeds::member_id)))
        .filter(feeds::token_hash.eq(hash))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select(feeds::member_id)
        .first(tx.db)
        .optional()?;
    let member: MemberId = member.ok_or(StoreError::NotFound("calendar"))?.to();
    let mut found = own::page(tx, member, None, MOST)?;
    let earliest = tx.now() - KEPT;
    found.retain(|one| one.gathering.appointment.ends >= earliest);
    Ok(found)
}
