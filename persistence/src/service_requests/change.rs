//! What changes a service request: its transitions, by the asker and by those who serve.
use diesel::prelude::*;
use domain::access::{AskForServices, LeadServices, Scope, ServePeople, Who};
use domain::id::{AccountId, OrganisationId, ServiceRequestId};
use domain::notification::{Occasion, Period};
use domain::service::{Command, Effect, Kind, Officer, Party, Rating, Refused, ServiceRequest, Side, Verb};
use domain::stay::Officer as AnyOfficer;
use serde_json::json;
use uuid::Uuid;

use super::row::{Row, ServiceRecord};
use super::{inside, mine, note, show};
use crate::outbox::{self, To};
use crate::schema::service_requests as requests;
use crate::types::Id;
use crate::{StoreError, Tx, accounts, officers, served, service_messages, settings, tell};

/// What the asker or staff do, and what they say with it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The request, and the version that was seen.
    pub of: (ServiceRequestId, i32),
    /// What is said with it.
    pub said: Option<String>,
}

/// What the asker does: says that it is settled, asks again, says what the answer was worth, or takes it back.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or another's, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] by the domain.
pub fn act_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    step: Step,
    command: Option<Command>,
) -> Result<ServiceRecord, StoreError> {
    let (row, request) = mine(tx, scope.me()?.into(), step.of.0)?;
    let command = command.map_or_else(|| again(tx, &row, request.kind), Ok)?;
    carry_out(tx, (scope.who(), Party::Asker), (row, request), step, (command, None))
}

/// Asked again: due within the term that holds now.
fn again(tx: &mut Tx<'_>, row: &Row, kind: Kind) -> Result<Command, StoreError> {
    let term = settings::at(tx, &row.path()?)?.service.of(kind);
    Ok(Command::Reopen {
        today: tx.today(),
        term,
    })
}

/// Puts somebody in charge: an account with a role at the organisation, above or below it.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Invalid`] for
/// an account without such a role, [`StoreError::Refused`] by the domain.
pub fn assign(
    tx: &mut Tx<'_>,
    scope: &Scope<LeadServices>,
    step: Step,
    officer: AccountId,
) -> Result<ServiceRecord, StoreError> {
    let (row, request) = inside(tx, scope, step.of.0)?;
    officers::check(tx, &row.path()?, &AnyOfficer::Account(officer)).map_err(|error| match error {
        StoreError::Invalid { code, .. } => StoreError::Invalid {
            field: "/officer_id",
            code,
        },
        other => other,
    })?;
    let officer = Officer {
        account: officer,
        name: accounts::by_id(tx, officer)?.name,
    };
    let found = (row, request);
    carry_out(
        tx,
        (scope.who(), Party::Staff),
        found,
        step,
        (Command::Assign(officer), None),
    )
}

/// Answers. Somebody whose role is held above the organisation that was asked answers in its place, and is shown so.
///
/// # Errors
/// As [`resolve`].
pub fn answer(tx: &mut Tx<'_>, scope: &Scope<ServePeople>, step: Step) -> Result<ServiceRecord, StoreError> {
    let (row, request) = inside(tx, scope, step.of.0)?;
    let from = served::acts_from(tx, scope, &row.path()?)?;
    let found = (row, request);
    carry_out(tx, (scope.who(), Party::Staff), found, step, (Command::Answer, from))
}

/// Says for somebody who has no app that it is settled.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] by
/// the domain.
pub fn resolve(tx: &mut Tx<'_>, scope: &Scope<ServePeople>, step: Step) -> Result<ServiceRecord, StoreError> {
    let found = inside(tx, scope, step.of.0)?;
    carry_out(tx, (scope.who(), Party::Staff), found, step, (Command::Resolve, None))
}

/// Asks again for somebody who has no app.
///
/// # Errors
/// As [`resolve`].
pub fn reopen(tx: &mut Tx<'_>, scope: &Scope<ServePeople>, step: Step) -> Result<ServiceRecord, StoreError> {
    let (row, request) = inside(tx, scope, step.of.0)?;
    let command = again(tx, &row, request.kind)?;
    carry_out(tx, (scope.who(), Party::Staff), (row, request), step, (command, None))
}

/// Applies a command to a request that the caller was let through to, and whatever follows from it.
fn carry_out(
    tx: &mut Tx<'_>,
    (who, by): (&Who, Party),
    (row, before): (Row, ServiceRequest),
    step: Step,
    (command, from): (Command, Option<OrganisationId>),
) -> Result<ServiceRecord, StoreError> {
    let (id, seen) = step.of;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    let verb = command.verb();
    let allowed: Vec<_> = before.state.allowed(by).iter().map(|verb| verb.as_str()).collect();
    let (after, effects) = before
        .apply(command, by)
        .map_err(|refused| refusal(&refused, allowed))?;
    store(tx, who, (row.clone(), verb), &after, from)?;
    if let Some(said) = step.said {
        let side = match by {
            Party::Asker => Side::Person,
            Party::Staff => Side::Staff,
        };
        service_messages::say(tx, id.0, (side, Some(&who.name)), said)?;
    }
    let detail = from.map(|from| json!({ "from_id": from }));
    let thing: Uuid = tx.fresh();
    for effect in effects {
        match effect {
            Effect::Note(verb) => note(tx, who, &row, event(verb), detail.clone())?,
            Effect::TellAsker => {
                let occasion = match verb {
                    Verb::Assign => Occasion::ServiceAssigned,
                    _ => Occasion::ServiceAnswered,
                };
                let to = To::Member(row.person_id.to());
                outbox::enqueue(tx, occasion, id.0, Period::Thing(thing), to)?;
            }
            Effect::TellOfficer(officer) => {
                let to = To::Account(officer);
                outbox::enqueue(tx, Occasion::ServiceAssigned, id.0, Period::Thing(thing), to)?;
            }
            Effect::TellStaff => tell_in_charge(tx, &after, Occasion::ServiceAsked, Period::Thing(thing)).map(drop)?,
        }
    }
    show(tx, id)
}

/// Tells whoever is in charge, else the secretaries and offices of the organisation that is asked.
pub(super) fn tell_in_charge(
    tx: &mut Tx<'_>,
    request: &ServiceRequest,
    occasion: Occasion,
    period: Period,
) -> Result<usize, StoreError> {
    if let Some(officer) = &request.officer {
        let told = outbox::enqueue(tx, occasion, request.id.0, period, To::Account(officer.account))?;
        if told > 0 {
            return Ok(told);
        }
    }
    tell::staff_in(tx, occasion, request.id.0, period, request.organisation)
}

/// Writes the request as it is after a command.
fn store(
    tx: &mut Tx<'_>,
    who: &Who,
    (mut row, verb): (Row, Verb),
    after: &ServiceRequest,
    from: Option<OrganisationId>,
) -> Result<(), StoreError> {
    let (today, seen) = (tx.today(), row.version);
    match verb {
        Verb::Assign => row.assigned_on = Some(today),
        Verb::Answer => {
            row.late_on = row.late_on.or(after.clock.missed(today));
            row.answered_on = Some(today);
            row.answered_by = Some(who.name.clone());
            row.answered_from_id = from.map(Id::of);
        }
        Verb::Resolve => row.resolved_on = Some(today),
        Verb::Reopen => {
            row.answered_on = None;
            row.answered_by = None;
            row.answered_from_id = None;
            row.resolved_on = None;
            row.escalated_id = None;
            row.escalated_on = None;
        }
        Verb::Rate => row.rated_on = Some(today),
        Verb::Withdraw => row.withdrawn_on = Some(today),
    }
    let one = requests::table.filter(requests::id.eq(row.id).and(requests::version.eq(seen)));
    let changed = diesel::update(one)
        .set((
            (
                requests::state.eq(after.state.as_str()),
                requests::term_days.eq(i32::from(after.clock.term)),
                requests::due_on.eq(after.clock.due_on),
                requests::late_on.eq(row.late_on),
                requests::escalations.eq(i16::from(after.clock.escalations)),
                requests::escalates_on.eq(after.clock.escalates_on),
                requests::escalated_id.eq(row.escalated_id),
                requests::escalated_on.eq(row.escalated_on),
                requests::officer_id.eq(after.officer.as_ref().map(|one| Id::of(one.account))),
                requests::officer_name.eq(after.officer.as_ref().map(|one| &one.name)),
                requests::assigned_on.eq(row.assigned_on),
            ),
            (
                requests::answered_on.eq(row.answered_on),
                requests::answered_by.eq(&row.answered_by),
                requests::answered_from_id.eq(row.answered_from_id),
                requests::resolved_on.eq(row.resolved_on),
                requests::rating.eq(after.rating.map(Rating::as_str)),
                requests::rated_on.eq(row.rated_on),
                requests::withdrawn_on.eq(row.withdrawn_on),
                requests::version.eq(after.version),
            ),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    Ok(())
}

/// The request turns out to be of another kind: it is due as if it had been asked so, but not before today.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] once
/// it was answered.
pub fn reclassify(
    tx: &mut Tx<'_>,
    scope: &Scope<LeadServices>,
    (id, seen): (ServiceRequestId, i32),
    kind: Kind,
) -> Result<ServiceRecord, StoreError> {
    let (row, request) = inside(tx, scope, id)?;
    if request.version != seen {
        return Err(StoreError::Stale);
    }
    if !request.state.is_unanswered() {
        return Err(StoreError::Refused {
            state: request.state.as_str(),
            verb: "reclassify",
            allowed: request
                .state
                .allowed(Party::Staff)
                .iter()
                .map(|verb| verb.as_str())
                .collect(),
            by: None,
        });
    }
    let term = settings::at(tx, &row.path()?)?.service.of(kind);
    let clock = request.clock.with_term(term, row.asked_on, tx.today());
    let one = requests::table.filter(requests::id.eq(Id::of(id)).and(requests::version.eq(seen)));
    let changed = diesel::update(one)
        .set((
            requests::kind.eq(kind.as_str()),
            requests::term_days.eq(i32::from(clock.term)),
            requests::due_on.eq(clock.due_on),
            requests::escalates_on.eq(clock.escalates_on),
            requests::version.eq(seen + 1),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    note(tx, scope.who(), &row, "service_reclassified", None)?;
    show(tx, id)
}

/// The word of a transition in histories.
const fn event(verb: Verb) -> &'static str {
    match verb {
        Verb::Assign => "service_assigned",
        Verb::Answer => "service_answered",
        Verb::Resolve => "service_resolved",
        Verb::Reopen => "service_reopened",
        Verb::Rate => "service_rated",
        Verb::Withdraw => "service_withdrawn",
    }
}

fn refusal(refused: &Refused, allowed: Vec<&'static str>) -> StoreError {
    StoreError::Refused {
        state: refused.state.as_str(),
        verb: refused.verb.as_str(),
        allowed,
        by: None,
    }
}
