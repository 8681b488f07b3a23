//! Changing, holding and calling off gatherings; those that follow in a series go along where that is wanted.
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::access::{ManageGatherings, Scope};
use domain::audience::Clause;
use domain::gathering::attendance::StateName as Attendance;
use domain::gathering::series::Shift;
use domain::gathering::{Appointment, Command, Effect, Gathering, Refused, State, StateName};
use domain::id::{GatheringId, LecturerId, OrgPath};
use domain::notification::Occasion;
use domain::settings::Wrong;
use serde_json::json;

use super::attendance;
use super::enlist::{self, Which};
use super::plan::{self, Bound, bind, check_lecturer};
use super::row::Row;
use super::{GatheringRecord, Meanwhile, inside, keep, of_active, show};
use crate::schema::{attendances, gatherings, members};
use crate::types::Id;
use crate::{StoreError, Tx, organisations, outbox, tell};

/// A change of a gathering: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct GatheringChange {
    /// What it is called.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<Option<String>>,
    /// When it begins.
    pub begins: Option<DateTime<Utc>>,
    /// When it ends.
    pub ends: Option<DateTime<Utc>>,
    /// Where.
    pub place: Option<Option<String>>,
    /// The address to join from afar.
    pub link: Option<Option<String>>,
    /// Minutes of learning.
    pub learning_minutes: Option<u16>,
    /// Who speaks.
    pub lecturer: Option<Option<LecturerId>>,
    /// Whom it means; whoever is on the list already stays there.
    pub audience: Option<Vec<Clause>>,
    /// Those that follow in the series are changed alike, and moved by as much.
    pub following: bool,
}

impl GatheringChange {
    fn appointment(&self, before: &Appointment) -> Appointment {
        let begins = self.begins.unwrap_or(before.begins);
        let lasts = before.ends - before.begins;
        Appointment {
            begins,
            ends: self.ends.unwrap_or(begins + lasts),
            place: self.place.clone().unwrap_or_else(|| before.place.clone()),
            link: self.link.clone().unwrap_or_else(|| before.link.clone()),
        }
    }
}

/// Changes a gathering that is planned, and those that follow in its series where that is wanted. Whoever was told of one
/// that is elsewhere or at another time now is told of that.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] when
/// it is not planned any more, [`StoreError::Faults`] for what can't be.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    (id, seen): (GatheringId, i32),
    change: &GatheringChange,
) -> Result<GatheringRecord, StoreError> {
    let row = inside(tx, scope, id)?;
    if row.version != seen {
        return Err(StoreError::Stale);
    }
    if row.state()? != StateName::Planned {
        return Err(StoreError::Refused {
            state: row.state()?.as_str(),
            verb: "change",
            allowed: Vec::new(),
            by: None,
        });
    }
    let path: OrgPath = row.path.parse().map_err(StoreError::corrupt)?;
    let moves = moves(tx, row.clone(), change)?;
    let clauses = checked(tx, scope, &row, (change, &moves))?;
    for one in &moves {
        change_one(tx, change, one, clauses.as_deref())?;
    }
    let detail = json!({ "following": change.following, "title": change.title });
    plan::note(tx, scope, "gathering_changed", (id, &path), detail)?;
    let row = inside(tx, scope, id)?;
    show(tx, scope, row)
}

/// A gathering that is changed, as it was and as it will be appointed.
struct Move {
    row: Row,
    before: Appointment,
    after: Appointment,
}

/// The gathering and those that go along, each moved by as much as the first.
fn moves(tx: &mut Tx<'_>, row: Row, change: &GatheringChange) -> Result<Vec<Move>, StoreError> {
    let zone = tx.zone();
    let first = Gathering::try_from(row.clone())?.appointment;
    let shift = Shift::between(&first, &change.appointment(&first), zone);
    let rows = meant(tx, row, change.following)?.into_iter();
    let moved = rows.map(|row| {
        let before = Appointment {
            begins: row.begins(),
            ends: row.ends_at.and_utc(),
            place: row.place.clone(),
            link: row.link.clone(),
        };
        let (begins, ends) = shift.apply(before.begins, zone);
        let after = Appointment {
            begins,
            ends,
            ..change.appointment(&before)
        };
        Move { row, before, after }
    });
    Ok(moved.collect())
}

/// What is wrong with any of the appointments, once; and that of one at which somebody was, the day stays.
fn faults_of(tx: &mut Tx<'_>, moves: &[Move]) -> Result<Vec<Wrong>, StoreError> {
    let mut faults = Vec::new();
    for Move { row, after, .. } in moves {
        faults.extend(after.faults());
        if tx.day_of(after.begins) != row.day && attended(tx, row.id)? > 0 {
            faults.push(("/starts_at", "attended_already"));
        }
    }
    faults.sort_unstable();
    faults.dedup();
    let faults = faults.into_iter();
    Ok(faults.map(|(field, code)| plan::fault(field, code)).collect())
}

/// How many were at a gathering, or made up for it; nobody is added until the transaction ends.
fn attended(tx: &mut Tx<'_>, id: Id) -> Result<u32, StoreError> {
    keep(tx, id, Meanwhile::Nothing)?;
    let count: i64 = attendances::table
        .filter(attendances::gathering_id.eq(id))
        .filter(attendances::state.eq_any([Attendance::Attended, Attendance::MadeUp].map(Attendance::as_str)))
        .count()
        .get_result(tx.db)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn checked(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    row: &Row,
    (change, moves): (&GatheringChange, &[Move]),
) -> Result<Option<Vec<Bound>>, StoreError> {
    let mut faults = faults_of(tx, moves)?;
    if let Some(Some(lecturer)) = change.lecturer {
        faults.extend(check_lecturer(tx, scope, lecturer)?);
    }
    if change.following && row.series_id.is_none() {
        faults.push(plan::fault("/following", "no_series"));
    }
    let clauses = match &change.audience {
        Some(clauses) => {
            let organisation = organisations::by_id(tx, row.organisation_id.to())?;
            Some(bind(tx, scope, &organisation, clauses, &mut faults)?)
        }
        None => None,
    };
    StoreError::unless_none(faults)?;
    Ok(clauses)
}

/// The gathering, with those planned that follow it in its series where they are meant too, in the order of time.
fn meant(tx: &mut Tx<'_>, row: Row, following: bool) -> Result<Vec<Row>, StoreError> {
    let Some(series) = row.series_id.filter(|_| following) else {
        return Ok(vec![row]);
    };
    let rest: Vec<Row> = gatherings::table
        .filter(gatherings::series_id.eq(series))
        .filter(gatherings::starts_at.gt(row.starts_at))
        .filter(gatherings::state.eq(StateName::Planned.as_str()))
        .order((gatherings::starts_at, gatherings::id))
        .select(Row::as_select())
        .load(tx.db)?;
    Ok([row].into_iter().chain(rest).collect())
}

fn change_one(
    tx: &mut Tx<'_>,
    change: &GatheringChange,
    Move { row, before, after }: &Move,
    clauses: Option<&[Bound]>,
) -> Result<(), StoreError> {
    let id: GatheringId = row.id.to();
    let day = tx.day_of(after.begins);
    let whole = i32::from(before.minutes()) == row.learning_minutes;
    let kept = if whole {
        i32::from(after.minutes())
    } else {
        row.learning_minutes
    };
    let learning_minutes = change.learning_minutes.map_or(kept, i32::from);
    let one = gatherings::table.filter(gatherings::id.eq(row.id).and(gatherings::version.eq(row.version)));
    let changed = diesel::update(one)
        .set((
            gatherings::title.eq(change.title.as_ref().unwrap_or(&row.title)),
            gatherings::description.eq(change.description.as_ref().unwrap_or(&row.description)),
            gatherings::starts_at.eq(after.begins.naive_utc()),
            gatherings::ends_at.eq(after.ends.naive_utc()),
            gatherings::day.eq(day),
            gatherings::place.eq(&after.place),
            gatherings::link.eq(&after.link),
            gatherings::learning_minutes.eq(learning_minutes),
            gatherings::lecturer_id.eq(change.lecturer.map_or(row.lecturer_id, |chosen| chosen.map(Id::of))),
            gatherings::version.eq(row.version + 1),
            gatherings::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    if day != row.day {
        diesel::update(attendances::table.filter(attendances::gathering_id.eq(row.id)))
            .set(attendances::day.eq(day))
            .execute(tx.db)?;
    }
    if learning_minutes != row.learning_minutes {
        attendance::keep_whole(tx, row, learning_minutes)?;
    }
    if let Some(clauses) = clauses {
        plan::write_clauses(tx, id, clauses)?;
    }
    if before != after {
        outbox::gathering_told_again(tx, Occasion::GatheringChanged, id)?;
    }
    if clauses.is_some() || before != after {
        enlist::run(tx, Which::One(id, day))?;
    }
    Ok(())
}

/// It was held: whoever was expected and was not there has missed it, and is proposed a make-up.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] from a
/// wrong state, [`StoreError::Incomplete`] before it begins.
pub fn hold(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    (id, seen): (GatheringId, i32),
) -> Result<GatheringRecord, StoreError> {
    let row = seen_inside(tx, scope, (id, seen))?;
    let (command, attended) = (Command::Hold(tx.now()), attended(tx, row.id)?);
    apply(tx, scope, row, (command, attended))?;
    let row = inside(tx, scope, id)?;
    show(tx, scope, row)
}

/// Calls a gathering off, and those that follow in its series where that is wanted. Whoever was told of it is told that.
///
/// # Errors
/// As [`hold`], and [`StoreError::Incomplete`] once somebody was there.
pub fn cancel(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    (id, seen): (GatheringId, i32),
    (reason, following): (&str, bool),
) -> Result<GatheringRecord, StoreError> {
    let row = seen_inside(tx, scope, (id, seen))?;
    if following && row.series_id.is_none() {
        let (field, code) = ("/following", "no_series");
        return Err(StoreError::Invalid { field, code });
    }
    for one in meant(tx, row, following)? {
        let (reason, attended) = (reason.to_owned(), attended(tx, one.id)?);
        apply(tx, scope, one, (Command::Cancel { reason, attended }, attended))?;
    }
    let row = inside(tx, scope, id)?;
    show(tx, scope, row)
}

fn seen_inside(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    (id, seen): (GatheringId, i32),
) -> Result<Row, StoreError> {
    let row = inside(tx, scope, id)?;
    if row.version == seen {
        Ok(row)
    } else {
        Err(StoreError::Stale)
    }
}

fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    row: Row,
    (command, attended): (Command, u32),
) -> Result<(), StoreError> {
    let path: OrgPath = row.path.parse().map_err(StoreError::corrupt)?;
    let before = Gathering::try_from(row)?;
    let now = tx.now();
    let allowed = before.allowed(now, attended).iter().map(|verb| verb.as_str()).collect();
    let (after, effects) = before.apply(command).map_err(|why| refusal(&why, allowed))?;
    let reason = match &after.state {
        State::Cancelled { reason } => Some(reason.as_str()),
        State::Planned | State::Held => None,
    };
    let one = gatherings::table
        .filter(gatherings::id.eq(Id::of(after.id)))
        .filter(gatherings::version.eq(after.version - 1));
    let changed = diesel::update(one)
        .set((
            gatherings::state.eq(after.state.name().as_str()),
            gatherings::reason.eq(reason),
            gatherings::version.eq(after.version),
            gatherings::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    for effect in effects {
        match effect {
            Effect::Note(verb) => {
                let action = format!("gathering_{}", after.state.name());
                let detail = json!({ "transition": verb, "title": after.title, "reason": reason });
                plan::note(tx, scope, &action, (after.id, &path), detail)?;
            }
            Effect::CloseList => close_list(tx, after.id)?,
            Effect::ProposeMakeUp => propose_make_up(tx, &after)?,
            Effect::TellCancelled => outbox::gathering_told_again(tx, Occasion::GatheringCancelled, after.id)?,
        }
    }
    Ok(())
}

fn refusal(why: &Refused, allowed: Vec<&'static str>) -> StoreError {
    let early = why.from.map(|from| ("gathering_not_begun", from.to_rfc3339()));
    let late = why.attended.map(|count| ("gathering_attended", count.to_string()));
    let missing = early.into_iter().chain(late);
    StoreError::not_possible((why.state.as_str(), why.verb.as_str()), missing, allowed)
}

/// Whoever is still expected has missed it; of members who have died, left or are suspended since nobody expects anything.
/// O(on the list).
fn close_list(tx: &mut Tx<'_>, id: GatheringId) -> Result<(), StoreError> {
    let expected = attendances::table
        .filter(attendances::gathering_id.eq(Id::of(id)))
        .filter(attendances::state.eq(Attendance::Invited.as_str()))
        .filter(of_active!());
    diesel::update(expected)
        .set(attendances::state.eq(Attendance::Missed.as_str()))
        .execute(tx.db)?;
    Ok(())
}

/// Proposes a make-up to those who missed it, and tells the organisation's secretaries and offices, if there are any.
fn propose_make_up(tx: &mut Tx<'_>, gathering: &Gathering) -> Result<(), StoreError> {
    let missed: i64 = attendances::table
        .filter(attendances::gathering_id.eq(Id::of(gathering.id)))
        .filter(attendances::state.eq(Attendance::Missed.as_str()))
        .filter(of_active!())
        .count()
        .get_result(tx.db)?;
    if missed == 0 {
        return Ok(());
    }
    outbox::make_ups_proposed(tx, gathering.id)?;
    let id = gathering.id.0;
    tell::staff(tx, Occasion::MakeUpProposed, id, id, gathering.organisation)
}
