//! A hand-over with what both sides see beside it: the person, the journey, the stay.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{AnswerHandovers, Scope};
use domain::handover::{Handover, Kind, Side, StateName, Verb};
use domain::id::{HandoverId, JourneyId, OrgPath, StayId};

use super::row::Found;
use super::{by_id, may_answer};
use crate::people::{self, Person};
use crate::schema::{journeys, stays};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// A hand-over with what both sides see beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverRecord {
    /// The hand-over.
    pub handover: Handover,
    /// Where the asking side stands.
    pub asking_path: OrgPath,
    /// Where the asked side stands.
    pub asked_path: OrgPath,
    /// The asking side's name.
    pub asking_name: String,
    /// The asked side's name.
    pub asked_name: String,
    /// The name of the organisation above that answered in the asked one's place.
    pub answered_from_name: Option<String>,
    /// When the organisation above both was told that no answer had come.
    pub escalated_on: Option<NaiveDate>,
    /// About whom; while it is asked whether the person is a member, without the phone of a member's own record.
    pub person: Person,
    /// The journey; while it is asked whether the person is a member, none.
    pub journey: Option<JourneyGlimpse>,
    /// The stay.
    pub stay: Option<StayGlimpse>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// What the other side sees of a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyGlimpse {
    /// Its id.
    pub id: JourneyId,
    /// The state's word.
    pub state: String,
    /// Why.
    pub reason: String,
    /// The destination's division.
    pub division_code: Option<String>,
    /// The place as the member says it.
    pub place: Option<String>,
    /// The employer or school.
    pub employer: Option<String>,
    /// The day of departure.
    pub departed_on: Option<NaiveDate>,
    /// When the member was last in contact.
    pub last_contact_at: Option<DateTime<Utc>>,
}

/// What the other side sees of a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayGlimpse {
    /// Its id.
    pub id: StayId,
    /// The state's word.
    pub state: String,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The day of leaving.
    pub left_on: Option<NaiveDate>,
    /// Where to.
    pub next: Option<String>,
}

impl HandoverRecord {
    /// The transitions that a caller may perform on `today`, who may answer hand-overs in this scope.
    pub fn allowed(&self, scope: Option<&Scope<AnswerHandovers>>, today: NaiveDate) -> Vec<Verb> {
        let (asking, asked) = (&self.asking_path, &self.asked_path);
        let due_on = self.handover.deadlines.due_on;
        let moves = |side| {
            scope.is_some_and(|scope| match side {
                Side::Asking => scope.covers(asking),
                Side::Asked => may_answer(scope, asking, asked, due_on, today).is_some(),
            })
        };
        let drawn = self.handover.state.allowed().iter().copied();
        drawn.filter(|verb| verb.side().is_some_and(moves)).collect()
    }
}

/// Whether the host may see what the origin knows of the person.
pub(super) fn is_known(handover: &Handover) -> bool {
    match handover.state.kind() {
        Kind::Offer => true,
        Kind::Whereabouts => handover.journey.is_some(),
        Kind::Verification => handover.state.name() == StateName::Confirmed,
    }
}

/// The record of one.
pub(super) fn of_one(tx: &mut Tx<'_>, found: Found) -> Result<HandoverRecord, StoreError> {
    let mut records = of(tx, &[found])?;
    records.pop().ok_or(StoreError::NotFound("handover"))
}

/// The record of one, read again.
pub(super) fn of_one_by_id(tx: &mut Tx<'_>, id: HandoverId) -> Result<HandoverRecord, StoreError> {
    let found = by_id(tx, id)?;
    of_one(tx, found)
}

/// The records, in their order. Five queries, whatever their number.
pub(super) fn of(tx: &mut Tx<'_>, found: &[Found]) -> Result<Vec<HandoverRecord>, StoreError> {
    let all = || found.iter().map(|one| &one.handover);
    let from = |handover: &Handover| handover.state.answer().and_then(|answer| answer.from);
    let sides = all().flat_map(|handover| {
        let sides = [Some(handover.asking), Some(handover.asked), from(handover)];
        sides.into_iter().flatten()
    });
    let names = organisations::names(tx, sides.map(Id::of).collect())?;
    let people = people::of(tx, &all().map(|handover| Id::of(handover.person)).collect::<Vec<_>>())?;
    let seen = all()
        .filter(|handover| is_known(handover))
        .filter_map(|handover| handover.journey);
    let journeys = journeys_of(tx, seen.map(Id::of).collect())?;
    let stays = stays_of(tx, all().filter_map(|handover| handover.stay).map(Id::of).collect())?;
    let record = |one: Found| {
        let gone = format!("handovers: {}: a side or the person", one.handover.id);
        let handover = one.handover;
        let name = |id| names.get(&Id::of(id)).cloned();
        let sides = name(handover.asking).zip(name(handover.asked));
        let person = people.get(&Id::of(handover.person)).cloned();
        let ((asking_name, asked_name), mut person) = sides.zip(person).ok_or_else(|| StoreError::corrupt(gone))?;
        person.phone = person.phone.filter(|_| !person.is_member || is_known(&handover));
        let known = handover.journey.filter(|_| is_known(&handover));
        Ok(HandoverRecord {
            asking_path: one.asking_path,
            asked_path: one.asked_path,
            asking_name,
            asked_name,
            person,
            journey: known.and_then(|id| journeys.get(&Id::of(id)).cloned()),
            answered_from_name: from(&handover).and_then(name),
            escalated_on: one.escalated_on,
            stay: handover.stay.and_then(|id| stays.get(&Id::of(id)).cloned()),
            created_at: one.created_at.and_utc(),
            handover,
        })
    };
    found.iter().cloned().map(record).collect()
}

fn journeys_of(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, JourneyGlimpse>, StoreError> {
    type Text = Option<String>;
    type Row = (
        Id,
        String,
        String,
        Text,
        Text,
        Text,
        Option<NaiveDate>,
        Option<NaiveDateTime>,
    );
    let rows: Vec<Row> = journeys::table
        .filter(journeys::id.eq_any(ids))
        .select((
            journeys::id,
            journeys::state,
            journeys::reason,
            journeys::division_code,
            journeys::place,
            journeys::employer,
            journeys::departed_on,
            journeys::last_contact_at,
        ))
        .load(tx.db)?;
    let glimpse = |(id, state, reason, division_code, place, employer, departed_on, last): Row| {
        let last_contact_at = last.map(|at| at.and_utc());
        let id_of = id.to();
        let glimpse = JourneyGlimpse {
            id: id_of,
            state,
            reason,
            division_code,
            place,
            employer,
            departed_on,
            last_contact_at,
        };
        (id, glimpse)
    };
    Ok(rows.into_iter().map(glimpse).collect())
}

fn stays_of(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, StayGlimpse>, StoreError> {
    type Row = (Id, String, NaiveDate, Option<NaiveDate>, Option<String>);
    let rows: Vec<Row> = stays::table
        .filter(stays::id.eq_any(ids))
        .select((
            stays::id,
            stays::state,
            stays::arrived_on,
            stays::left_on,
            stays::next_place,
        ))
        .load(tx.db)?;
    let glimpse = |(id, state, arrived_on, left_on, next): Row| {
        (
            id,
            StayGlimpse {
                id: id.to(),
                state,
                arrived_on,
                left_on,
                next,
            },
        )
    };
    Ok(rows.into_iter().map(glimpse).collect())
}
