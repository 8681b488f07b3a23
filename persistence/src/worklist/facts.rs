//! The facts of the few tasks that are shown.
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::handover::Kind as HandoverKind;
use domain::stay::Origin;
use domain::worklist::{Act, TaskKind, Why};

use super::presents::Missing;
use super::{Found, Task, Waiting};
use crate::outbox::ACTIVE_STANDINGS;
use crate::schema::{declarations, handovers, members, organisations, service_requests as requests, visitors};
use crate::stays::StayRecord;
use crate::types::Id;
use crate::{StoreError, Tx, journeys, stays};

/// What is read once for the tasks of all kinds.
pub(super) struct Facts {
    /// The names of visitors, and of members of active standing.
    names: HashMap<Id, String>,
    /// Stays that nobody is admitted by yet, whose people are named as the host may know them.
    stays: HashMap<Id, StayRecord>,
    missing: Missing,
}

/// Whether a task is about a stay that nobody is admitted by yet.
fn is_of_stays(kind: TaskKind) -> bool {
    matches!(kind, TaskKind::Verify | TaskKind::Admit)
}

impl Facts {
    /// Of what was found, with what is to be given.
    pub(super) fn of(tx: &mut Tx<'_>, found: &[Found], missing: Missing) -> Result<Self, StoreError> {
        let (of_stays, others): (Vec<_>, Vec<_>) = found.iter().partition(|found| is_of_stays(found.kind));
        let stays = of_stays.into_iter().flat_map(|found| ids(&found.first)).collect();
        let people = others.into_iter().flat_map(|found| &found.first);
        Ok(Self {
            names: names(tx, people.filter_map(|one| one.person).collect())?,
            stays: records(tx, stays)?,
            missing,
        })
    }

    /// The tasks, in their order; those about people who are not written to any more are left out.
    pub(super) fn tasks(
        &mut self,
        tx: &mut Tx<'_>,
        kind: TaskKind,
        waiting: &[Waiting],
    ) -> Result<Vec<Task>, StoreError> {
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let mut reasons = match kind {
            TaskKind::Handover => of_handovers(tx, waiting)?,
            TaskKind::Help => waiting.iter().filter_map(in_need).collect(),
            TaskKind::Overdue => waiting.iter().filter_map(silent).collect(),
            TaskKind::Return => waiting.iter().filter_map(says_returned).collect(),
            TaskKind::Briefing => of_briefings(tx, waiting)?,
            TaskKind::Departure => waiting.iter().filter_map(leaving).collect(),
            TaskKind::Card => self.of_cards(waiting),
            TaskKind::ServiceRequest => of_requests(tx, waiting)?,
            TaskKind::Wish => waiting.iter().filter_map(wished).collect(),
            TaskKind::Verify | TaskKind::Admit => self.of_stays(kind, waiting),
            TaskKind::Declaration => of_declarations(tx, waiting)?,
        };
        let one = |one: &Waiting| {
            let (why, act) = reasons.remove(&one.id)?;
            let named = |person: Id| {
                let name = if is_of_stays(kind) {
                    self.stays.get(&one.id).map(|record| &record.person.name)
                } else {
                    self.names.get(&person)
                };
                Some((person.0, name?.clone()))
            };
            let person = match one.person {
                Some(person) => Some(named(person)?),
                None => None,
            };
            Some(Task {
                subject: one.id.0,
                person,
                due_on: one.due,
                why,
                act,
            })
        };
        Ok(waiting.iter().filter_map(one).collect())
    }

    fn of_cards(&mut self, waiting: &[Waiting]) -> Reasons {
        let one = |one: &Waiting| {
            let (on, (years, missing)) = (one.due?, self.missing.remove(&(one.id, one.stays))?);
            let next = Act::Give(missing.first()?.clone());
            Some((one.id, (Why::PoliticalBirthday { on, years, missing }, next)))
        };
        waiting.iter().filter_map(one).collect()
    }

    fn of_stays(&self, kind: TaskKind, waiting: &[Waiting]) -> Reasons {
        let one = |one: &Waiting| {
            let stay = &self.stays.get(&one.id)?.stay;
            let on = stay.arrived_on;
            let reason = match (kind, &stay.origin) {
                (TaskKind::Admit, _) => (Why::Verified { on }, Act::Admit),
                (_, Origin::Here(_)) => (Why::Reported { on }, Act::AskOrigin),
                (_, Origin::Elsewhere { .. }) => (Why::Reported { on }, Act::ConfirmByCall),
            };
            Some((one.id, reason))
        };
        waiting.iter().filter_map(one).collect()
    }
}

/// Why each is on the list, and what is to be done.
type Reasons = HashMap<Id, (Why, Act)>;

fn ids(waiting: &[Waiting]) -> Vec<Id> {
    waiting.iter().map(|one| one.id).collect()
}

/// The names of visitors, and of members of active standing.
fn names(tx: &mut Tx<'_>, people: Vec<Id>) -> Result<HashMap<Id, String>, StoreError> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
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

fn records(tx: &mut Tx<'_>, of_stays: Vec<Id>) -> Result<HashMap<Id, StayRecord>, StoreError> {
    if of_stays.is_empty() {
        return Ok(HashMap::new());
    }
    let records = stays::these(tx, of_stays)?.into_iter();
    Ok(records.map(|record| (Id::of(record.stay.id), record)).collect())
}

fn in_need(one: &Waiting) -> Option<(Id, (Why, Act))> {
    Some((one.id, (Why::AskedForHelp { on: one.due? }, Act::RecordContact)))
}

fn says_returned(one: &Waiting) -> Option<(Id, (Why, Act))> {
    let on = one.due?;
    Some((one.id, (Why::SaysReturned { on }, Act::Return(on))))
}

fn wished(one: &Waiting) -> Option<(Id, (Why, Act))> {
    Some((one.id, (Why::Wished { on: one.due? }, Act::Publish)))
}

fn silent(one: &Waiting) -> Option<(Id, (Why, Act))> {
    let (due, stays) = (one.due?, one.stays);
    let act = if stays { Act::RecordVisit } else { Act::RecordContact };
    Some((one.id, (Why::Silent { due, stays }, act)))
}

fn leaving(one: &Waiting) -> Option<(Id, (Why, Act))> {
    Some((one.id, (Why::Leaving { on: one.due? }, Act::Depart)))
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
    let members: Vec<Id> = waiting.iter().filter_map(|one| one.person).collect();
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
