//! What was missed and is not made up: for whoever plans a make-up lesson.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{Permission, ReadGatherings, Scope};
use domain::gathering::GatheringKind;
use domain::gathering::attendance::StateName as Attendance;
use domain::id::{GatheringId, MemberId, OrganisationId, PersonId};
use domain::statistics::Period;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{about, of_active};
use crate::organisations::{self, narrowed};
use crate::outbox::names_of;
use crate::schema::{attendances, gatherings, members, organisations as home_units, stays};
use crate::scoped::within;
use crate::statistics::conditions::{expected, missed};
use crate::types::Id;
use crate::{StoreError, Tx};

/// What of what was missed.
#[derive(Debug, Clone, Copy, Default)]
pub struct MissedFilter {
    /// By people of this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// What the statistics of this period count: on lists of the organisation, whatever it was and whoever it was.
    pub counted: Option<Period>,
    /// On lists of the organisation itself, without those below it.
    pub itself: bool,
}

/// Something that somebody missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Who.
    pub person: PersonId,
    /// The member, where it is one of this deployment.
    pub member: Option<MemberId>,
    /// 姓名.
    pub name: String,
    /// The branch or home unit by which the person was meant.
    pub unit: OrganisationId,
    /// Its name.
    pub unit_name: String,
    /// What was missed.
    pub gathering: GatheringId,
    /// What it is called.
    pub title: String,
    /// When it was.
    pub day: NaiveDate,
    position: MissedPosition,
}

impl Missed {
    /// Where it stands.
    pub fn position(&self) -> MissedPosition {
        self.position.clone()
    }
}

/// Where something that was missed stands: in the order of the tree, then by person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedPosition {
    path: String,
    person: Uuid,
    gathering: Uuid,
}

/// Person, member, unit, its path, gathering, its title and day.
type Row = (Id, Option<Id>, Id, String, Id, String, NaiveDate);

/// Whether people of the scope missed a gathering and have not made it up.
pub(super) fn concerns<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    gathering: GatheringId,
) -> Result<bool, StoreError> {
    let one: Option<Id> = attendances::table
        .filter(attendances::gathering_id.eq(Id::of(gathering)))
        .filter(attendances::state.eq(Attendance::Missed.as_str()))
        .filter(about!(scope))
        .select(attendances::person_id)
        .first(tx.db)
        .optional()?;
    Ok(one.is_some())
}

/// The kinds of gatherings that are made up, as the database words them.
fn made_up() -> impl Iterator<Item = &'static str> {
    let kinds = GatheringKind::ALL.iter().filter(|kind| kind.is_made_up());
    kinds.map(|kind| kind.as_str())
}

/// What people of the scope missed and have not made up, in the order of the tree, after `after`; not of members who have
/// died, left or are suspended. O(missed in the scope).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadGatherings>,
    filter: MissedFilter,
    after: Option<&MissedPosition>,
    limit: i64,
) -> Result<Vec<Missed>, StoreError> {
    let scope = narrowed(tx, scope, filter.organisation)?;
    let mut query = attendances::table
        .inner_join(gatherings::table.on(gatherings::id.eq(attendances::gathering_id)))
        .filter(missed!())
        .select((
            attendances::person_id,
            attendances::member_id,
            attendances::unit_id,
            attendances::path,
            gatherings::id,
            gatherings::title,
            attendances::day,
        ))
        .into_boxed();
    query = match filter.counted {
        Some(period) => query
            .filter(expected!(period))
            .filter(within!(&scope, attendances::path)),
        None => query
            .filter(about!(&scope))
            .filter(of_active!())
            .filter(gatherings::kind.eq_any(made_up())),
    };
    if let (true, Some(only)) = (filter.itself, filter.organisation) {
        query = query.filter(attendances::unit_id.eq(Id::of(only)));
    }
    if let Some(after) = after {
        let path = || attendances::path.eq(after.path.clone());
        let person = || attendances::person_id.eq(Id(after.person));
        let later = attendances::path
            .gt(after.path.clone())
            .or(path().and(attendances::person_id.gt(Id(after.person))))
            .or(path()
                .and(person())
                .and(attendances::gathering_id.gt(Id(after.gathering))));
        query = query.filter(later);
    }
    let rows: Vec<Row> = query
        .order((attendances::path, attendances::person_id, attendances::gathering_id))
        .limit(limit)
        .load(tx.db)?;
    let names = names_of(tx, rows.iter().map(|row| row.0).collect())?;
    let units = organisations::names(tx, rows.iter().map(|row| row.2).collect())?;
    let one = |(person, member, unit, path, gathering, title, day): Row| Missed {
        person: person.to(),
        member: member.map(Id::to),
        name: names.get(&person).cloned().unwrap_or_default(),
        unit: unit.to(),
        unit_name: units.get(&unit).cloned().unwrap_or_default(),
        gathering: gathering.to(),
        title,
        day,
        position: MissedPosition {
            path,
            person: person.0,
            gathering: gathering.0,
        },
    };
    Ok(rows.into_iter().map(one).collect())
}
