//! Gatherings as a member sees the own ones, attends and excuses; and what somebody learned, by year.
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::access::{ReadMembers, ReadOwnRecord, ReadStays, ReportOwnMoves, Scope};
use domain::gathering::attendance::{
    AttendanceMeans, Command, Learned, Presence, State, StateName as Attendance, Verb,
};
use domain::gathering::{Gathering, StateName};
use domain::id::{GatheringId, MemberId, PersonId, StayId};

use super::attendance::{self, Row as Line};
use super::reflections::{self, Reflection};
use super::row::Row;
use super::{GatheringPosition, Meanwhile, by_id, keep};
use crate::schema::{attendances, gatherings, members};
use crate::types::Id;
use crate::{StoreError, Tx, lecturers, members as records, organisations, stays};

/// A gathering on whose list the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGathering {
    /// The gathering.
    pub gathering: Gathering,
    /// The name of the organisation that invites.
    pub organisation_name: String,
    /// The lecturer's name.
    pub lecturer_name: Option<String>,
    /// Whether the caller was there.
    pub attendance: State,
    /// When what is known of that was received.
    pub received_at: Option<DateTime<Utc>>,
    /// What the caller wrote about it.
    pub reflection: Option<Reflection>,
    /// When the gathering was changed last.
    pub updated_at: DateTime<Utc>,
}

impl OwnGathering {
    /// Where it stands in the list.
    pub const fn position(&self) -> GatheringPosition {
        GatheringPosition::of(&self.gathering)
    }

    /// What the member can do by the own phone: come, or say that it is not possible.
    pub fn allowed(&self) -> Vec<Verb> {
        let told = [Verb::Attend, Verb::Excuse];
        let possible = self.attendance.allowed();
        let open = |verb: &Verb| match self.gathering.state.name() {
            StateName::Planned => true,
            StateName::Held => *verb == Verb::Attend,
            StateName::Cancelled => false,
        };
        told.into_iter()
            .filter(|verb| possible.contains(verb) && open(verb))
            .collect()
    }
}

/// The caller's gatherings, the latest first, after `after`. O(gatherings of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    after: Option<GatheringPosition>,
    limit: i64,
) -> Result<Vec<OwnGathering>, StoreError> {
    let me = scope.me()?;
    page(tx, me, after, limit)
}

/// Every gathering of the caller, the latest first.
///
/// # Errors
/// As [`list_own`].
pub fn all_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<OwnGathering>, StoreError> {
    list_own(tx, scope, None, i64::MAX)
}

/// A gathering on whose list the caller is.
///
/// # Errors
/// [`StoreError::NotFound`] when the caller is not.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>, id: GatheringId) -> Result<OwnGathering, StoreError> {
    let me = scope.me()?;
    one(tx, me, id)
}

pub(super) fn one(tx: &mut Tx<'_>, me: MemberId, id: GatheringId) -> Result<OwnGathering, StoreError> {
    let row: Option<(Line, Row)> = attendances::table
        .inner_join(gatherings::table.on(gatherings::id.eq(attendances::gathering_id)))
        .filter(attendances::person_id.eq(Id::of(me)))
        .filter(attendances::gathering_id.eq(Id::of(id)))
        .select((Line::as_select(), Row::as_select()))
        .first(tx.db)
        .optional()?;
    let row = row.ok_or(StoreError::NotFound("gathering"))?;
    whole(tx, me, vec![row])?.pop().ok_or(StoreError::NotFound("gathering"))
}

/// The latest gatherings of a member, after `after`.
pub(super) fn page(
    tx: &mut Tx<'_>,
    me: MemberId,
    after: Option<GatheringPosition>,
    limit: i64,
) -> Result<Vec<OwnGathering>, StoreError> {
    let mut query = attendances::table
        .inner_join(gatherings::table.on(gatherings::id.eq(attendances::gathering_id)))
        .filter(attendances::person_id.eq(Id::of(me)))
        .select((Line::as_select(), Row::as_select()))
        .into_boxed();
    if let Some(after) = after {
        let same = gatherings::starts_at.eq(after.at).and(gatherings::id.lt(Id(after.id)));
        query = query.filter(gatherings::starts_at.lt(after.at).or(same));
    }
    let rows: Vec<(Line, Row)> = query
        .order((gatherings::starts_at.desc(), gatherings::id.desc()))
        .limit(limit)
        .load(tx.db)?;
    whole(tx, me, rows)
}

/// With names and what the member wrote. Three queries.
fn whole(tx: &mut Tx<'_>, me: MemberId, rows: Vec<(Line, Row)>) -> Result<Vec<OwnGathering>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let names = organisations::names(tx, rows.iter().map(|(_, row)| row.organisation_id).collect())?;
    let lecturers = lecturers::names(tx, rows.iter().filter_map(|(_, row)| row.lecturer_id).collect())?;
    let mut written = reflections::of(tx, me.into())?;
    let own = |(line, row): (Line, Row)| {
        Ok(OwnGathering {
            organisation_name: names.get(&row.organisation_id).cloned().unwrap_or_default(),
            lecturer_name: row.lecturer_id.and_then(|id| lecturers.get(&id).cloned()),
            attendance: line.state()?,
            received_at: line.received_at.map(|at| at.and_utc()),
            reflection: written.remove(&row.id),
            updated_at: row.updated_at.and_utc(),
            gathering: row.try_into()?,
        })
    };
    rows.into_iter().map(own).collect()
}

/// The caller was there at an instant, as the code at the place shows; says whether that is new. Whoever is there may be:
/// one who was not invited is put on the list.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such gathering, [`StoreError::Refused`] when it was called off.
pub fn attend(
    tx: &mut Tx<'_>,
    scope: &Scope<ReportOwnMoves>,
    id: GatheringId,
    at: DateTime<Utc>,
) -> Result<(OwnGathering, bool), StoreError> {
    let me = scope.me()?;
    keep(tx, Id::of(id), Meanwhile::Marked)?;
    let row = by_id(tx, id)?.ok_or(StoreError::NotFound("gathering"))?;
    if row.state()? == StateName::Cancelled {
        return Err(not_now(StateName::Cancelled.as_str(), Verb::Attend));
    }
    let home: (Id, String) = members::table
        .find(Id::of(me))
        .select((members::home_branch_id, members::path))
        .first(tx.db)?;
    attendance::put(tx, &row, (Id::of(me), Some(Id::of(me))), home)?;
    let line = held(tx, &row, me)?;
    let new = line.state != Attendance::Attended.as_str();
    let gathering = Gathering::try_from(row)?;
    let presence = Presence {
        means: AttendanceMeans::Code,
        at,
        minutes: gathering.learning_minutes,
    };
    attendance::tell(tx, scope.who(), &gathering, line, Command::Attend(presence))?;
    Ok((one(tx, me, id)?, new))
}

/// The caller cannot come, and says why.
///
/// # Errors
/// [`StoreError::NotFound`] when the caller is not on the list, [`StoreError::Refused`] when it is over or was called off,
/// or the caller was there.
pub fn excuse(
    tx: &mut Tx<'_>,
    scope: &Scope<ReportOwnMoves>,
    id: GatheringId,
    reason: String,
) -> Result<OwnGathering, StoreError> {
    let me = scope.me()?;
    one(tx, me, id)?;
    let row = by_id(tx, id)?.ok_or(StoreError::NotFound("gathering"))?;
    let state = row.state()?;
    if state != StateName::Planned {
        return Err(not_now(state.as_str(), Verb::Excuse));
    }
    let line = held(tx, &row, me)?;
    if line.state == Attendance::Attended.as_str() {
        return Err(not_now(Attendance::Attended.as_str(), Verb::Excuse));
    }
    attendance::tell(tx, scope.who(), &row.try_into()?, line, Command::Excuse(reason))?;
    one(tx, me, id)
}

fn held(tx: &mut Tx<'_>, row: &Row, me: MemberId) -> Result<Line, StoreError> {
    let mine = Box::new(attendances::person_id.eq(Id::of(me)));
    let mut lines = attendance::held(tx, row, &[Id::of(me)], mine)?;
    lines.remove(&Id::of(me)).ok_or(StoreError::NotFound("gathering"))
}

const fn not_now(state: &'static str, verb: Verb) -> StoreError {
    StoreError::Refused {
        state,
        verb: verb.as_str(),
        allowed: Vec::new(),
        by: None,
    }
}

/// What the caller learned, by year, the newest first. O(gatherings of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn learned_by_me(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<Learned>, StoreError> {
    let me = scope.me()?;
    learned(tx, me.into())
}

/// What a member inside the scope learned.
///
/// # Errors
/// [`StoreError::NotFound`] when unknown or outside.
pub fn learned_by_member(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadMembers>,
    id: MemberId,
) -> Result<Vec<Learned>, StoreError> {
    records::inside(tx, scope, id)?;
    learned(tx, id.into())
}

/// What somebody learned who is admitted at a host inside the scope: of a stay that is not verified, nothing.
///
/// # Errors
/// [`StoreError::NotFound`] when the stay is unknown or outside.
pub fn learned_in_stay(tx: &mut Tx<'_>, scope: &Scope<ReadStays>, id: StayId) -> Result<Vec<Learned>, StoreError> {
    let (stay, path) = stays::found(tx, id)?;
    if !scope.covers(&path) {
        return Err(StoreError::NotFound("stay"));
    }
    if stay.state.verification().is_none() {
        return Ok(Vec::new());
    }
    learned(tx, stay.person)
}

fn learned(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Learned>, StoreError> {
    let rows: Vec<(NaiveDate, i32)> = attendances::table
        .filter(attendances::person_id.eq(Id::of(person)))
        .filter(attendances::state.eq(Attendance::Attended.as_str()))
        .select((attendances::day, attendances::minutes))
        .load(tx.db)?;
    let attended = rows
        .into_iter()
        .map(|(day, minutes)| (day, u16::try_from(minutes).unwrap_or_default()));
    Ok(Learned::by_year(attended))
}
