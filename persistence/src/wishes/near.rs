//! Wishes as a neighbour sees them: published ones of organisations that the member belongs to, and those taken on.
use diesel::prelude::*;
use domain::access::{AskForServices, ReadOwnRecord, Scope};
use domain::id::{FileId, MemberId, WishId};
use domain::wish::{Command, Party, StateName, Verb, Wish};

use super::change::{carry_out, claimer, speak};
use super::row::{self, Row, WishRecord, side_of};
use super::{row_of, show};
use crate::files::{self, FileRecord};
use crate::schema::wishes;
use crate::types::Id;
use crate::{StoreError, Tx, served, service_messages};

/// The published wishes of the caller's organisations that are not the caller's own, and those that the caller has taken
/// on, newest first, before `before`. O(limit) and what is passed over.
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_near(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    before: Option<WishId>,
    limit: i64,
) -> Result<Vec<WishRecord>, StoreError> {
    let me = scope.me()?;
    let mine = served::belongs_to(tx, me)?;
    let published = wishes::state
        .eq(StateName::Published.as_str())
        .and(wishes::organisation_id.eq_any(mine));
    let taken_on = wishes::state
        .eq_any([StateName::Claimed, StateName::Fulfilled, StateName::Thanked].map(StateName::as_str))
        .and(wishes::claimed_by_member.is_not_null())
        .and(wishes::claimed_by_member.assume_not_null().eq(Id::of(me)));
    let mut query = wishes::table
        .filter(wishes::person_id.ne(Id::of(me)))
        .filter(published.or(taken_on))
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(wishes::id.lt(Id::of(before)));
    }
    let rows: Vec<Row> = query.order(wishes::id.desc()).limit(limit).load(tx.db)?;
    row::records(tx, rows)
}

/// Every wish that the caller has taken on and kept, newest first. O(claims of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_claimed(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<WishRecord>, StoreError> {
    let rows: Vec<Row> = wishes::table
        .filter(wishes::claimed_by_member.eq(Id::of(scope.me()?)))
        .order(wishes::id.desc())
        .select(Row::as_select())
        .load(tx.db)?;
    row::records(tx, rows)
}

/// A wish that the caller sees as a neighbour.
fn near(tx: &mut Tx<'_>, me: MemberId, id: WishId) -> Result<(Row, Wish, Party), StoreError> {
    let row = row_of(tx, id)?;
    let wish = row.wish()?;
    let claimed = wish.state.claimer().is_some_and(|one| one.member == Some(me));
    let published = wish.state.name() == StateName::Published
        && wish.author != me.into()
        && served::belongs_to(tx, me)?.contains(&row.organisation_id);
    match (claimed, published) {
        (true, _) => Ok((row, wish, Party::Claimer)),
        (false, true) => Ok((row, wish, Party::Neighbour)),
        (false, false) => Err(StoreError::NotFound("wish")),
    }
}

/// A published wish of one of the caller's organisations, or one that the caller has taken on.
///
/// # Errors
/// [`StoreError::NotFound`] for any other.
pub fn find_near(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>, id: WishId) -> Result<WishRecord, StoreError> {
    near(tx, scope.me()?, id)?;
    show(tx, id)
}

/// The caller takes a neighbour's wish on, gives it back, or says that it has come true and how to get it.
///
/// # Errors
/// [`StoreError::NotFound`] for a wish that the caller does not see, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] by the domain.
pub fn act_near(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (WishId, i32),
    verb: Verb,
    said: Option<String>,
) -> Result<WishRecord, StoreError> {
    let me = scope.me()?;
    let (row, wish, party) = near(tx, me, id)?;
    let command = match verb {
        Verb::Release => Command::Release,
        Verb::Fulfil => Command::Fulfil,
        _ => Command::Claim(claimer(scope, Some(me))?),
    };
    carry_out(tx, (scope.who(), party), ((row, wish), seen), command)?;
    if let Some(said) = said {
        let who = Some(scope.who().name.as_str());
        service_messages::say(tx, id.0, (side_of(Party::Claimer), who), said)?;
    }
    show(tx, id)
}

/// The caller writes about a wish that the caller has taken on.
///
/// # Errors
/// [`StoreError::NotFound`] for a wish that the caller does not see, [`StoreError::Refused`] for one that the caller has
/// not taken on.
pub fn say_near(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    id: WishId,
    said: String,
) -> Result<WishRecord, StoreError> {
    let (row, wish, party) = near(tx, scope.me()?, id)?;
    speak(tx, (scope.who(), party), (row, wish), said)
}

/// A file that is attached to a wish that the caller sees as a neighbour.
///
/// # Errors
/// [`StoreError::NotFound`] when either is unknown or not to be seen.
pub fn attached_near(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    id: WishId,
    file: FileId,
) -> Result<FileRecord, StoreError> {
    near(tx, scope.me()?, id)?;
    files::of_subject(tx, id.0, file)
}
