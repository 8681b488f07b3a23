//! Stays (流入) in the store: found inside a scope, changed by a command, with everything that follows in one transaction.
mod at_door;
mod background;
mod by_certificate;
mod change;
mod effects;
mod letter;
mod likeness;
mod list;
mod merge;
mod record;
mod report;
mod reports;
mod row;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::{ManageStays, Permission, ReadOwnRecord, ReadStays, Scope};
use domain::id::{EntryId, OrgPath, OrganisationId, PersonId, StayId};
use domain::stay::{StateName, Stay};

use crate::schema::stays;
use crate::trail::{self, Event};
use crate::types::Id;
use crate::{StoreError, Tx};

pub use at_door::{DoorReport, host, report_at_door};
pub(crate) use background::Row as BackgroundRow;
pub use by_certificate::{ShownStay, confirm_by_certificate, report_by_certificate};
pub use change::{NewAdmission, StayChange, admit, apply, ask_whereabouts, change, leave};
pub(crate) use effects::{journey_ended, note};
pub use letter::{confirm_by_letter, look_at_letter, takes_letter};
pub use likeness::{Suggestion, suggestions};
pub(crate) use list::these;
pub use list::{StayFilter, list};
pub(crate) use merge::with_merged;
pub use merge::{keep_apart, merge};
pub use record::{HandoverLine, StayRecord};
pub(crate) use record::{is_known, is_vouched};
pub use report::{DeclaredOrigin, DeclaredPerson, NewStay, OwnStay, Place, report, report_own};
pub use reports::{KeptReport, own_reports};
use row::Row;

pub(crate) use change::{deny_by_origin, open_by_handover, question_lapsed, verify_by_origin};

/// A stay inside the scope, with its names.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadStays>, id: StayId) -> Result<StayRecord, StoreError> {
    inside(tx, scope, id)?;
    show(tx, id)
}

/// The member's own stay: the open one, else the last.
///
/// # Errors
/// [`StoreError::NotFound`] when there never was one.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<StayRecord, StoreError> {
    let me = PersonId::from(scope.me()?);
    let rows: Vec<Row> = stays::table
        .filter(stays::person_id.eq(Id::of(me)))
        .filter(stays::state.ne(StateName::Merged.as_str()))
        .order(stays::id.desc())
        .select(Row::as_select())
        .load(tx.db)?;
    let is_open = |row: &Row| open_words().any(|word| word == row.state);
    let at = rows.iter().position(is_open).unwrap_or(0);
    let row = rows.into_iter().nth(at).ok_or(StoreError::NotFound("stay"))?;
    record::of_one(tx, row)
}

/// Every stay of the caller, oldest first. O(stays of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn all_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<StayRecord>, StoreError> {
    let me = PersonId::from(scope.me()?);
    let rows: Vec<Row> = stays::table
        .filter(stays::person_id.eq(Id::of(me)))
        .order(stays::id)
        .select(Row::as_select())
        .load(tx.db)?;
    record::of(tx, rows)
}

/// The timeline of a stay inside the scope, and of those that were merged into it, oldest first, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStays>,
    id: StayId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    inside(tx, scope, id)?;
    let subjects = merge::with_merged(tx, id)?;
    trail::of_subjects(tx, subjects, after, limit)
}

/// A stay whose host lies inside the scope, with the host's path and the instant of its first entry.
fn inside<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    id: StayId,
) -> Result<(Stay, OrgPath, NaiveDateTime), StoreError> {
    let found = by_id(tx, id)?;
    if scope.covers(&found.1) {
        Ok(found)
    } else {
        Err(StoreError::NotFound("stay"))
    }
}

/// Whether the caller may manage a stay, before anything else is looked at.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn reach(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: StayId) -> Result<(), StoreError> {
    managed(tx, scope, id).map(drop)
}

/// A stay that the caller may manage.
pub(crate) fn managed(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: StayId) -> Result<Stay, StoreError> {
    inside(tx, scope, id).map(|(stay, ..)| stay)
}

/// A stay with its host's path, for who finds out whether the caller may reach it.
pub(crate) fn found(tx: &mut Tx<'_>, id: StayId) -> Result<(Stay, OrgPath), StoreError> {
    by_id(tx, id).map(|(stay, path, _)| (stay, path))
}

/// A stay after the caller was let through to it.
fn by_id(tx: &mut Tx<'_>, id: StayId) -> Result<(Stay, OrgPath, NaiveDateTime), StoreError> {
    let row = row_of(tx, id)?.ok_or(StoreError::NotFound("stay"))?;
    merge::whole(tx, vec![row])?.pop().ok_or(StoreError::NotFound("stay"))
}

fn row_of(tx: &mut Tx<'_>, id: StayId) -> Result<Option<Row>, StoreError> {
    let row = stays::table.filter(stays::id.eq(Id::of(id))).select(Row::as_select());
    Ok(row.first(tx.db).optional()?)
}

/// The host of a stay.
fn host_of(tx: &mut Tx<'_>, id: StayId) -> Result<OrganisationId, StoreError> {
    by_id(tx, id).map(|(stay, ..)| stay.host)
}

/// A stay with its names, after the caller was let through to it.
fn show(tx: &mut Tx<'_>, id: StayId) -> Result<StayRecord, StoreError> {
    let row = row_of(tx, id)?.ok_or(StoreError::NotFound("stay"))?;
    record::of_one(tx, row)
}

/// The open stay of a person with a host.
fn open_of(tx: &mut Tx<'_>, person: PersonId, host: OrganisationId) -> Result<Option<Stay>, StoreError> {
    let row: Option<Row> = stays::table
        .filter(stays::person_id.eq(Id::of(person)))
        .filter(stays::host_id.eq(Id::of(host)))
        .filter(stays::state.eq_any(open_words()))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let stay = row.map(|row| row.into_stay(None)).transpose()?;
    Ok(stay.map(|(stay, ..)| stay))
}

/// The states of an open stay, as the database words them.
fn open_words() -> impl Iterator<Item = &'static str> {
    StateName::OPEN.iter().map(|state| state.as_str())
}
