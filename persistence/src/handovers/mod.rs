//! Hand-overs (对接) in the store: both sides see the same, each side makes its own moves.
mod answer;
mod ask;
mod due;
mod list;
mod messages;
mod record;
mod row;
mod timeline;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{AnswerHandovers, Permission, ReadHandovers, Scope};
use domain::conversation::{AnswersAs, Between, Speaker};
use domain::id::{HandoverId, OrgPath};

use crate::schema::handovers;
use crate::types::Id;
use crate::{StoreError, Tx};

pub use answer::answer;
pub use ask::offer_again;
pub use due::{escalate, lapse, lapsing, remind};
pub use list::{HandoverFilter, list};
pub use messages::{Message, NewMessage, messages, write};
pub use record::{HandoverRecord, JourneyGlimpse, StayGlimpse};

pub use timeline::timeline;

pub(crate) use ask::{ask, drop_question, inquiry, offer, withdraw_open};
pub(crate) use due::OPEN;

use row::{Found, Row};

/// A hand-over from or to an organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadHandovers>, id: HandoverId) -> Result<HandoverRecord, StoreError> {
    let found = inside(tx, scope, id)?;
    record::of_one(tx, found)
}

/// A hand-over one of whose sides lies inside the scope.
fn inside<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: HandoverId) -> Result<Found, StoreError> {
    let found = by_id(tx, id)?;
    if scope.covers(&found.asking_path) || scope.covers(&found.asked_path) {
        Ok(found)
    } else {
        Err(StoreError::NotFound("handover"))
    }
}

/// For whom somebody speaks in a hand-over that lies inside the scope.
fn speaker<P>(scope: &Scope<P>, found: &Found) -> Result<Speaker, StoreError> {
    let sides = (scope.covers(&found.asking_path), scope.covers(&found.asked_path));
    Speaker::of(sides.0, sides.1).ok_or(StoreError::NotFound("handover"))
}

/// How the caller may answer for the asked side today; the machine answers as the asked one.
fn answers_as(scope: &Scope<AnswerHandovers>, found: &Found, today: NaiveDate) -> Option<AnswersAs> {
    let due_on = found.handover.deadlines.due_on;
    may_answer(scope, &found.asking_path, &found.asked_path, due_on, today)
}

fn may_answer(
    scope: &Scope<AnswerHandovers>,
    asking: &OrgPath,
    asked: &OrgPath,
    due_on: NaiveDate,
    today: NaiveDate,
) -> Option<AnswersAs> {
    if !scope.covers(asked) {
        return None;
    }
    let between = Between { asking, asked, due_on };
    scope
        .seat(asked)
        .map_or(Some(AnswersAs::Asked), |seat| between.answers_as(seat, today))
}

/// A hand-over after the caller was let through to it.
fn by_id(tx: &mut Tx<'_>, id: HandoverId) -> Result<Found, StoreError> {
    let row: Option<Row> = handovers::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.ok_or(StoreError::NotFound("handover"))?.try_into()
}
