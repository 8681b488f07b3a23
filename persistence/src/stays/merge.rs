//! Two stays of one person become one, because somebody says so; or stay two, because somebody says that.
use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::{ManageStays, Scope};
use domain::id::{OrgPath, PersonId, StayId};
use domain::stay::merge::{MergeFault, NotMerged, Side};
use domain::stay::{Source, StateName, Stay};

use super::change::{Found, refusal, seen_inside, update};
use super::record::StayRecord;
use super::reports::Said;
use super::row::Row;
use super::{background, effects, inside, reports, show};
use crate::db::{Db, each};
use crate::schema::{handovers, stay_merges, stays, stays_apart};
use crate::types::Id;
use crate::{StoreError, Tx, certificates, files, gatherings, gifts, people, service_requests, trail, visits, wishes};

/// Merges another stay of the scope into this one: it keeps its state and register number and takes over what it lacks,
/// the other is closed and points to it, and what happened to both is read here.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Invalid`] for
/// another that is outside, that is certainly somebody else's, or that has come further, [`StoreError::Refused`] when one
/// of them has ended.
pub fn merge(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    (other, reason): (StayId, String),
) -> Result<StayRecord, StoreError> {
    hold(tx, &[id, other])?;
    let (before, path, created_at) = seen_inside(tx, scope, id, seen)?;
    let (absorbed, other_path, other_created_at) = other_inside(tx, scope, other)?;
    let (person, source, was_away) = (before.person, before.source, before.journey.is_some());
    let both = [person, absorbed.person];
    let (one, two) = (side(tx, before)?, side(tx, absorbed)?);
    let merged = domain::stay::merge::merge(one, two, reason.clone()).map_err(not_merged)?;
    let row = (
        stay_merges::stay_id.eq(Id::of(other)),
        stay_merges::into_id.eq(Id::of(id)),
        stay_merges::merged_by.eq(&scope.who().name),
        stay_merges::merged_at.eq(tx.at()),
    );
    diesel::insert_into(stay_merges::table).values(row).execute(tx.db)?;
    update(tx, &merged.other, &other_path, other_created_at)?;
    effects::carry_out(tx, scope.who(), &merged.other, &merged.effects)?;
    let remaining = merged.remaining;
    if remaining.person != person {
        keep_declared(tx, (person, source), &remaining)?;
        let one = stays::table.filter(stays::id.eq(Id::of(id)));
        let moved = stays::person_id.eq(Id::of(remaining.person));
        diesel::update(one).set(moved).execute(tx.db)?;
    }
    update(tx, &remaining, &path, created_at)?;
    effects::note_other(tx, scope.who(), &remaining, "stay_merged", (other, &reason))?;
    diesel::update(handovers::table.filter(handovers::stay_id.eq(Id::of(other))))
        .set(handovers::stay_id.eq(Id::of(id)))
        .execute(tx.db)?;
    background::follow(tx, other, id)?;
    are_about(tx, id, remaining.person)?;
    for one in both {
        gatherings::follow(tx, (one, remaining.person), remaining.member, &path)?;
    }
    if !was_away {
        certificates::note_admission(tx, scope.who(), &remaining)?;
    }
    show(tx, id)
}

/// Says that two stays of the scope are of two people: they are not suggested any more. Saying it twice is the same.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Invalid`] for another that is outside, or is the same.
pub fn keep_apart(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    other: StayId,
    reason: &str,
) -> Result<(), StoreError> {
    let (stay, ..) = inside(tx, scope, id)?;
    let (another, ..) = other_inside(tx, scope, other)?;
    if stay.person == another.person {
        return Err(fault(MergeFault::SameStay));
    }
    let (one_id, other_id) = in_order(id, other);
    let row = (
        stays_apart::one_id.eq(one_id),
        stays_apart::other_id.eq(other_id),
        stays_apart::reason.eq(reason),
        stays_apart::said_by.eq(&scope.who().name),
        stays_apart::said_at.eq(tx.at()),
    );
    let new = each!(tx.db, c => {
        diesel::insert_into(stays_apart::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    if new == 1 {
        effects::note_other(tx, scope.who(), &stay, "stay_kept_apart", (other, reason))?;
        effects::note_other(tx, scope.who(), &another, "stay_kept_apart", (id, reason))?;
    }
    Ok(())
}

/// These rows stay as they are until the transaction ends, taken in one order: of two who merge the same pair each way one
/// waits for the other. SQLite has one writer.
pub(super) fn hold(tx: &mut Tx<'_>, ids: &[StayId]) -> Result<(), StoreError> {
    if let Db::Pg(c) = tx.db {
        let these = stays::table.filter(stays::id.eq_any(ids.iter().map(|id| Id::of(*id))));
        let held = these.order(stays::id).select(stays::id).for_update();
        held.load::<Id>(c)?;
    }
    Ok(())
}

fn other_inside(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: StayId) -> Result<Found, StoreError> {
    inside(tx, scope, id).map_err(|error| match error {
        StoreError::NotFound(_) => StoreError::Invalid {
            field: "/other_id",
            code: "unknown_stay",
        },
        other => other,
    })
}

/// A stay with what tells whose it is.
pub(super) fn side(tx: &mut Tx<'_>, stay: Stay) -> Result<Side, StoreError> {
    let id = Id::of(stay.person);
    let person = people::of(tx, &[id])?.remove(&id);
    Ok(Side {
        has_phone: person.as_ref().is_some_and(|person| person.phone.is_some()),
        identity: person.and_then(|person| person.identity),
        stay,
    })
}

fn not_merged(why: NotMerged) -> StoreError {
    match why {
        NotMerged::Fault(why) => fault(why),
        NotMerged::Refused(refused) => refusal(&refused),
    }
}

const fn fault(why: MergeFault) -> StoreError {
    StoreError::Invalid {
        field: "/other_id",
        code: why.as_str(),
    }
}

/// What the host was told of somebody who turns out to be known better: the telephone above all.
fn keep_declared(tx: &mut Tx<'_>, (before, source): (PersonId, Source), now: &Stay) -> Result<(), StoreError> {
    let id = Id::of(before);
    let Some(before) = people::of(tx, &[id])?.remove(&id) else {
        return Ok(());
    };
    let said = Said {
        source,
        name: &before.name,
        phone: before.phone.as_ref(),
    };
    reports::keep(tx, (tx.fresh(), now.id, now.person), &said).map(drop)
}

/// What was kept under either person is the one's: timeline, files, visits, services and reports.
fn are_about(tx: &mut Tx<'_>, id: StayId, person: PersonId) -> Result<(), StoreError> {
    let subjects = with_merged(tx, id)?;
    trail::are_about(tx, subjects.clone(), person)?;
    files::are_about(tx, subjects.clone(), person)?;
    visits::are_about(tx, subjects.clone(), id, person)?;
    wishes::are_about(tx, subjects.clone(), person)?;
    service_requests::are_about(tx, subjects.clone(), person)?;
    gifts::are_about(tx, subjects.clone(), person)?;
    reports::are_about(tx, subjects, id, person)
}

/// A stay and all that were merged into it, itself first: whatever is kept by stays is read for all of them. A query for
/// each step of merging.
pub(crate) fn with_merged(tx: &mut Tx<'_>, id: StayId) -> Result<Vec<Id>, StoreError> {
    let mut all = vec![Id::of(id)];
    let mut newest = all.clone();
    while !newest.is_empty() {
        newest = stay_merges::table
            .filter(stay_merges::into_id.eq_any(newest))
            .select(stay_merges::stay_id)
            .load(tx.db)?;
        all.extend(&newest);
    }
    Ok(all)
}

/// The stays of rows, in their order; those that were merged say into which. At most one query.
pub(super) fn whole(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<(Stay, OrgPath, NaiveDateTime)>, StoreError> {
    let merged = rows.iter().filter(|row| row.state == StateName::Merged.as_str());
    let merged: Vec<Id> = merged.map(|row| row.id).collect();
    let targets: HashMap<Id, Id> = if merged.is_empty() {
        HashMap::new()
    } else {
        let found: Vec<(Id, Id)> = stay_merges::table
            .filter(stay_merges::stay_id.eq_any(merged))
            .select((stay_merges::stay_id, stay_merges::into_id))
            .load(tx.db)?;
        found.into_iter().collect()
    };
    let stay = |row: Row| {
        let into = targets.get(&row.id).copied().map(Id::to);
        row.into_stay(into)
    };
    rows.into_iter().map(stay).collect()
}

/// A pair in the order in which it is kept.
fn in_order(one: StayId, other: StayId) -> (Id, Id) {
    let (one, other) = (Id::of(one), Id::of(other));
    (one.min(other), one.max(other))
}

/// Those of `others` of whom it was said that they are not the person of `stay`; of either, whatever was merged into it
/// counts as well.
pub(super) fn apart_from(tx: &mut Tx<'_>, stay: StayId, others: &[StayId]) -> Result<Vec<StayId>, StoreError> {
    let own = with_merged(tx, stay)?;
    let pairs: Vec<(Id, Id)> = stays_apart::table
        .filter(
            stays_apart::one_id
                .eq_any(own.clone())
                .or(stays_apart::other_id.eq_any(own.clone())),
        )
        .select((stays_apart::one_id, stays_apart::other_id))
        .load(tx.db)?;
    let said: Vec<Id> = pairs.into_iter().flat_map(|(one, other)| [one, other]).collect();
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let mut apart = Vec::new();
    for other in others {
        let theirs = with_merged(tx, *other)?;
        if theirs.iter().any(|id| said.contains(id)) {
            apart.push(*other);
        }
    }
    Ok(apart)
}
