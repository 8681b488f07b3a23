//! What time does to a hand-over that nobody answers: the asked side is reminded, the organisation above both is told,
//! and in the end it lapses.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{Operate, Role, Scope, Who};
use domain::conversation::above_both;
use domain::handover::{Command, Deadlines, Handover, Kind, StateName};
use domain::id::{HandoverId, OrgPath};
use domain::notification::{Occasion, Period};

use super::answer::{note, transition};
use super::by_id;
use super::row::{Found, Row};
use crate::outbox::{self, To};
use crate::schema::{handovers, organisations as places};
use crate::types::Id;
use crate::{StoreError, Tx, tell};

/// The states in which an answer is awaited, as the database words them.
pub(crate) const OPEN: [&str; 2] = [StateName::Offered.as_str(), StateName::Asked.as_str()];

/// Open hand-overs whose reminder day has come by `$day`: what the index on open ones finds.
macro_rules! waiting {
    ($day:expr) => {
        handovers::table
            .filter(handovers::state.eq_any(OPEN))
            .filter(handovers::remind_on.le($day))
    };
}

/// Plans the reminder of every asked side whose day has come by `day`, once each. O(open hand-overs past that day).
///
/// # Errors
/// When the store fails.
pub fn remind(tx: &mut Tx<'_>, scope: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    outbox::handovers_waiting(tx, scope, day)
}

/// Tells the offices above both sides of every hand-over that is due by `day` and not answered, once each, and notes it
/// where both sides read. O(hand-overs that became due).
///
/// # Errors
/// When the store fails.
pub fn escalate(tx: &mut Tx<'_>, scope: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let rows: Vec<Row> = waiting!(day)
        .filter(handovers::due_on.le(day))
        .filter(handovers::escalated_on.is_null())
        .order(handovers::id)
        .select(Row::as_select())
        .load(tx.db)?;
    let mut planned = 0;
    for row in rows {
        planned += escalate_one(tx, scope.who(), &row.try_into()?)?;
    }
    Ok(planned)
}

fn escalate_one(tx: &mut Tx<'_>, who: &Who, found: &Found) -> Result<usize, StoreError> {
    let handover = &found.handover;
    let Deadlines { lapses_on, .. } = handover.escalated(tx.today());
    let unanswered = handovers::table
        .find(Id::of(handover.id))
        .filter(handovers::version.eq(handover.version));
    let noted = diesel::update(unanswered)
        .set((
            handovers::escalated_on.eq(tx.today()),
            handovers::lapses_on.eq(lapses_on),
            handovers::version.eq(handover.version + 1),
            handovers::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    if noted == 0 {
        return Ok(0);
    }
    note(tx, who, handover, "handover_escalated")?;
    if handover.state.kind() == Kind::Whereabouts {
        let (occasion, id) = (Occasion::WhereaboutsOverdue, handover.id.0);
        tell::staff(tx, occasion, id, id, handover.asking)?;
    }
    match above_both(&found.asking_path, &found.asked_path) {
        Some(above) => tell_offices(tx, handover, &above),
        None => Ok(0),
    }
}

/// Tells the offices of the organisation at `path`, or of the nearest above it that has one.
fn tell_offices(tx: &mut Tx<'_>, handover: &Handover, path: &OrgPath) -> Result<usize, StoreError> {
    let mut next = Some(path.clone());
    while let Some(path) = next.filter(|path| *path != OrgPath::root()) {
        let place: Option<Id> = places::table
            .filter(places::path.eq(path.as_str()))
            .select(places::id)
            .first(tx.db)
            .optional()?;
        if let Some(place) = place {
            let to = To::Role(Role::Office, place.to());
            let told = outbox::enqueue(tx, Occasion::HandoverOverdue, handover.id.0, Period::Once, to)?;
            if told > 0 {
                return Ok(told);
            }
        }
        next = path.parent();
    }
    Ok(0)
}

/// The hand-overs that lapse by `day`, or by today where that is earlier. None lapses of which the organisation above was
/// not told: what time left out is made up for first.
///
/// # Errors
/// When the store fails.
pub fn lapsing(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<Vec<HandoverId>, StoreError> {
    let day = day.min(tx.today());
    let ids: Vec<Id> = waiting!(day)
        .filter(handovers::lapses_on.le(day))
        .filter(handovers::escalated_on.is_not_null())
        .order(handovers::id)
        .select(handovers::id)
        .load(tx.db)?;
    Ok(ids.into_iter().map(Id::to).collect())
}

/// Lets a hand-over lapse whose time is over by `day`: both sides are told, the journey goes on, the stay can be asked
/// about again. Says whether it did: whoever answered at the same moment was faster.
///
/// # Errors
/// When the store fails.
pub fn lapse(tx: &mut Tx<'_>, scope: &Scope<Operate>, id: HandoverId, day: NaiveDate) -> Result<bool, StoreError> {
    let found = by_id(tx, id)?;
    if !found.handover.state.is_open() || found.handover.deadlines.lapses_on > day.min(tx.today()) {
        return Ok(false);
    }
    match transition(tx, scope.who(), found, Command::Lapse) {
        Ok(()) => Ok(true),
        Err(StoreError::Stale | StoreError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
