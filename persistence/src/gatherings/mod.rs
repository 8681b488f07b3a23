//! Gatherings (活动): planned, changed, held or called off by an organisation, with the list of who takes part.
mod attendance;
mod birthdays;
mod change;
mod enlist;
mod feeds;
mod follow;
mod made_up;
mod own;
mod plan;
mod reflections;
mod row;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::access::{Permission, ReadGatherings, Scope};
use domain::audience::Clause;
use domain::gathering::attendance::StateName as Attendance;
use domain::gathering::{Gathering, GatheringKind, StateName};
use domain::id::{GatheringId, LecturerId, OrgPath, OrganisationId, SeriesId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::Db;
use crate::organisations::{self, narrowed};
use crate::schema::{attendances, gatherings, members, organisations as home_units, stays};
use crate::scoped::{Condition, above, any_of, subtrees, within};
use crate::types::Id;
use crate::{StoreError, Tx, lecturers};

pub use attendance::{
    AttendanceFilter, AttendanceLine, AttendancePosition, Mark, Said, list as list_attendance, mark, shows_code,
};
pub use birthdays::{Birthday, BirthdayFilter, list as list_birthdays};
pub use change::{GatheringChange, cancel, change, hold};
pub(crate) use enlist::Marked;
pub use enlist::invite_due;
pub use feeds::{Feed, feed_of, find_own as find_own_feed, make as make_feed, revoke as revoke_feed};
pub(crate) use follow::follow;
pub use made_up::{Missed, MissedFilter, MissedPosition, list as list_missed};
pub use own::{
    OwnGathering, all_own, attend, excuse, find_own, learned_by_me, learned_by_member, learned_in_stay, list_own,
};
pub use plan::{NewGathering, plan};
pub use reflections::{Reflection, SharedReflection, list as list_reflections, take_back, write};
use row::Row;

/// A gathering as a screen shows it to staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatheringRecord {
    /// The gathering.
    pub gathering: Gathering,
    /// The name of the organisation that invites.
    pub organisation_name: String,
    /// Where it stands.
    pub path: OrgPath,
    /// The lecturer's name.
    pub lecturer_name: Option<String>,
    /// Who is meant, with the names of organisations; empty for those who see it only because people of theirs are on
    /// the list.
    pub audience: Vec<(Clause, Option<String>)>,
    /// How many people of the caller's are on its list, by what is known of them.
    pub counts: HashMap<Attendance, i64>,
    /// Whether the gathering itself is inside the scope.
    pub inside: bool,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// Where a gathering stands in a list by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatheringPosition {
    at: NaiveDateTime,
    id: Uuid,
}

impl GatheringPosition {
    /// Where this one stands.
    pub const fn of(gathering: &Gathering) -> Self {
        Self {
            at: gathering.appointment.begins.naive_utc(),
            id: gathering.id.0,
        }
    }
}

/// Which gatherings.
#[derive(Debug, Clone, Copy, Default)]
pub struct GatheringFilter {
    /// Of this organisation and those below it, or with people of theirs on the list.
    pub organisation: Option<OrganisationId>,
    /// Of this kind.
    pub kind: Option<GatheringKind>,
    /// In this state.
    pub state: Option<StateName>,
    /// Of this series.
    pub series: Option<SeriesId>,
    /// With this lecturer.
    pub lecturer: Option<LecturerId>,
    /// That begin at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// That begin before this instant.
    pub until: Option<DateTime<Utc>>,
}

/// Whether a line is about somebody of a subtree: whose unit or home branch is inside, or who is admitted inside; alike. Without a box, since
/// no boxed query stands inside another for both engines.
macro_rules! of_subtree {
    ($path:expr) => {
        attendances::path
            .ge($path.as_str().to_owned())
            .and(attendances::path.lt($path.end()))
            .or(attendances::person_id.eq_any(
                members::table
                    .filter(
                        members::path
                            .ge($path.as_str().to_owned())
                            .and(members::path.lt($path.end())),
                    )
                    .select(members::id),
            ))
            .or(attendances::person_id.eq_any(
                stays::table
                    .inner_join(home_units::table.on(stays::home_unit_id.eq(home_units::id.nullable())))
                    .filter(stays::state.eq("admitted"))
                    .filter(
                        home_units::path
                            .ge($path.as_str().to_owned())
                            .and(home_units::path.lt($path.end()))
                            .or(stays::path
                                .ge($path.as_str().to_owned())
                                .and(stays::path.lt($path.end()))),
                    )
                    .select(stays::person_id),
            ))
    };
}

/// Lines of lists about people of the scope.
macro_rules! about {
    ($scope:expr) => {
        crate::scoped::any_of(crate::scoped::subtrees($scope), |path: &domain::id::OrgPath| {
            Box::new($crate::gatherings::of_subtree!(path))
        })
    };
}
pub(crate) use {about, of_subtree};

/// Lines about visitors, of whom no standing is known, and about members whose standing is active.
macro_rules! of_active {
    () => {
        attendances::member_id.is_null().or(diesel::dsl::exists(
            members::table
                .filter(members::id.nullable().eq(attendances::member_id))
                .filter(members::standing.eq_any(crate::outbox::ACTIVE_STANDINGS)),
        ))
    };
}
use of_active;

/// What may happen at a gathering while a transaction keeps it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    /// Others may mark who was there.
    Marked,
    /// Nothing: it is decided by who was there.
    Nothing,
}

/// The gathering stays as it is until the transaction ends. SQLite has one writer.
fn keep(tx: &mut Tx<'_>, id: Id, meanwhile: Meanwhile) -> Result<(), StoreError> {
    if let Db::Pg(c) = tx.db {
        let one = gatherings::table.find(id).select(gatherings::id);
        match meanwhile {
            Meanwhile::Marked => one.for_share().load::<Id>(c)?,
            Meanwhile::Nothing => one.for_update().load::<Id>(c)?,
        };
    }
    Ok(())
}

/// Gatherings of the scope, and those of the organisations above it with people of the scope on their lists.
fn visible<P>(scope: &Scope<P>) -> Condition<gatherings::table> {
    let inside = within!(scope, gatherings::path);
    let above = above(scope);
    if above.is_empty() {
        return inside;
    }
    let listed: Condition<gatherings::table> = any_of(subtrees(scope), |path| {
        let lines = attendances::table.filter(of_subtree!(path));
        Box::new(gatherings::id.eq_any(lines.select(attendances::gathering_id)))
    });
    Box::new(inside.or(gatherings::path.eq_any(above).and(listed)))
}

/// The gatherings of the scope, and those from above to which people of the scope are invited, by time. O(limit) and what
/// the filter passes over.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadGatherings>,
    filter: &GatheringFilter,
    after: Option<GatheringPosition>,
    limit: i64,
) -> Result<Vec<GatheringRecord>, StoreError> {
    let narrow = narrowed(tx, scope, filter.organisation)?;
    let mut query = gatherings::table.filter(visible(&narrow)).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(gatherings::kind.eq(kind.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(gatherings::state.eq(state.as_str()));
    }
    if let Some(series) = filter.series {
        query = query.filter(gatherings::series_id.eq(Id::of(series)));
    }
    if let Some(lecturer) = filter.lecturer {
        query = query.filter(gatherings::lecturer_id.eq(Id::of(lecturer)));
    }
    if let Some(from) = filter.from {
        query = query.filter(gatherings::starts_at.ge(from.naive_utc()));
    }
    if let Some(until) = filter.until {
        query = query.filter(gatherings::starts_at.lt(until.naive_utc()));
    }
    if let Some(after) = after {
        let same = gatherings::starts_at.eq(after.at).and(gatherings::id.gt(Id(after.id)));
        query = query.filter(gatherings::starts_at.gt(after.at).or(same));
    }
    let rows: Vec<Row> = query
        .order((gatherings::starts_at, gatherings::id))
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    whole(tx, scope, rows)
}

/// A gathering of the scope, or one from above to which people of the scope are invited.
///
/// # Errors
/// [`StoreError::NotFound`] when unknown, or neither.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadGatherings>, id: GatheringId) -> Result<GatheringRecord, StoreError> {
    let row = seen(tx, scope, id)?;
    show(tx, scope, row)
}

fn show<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, row: Row) -> Result<GatheringRecord, StoreError> {
    let record = whole(tx, scope, vec![row])?.pop();
    record.ok_or(StoreError::NotFound("gathering"))
}

/// The row of a gathering that the scope sees.
fn seen<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: GatheringId) -> Result<Row, StoreError> {
    let row: Option<Row> = gatherings::table
        .filter(gatherings::id.eq(Id::of(id)))
        .filter(visible(scope))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.ok_or(StoreError::NotFound("gathering"))
}

/// A gathering whether or not the caller reaches it.
fn by_id(tx: &mut Tx<'_>, id: GatheringId) -> Result<Option<Row>, StoreError> {
    let row = gatherings::table.find(Id::of(id)).select(Row::as_select());
    Ok(row.first(tx.db).optional()?)
}

/// A gathering inside the scope.
fn inside<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: GatheringId) -> Result<Row, StoreError> {
    let row = by_id(tx, id)?.ok_or(StoreError::NotFound("gathering"))?;
    let path: OrgPath = row.path.parse().map_err(StoreError::corrupt)?;
    if scope.covers(&path) {
        Ok(row)
    } else {
        Err(StoreError::NotFound("gathering"))
    }
}

/// With what stands beside: names, audience, counts. Five queries.
fn whole<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, rows: Vec<Row>) -> Result<Vec<GatheringRecord>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let names = organisations::names(tx, rows.iter().map(|row| row.organisation_id).collect())?;
    let lecturers = lecturers::names(tx, rows.iter().filter_map(|row| row.lecturer_id).collect())?;
    let mut audiences = plan::audiences(tx, ids.clone())?;
    let mut counts = counts(tx, scope, ids)?;
    let record = |row: Row| {
        let path: OrgPath = row.path.parse().map_err(StoreError::corrupt)?;
        let inside = scope.covers(&path);
        let audience = audiences.remove(&row.id).filter(|_| inside);
        Ok(GatheringRecord {
            organisation_name: names.get(&row.organisation_id).cloned().unwrap_or_default(),
            lecturer_name: row.lecturer_id.and_then(|id| lecturers.get(&id).cloned()),
            audience: audience.unwrap_or_default(),
            counts: counts.remove(&row.id).unwrap_or_default(),
            inside,
            path,
            updated_at: row.updated_at.and_utc(),
            gathering: row.try_into()?,
        })
    };
    rows.into_iter().map(record).collect()
}

/// How many people are on each list by what is known of them: all of a gathering inside the scope, else those of the
/// scope.
fn counts<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    ids: Vec<Id>,
) -> Result<HashMap<Id, HashMap<Attendance, i64>>, StoreError> {
    let whole: Condition<attendances::table> = any_of(subtrees(scope), |path| {
        let inside = gatherings::path
            .ge(path.as_str().to_owned())
            .and(gatherings::path.lt(path.end()));
        Box::new(attendances::gathering_id.eq_any(gatherings::table.filter(inside).select(gatherings::id)))
    });
    let people: Condition<attendances::table> = Box::new(whole.or(about!(scope)));
    let rows: Vec<(Id, String, i64)> = attendances::table
        .filter(attendances::gathering_id.eq_any(ids))
        .filter(people)
        .group_by((attendances::gathering_id, attendances::state))
        .select((attendances::gathering_id, attendances::state, count_star()))
        .load(tx.db)?;
    let mut counts = HashMap::<Id, HashMap<Attendance, i64>>::new();
    for (id, state, count) in rows {
        let state = state.parse().map_err(StoreError::corrupt)?;
        counts.entry(id).or_default().insert(state, count);
    }
    Ok(counts)
}
