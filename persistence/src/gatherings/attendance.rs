//! The list of who takes part: kept by whoever leads the gathering, or by those whose people are on it.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{Permission, ReadGatherings, RecordAttendance, Scope, Who};
use domain::gathering::attendance::{AttendanceMeans, Command, Effect, Presence, Refused, State, StateName, Verb};
use domain::gathering::{Gathering, GatheringKind, StateName as GatheringState};
use domain::id::{GatheringId, MemberId, OrgPath, OrganisationId, PersonId};
use domain::notification::Occasion;
use domain::settings::Wrong;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::row::Row as GatheringRow;
use super::{Meanwhile, about, by_id, keep, plan, seen};
use crate::db::{Db, Engine, each};
use crate::outbox::{self, names_of};
use crate::schema::{attendances, gathering_audiences as audiences, members, organisations as home_units, stays};
use crate::scoped::{Condition, within};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, journeys, organisations};

/// What stays to be asked about a gathering until it is known whether somebody comes or came.
const ASKED: [Occasion; 4] = [
    Occasion::GatheringInvited,
    Occasion::GatheringReminder,
    Occasion::GatheringChanged,
    Occasion::MakeUpProposed,
];

/// Somebody on the list of a gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceLine {
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
    /// Whether the person was there.
    pub state: State,
    /// Who said so.
    pub recorded_by: Option<String>,
    /// When that was received.
    pub received_at: Option<DateTime<Utc>>,
    position: AttendancePosition,
}

impl AttendanceLine {
    /// Where the line stands.
    pub fn position(&self) -> AttendancePosition {
        self.position.clone()
    }
}

/// Where somebody stands on a list: in the order of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttendancePosition {
    path: String,
    person: Uuid,
}

/// Whom of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttendanceFilter {
    /// In this state.
    pub state: Option<StateName>,
}

/// What is said of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Was there; for so many minutes, where it was not the whole time.
    Attended(Option<u16>),
    /// Could not come, for this reason.
    Excused(String),
    /// Was not there.
    Missed,
}

/// What is said of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Whom.
    pub person: PersonId,
    /// What.
    pub said: Said,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attendances, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) gathering_id: Id,
    pub(super) person_id: Id,
    pub(super) member_id: Option<Id>,
    pub(super) unit_id: Id,
    pub(super) path: String,
    pub(super) state: String,
    pub(super) day: NaiveDate,
    pub(super) minutes: i32,
    pub(super) means: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) made_up_by: Option<Id>,
    pub(super) recorded_by: Option<String>,
    pub(super) recorded_at: Option<NaiveDateTime>,
    pub(super) received_at: Option<NaiveDateTime>,
    pub(super) listed_at: NaiveDateTime,
}

impl Row {
    /// Where it stands.
    pub(super) fn state(&self) -> Result<State, StoreError> {
        let lacks = || StoreError::corrupt("an attendance lacks what belongs to its state");
        Ok(match self.state.parse().map_err(StoreError::corrupt)? {
            StateName::Invited => State::Invited,
            StateName::Missed => State::Missed,
            StateName::Excused => State::Excused {
                reason: self.reason.clone().unwrap_or_default(),
            },
            StateName::MadeUp => State::MadeUp {
                by: self.made_up_by.ok_or_else(lacks)?.to(),
            },
            StateName::Attended => State::Attended(Presence {
                means: self
                    .means
                    .as_deref()
                    .ok_or_else(lacks)?
                    .parse()
                    .map_err(StoreError::corrupt)?,
                at: self.recorded_at.ok_or_else(lacks)?.and_utc(),
                minutes: u16::try_from(self.minutes).map_err(StoreError::corrupt)?,
            }),
        })
    }
}

/// The list of a gathering that the scope sees, in the order of the tree: whole where the gathering is inside the scope,
/// else the people of the scope. O(limit) and what is passed over.
///
/// # Errors
/// [`StoreError::NotFound`] when the scope does not see it.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadGatherings>,
    (id, filter): (GatheringId, AttendanceFilter),
    after: Option<&AttendancePosition>,
    limit: i64,
) -> Result<Vec<AttendanceLine>, StoreError> {
    let gathering = seen(tx, scope, id)?;
    let mut query = attendances::table
        .filter(attendances::gathering_id.eq(Id::of(id)))
        .into_boxed();
    if !covers(scope, &gathering)? {
        query = query.filter(about!(scope));
    }
    if let Some(state) = filter.state {
        query = query.filter(attendances::state.eq(state.as_str()));
    }
    if let Some(after) = after {
        let path = after.path.clone();
        let same = attendances::path
            .eq(path.clone())
            .and(attendances::person_id.gt(Id(after.person)));
        query = query.filter(attendances::path.gt(path).or(same));
    }
    let rows: Vec<Row> = query
        .order((attendances::path, attendances::person_id))
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    lines(tx, rows)
}

fn covers<P: Permission>(scope: &Scope<P>, gathering: &GatheringRow) -> Result<bool, StoreError> {
    let path: OrgPath = gathering.path.parse().map_err(StoreError::corrupt)?;
    Ok(scope.covers(&path))
}

/// With names. Three queries.
fn lines(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<AttendanceLine>, StoreError> {
    let names = names_of(tx, rows.iter().map(|row| row.person_id).collect())?;
    let units = organisations::names(tx, rows.iter().map(|row| row.unit_id).collect())?;
    let line = |row: Row| {
        Ok(AttendanceLine {
            person: row.person_id.to(),
            member: row.member_id.map(Id::to),
            name: names.get(&row.person_id).cloned().unwrap_or_default(),
            unit: row.unit_id.to(),
            unit_name: units.get(&row.unit_id).cloned().unwrap_or_default(),
            state: row.state()?,
            recorded_by: row.recorded_by.clone(),
            received_at: row.received_at.map(|at| at.and_utc()),
            position: AttendancePosition {
                path: row.path,
                person: row.person_id.0,
            },
        })
    };
    rows.into_iter().map(line).collect()
}

/// Records who was there, who could not come and who was not there: of those on the list, and of anybody else whom the
/// scope reaches. Saying the same twice is the same, other minutes and reasons correct what was said. Answers the lines, in
/// the order of the marks.
///
/// # Errors
/// [`StoreError::NotFound`] when the scope does not see the gathering, [`StoreError::Refused`] when it was called off,
/// [`StoreError::Incomplete`] before it begins, [`StoreError::Faults`] for people whom the scope does not reach.
pub fn mark(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordAttendance>,
    id: GatheringId,
    marks: &[Mark],
) -> Result<Vec<AttendanceLine>, StoreError> {
    keep(tx, Id::of(id), Meanwhile::Marked)?;
    let gathering = seen(tx, scope, id)?;
    let inside = covers(scope, &gathering)?;
    let is_there = marks.iter().any(|mark| !matches!(mark.said, Said::Excused(_)));
    open_to_marks(tx, &gathering, is_there)?;
    let people: Vec<Id> = marks.iter().map(|mark| Id::of(mark.person)).collect();
    add(tx, scope, &gathering, &people)?;
    let mine: Condition<attendances::table> = if inside {
        Box::new(attendances::gathering_id.eq(gathering.id))
    } else {
        about!(scope)
    };
    let mut rows = held(tx, &gathering, &people, mine)?;
    check(marks, &rows)?;
    let path: OrgPath = gathering.path.parse().map_err(StoreError::corrupt)?;
    let gathering = Gathering::try_from(gathering)?;
    let mut said = Vec::new();
    for mark in marks {
        let Some(row) = rows.remove(&Id::of(mark.person)) else {
            continue;
        };
        let command = command(tx, &gathering, &row, &mark.said);
        said.push(tell(tx, scope.who(), &gathering, row, command)?);
    }
    let detail = json!({ "people": said.len() });
    plan::note(tx, scope, "attendance_recorded", (id, &path), detail)?;
    lines(tx, said)
}

/// A gathering at whose place the caller shows the code.
///
/// # Errors
/// [`StoreError::NotFound`] when the scope does not see it, [`StoreError::Refused`] when it was called off.
pub fn shows_code(tx: &mut Tx<'_>, scope: &Scope<RecordAttendance>, id: GatheringId) -> Result<Gathering, StoreError> {
    let gathering = seen(tx, scope, id)?;
    open_to_marks(tx, &gathering, false)?;
    gathering.try_into()
}

/// Whether anything may be said of the people of a gathering now.
fn open_to_marks(tx: &Tx<'_>, gathering: &GatheringRow, is_there: bool) -> Result<(), StoreError> {
    let state = gathering.state()?;
    if state == GatheringState::Cancelled {
        return Err(StoreError::Refused {
            state: state.as_str(),
            verb: "record_attendance",
            allowed: Vec::new(),
            by: None,
        });
    }
    let early = is_there && tx.now() < gathering.begins();
    let missing = early.then(|| ("gathering_not_begun", gathering.begins().to_rfc3339()));
    match missing {
        Some(missing) => Err(StoreError::not_possible(
            (state.as_str(), "record_attendance"),
            [missing].into_iter(),
            Vec::new(),
        )),
        None => Ok(()),
    }
}

/// What an officer says of a line. Of somebody whose being there is known it says nothing new where it says no minutes.
fn command(tx: &Tx<'_>, gathering: &Gathering, row: &Row, said: &Said) -> Command {
    let was_there = row.state == StateName::Attended.as_str();
    let known = u16::try_from(row.minutes).ok().filter(|_| was_there);
    match said {
        Said::Attended(minutes) => Command::Attend(Presence {
            means: AttendanceMeans::Officer,
            at: tx.now(),
            minutes: minutes.or(known).unwrap_or(gathering.learning_minutes),
        }),
        Said::Excused(reason) => Command::Excuse(reason.clone()),
        Said::Missed => Command::Miss,
    }
}

/// Everything that is wrong with the marks: people who are unknown or named twice, and excuses of what was made up.
fn check(marks: &[Mark], rows: &HashMap<Id, Row>) -> Result<(), StoreError> {
    let mut faults: Vec<Wrong> = Vec::new();
    let mut named = HashSet::new();
    for (at, mark) in marks.iter().enumerate() {
        let field = |name: &str| format!("/attendance/{at}/{name}");
        match rows.get(&Id::of(mark.person)) {
            None => faults.push(plan::fault(field("person_id"), "unknown_person")),
            Some(row) if row.state == StateName::MadeUp.as_str() && matches!(mark.said, Said::Excused(_)) => {
                faults.push(plan::fault(field("state"), "made_up_already"));
            }
            Some(_) => {}
        }
        if !named.insert(mark.person) {
            faults.push(plan::fault(field("person_id"), "item_twice"));
        }
    }
    StoreError::unless_none(faults)
}

/// Puts people on the list who were not invited, as far as the scope reaches them: members, and those admitted.
fn add(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordAttendance>,
    gathering: &GatheringRow,
    people: &[Id],
) -> Result<(), StoreError> {
    let known: Vec<Id> = attendances::table
        .filter(attendances::gathering_id.eq(gathering.id))
        .filter(attendances::person_id.eq_any(people.to_vec()))
        .select(attendances::person_id)
        .load(tx.db)?;
    let new: Vec<Id> = people.iter().copied().filter(|id| !known.contains(id)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let local: Vec<(Id, Id, String)> = members::table
        .filter(members::id.eq_any(new.clone()))
        .filter(within!(scope, members::path))
        .select((members::id, members::home_branch_id, members::path))
        .load(tx.db)?;
    let admitted: Vec<(Id, Option<Id>, Id, String)> = stays::table
        .inner_join(home_units::table.on(stays::home_unit_id.eq(home_units::id.nullable())))
        .filter(stays::person_id.eq_any(new))
        .filter(stays::state.eq("admitted"))
        .filter(within!(scope, home_units::path).or(within!(scope, stays::path)))
        .select((stays::person_id, stays::member_id, home_units::id, home_units::path))
        .load(tx.db)?;
    let local = local.into_iter().map(|(id, unit, path)| (id, Some(id), unit, path));
    for (person, member, unit, path) in local.chain(admitted) {
        put(tx, gathering, (person, member), (unit, path))?;
    }
    Ok(())
}

/// Who was there for the whole time still was, now that it lasted for so many minutes.
pub(super) fn keep_whole(tx: &mut Tx<'_>, gathering: &GatheringRow, minutes: i32) -> Result<(), StoreError> {
    let whole = attendances::table
        .filter(attendances::gathering_id.eq(gathering.id))
        .filter(attendances::state.eq(StateName::Attended.as_str()))
        .filter(attendances::minutes.eq(gathering.learning_minutes));
    diesel::update(whole)
        .set(attendances::minutes.eq(minutes))
        .execute(tx.db)?;
    Ok(())
}

/// Puts somebody on the list, unless the person is there.
pub(super) fn put(
    tx: &mut Tx<'_>,
    gathering: &GatheringRow,
    (person_id, member_id): (Id, Option<Id>),
    (unit_id, path): (Id, String),
) -> Result<(), StoreError> {
    let row = Row {
        gathering_id: gathering.id,
        person_id,
        member_id,
        unit_id,
        path,
        state: StateName::Invited.to_string(),
        day: gathering.day,
        minutes: 0,
        means: None,
        reason: None,
        made_up_by: None,
        recorded_by: None,
        recorded_at: None,
        received_at: None,
        listed_at: tx.at(),
    };
    each!(tx.db, c => {
        diesel::insert_into(attendances::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// These people's lines, which stay as they are until the transaction ends, taken in one order. SQLite has one writer.
pub(super) fn held(
    tx: &mut Tx<'_>,
    gathering: &GatheringRow,
    people: &[Id],
    mine: Condition<attendances::table>,
) -> Result<HashMap<Id, Row>, StoreError> {
    macro_rules! these {
        () => {
            attendances::table
                .filter(attendances::gathering_id.eq(gathering.id))
                .filter(attendances::person_id.eq_any(people.to_vec()))
        };
    }
    if let Db::Pg(c) = tx.db {
        let held = these!().order(attendances::person_id).select(attendances::person_id);
        held.for_update().load::<Id>(c)?;
    }
    let rows: Vec<Row> = these!().filter(mine).select(Row::as_select()).load(tx.db)?;
    Ok(rows.into_iter().map(|row| (row.person_id, row)).collect())
}

/// Says something of somebody whose line is held, and carries out what follows; what is known already changes nothing, and
/// of what is corrected nothing follows again.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    who: &Who,
    gathering: &Gathering,
    row: Row,
    command: Command,
) -> Result<Row, StoreError> {
    let before = row.state()?;
    if let Some(after) = before.corrected(&command) {
        let row = written(tx, who, row, &after);
        store(tx, &row)?;
        return Ok(row);
    }
    if says_nothing_new(before.name(), command.verb()) {
        return Ok(row);
    }
    let (after, effects) = before.apply(command).map_err(refused)?;
    let row = written(tx, who, row, &after);
    store(tx, &row)?;
    for effect in effects {
        match effect {
            Effect::Note(verb) => note(tx, who, gathering, (&row, &after), verb)?,
            Effect::Heard => {
                if let Some(member) = row.member_id {
                    let began = gathering.appointment.begins;
                    journeys::attended(tx, who, member.to(), (gathering.id, began))?;
                }
            }
            Effect::CloseMissed => close_missed(tx, who, gathering, row.person_id)?,
            Effect::ReopenMissed => reopen_missed(tx, who, gathering, row.person_id)?,
            Effect::StopAsking => {
                if let Some(member) = row.member_id {
                    outbox::settle_prompts(tx, member.to(), gathering.id, &ASKED)?;
                }
            }
        }
    }
    Ok(row)
}

/// Whether it is known already: somebody who made it up has not been there either.
const fn says_nothing_new(state: StateName, verb: Verb) -> bool {
    matches!(
        (state, verb),
        (StateName::Attended, Verb::Attend)
            | (StateName::Excused, Verb::Excuse)
            | (StateName::Missed | StateName::MadeUp, Verb::Miss)
    )
}

fn refused(why: Refused) -> StoreError {
    StoreError::Refused {
        state: why.state.as_str(),
        verb: why.verb.as_str(),
        allowed: Vec::new(),
        by: None,
    }
}

fn written(tx: &Tx<'_>, who: &Who, row: Row, after: &State) -> Row {
    let (means, at, minutes) = match after {
        State::Attended(presence) => (
            Some(presence.means.to_string()),
            Some(presence.at.naive_utc()),
            presence.minutes.into(),
        ),
        _ => (None, None, 0),
    };
    Row {
        state: after.name().to_string(),
        minutes,
        means,
        reason: match after {
            State::Excused { reason } => Some(reason.clone()),
            _ => None,
        },
        made_up_by: match after {
            State::MadeUp { by } => Some(Id::of(*by)),
            _ => None,
        },
        recorded_by: Some(who.name.clone()),
        recorded_at: at,
        received_at: Some(tx.at()),
        ..row
    }
}

fn store(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    let one = attendances::table.find((row.gathering_id, row.person_id));
    diesel::update(one)
        .set((
            attendances::state.eq(&row.state),
            attendances::minutes.eq(row.minutes),
            attendances::means.eq(&row.means),
            attendances::reason.eq(&row.reason),
            attendances::made_up_by.eq(row.made_up_by),
            attendances::recorded_by.eq(&row.recorded_by),
            attendances::recorded_at.eq(row.recorded_at),
            attendances::received_at.eq(row.received_at),
        ))
        .execute(tx.db)?;
    Ok(())
}

fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    gathering: &Gathering,
    (row, after): (&Row, &State),
    verb: Verb,
) -> Result<(), StoreError> {
    let event = match verb {
        Verb::Attend => "gathering_attended",
        Verb::Excuse => "gathering_excused",
        Verb::Miss => "gathering_missed",
        Verb::MakeUp => "gathering_made_up",
        Verb::Reopen => "gathering_not_made_up",
    };
    let reason = match after {
        State::Excused { reason } => Some(reason.as_str()),
        _ => None,
    };
    let new = NewEvent {
        person: row.person_id.to(),
        subject: gathering.id.0,
        event,
        reason,
        detail: Some(json!({ "kind": gathering.kind, "title": gathering.title, "day": row.day, "means": row.means })),
    };
    trail::append(tx, who, new)
}

/// What a make-up lesson makes up is made up.
fn close_missed(tx: &mut Tx<'_>, who: &Who, gathering: &Gathering, person: Id) -> Result<(), StoreError> {
    if gathering.kind != GatheringKind::MakeUpLesson {
        return Ok(());
    }
    let named = audiences::table
        .filter(audiences::gathering_id.eq(Id::of(gathering.id)))
        .filter(audiences::missed_id.is_not_null())
        .select(audiences::missed_id.assume_not_null());
    let named: Vec<Id> = named.load(tx.db)?;
    let missed = attendances::table
        .filter(attendances::person_id.eq(person))
        .filter(attendances::gathering_id.eq_any(named))
        .filter(attendances::state.eq(StateName::Missed.as_str()))
        .select(Row::as_select());
    let missed: Vec<Row> = missed.load(tx.db)?;
    tell_each(tx, who, missed, &Command::MakeUp(gathering.id))
}

/// What this make-up was thought to make up is missed again.
fn reopen_missed(tx: &mut Tx<'_>, who: &Who, gathering: &Gathering, person: Id) -> Result<(), StoreError> {
    let made_up = attendances::table
        .filter(attendances::person_id.eq(person))
        .filter(attendances::made_up_by.eq(Id::of(gathering.id)))
        .select(Row::as_select());
    let made_up: Vec<Row> = made_up.load(tx.db)?;
    tell_each(tx, who, made_up, &Command::Reopen)
}

fn tell_each(tx: &mut Tx<'_>, who: &Who, rows: Vec<Row>, command: &Command) -> Result<(), StoreError> {
    for row in rows {
        let gathering = by_id(tx, row.gathering_id.to())?.ok_or(StoreError::NotFound("gathering"))?;
        tell(tx, who, &gathering.try_into()?, row, command.clone())?;
    }
    Ok(())
}
