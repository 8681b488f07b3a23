//! A hand-over is answered or taken back: one wins, and whoever comes later is told who.
use diesel::prelude::*;
use domain::access::{AnswerHandovers, Denied, Permission, Scope, Who};
use domain::conversation::AnswersAs;
use domain::handover::{Answer, Command, Effect, Handover, Refused, Side, State, Verb};
use domain::id::{HandoverId, OrganisationId};
use domain::notification::Occasion;
use domain::stay::{Origin, Source, Stay};
use serde_json::{Value, json};
use uuid::Uuid;

use super::record::{self, HandoverRecord};
use super::row::{Found, Row};
use super::{answers_as, by_id, inside};
use crate::db::each;
use crate::schema::handovers;
use crate::trail::{self, NewEvent};
use crate::{StoreError, Tx, organisations, stays, tell};

/// Answers a hand-over, or takes it back, as the caller: `command` gets the caller's name and the instant.
///
/// What was answered meanwhile is refused with the name of whoever was faster, whatever version the caller saw.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Denied`] when it is the other side's move,
/// [`StoreError::Refused`] when it is answered, [`StoreError::Stale`] when the version moved otherwise.
pub fn answer(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerHandovers>,
    id: HandoverId,
    seen: i32,
    command: impl FnOnce(Answer) -> Command,
) -> Result<HandoverRecord, StoreError> {
    let before = inside(tx, scope, id)?;
    let role = answers_as(scope, &before, tx.today());
    let command = command(Answer {
        by: scope.who().name.clone(),
        at: tx.now(),
        from: place_above(tx, scope, &before, role)?,
    });
    let asks = command.verb().side() == Some(Side::Asking);
    let mover = if asks { &before.asking_path } else { &before.asked_path };
    if !scope.covers(mover) {
        return Err(Denied(AnswerHandovers::NAME).into());
    }
    if !asks && role.is_none() && before.handover.state.is_open() {
        return Err(StoreError::Refused {
            state: before.handover.state.name().as_str(),
            verb: command.verb().as_str(),
            allowed: Vec::new(),
            by: None,
        });
    }
    let (allowed, version) = (before.handover.state.allowed(), before.handover.version);
    if allowed.contains(&command.verb()) && version != seen {
        return Err(StoreError::Stale);
    }
    transition(tx, scope.who(), before, command)?;
    record::of_one_by_id(tx, id)
}

/// The organisation above whose role the caller answers by, where it is not the asked one's own.
fn place_above(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerHandovers>,
    found: &Found,
    role: Option<AnswersAs>,
) -> Result<Option<OrganisationId>, StoreError> {
    match (role, scope.seat(&found.asked_path)) {
        (Some(AnswersAs::Above), Some(seat)) => Ok(Some(organisations::by_path(tx, seat)?.id)),
        _ => Ok(None),
    }
}

/// Applies a command to a hand-over that was found: the new row, and every effect.
pub(super) fn transition(tx: &mut Tx<'_>, who: &Who, before: Found, command: Command) -> Result<(), StoreError> {
    let verb = command.verb();
    let (after, effects) = before
        .handover
        .clone()
        .apply(command)
        .map_err(|error| refusal(&error))?;
    let mut after = Found {
        handover: after,
        ..before
    };
    update(tx, &after, verb)?;
    for effect in effects {
        carry_out(tx, who, &mut after.handover, effect)?;
    }
    Ok(())
}

/// Writes a hand-over whose version was counted up. When somebody was faster, the refusal says who.
fn update(tx: &mut Tx<'_>, after: &Found, verb: Verb) -> Result<(), StoreError> {
    let row = Row::of(after, tx.at());
    let one = handovers::table
        .find(row.id)
        .filter(handovers::version.eq(after.handover.version - 1));
    if each!(tx.db, c => diesel::update(one).set(&row).execute(c))? == 1 {
        return Ok(());
    }
    let faster = by_id(tx, after.handover.id)?.handover.state;
    if faster.allowed().contains(&verb) {
        Err(StoreError::Stale)
    } else {
        Err(refusal(&Refused { state: faster, verb }))
    }
}

/// Carries out one effect: one match, so that a new one does not compile until somebody decides what it means.
fn carry_out(tx: &mut Tx<'_>, who: &Who, handover: &mut Handover, effect: Effect) -> Result<(), StoreError> {
    match effect {
        Effect::Note(verb) => note(tx, who, handover, event(verb)),
        Effect::OpenStay => open_stay(tx, who, handover),
        Effect::ConfirmStay(by) => match handover.stay {
            Some(stay) => stays::verify_by_origin(tx, who, stay, by),
            None => Ok(()),
        },
        Effect::RejectStay(reason) => match handover.stay {
            Some(stay) => stays::deny_by_origin(tx, who, stay, reason),
            None => Ok(()),
        },
        Effect::ReopenStay => match handover.stay {
            Some(stay) => stays::question_lapsed(tx, who, stay),
            None => Ok(()),
        },
        Effect::TellAsking => tell_answered(tx, handover, handover.asking),
        Effect::TellAsked => tell_answered(tx, handover, handover.asked),
    }
}

/// The word under which a transition stands on the timeline.
const fn event(verb: Verb) -> &'static str {
    match verb {
        Verb::Accept => "handover_accepted",
        Verb::Decline => "handover_declined",
        Verb::Withdraw => "handover_withdrawn",
        Verb::Confirm => "handover_confirmed",
        Verb::Deny => "handover_denied",
        Verb::Answer => "handover_answered",
        Verb::Lapse => "handover_lapsed",
        Verb::Drop => "handover_dropped",
    }
}

/// Notes something on the timeline of what the hand-over is about: the offered journey, or the stay asked about.
pub(super) fn note(tx: &mut Tx<'_>, who: &Who, handover: &Handover, event: &str) -> Result<(), StoreError> {
    let about_journey = handover.state.kind() == domain::handover::Kind::Offer;
    let subject = match (about_journey, handover.journey, handover.stay) {
        (true, Some(journey), _) => journey.0,
        (_, _, Some(stay)) => stay.0,
        _ => handover.id.0,
    };
    let mut detail = json!({ "handover_id": handover.id, "asking": handover.asking, "asked": handover.asked });
    if let Some(fields) = detail.as_object_mut() {
        if let Some(from) = handover.state.answer().and_then(|answer| answer.from) {
            fields.insert("on_behalf".to_owned(), json!(true));
            fields.insert("answered_from".to_owned(), json!(from));
        }
        if let Some(whereabouts) = handover.state.whereabouts() {
            fields.insert("whereabouts".to_owned(), json!(whereabouts));
        }
    }
    note_with(tx, who, handover, subject, event, detail)
}

/// The same on any timeline, with other details.
pub(super) fn note_with(
    tx: &mut Tx<'_>,
    who: &Who,
    handover: &Handover,
    subject: Uuid,
    event: &str,
    detail: Value,
) -> Result<(), StoreError> {
    let new = NewEvent {
        person: handover.person,
        subject,
        event,
        reason: handover.state.reason(),
        detail: Some(detail),
    };
    trail::append(tx, who, new)
}

/// The stay of an accepted offer: verified, for the origin itself told of it.
fn open_stay(tx: &mut Tx<'_>, who: &Who, handover: &mut Handover) -> Result<(), StoreError> {
    let State::Accepted(answer) = &handover.state else {
        return Ok(());
    };
    let offered = Stay {
        id: tx.fresh(),
        person: handover.person,
        member: Some(handover.person.0.into()),
        host: handover.asked,
        source: Source::Handover,
        origin: Origin::Here(handover.asking),
        journey: handover.journey,
        arrived_on: tx.day_of(answer.at),
        address: None,
        employer: None,
        state: domain::stay::State::Reported,
        version: 1,
    };
    let stay = stays::open_by_handover(tx, who, offered)?;
    handover.stay = Some(stay);
    diesel::update(handovers::table.find(crate::types::Id::of(handover.id)))
        .set(handovers::stay_id.eq(crate::types::Id::of(stay)))
        .execute(tx.db)?;
    Ok(())
}

fn tell_answered(tx: &mut Tx<'_>, handover: &Handover, to: OrganisationId) -> Result<(), StoreError> {
    tell::staff(tx, Occasion::HandoverAnswered, handover.id.0, handover.id.0, to)
}

/// The store's word for a refused transition; it names who answered.
fn refusal(error: &Refused) -> StoreError {
    StoreError::Refused {
        state: error.state.name().as_str(),
        verb: error.verb.as_str(),
        allowed: Vec::new(),
        by: error.state.answer().map(|answer| answer.by.clone()),
    }
}
