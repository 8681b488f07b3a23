//! Whose political birthday (政治生日) falls into a month: those whom an organisation means, members and admitted alike.
use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;
use domain::access::{ReadGatherings, Scope};
use domain::audience::Belonging;
use domain::calendar::solar::anniversary_in;
use domain::gathering::{GatheringKind, StateName};
use domain::gift::{GiftItem, GiftOccasion, GiftState};
use domain::id::{GatheringId, MemberId, OrgPath, OrganisationId};

use crate::organisations::{by_id, narrowed};
use crate::outbox::ACTIVE_STANDINGS;
use crate::pages::{self, Position, Range};
use crate::schema::{attendances, gatherings, gifts, members, organisations, stays};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Somebody whose political birthday falls into the month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Birthday {
    /// Where the list has got to.
    pub position: Position,
    /// Who.
    pub member: MemberId,
    /// 姓名.
    pub name: String,
    /// The branch or home unit.
    pub unit: OrganisationId,
    /// Its name.
    pub unit_name: String,
    /// How the person belongs to it.
    pub belonging: Belonging,
    /// 入党日期, or the first of the month.
    pub joined_on: NaiveDate,
    /// Whether the day is known, not the month alone.
    pub day_known: bool,
    /// The birthday in the year, or the first of the month.
    pub on: NaiveDate,
    /// How many years.
    pub years: i32,
    /// The collective birthday of the year to which the person is invited.
    pub gathering: Option<GatheringId>,
    /// What the person was given on the occasion in the year, by either side.
    pub given: Vec<GiftItem>,
}

/// Whose birthdays.
#[derive(Debug, Clone, Copy)]
pub struct BirthdayFilter {
    /// Of whom this organisation means.
    pub organisation: OrganisationId,
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u8,
}

/// Member, name, unit, its path, its name, day of joining, and its key where the day is known, not the month alone.
type Row = (Id, String, Id, String, String, Option<NaiveDate>, Option<i16>);

/// Members who joined in a month of a year before that of `$first`. Of those of whom the month alone is known there is no
/// key, and the first of the month stands for it.
macro_rules! joined_in {
    ($month:expr, $first:expr) => {{
        let key = i16::from($month) * 100;
        let by_key = members::political_key.gt(key).and(members::political_key.lt(key + 100));
        let by_month = members::political_key
            .is_null()
            .and(members::joined_on.eq_any($crate::gatherings::birthdays::first_days($month, $first)));
        by_key.or(by_month)
    }};
}
pub(super) use joined_in;

/// The first days of a month in the years that a day of joining may be in, before that of `first`.
pub(super) fn first_days(month: u8, first: NaiveDate) -> Vec<NaiveDate> {
    (FIRST_YEAR..first.year())
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month.into(), 1))
        .collect()
}

/// The first year that is read in dates.
const FIRST_YEAR: i32 = 1900;

/// A page of those whose political birthday falls into the month, in the order of the tree. Somebody who joined in that
/// year has none yet. O(members of the subtree up to the page's end).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadGatherings>,
    filter: BirthdayFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Birthday>, StoreError> {
    let scope = narrowed(tx, scope, Some(filter.organisation))?;
    let whole = by_id(tx, filter.organisation)?.path;
    let Some(first) = NaiveDate::from_ymd_opt(filter.year, 1, 1) else {
        return Ok(Vec::new());
    };
    let month = filter.month;
    let mut found = pages::fill(&scope, after, limit, |range, limit| {
        let rows = local(tx, &range, (month, first), limit)?;
        rows.into_iter()
            .map(|row| read(filter.year, Belonging::Local, row))
            .collect()
    })?;
    found.extend(pages::fill(&scope, after, limit, |range, limit| {
        let rows = admitted(tx, (&range, &whole), (month, first), limit)?;
        rows.into_iter()
            .map(|row| read(filter.year, Belonging::Admitted, row))
            .collect()
    })?);
    found.sort_by(|one, other| {
        let key = |one: &Birthday| (one.position.path.clone(), one.position.id);
        key(one).cmp(&key(other))
    });
    found.truncate(usize::try_from(limit).unwrap_or_default());
    celebrated(tx, filter.year, found)
}

fn local(
    tx: &mut Tx<'_>,
    range: &Range<'_>,
    (month, first): (u8, NaiveDate),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut query = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::home_branch_id)))
        .filter(members::path.ge(range.low).and(members::path.lt(range.end)))
        .filter(joined_in!(month, first))
        .filter(members::joined_on.lt(first))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((
            members::id,
            members::name,
            organisations::id,
            members::path,
            organisations::name,
            members::joined_on,
            members::political_key,
        ))
        .order((members::path, members::id))
        .limit(limit)
        .into_boxed();
    if let Some(after) = range.after {
        query = query.filter(members::path.gt(range.low).or(members::id.gt(Id(after))));
    }
    Ok(query.load(tx.db)?)
}

/// Those who are admitted within the range; not whoever is listed as a member of the same organisation.
fn admitted(
    tx: &mut Tx<'_>,
    (range, whole): (&Range<'_>, &OrgPath),
    (month, first): (u8, NaiveDate),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut query = stays::table
        .inner_join(organisations::table.on(organisations::id.nullable().eq(stays::home_unit_id)))
        .inner_join(members::table.on(members::id.nullable().eq(stays::member_id)))
        .filter(organisations::path.ge(range.low).and(organisations::path.lt(range.end)))
        .filter(stays::state.eq("admitted"))
        .filter(members::path.lt(whole.as_str()).or(members::path.ge(whole.end())))
        .filter(joined_in!(month, first))
        .filter(members::joined_on.lt(first))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((
            members::id,
            members::name,
            organisations::id,
            organisations::path,
            organisations::name,
            members::joined_on,
            members::political_key,
        ))
        .order((organisations::path, stays::person_id))
        .limit(limit)
        .into_boxed();
    if let Some(after) = range.after {
        query = query.filter(organisations::path.gt(range.low).or(stays::person_id.gt(Id(after))));
    }
    Ok(query.load(tx.db)?)
}

fn read(year: i32, belonging: Belonging, row: Row) -> Result<Birthday, StoreError> {
    let (id, name, unit, path, unit_name, joined_on, key) = row;
    let joined_on = joined_on.ok_or_else(|| StoreError::corrupt("a political birthday without a day of joining"))?;
    let on = anniversary_in(joined_on, year).unwrap_or(joined_on);
    let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
    Ok(Birthday {
        position: Position { path, id: id.0 },
        member: id.to(),
        name,
        unit: unit.to(),
        unit_name,
        belonging,
        joined_on,
        day_known: key.is_some(),
        on,
        years: year - joined_on.year(),
        gathering: None,
        given: Vec::new(),
    })
}

/// With the collective birthdays of the year to which they are invited, and what they were given. Two queries.
fn celebrated(tx: &mut Tx<'_>, year: i32, mut found: Vec<Birthday>) -> Result<Vec<Birthday>, StoreError> {
    let (first, last) = (
        NaiveDate::from_ymd_opt(year, 1, 1),
        NaiveDate::from_ymd_opt(year, 12, 31),
    );
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(found);
    };
    let people: Vec<Id> = found.iter().map(|one| Id::of(one.member)).collect();
    let rows: Vec<(Id, Id)> = attendances::table
        .inner_join(gatherings::table.on(gatherings::id.eq(attendances::gathering_id)))
        .filter(attendances::person_id.eq_any(people.clone()))
        .filter(attendances::day.ge(first).and(attendances::day.le(last)))
        .filter(gatherings::kind.eq(GatheringKind::CollectiveBirthday.as_str()))
        .filter(gatherings::state.ne(StateName::Cancelled.as_str()))
        .order(gatherings::id)
        .select((attendances::person_id, gatherings::id))
        .load(tx.db)?;
    let invited: HashMap<Id, Id> = rows.into_iter().collect();
    let given: Vec<(Id, String)> = gifts::table
        .filter(gifts::person_id.eq_any(people))
        .filter(gifts::occasion.eq(GiftOccasion::PoliticalBirthday.as_str()))
        .filter(gifts::state.eq(GiftState::Given.as_str()))
        .filter(gifts::given_on.ge(first).and(gifts::given_on.le(last)))
        .order(gifts::id)
        .select((gifts::person_id, gifts::item))
        .load(tx.db)?;
    for one in &mut found {
        one.gathering = invited.get(&Id::of(one.member)).map(|id| id.to());
        let own = given.iter().filter(|(person, _)| *person == Id::of(one.member));
        let items = own.map(|(_, item)| item.parse()).collect::<Result<_, _>>();
        one.given = items.map_err(StoreError::corrupt)?;
    }
    Ok(found)
}
