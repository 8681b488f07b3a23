//! Check-ins (报到): recorded once, whatever the network does.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ReadOwnRecord, RecordContact, ReportOwnMoves, Scope, Who};
use domain::checkin::{CheckIn, CheckInKind, counted_at};
use domain::id::{CheckInId, JourneyId, MemberId, OrgPath};
use domain::journey::{Journey, State, StateName, Verb};
use domain::webhook::EventKind;

use crate::db::{Engine, each};
use crate::effects::{self, Told};
use crate::kept::Keep as _;
use crate::schema::{checkins, journeys};
use crate::types::Id;
use crate::webhooks::{self, Happening};
use crate::{StoreError, Tx, journeys as store};

/// What the phone is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The check-in.
    pub id: CheckInId,
    /// Its journey.
    pub journey: JourneyId,
    /// What it said.
    pub kind: CheckInKind,
    /// When it was received first.
    pub received_at: DateTime<Utc>,
    /// Where the journey stands now.
    pub state: StateName,
    /// The day by which the next contact is due, while away.
    pub next_due: Option<NaiveDate>,
    /// Whether the phone's clock is so wrong that the time of receiving counts instead.
    pub clock_doubtful: bool,
    /// Whether it was here before: then nothing has changed.
    pub duplicate: bool,
}

/// A check-in as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What was said.
    pub check_in: CheckIn,
    /// For which journey.
    pub journey: JourneyId,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Whether the phone's clock is so wrong that the time of receiving counts instead.
    pub clock_doubtful: bool,
    /// Whether somebody else recorded it on the member's behalf.
    pub on_behalf: bool,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = checkins, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    member_id: Id,
    id: Id,
    journey_id: Id,
    kind: String,
    division_code: Option<String>,
    place: Option<String>,
    wellbeing: String,
    note: Option<String>,
    means: String,
    recorded_by: Option<Id>,
    recorded_at: NaiveDateTime,
    received_at: NaiveDateTime,
    clock_doubtful: bool,
}

/// Records the member's own check-in for the open journey.
///
/// The same id again answers what was answered first, with `duplicate`, and changes nothing, even when the journey has
/// ended since. Four statements; two phones at once are put in order by the journey's version.
///
/// # Errors
/// [`StoreError::Refused`] when there is no journey that could be checked in for.
pub fn record(tx: &mut Tx<'_>, scope: &Scope<ReportOwnMoves>, check_in: &CheckIn) -> Result<Receipt, StoreError> {
    let me = scope.me()?;
    match store::open_of(tx, me)? {
        Some((journey, path)) => record_for(tx, scope.who(), &journey, &path, check_in, None),
        None => repeated(tx, me, check_in.id)?.ok_or(StoreError::Refused {
            state: "no_open_journey",
            verb: Verb::CheckIn.as_str(),
            allowed: Vec::new(),
            by: None,
        }),
    }
}

/// How often an item of a batch is tried when somebody else changes the journey at the same moment.
const ATTEMPTS: usize = 3;

/// Records many of the member's own check-ins, as a phone sends them that was away from the network: each by itself, in
/// the order in which they were made, whatever the order in which they come. Answers are in the order of `check_ins`.
///
/// Items are tried in the same order by everybody, so that two phones of one member do not wait for one another.
///
/// # Errors
/// When the store fails: then none is recorded. What is refused is refused for that item alone.
pub fn record_many(
    tx: &mut Tx<'_>,
    scope: &Scope<ReportOwnMoves>,
    check_ins: &[CheckIn],
) -> Result<Vec<Result<Receipt, StoreError>>, StoreError> {
    let mut in_order: Vec<_> = check_ins.iter().enumerate().collect();
    in_order.sort_by_key(|(place, one)| (one.recorded_at, one.id, *place));
    let mut receipts = Vec::with_capacity(in_order.len());
    for (place, check_in) in in_order {
        let mut outcome = Err(StoreError::Stale);
        for _ in 0..ATTEMPTS {
            outcome = tx.attempt(|tx| record(tx, scope, check_in));
            if !matches!(outcome, Err(StoreError::Stale)) {
                break;
            }
        }
        match outcome {
            Err(error) if !error.is_refusal() => return Err(error),
            outcome => receipts.push((place, outcome)),
        }
    }
    receipts.sort_by_key(|(place, _)| *place);
    Ok(receipts.into_iter().map(|(_, receipt)| receipt).collect())
}

/// Records a check-in on a member's behalf, for a journey inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] when the journey can't be checked in for.
pub fn record_on_behalf(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordContact>,
    journey: JourneyId,
    check_in: &CheckIn,
) -> Result<Receipt, StoreError> {
    let (journey, path) = store::inside(tx, scope, journey)?;
    if let Some(receipt) = repeated(tx, journey.member, check_in.id)? {
        return Ok(receipt);
    }
    let by = scope.who().account.map(Id::of);
    record_for(tx, scope.who(), &journey, &path, check_in, by)
}

fn record_for(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    path: &OrgPath,
    check_in: &CheckIn,
    recorded_by: Option<Id>,
) -> Result<Receipt, StoreError> {
    let row = Row::of(journey, check_in, recorded_by, tx.now());
    let new = each!(tx.db, c => {
        diesel::insert_into(checkins::table).values(&row).on_conflict_do_nothing().kept().execute(c)
    })?;
    if new == 0 {
        return repeated(tx, journey.member, check_in.id)?.ok_or(StoreError::Stale);
    }
    let command = |state: &State, on, superseded| check_in.command(state, on, superseded);
    let at = check_in.recorded_at;
    let after = store::hold(tx, who, (journey.clone(), path), at, command, &Told::default())?;
    effects::carry_out(tx, who, &after, &check_in.effects(), &Told::default())?;
    let recorded = Happening {
        kind: EventKind::CheckinRecorded,
        subject: after.id.0,
        left: None,
    };
    webhooks::happened(tx, &[recorded])?;
    Ok(Receipt {
        id: check_in.id,
        journey: after.id,
        kind: check_in.kind,
        received_at: tx.now(),
        state: after.state.name(),
        next_due: after.state.due(),
        clock_doubtful: row.clock_doubtful,
        duplicate: false,
    })
}

/// The receipt of a check-in that is here already.
fn repeated(tx: &mut Tx<'_>, member: MemberId, id: CheckInId) -> Result<Option<Receipt>, StoreError> {
    let found: Option<(Id, String, NaiveDateTime, bool, String, Option<NaiveDate>)> = checkins::table
        .inner_join(
            journeys::table.on(journeys::member_id
                .eq(checkins::member_id)
                .and(journeys::id.eq(checkins::journey_id))),
        )
        .filter(checkins::member_id.eq(Id::of(member)))
        .filter(checkins::id.eq(Id::of(id)))
        .select((
            checkins::journey_id,
            checkins::kind,
            checkins::received_at,
            checkins::clock_doubtful,
            journeys::state,
            journeys::next_checkin_due,
        ))
        .first(tx.db)
        .optional()?;
    found
        .map(|(journey, kind, received_at, clock_doubtful, state, next_due)| {
            Ok(Receipt {
                id,
                journey: journey.to(),
                kind: kind.parse().map_err(StoreError::corrupt)?,
                received_at: received_at.and_utc(),
                state: state.parse().map_err(StoreError::corrupt)?,
                next_due,
                clock_doubtful,
                duplicate: true,
            })
        })
        .transpose()
}

/// The member's own check-ins, newest first, before `before`. O(limit) and the member's rows.
///
/// # Errors
/// When the store fails.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    before: Option<CheckInId>,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    let mut query = checkins::table
        .filter(checkins::member_id.eq(Id::of(scope.me()?)))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(checkins::id.lt(Id::of(before)));
    }
    let rows: Vec<Row> = query
        .order(checkins::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Recorded::try_from).collect()
}

impl Row {
    fn of(journey: &Journey, check_in: &CheckIn, recorded_by: Option<Id>, now: DateTime<Utc>) -> Self {
        Self {
            member_id: Id::of(journey.member),
            id: Id::of(check_in.id),
            journey_id: Id::of(journey.id),
            kind: check_in.kind.to_string(),
            division_code: check_in.division.map(|code| code.to_string()),
            place: check_in.place.clone(),
            wellbeing: check_in.wellbeing.to_string(),
            note: check_in.note.clone(),
            means: check_in.means.to_string(),
            recorded_by,
            recorded_at: check_in.recorded_at.naive_utc(),
            received_at: now.naive_utc(),
            clock_doubtful: counted_at(check_in.recorded_at, now).clock_doubtful,
        }
    }
}

impl TryFrom<Row> for Recorded {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let check_in = CheckIn {
            id: row.id.to(),
            kind: row.kind.parse().map_err(StoreError::corrupt)?,
            division: row
                .division_code
                .map(|code| code.parse())
                .transpose()
                .map_err(StoreError::corrupt)?,
            place: row.place,
            wellbeing: row.wellbeing.parse().map_err(StoreError::corrupt)?,
            note: row.note,
            means: row.means.parse().map_err(StoreError::corrupt)?,
            recorded_at: row.recorded_at.and_utc(),
        };
        let (journey, received_at) = (row.journey_id.to(), row.received_at.and_utc());
        Ok(Self {
            check_in,
            journey,
            received_at,
            clock_doubtful: row.clock_doubtful,
            on_behalf: row.recorded_by.is_some(),
        })
    }
}
