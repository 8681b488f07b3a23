//! What follows from a journey's transition, carried out in the transaction that made it: one match, so that a new
//! effect does not compile until somebody decides what it means.
use domain::access::{Role, Who};
use domain::id::OrganisationId;
use domain::journey::{Effect, Journey, State, Verb};
use domain::notification::{Occasion, Period};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::outbox::{self, To};
use crate::trail::{self, NewEvent};
use crate::{StoreError, Tx, certificates, handovers, journeys, organisations, stays, transfers};

/// What is said about a transition besides its word, for the timeline.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told<'a> {
    /// Why.
    pub(crate) reason: Option<&'a str>,
    /// More facts.
    pub(crate) detail: Option<Value>,
}

impl<'a> Told<'a> {
    /// A reason and nothing more.
    pub(crate) const fn because(reason: Option<&'a str>) -> Self {
        Self { reason, detail: None }
    }
}

/// Carries out the effects on the journey as it is after the transition.
pub(crate) fn carry_out(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    effects: &[Effect],
    told: &Told<'_>,
) -> Result<(), StoreError> {
    for effect in effects {
        match effect {
            Effect::Note(verb) => {
                let detail = left_open(tx, journey, *verb)?.or_else(|| told.detail.clone());
                let told = Told { detail, ..told.clone() };
                note(tx, who, journey, verb.as_str(), &told)?;
            }
            Effect::OfferHandover(host) => offer(tx, who, journey, *host)?,
            Effect::WithdrawHandover => handovers::withdraw_open(tx, who, journey.id)?,
            Effect::StopPrompts(prompts) => outbox::settle_prompts(tx, journey.member, journey.id, prompts)?,
            Effect::AskToConfirmReturn(check_in) => ask_secretary(tx, journey, Occasion::FinalReturn, check_in.0)?,
            Effect::AskForHelp(check_in) => ask_secretary(tx, journey, Occasion::NeedsHelp, check_in.0)?,
            Effect::TellHost => tell_host(tx, who, journey, "journey_ended")?,
            Effect::LeaveHost => tell_host(tx, who, journey, "moved_on")?,
            Effect::KeepPlace(left) => journeys::keep_place(tx, journey, left)?,
            Effect::SettleTransfer(id, state) => transfers::settle(tx, who, journey, *id, *state, told.reason)?,
            Effect::SettleDeclaration(id, state) => journeys::settle_declaration(tx, who, *id, *state, told.reason)?,
            Effect::EndCertificate => certificates::journey_ended(tx, who, journey)?,
        }
    }
    Ok(())
}

/// What was still open of the briefing when the member left.
fn left_open(tx: &mut Tx<'_>, journey: &Journey, verb: Verb) -> Result<Option<Value>, StoreError> {
    if verb != Verb::Depart {
        return Ok(None);
    }
    let open = journeys::open_items(tx, journey.member, journey.id)?;
    Ok((!open.is_empty()).then(|| json!({ "open_briefing_items": open })))
}

/// A host was named, or forgotten: a member who is away is offered to it.
pub(crate) fn host_named(tx: &mut Tx<'_>, who: &Who, journey: &Journey) -> Result<(), StoreError> {
    let event = if journey.host.is_some() {
        "host_named"
    } else {
        "host_forgotten"
    };
    note(tx, who, journey, event, &Told::default())?;
    match (journey.host, &journey.state) {
        (Some(host), State::Away { .. } | State::HomeVisit { .. }) => offer(tx, who, journey, host),
        _ => Ok(()),
    }
}

fn offer(tx: &mut Tx<'_>, who: &Who, journey: &Journey, host: OrganisationId) -> Result<(), StoreError> {
    let origin = organisations::by_id(tx, journey.origin)?;
    handovers::offer(tx, who, journey.id, journey.member, &origin, host).map(|_| ())
}

/// Asks the secretaries of the origin, once for each check-in that says so.
fn ask_secretary(tx: &mut Tx<'_>, journey: &Journey, occasion: Occasion, check_in: Uuid) -> Result<(), StoreError> {
    let to = To::Role(Role::Secretary, journey.origin);
    outbox::enqueue(tx, occasion, journey.id.0, Period::Thing(check_in), to)?;
    Ok(())
}

/// Tells hosts where the member stays that the journey has ended or leads on, and takes back what no host has answered.
fn tell_host(tx: &mut Tx<'_>, who: &Who, journey: &Journey, event: &str) -> Result<(), StoreError> {
    handovers::withdraw_open(tx, who, journey.id)?;
    stays::journey_ended(tx, who, journey.id, event)
}

pub(crate) fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    event: &str,
    told: &Told<'_>,
) -> Result<(), StoreError> {
    let new = NewEvent {
        person: journey.member.into(),
        subject: journey.id.0,
        event,
        reason: told.reason,
        detail: told.detail.clone(),
    };
    trail::append(tx, who, new)
}
