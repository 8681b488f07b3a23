//! What follows from a stay's transition, carried out in the transaction that made it: one match, so that a new effect
//! does not compile until somebody decides what it means.
use diesel::prelude::*;
use domain::access::Who;
use domain::handover::Question;
use domain::id::{JourneyId, OrganisationId, StayId};
use domain::notification::Occasion;
use domain::stay::{Effect, Origin, State, Stay, Verb};
use serde_json::{Value, json};

use super::record::{self, StayRecord};
use super::{Row, open_words};
use crate::schema::stays;
use crate::tell;
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, handovers};

/// Carries out the effects on the stay as it is after the transition.
pub(super) fn carry_out(tx: &mut Tx<'_>, who: &Who, stay: &Stay, effects: &[Effect]) -> Result<(), StoreError> {
    for effect in effects {
        match effect {
            Effect::Note(verb) => note(tx, who, stay, event(*verb), stay.state.reason(), detail(&stay.state))?,
            Effect::Ask(origin) => handovers::ask(tx, who, stay, *origin, Question::Verification)?,
            Effect::AskWhereabouts(origin) => handovers::ask(tx, who, stay, *origin, Question::Whereabouts)?,
            Effect::DropQuestion => handovers::drop_question(tx, who, stay.id)?,
            Effect::TellOrigin(origin) => tell_origin(tx, who, stay, *origin, Occasion::StayEnded)?,
            Effect::ProposeReturn(origin) => {
                tell_origin(tx, who, stay, *origin, Occasion::ReturnProposed)?;
                note_on_journey(tx, who, stay, "return_proposed")?;
            }
        }
    }
    Ok(())
}

/// The word under which a transition stands on the timeline.
const fn event(verb: Verb) -> &'static str {
    match verb {
        Verb::AskOrigin => "stay_origin_asked",
        Verb::OriginConfirms => "stay_confirmed",
        Verb::OriginDenies => "stay_denied",
        Verb::QuestionLapses => "stay_question_lapsed",
        Verb::ConfirmByCall => "stay_confirmed_by_call",
        Verb::ConfirmByCertificate => "stay_confirmed_by_certificate",
        Verb::ConfirmByLetter => "stay_confirmed_by_letter",
        Verb::Admit => "stay_admitted",
        Verb::AskWhereabouts => "stay_whereabouts_asked",
        Verb::Reject => "stay_rejected",
        Verb::Withdraw => "stay_withdrawn",
        Verb::Leave => "stay_left",
        Verb::Merge => "stay_merged_into",
    }
}

/// Who moved a stay from one state to another last.
pub(super) fn last_mover(tx: &mut Tx<'_>, id: StayId) -> Result<Option<String>, StoreError> {
    let moves = Verb::ALL.iter().map(|verb| event(*verb));
    trail::last_actor(tx, id.0, moves.collect())
}

fn detail(state: &State) -> Option<Value> {
    match state {
        State::Verified(domain::stay::Verification::Call(call)) => {
            Some(json!({ "spoke_with": call.spoke_with, "called_on": call.on }))
        }
        State::Verified(domain::stay::Verification::Certificate(shown)) => {
            Some(json!({ "number": shown.number, "shown_on": shown.on }))
        }
        State::Verified(domain::stay::Verification::Letter(letter)) => Some(json!({ "file_id": letter.file })),
        State::Admitted { admission, .. } => {
            let register = admission.register;
            Some(json!({ "home_unit_id": admission.home_unit, "year": register.year, "number": register.number }))
        }
        State::Left { leaving, .. } => {
            let division = leaving.division.map(|code| code.to_string());
            Some(json!({ "left_on": leaving.on, "next": leaving.next, "next_division_code": division }))
        }
        State::Merged { into, .. } => Some(json!({ "into": into })),
        _ => None,
    }
}

/// Notes that a stay was reported, or was taken from a hand-over.
pub(super) fn note_report(tx: &mut Tx<'_>, who: &Who, stay: &Stay) -> Result<(), StoreError> {
    let detail = json!({ "host_organisation_id": stay.host, "source": stay.source, "arrived_on": stay.arrived_on });
    let event = if stay.state.verification().is_some() {
        "stay_handed_over"
    } else {
        "stay_reported"
    };
    note(tx, who, stay, event, None, Some(detail))
}

/// Notes that a stay was reported again, with what was said.
pub(super) fn note_again(tx: &mut Tx<'_>, who: &Who, stay: &Stay, said: &Stay) -> Result<(), StoreError> {
    let origin = match &said.origin {
        Origin::Here(id) => json!({ "organisation_id": id }),
        Origin::Elsewhere { name, .. } => json!({ "name": name }),
    };
    let detail = json!({
        "source": said.source, "arrived_on": said.arrived_on, "address": said.address, "employer": said.employer,
        "origin": origin,
    });
    note(tx, who, stay, "stay_reported_again", None, Some(detail))
}

/// Notes that another stay of the person was merged into this one, or that it is of somebody else.
pub(super) fn note_other(
    tx: &mut Tx<'_>,
    who: &Who,
    stay: &Stay,
    event: &str,
    (other, reason): (StayId, &str),
) -> Result<(), StoreError> {
    note(tx, who, stay, event, Some(reason), Some(json!({ "stay_id": other })))
}

/// Notes that the facts of a stay were changed.
pub(super) fn note_change(tx: &mut Tx<'_>, who: &Who, stay: &Stay) -> Result<(), StoreError> {
    note(tx, who, stay, "stay_changed", None, None)
}

/// Notes something on a stay's timeline.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    stay: &Stay,
    event: &str,
    reason: Option<&str>,
    detail: Option<Value>,
) -> Result<(), StoreError> {
    trail::append(
        tx,
        who,
        NewEvent {
            person: stay.person,
            subject: stay.id.0,
            event,
            reason,
            detail,
        },
    )
}

/// Notes something about the stay on its journey's timeline, where the origin reads.
fn note_on_journey(tx: &mut Tx<'_>, who: &Who, stay: &Stay, event: &str) -> Result<(), StoreError> {
    let Some(journey) = stay.journey else { return Ok(()) };
    let detail = Some(json!({ "stay_id": stay.id, "state": stay.state.name() }));
    let new = NewEvent {
        person: stay.person,
        subject: journey.0,
        event,
        reason: stay.state.reason(),
        detail,
    };
    trail::append(tx, who, new)
}

/// Tells an origin, which may know of no journey, that the stay has ended.
fn tell_origin(
    tx: &mut Tx<'_>,
    who: &Who,
    stay: &Stay,
    origin: OrganisationId,
    occasion: Occasion,
) -> Result<(), StoreError> {
    note_on_journey(tx, who, stay, "stay_ended")?;
    tell::staff(tx, occasion, stay.id.0, stay.id.0, origin)
}

/// A journey has ended, or leads on to another place: hosts where the member still stays are told, and decide themselves.
/// A host that does not know yet who the person is learns nothing.
pub(crate) fn journey_ended(tx: &mut Tx<'_>, who: &Who, journey: JourneyId, event: &str) -> Result<(), StoreError> {
    let open: Vec<Row> = stays::table
        .filter(stays::journey_id.eq(Id::of(journey)))
        .filter(stays::state.eq_any(open_words()))
        .select(Row::as_select())
        .load(tx.db)?;
    let open = record::of(tx, open)?.into_iter().filter(StayRecord::is_known);
    for StayRecord { stay, .. } in open.collect::<Vec<_>>() {
        note(tx, who, &stay, event, None, None)?;
        tell::staff(tx, Occasion::MemberLeft, journey.0, stay.id.0, stay.host)?;
    }
    Ok(())
}
