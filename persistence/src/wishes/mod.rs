//! Wishes (微心愿) in the store: written by members, published and served by organisations, claimed by neighbours.
//!
//! The row knows its author; [`WishRecord`], which is what answers are made of, knows only a named one. Of what an
//! anonymous author does nothing is written to the author's timeline or to the audit trail, and no instant is kept.
mod change;
mod near;
mod row;

use diesel::dsl::not;
use diesel::prelude::*;
use domain::access::{AskForServices, Permission, ReadOwnRecord, ReadServices, Scope, ServePeople, Who};
use domain::file::FilePurpose;
use domain::id::{EntryId, FileId, OrganisationId, PersonId, WishId};
use domain::statistics::Figure;
use domain::wish::{StateName, Wish};

use crate::db::each;
use crate::files::{self, FileRecord, NewFile};
use crate::pages::{self, Position};
use crate::rosters::Counted;
use crate::schema::wishes;
use crate::served::{self, Served};
use crate::statistics::conditions::{fulfilled, wished};
use crate::trail::{self, Event, NewAudit, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

pub use change::{Amendment, act_own, amend, decide, say, say_own, serve};
pub use near::{act_near, attached_near, find_near, list_claimed, list_near, say_near};
use row::Row;
pub use row::WishRecord;

/// A wish about to be written.
#[derive(Debug, Clone)]
pub struct NewWish {
    /// To whom it is addressed; the home branch unless said.
    pub organisation: Option<OrganisationId>,
    /// The wish.
    pub said: String,
    /// Whether the author stays unnamed.
    pub anonymous: bool,
}

/// Writes a wish of the caller's.
///
/// # Errors
/// [`StoreError::Invalid`] for an organisation that does not serve the caller.
pub fn write(tx: &mut Tx<'_>, scope: &Scope<AskForServices>, new: NewWish) -> Result<WishRecord, StoreError> {
    let served = served::own(tx, scope.me()?, new.organisation)?;
    let row = insert(tx, &served, new)?;
    if !row.anonymous {
        note(tx, scope.who(), &row, "wish_written", None)?;
    }
    show(tx, row.id.to())
}

/// Writes down a wish of somebody whom the scope serves, who has no app.
///
/// # Errors
/// [`StoreError::Invalid`] for somebody outside the scope.
pub fn write_for(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    person: PersonId,
    new: NewWish,
) -> Result<WishRecord, StoreError> {
    let served = served::by_staff(tx, scope, person, new.organisation)?;
    let row = insert(tx, &served, new)?;
    note(tx, scope.who(), &row, "wish_written", None)?;
    show(tx, row.id.to())
}

fn insert(tx: &mut Tx<'_>, served: &Served, new: NewWish) -> Result<Row, StoreError> {
    let today = tx.today();
    let row = Row {
        id: Id::of(tx.fresh_of_day::<WishId>()),
        person_id: Id::of(served.person),
        stay_id: served.stay.map(Id::of),
        organisation_id: Id::of(served.by.id),
        path: served.by.path.to_string(),
        said: new.said,
        anonymous: new.anonymous,
        state: StateName::Written.to_string(),
        written_on: today,
        published_on: None,
        published_by: None,
        claimed_on: None,
        claimed_by: None,
        claimed_by_member: None,
        claimed_by_name: None,
        fulfilled_on: None,
        fulfilled_by: None,
        thanked_on: None,
        ended_on: None,
        reason: None,
        author_acted_on: today,
        version: 1,
    };
    each!(tx.db, c => diesel::insert_into(wishes::table).values(&row).execute(c))?;
    Ok(row)
}

/// Notes what happened to a wish. Whose an anonymous one is stands neither in the history nor in the audit trail: the
/// wish itself stands in the person's place.
fn note(tx: &mut Tx<'_>, who: &Who, row: &Row, event: &str, reason: Option<&str>) -> Result<(), StoreError> {
    let path = row.path()?;
    let audit = NewAudit {
        action: event,
        person: (!row.anonymous).then_some(row.person_id.0),
        subject: Some(row.id.0),
        path: Some(&path),
        detail: None,
    };
    trail::record(tx, who, audit)?;
    let new = NewEvent {
        person: if row.anonymous { row.id.to() } else { row.person_id.to() },
        subject: row.id.0,
        event,
        reason,
        detail: None,
    };
    trail::append(tx, who, new)
}

fn row_of(tx: &mut Tx<'_>, id: WishId) -> Result<Row, StoreError> {
    let row = wishes::table.find(Id::of(id)).select(Row::as_select());
    let row: Option<Row> = row.first(tx.db).optional()?;
    row.ok_or(StoreError::NotFound("wish"))
}

/// A wish after the caller was let through to it.
fn show(tx: &mut Tx<'_>, id: WishId) -> Result<WishRecord, StoreError> {
    let row = row_of(tx, id)?;
    let mut records = row::records(tx, vec![row])?;
    records.pop().ok_or(StoreError::NotFound("wish"))
}

/// A wish to an organisation inside the scope.
fn inside<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: WishId) -> Result<(Row, Wish), StoreError> {
    let row = row_of(tx, id)?;
    if scope.covers(&row.path()?) {
        let wish = row.wish()?;
        Ok((row, wish))
    } else {
        Err(StoreError::NotFound("wish"))
    }
}

/// A wish that the caller has written.
fn mine(tx: &mut Tx<'_>, me: PersonId, id: WishId) -> Result<(Row, Wish), StoreError> {
    let row = row_of(tx, id)?;
    let wish = row.wish()?;
    if wish.author == me {
        Ok((row, wish))
    } else {
        Err(StoreError::NotFound("wish"))
    }
}

/// The caller's own wishes, newest first, before `before`. O(limit).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    before: Option<WishId>,
    limit: i64,
) -> Result<Vec<WishRecord>, StoreError> {
    let mut query = wishes::table
        .filter(wishes::person_id.eq(Id::of(scope.me()?)))
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(wishes::id.lt(Id::of(before)));
    }
    let rows: Vec<Row> = query.order(wishes::id.desc()).limit(limit).load(tx.db)?;
    row::records(tx, rows)
}

/// One of the caller's own wishes.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or another's.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>, id: WishId) -> Result<WishRecord, StoreError> {
    mine(tx, scope.me()?.into(), id)?;
    show(tx, id)
}

/// Which wishes.
#[derive(Debug, Clone, Default)]
pub struct WishFilter {
    /// To this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// In this state.
    pub state: Option<StateName>,
    /// That a figure of the statistics counts.
    pub counted: Option<Counted>,
    /// To the organisation itself, without those below it.
    pub itself: bool,
}

/// A wish and where it stands in the list.
pub type Placed = (WishRecord, Position);

/// The wishes to organisations of the scope in the order of the tree, after `after`.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    filter: &WishFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Placed>, StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let rows: Vec<Row> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = wishes::table
            .select(Row::as_select())
            .filter(wishes::path.ge(range.low).and(wishes::path.lt(range.end)))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(wishes::path.gt(range.low).or(wishes::id.gt(Id(after))));
        }
        if let Some(state) = filter.state {
            query = query.filter(wishes::state.eq(state.as_str()));
        }
        if let Some(counted) = filter.counted {
            query = query.filter(wished!(counted.period));
            query = match (counted.figure, counted.missing) {
                (Figure::WishesFulfilled, false) => query.filter(fulfilled!()),
                (Figure::WishesFulfilled, true) => query.filter(not(fulfilled!())),
                _ => query,
            };
        }
        if filter.itself {
            query = query.filter(wishes::path.lt(range.end_of_itself()));
        }
        Ok(query.order((wishes::path, wishes::id)).limit(left).load(tx.db)?)
    })?;
    let placed = row::records(tx, rows)?.into_iter().map(|record| {
        let position = Position {
            path: record.path.clone(),
            id: record.id.0,
        };
        (record, position)
    });
    Ok(placed.collect())
}

/// A wish to an organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadServices>, id: WishId) -> Result<WishRecord, StoreError> {
    inside(tx, scope, id)?;
    show(tx, id)
}

/// What happened to a wish inside the scope, oldest first, after `after`: of an anonymous one what others did. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    id: WishId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    inside(tx, scope, id)?;
    trail::of_subject(tx, id.0, after, limit)
}

/// Whether something may be attached to one of the caller's own wishes, before its bytes are taken.
///
/// # Errors
/// As [`attach_own`].
pub fn takes_file_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (WishId, i32),
) -> Result<(), StoreError> {
    let (_, wish) = mine(tx, scope.me()?.into(), id)?;
    takes_files(&wish, seen)
}

/// Attaches a file that was stored to one of the caller's own wishes.
///
/// # Errors
/// [`StoreError::NotFound`] when the wish is unknown or another's, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] when it has ended, [`StoreError::Invalid`] when as much is attached as may be.
pub fn attach_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (WishId, i32),
    file: NewFile,
) -> Result<WishRecord, StoreError> {
    let (row, wish) = mine(tx, scope.me()?.into(), id)?;
    takes_files(&wish, seen)?;
    let who = (!row.anonymous).then_some(scope.who());
    attach_file(tx, who, &row, file)
}

/// Whether something may be attached to a wish inside the scope, before its bytes are taken.
///
/// # Errors
/// As [`attach`].
pub fn takes_file(tx: &mut Tx<'_>, scope: &Scope<ServePeople>, (id, seen): (WishId, i32)) -> Result<(), StoreError> {
    let (_, wish) = inside(tx, scope, id)?;
    takes_files(&wish, seen)
}

/// Attaches a file that was stored to a wish inside the scope: that it has come true, say.
///
/// # Errors
/// As [`attach_own`].
pub fn attach(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    (id, seen): (WishId, i32),
    file: NewFile,
) -> Result<WishRecord, StoreError> {
    let (row, wish) = inside(tx, scope, id)?;
    takes_files(&wish, seen)?;
    attach_file(tx, Some(scope.who()), &row, file)
}

fn attach_file(tx: &mut Tx<'_>, who: Option<&Who>, row: &Row, file: NewFile) -> Result<WishRecord, StoreError> {
    change::touch(tx, row.id.to(), None)?;
    let about = (row.person_id.to(), row.id.0, FilePurpose::Wish);
    files::attach_one_more(tx, who, file, about)?;
    show(tx, row.id.to())
}

/// Nothing is attached to what has ended, or has changed since it was seen.
fn takes_files(wish: &Wish, seen: i32) -> Result<(), StoreError> {
    if wish.version != seen {
        return Err(StoreError::Stale);
    }
    if wish.state.may_be_spoken_of(domain::wish::Party::Author) {
        return Ok(());
    }
    Err(StoreError::Refused {
        state: wish.state.name().as_str(),
        verb: "attach",
        allowed: Vec::new(),
        by: None,
    })
}

/// A file that is attached to one of the caller's own wishes.
///
/// # Errors
/// [`StoreError::NotFound`] when either is unknown or another's.
pub fn attached_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    id: WishId,
    file: FileId,
) -> Result<FileRecord, StoreError> {
    mine(tx, scope.me()?.into(), id)?;
    files::of_subject(tx, id.0, file)
}

/// A file that is attached to a wish inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when either is unknown or outside.
pub fn attached(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    id: WishId,
    file: FileId,
) -> Result<FileRecord, StoreError> {
    inside(tx, scope, id)?;
    files::of_subject(tx, id.0, file)
}

/// Wishes under these stays, which are of one person, are this person's. What happened to an anonymous one stays the
/// wish's own.
pub(crate) fn are_about(tx: &mut Tx<'_>, stays: Vec<Id>, person: PersonId) -> Result<(), StoreError> {
    let moved: Vec<(Id, bool)> = wishes::table
        .filter(wishes::stay_id.eq_any(stays))
        .select((wishes::id, wishes::anonymous))
        .load(tx.db)?;
    let all: Vec<Id> = moved.iter().map(|(id, _)| *id).collect();
    diesel::update(wishes::table.filter(wishes::id.eq_any(all.clone())))
        .set(wishes::person_id.eq(Id::of(person)))
        .execute(tx.db)?;
    files::are_about(tx, all, person)?;
    let named = moved.iter().filter(|(_, anonymous)| !anonymous).map(|(id, _)| *id);
    trail::are_about(tx, named.collect(), person)
}
