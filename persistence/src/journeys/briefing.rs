//! The briefing (行前教育) of a journey: laid out from the list of the branch, ticked by the secretary, and by the member
//! what is the member's.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{count, count_star, max};
use diesel::prelude::*;
use domain::access::{Denied, ManageJourneys, Permission, ReportOwnMoves, Scope, Who};
use domain::briefing::{Item, names};
use domain::id::{JourneyId, MemberId, OrgPath};
use domain::journey::Journey;

use super::{BriefingItem, JourneyRecord, open_and_unchanged, open_of, show, update};
use crate::db::each;
use crate::schema::{briefing_items as items, journey_lines};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Lays out the items for a journey that is planned, with the names that they have now.
pub(crate) fn begin_briefing(tx: &mut Tx<'_>, journey: &Journey, list: &[Item]) -> Result<(), StoreError> {
    for (position, item) in (0_i16..).zip(list) {
        diesel::insert_into(items::table)
            .values((
                items::member_id.eq(Id::of(journey.member)),
                items::journey_id.eq(Id::of(journey.id)),
                items::item.eq(&item.item),
                items::position.eq(position),
                items::zh.eq(&item.zh),
                items::en.eq(&item.en),
                items::by_member.eq(item.by_member),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Marks an item of the briefing as done on a day, or as open again.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope or for an unknown item, [`StoreError::Stale`] when the version moved.
pub fn brief(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    item: &str,
    done_on: Option<NaiveDate>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    tick(tx, scope.who(), before, &path, item, done_on)?;
    show(tx, id)
}

/// Marks an item of the own briefing as done on a day, or as open again: only one that is the member's to tick.
///
/// # Errors
/// [`StoreError::NotFound`] without an open journey or for an unknown item, [`StoreError::Stale`] when the version
/// moved, [`StoreError::Denied`] for an item that the branch ticks.
pub fn brief_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReportOwnMoves>,
    seen: i32,
    item: &str,
    done_on: Option<NaiveDate>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_of(tx, scope.me()?)?.ok_or(StoreError::NotFound("journey"))?;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    let mine: Option<bool> = items::table
        .find((Id::of(before.member), Id::of(before.id), item))
        .select(items::by_member)
        .first(tx.db)
        .optional()?;
    if !mine.ok_or(StoreError::NotFound("briefing item"))? {
        return Err(Denied(ManageJourneys::NAME).into());
    }
    let id = before.id;
    tick(tx, scope.who(), before, &path, item, done_on)?;
    show(tx, id)
}

fn tick(
    tx: &mut Tx<'_>,
    who: &Who,
    before: Journey,
    path: &OrgPath,
    item: &str,
    done_on: Option<NaiveDate>,
) -> Result<(), StoreError> {
    if done_on.is_some_and(|day| day > tx.today()) {
        return Err(StoreError::Invalid {
            field: "/done_on",
            code: "in_the_future",
        });
    }
    let changed = mark(tx, who, &before, item, done_on)?;
    if !changed {
        return Err(StoreError::NotFound("briefing item"));
    }
    let after = Journey {
        version: before.version + 1,
        ..before
    };
    update(tx, &after, path)?;
    let event = NewEvent {
        person: after.member.into(),
        subject: after.id.0,
        event: "briefed",
        reason: None,
        detail: Some(serde_json::json!({ "item": item, "done_on": done_on })),
    };
    trail::append(tx, who, event)
}

/// Writes when an item was done and by whom, and with it when the whole briefing was: whether there is such an item.
pub(crate) fn mark(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    item: &str,
    done_on: Option<NaiveDate>,
) -> Result<bool, StoreError> {
    let (member, id) = (Id::of(journey.member), Id::of(journey.id));
    let changed = diesel::update(items::table.find((member, id, item)))
        .set((
            items::done_on.eq(done_on),
            items::done_by.eq(done_on.map(|_| who.name.as_str())),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Ok(false);
    }
    let (all, done, last): (i64, i64, Option<NaiveDate>) = items::table
        .filter(items::member_id.eq(member).and(items::journey_id.eq(id)))
        .select((count_star(), count(items::done_on), max(items::done_on)))
        .first(tx.db)?;
    let briefed = journey_lines::briefed_on.eq(last.filter(|_| all == done));
    let line = (
        journey_lines::member_id.eq(member),
        journey_lines::journey_id.eq(id),
        briefed,
    );
    let key = (journey_lines::member_id, journey_lines::journey_id);
    each!(tx.db, c => diesel::insert_into(journey_lines::table)
        .values(line)
        .on_conflict(key)
        .do_update()
        .set(briefed)
        .execute(c))?;
    Ok(true)
}

/// The words of the items that are still open, in the order of the list.
pub(crate) fn open_items(tx: &mut Tx<'_>, member: MemberId, journey: JourneyId) -> Result<Vec<String>, StoreError> {
    Ok(items::table
        .filter(items::member_id.eq(Id::of(member)))
        .filter(items::journey_id.eq(Id::of(journey)))
        .filter(items::done_on.is_null())
        .order(items::position)
        .select(items::item)
        .load(tx.db)?)
}

/// The briefing items of these journeys, in the order of the list.
pub(crate) fn briefings_of(
    tx: &mut Tx<'_>,
    of_members: &[Id],
    of_journeys: &[Id],
) -> Result<HashMap<Id, Vec<BriefingItem>>, StoreError> {
    type Row = (
        Id,
        String,
        Option<NaiveDate>,
        Option<String>,
        Option<String>,
        Option<String>,
        bool,
    );
    let rows: Vec<Row> = items::table
        .filter(
            items::member_id
                .eq_any(of_members)
                .and(items::journey_id.eq_any(of_journeys)),
        )
        .order(items::position)
        .select((
            items::journey_id,
            items::item,
            items::done_on,
            items::done_by,
            items::zh,
            items::en,
            items::by_member,
        ))
        .load(tx.db)?;
    let mut briefings: HashMap<Id, Vec<BriefingItem>> = HashMap::new();
    for (journey, item, done_on, done_by, zh, en, by_member) in rows {
        let (default_zh, default_en) = names(&item);
        briefings.entry(journey).or_default().push(BriefingItem {
            zh: zh.unwrap_or_else(|| default_zh.to_owned()),
            en: en.unwrap_or_else(|| default_en.to_owned()),
            item,
            by_member,
            done_on,
            done_by,
        });
    }
    Ok(briefings)
}
