//! The facts of the few tasks that are shown.
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::handover::Kind as HandoverKind;
use domain::stay::Origin;
use domain::worklist::{Act, TaskKind, Why};

use super::{Task, Waiting, presents};
use crate::outbox::ACTIVE_STANDINGS;
use crate::schema::{declarations, handovers, members, organisations, service_requests as requests, visitors};
use crate::types::Id;
use crate::{StoreError, Tx, journeys, stays};

/// The tasks, in their order; those about people who are not written to any more are left out.
pub(super) fn tasks(tx: &mut Tx<'_>, kind: TaskKind, waiting: &[Waiting]) -> Result<Vec<Task>, StoreError> {
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let mut reasons = match kind {
        TaskKind::Handover => of_handovers(tx, waiting)?,
        TaskKind::Briefing => of_briefings(tx, waiting)?,
        TaskKind::Card => of_cards(tx, waiting)?,
        TaskKind::ServiceRequest => of_requests(tx, waiting)?,
        TaskKind::Verify | TaskKind::Admit => return of_stays(tx, kind, waiting),
        TaskKind::Declaration => of_declarations(tx, waiting)?,
        TaskKind::Overdue | TaskKind::Departure => HashMap::new(),
    };
    let names = names(tx, waiting)?;
    let one = |one: &Waiting| {
        let (why, act) = match (kind, one.due) {
            (TaskKind::Overdue, Some(due)) => (
                Why::Silent { due, stays: one.stays },
                if one.stays {
                    Act::RecordVisit
                } else {
                    Act::RecordContact
                },
            ),
            (TaskKind::Departure, Some(on)) => (Why::Leaving { on }, Act::Depart),
            _ => reasons.remove(&one.id)?,
        };
        Some(Task {
            subject: one.id.0,
            person: one.person.0,
            name: names.get(&one.person)?.clone(),
            due_on: one.due,
            why,
            act,
        })
    };
    Ok(waiting.iter().filter_map(one).collect())
}

type Reasons = HashMap<Id, (Why, Act)>;

fn ids(waiting: &[Waiting]) -> Vec<Id> {
    waiting.iter().map(|one| one.id).collect()
}

/// The names of visitors, and of members of active standing.
fn names(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<HashMap<Id, String>, StoreError> {
    let people: Vec<Id> = waiting.iter().map(|one| one.person).collect();
    let active: Vec<(Id, String)> = members::table
        .filter(members::id.eq_any(people.clone()))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((members::id, members::name))
        .load(tx.db)?;
    let visitors: Vec<(Id, String)> = visitors::table
        .filter(visitors::id.eq_any(people))
        .select((visitors::id, visitors::name))
        .load(tx.db)?;
    Ok(active.into_iter().chain(visitors).collect())
}

fn of_handovers(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<Reasons, StoreError> {
    let rows: Vec<(Id, String, String)> = handovers::table
        .inner_join(organisations::table.on(organisations::id.eq(handovers::asking_id)))
        .filter(handovers::id.eq_any(ids(waiting)))
        .select((handovers::id, handovers::kind, organisations::name))
        .load(tx.db)?;
    let one = |(id, kind, by): (Id, String, String)| {
        let reason = match kind.parse().map_err(StoreError::corrupt)? {
            HandoverKind::Offer => (Why::Offered { by }, Act::Accept),
            HandoverKind::Verification => (Why::Asked { by }, Act::Confirm),
            HandoverKind::Whereabouts => (Why::AskedWhere { by }, Act::SayWhere),
        };
        Ok((id, reason))
    };
    rows.into_iter().map(one).collect()
}

fn of_briefings(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<Reasons, StoreError> {
    let members: Vec<Id> = waiting.iter().map(|one| one.person).collect();
    let briefings = journeys::briefings_of(tx, &members, &ids(waiting))?;
    let one = |one: &Waiting| {
        let open: Vec<_> = briefings
            .get(&one.id)?
            .iter()
            .filter(|item| item.done_on.is_none())
            .collect();
        let next = open.first()?;
        let why = Why::Unbriefed {
            leaves_on: one.due,
            next: (next.zh.clone(), next.en.clone()),
            open: open.len(),
        };
        Some((one.id, (why, Act::Brief(next.item.clone()))))
    };
    Ok(waiting.iter().filter_map(one).collect())
}

fn of_cards(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<Reasons, StoreError> {
    let mut missing = presents::missing(tx, waiting)?;
    let one = |one: &Waiting| {
        let (on, (years, missing)) = (one.due?, missing.remove(&(one.id, one.stays))?);
        let next = Act::Give(missing.first()?.clone());
        Some((one.id, (Why::PoliticalBirthday { on, years, missing }, next)))
    };
    Ok(waiting.iter().filter_map(one).collect())
}

fn of_requests(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<Reasons, StoreError> {
    let rows: Vec<(Id, String, NaiveDate)> = requests::table
        .filter(requests::id.eq_any(ids(waiting)))
        .select((requests::id, requests::kind, requests::due_on))
        .load(tx.db)?;
    let one = |(id, kind, due): (Id, String, NaiveDate)| {
        let kind = kind.parse().map_err(StoreError::corrupt)?;
        Ok((id, (Why::Requested { kind, due }, Act::AnswerRequest)))
    };
    rows.into_iter().map(one).collect()
}

fn of_declarations(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<Reasons, StoreError> {
    let rows: Vec<(Id, String, NaiveDateTime)> = declarations::table
        .inner_join(crate::schema::journeys::table.on(crate::schema::journeys::id.eq(declarations::journey_id)))
        .inner_join(organisations::table.on(organisations::id.eq(crate::schema::journeys::origin_id)))
        .filter(declarations::journey_id.eq_any(ids(waiting)))
        .filter(declarations::state.eq("proposed"))
        .select((declarations::journey_id, organisations::name, declarations::proposed_at))
        .load(tx.db)?;
    let one = |(id, by, at): (Id, String, NaiveDateTime)| {
        let on = tx.day_of(at.and_utc());
        (id, (Why::Declared { by, on }, Act::ConfirmOutOfContact))
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Of stays, whose people are named as the host may know them.
fn of_stays(tx: &mut Tx<'_>, kind: TaskKind, waiting: &[Waiting]) -> Result<Vec<Task>, StoreError> {
    let records = stays::these(tx, ids(waiting))?;
    let mut records: HashMap<Id, stays::StayRecord> = records
        .into_iter()
        .map(|record| (Id::of(record.stay.id), record))
        .collect();
    let one = |one: &Waiting| {
        let record = records.remove(&one.id)?;
        let on = record.stay.arrived_on;
        let (why, act) = match (kind, &record.stay.origin) {
            (TaskKind::Admit, _) => (Why::Verified { on }, Act::Admit),
            (_, Origin::Here(_)) => (Why::Reported { on }, Act::AskOrigin),
            (_, Origin::Elsewhere { .. }) => (Why::Reported { on }, Act::ConfirmByCall),
        };
        Some(Task {
            subject: one.id.0,
            person: one.person.0,
            name: record.person.name,
            due_on: one.due,
            why,
            act,
        })
    };
    Ok(waiting.iter().filter_map(one).collect())
}
