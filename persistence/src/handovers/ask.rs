//! A hand-over begins: the origin offers a member who is away, or the host asks about somebody who came.
use diesel::prelude::*;
use domain::access::{AnswerHandovers, Scope, Who};
use domain::handover::{Command, Deadlines, Handover, Inquiry, Kind, Question, State, StateName};
use domain::id::{HandoverId, JourneyId, MemberId, OrgPath, OrganisationId, StayId};
use domain::journey::State as JourneyState;
use domain::notification::Occasion;
use domain::stay::{StateName as StayState, Stay};

use super::answer::{note, transition};
use super::record::{self, HandoverRecord};
use super::row::{Found, Row};
use crate::db::each;
use crate::organisations::{self, Organisation};
use crate::schema::{handovers, stays};
use crate::types::Id;
use crate::{StoreError, Tx, journeys, settings, tell};

/// Offers the member of a journey to a host again, after it declined, or to another one.
///
/// # Errors
/// [`StoreError::Invalid`] for a journey outside the scope or an unknown host, [`StoreError::Refused`] when the member
/// is not away.
pub fn offer_again(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerHandovers>,
    journey: JourneyId,
    host: OrganisationId,
) -> Result<HandoverRecord, StoreError> {
    let (journey, _) = journeys::inside(tx, scope, journey).map_err(|error| match error {
        StoreError::NotFound(_) => StoreError::Invalid {
            field: "/journey_id",
            code: "unknown_journey",
        },
        other => other,
    })?;
    if !matches!(
        journey.state,
        JourneyState::Away { .. } | JourneyState::HomeVisit { .. }
    ) {
        let state = journey.state.name().as_str();
        return Err(StoreError::Refused {
            state,
            verb: "offer",
            allowed: Vec::new(),
            by: None,
        });
    }
    let origin = organisations::by_id(tx, journey.origin)?;
    let id = offer(tx, scope.who(), journey.id, journey.member, &origin, host)?;
    record::of_one_by_id(tx, id)
}

/// Offers the member of a journey to a host. An open offer to another host is taken back; one that this host has open,
/// or has accepted and not ended, stays as it is.
pub(crate) fn offer(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: JourneyId,
    member: MemberId,
    origin: &Organisation,
    host: OrganisationId,
) -> Result<HandoverId, StoreError> {
    let host = match organisations::by_id(tx, host) {
        Err(StoreError::NotFound(_)) => {
            return Err(StoreError::Invalid {
                field: "/organisation_id",
                code: "unknown_organisation",
            });
        }
        other => other?,
    };
    if let Some(running) = running(tx, journey, host.id)? {
        return Ok(running);
    }
    withdraw_open(tx, who, journey)?;
    let deadlines = deadlines(tx, &host.path)?;
    let handover = Handover {
        id: tx.fresh(),
        person: member.into(),
        journey: Some(journey),
        stay: None,
        asking: origin.id,
        asked: host.id,
        asked_by: who.name.clone(),
        deadlines,
        state: State::Offered,
        version: 1,
    };
    begin(tx, who, handover, "handover_offered")
}

/// Asks the origin about a stay.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    who: &Who,
    stay: &Stay,
    origin: OrganisationId,
    question: Question,
) -> Result<(), StoreError> {
    let origin = organisations::by_id(tx, origin)?;
    let deadlines = deadlines(tx, &origin.path)?;
    // Whoever was declared as the origin, and is not, learns nothing of the journey.
    let journey = stay.journey.map(|id| journeys::by_id(tx, id)).transpose()?;
    let journey = journey.filter(|(journey, _)| journey.origin == origin.id);
    let handover = Handover {
        id: tx.fresh(),
        person: stay.person,
        journey: journey.map(|(journey, _)| journey.id),
        stay: Some(stay.id),
        asking: stay.host,
        asked: origin.id,
        asked_by: who.name.clone(),
        deadlines,
        state: State::Asked(question),
        version: 1,
    };
    begin(tx, who, handover, "handover_asked").map(|_| ())
}

/// How far the host of a stay has come with asking the origin where the person is.
pub(crate) fn inquiry(tx: &mut Tx<'_>, stay: StayId) -> Result<Inquiry, StoreError> {
    let newest: Option<Row> = handovers::table
        .filter(handovers::stay_id.eq(Id::of(stay)))
        .filter(handovers::kind.eq(Kind::Whereabouts.as_str()))
        .order((handovers::created_at.desc(), handovers::id.desc()))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let Some(newest) = newest else {
        return Ok(Inquiry::NotAsked);
    };
    let found = Found::try_from(newest)?;
    let asked_on = tx.day_of(found.created_at.and_utc());
    Ok(found.handover.inquiry(asked_on, tx.today()).unwrap_or_default())
}

/// The days for what is asked today of the organisation at `path`, by its own settings.
fn deadlines(tx: &mut Tx<'_>, path: &OrgPath) -> Result<Deadlines, StoreError> {
    Ok(settings::at(tx, path)?.handover.from(tx.today()))
}

/// Writes a new hand-over, notes it and tells who is asked.
fn begin(tx: &mut Tx<'_>, who: &Who, handover: Handover, event: &str) -> Result<HandoverId, StoreError> {
    let (asking_path, asked_path) = (
        organisations::held(tx, handover.asking)?.path,
        organisations::held(tx, handover.asked)?.path,
    );
    let found = Found {
        handover,
        asking_path,
        asked_path,
        escalated_on: None,
        settled_at: None,
        created_at: tx.at(),
    };
    let row = Row::of(&found, tx.at());
    each!(tx.db, c => diesel::insert_into(handovers::table).values(&row).execute(c))?;
    let handover = found.handover;
    note(tx, who, &handover, event)?;
    tell::staff(
        tx,
        Occasion::HandoverOffered,
        handover.id.0,
        handover.id.0,
        handover.asked,
    )?;
    Ok(handover.id)
}

/// Takes back every open offer of a journey.
pub(crate) fn withdraw_open(tx: &mut Tx<'_>, who: &Who, journey: JourneyId) -> Result<(), StoreError> {
    let open: Vec<Row> = handovers::table
        .filter(handovers::journey_id.eq(Id::of(journey)))
        .filter(handovers::state.eq(StateName::Offered.as_str()))
        .select(Row::as_select())
        .load(tx.db)?;
    for row in open {
        transition(tx, who, row.try_into()?, Command::Withdraw)?;
    }
    Ok(())
}

/// Drops the open question about a stay: no answer is needed any more.
pub(crate) fn drop_question(tx: &mut Tx<'_>, who: &Who, stay: StayId) -> Result<(), StoreError> {
    let open: Vec<Row> = handovers::table
        .filter(handovers::stay_id.eq(Id::of(stay)))
        .filter(handovers::state.eq(StateName::Asked.as_str()))
        .select(Row::as_select())
        .load(tx.db)?;
    for row in open {
        transition(tx, who, row.try_into()?, Command::Drop)?;
    }
    Ok(())
}

/// The offer that a host has open, or has accepted for a stay that goes on.
fn running(tx: &mut Tx<'_>, journey: JourneyId, host: OrganisationId) -> Result<Option<HandoverId>, StoreError> {
    let here = || {
        handovers::table
            .filter(handovers::journey_id.eq(Id::of(journey)))
            .filter(handovers::asked_id.eq(Id::of(host)))
            .select(handovers::id)
    };
    let offered: Option<Id> = here()
        .filter(handovers::state.eq(StateName::Offered.as_str()))
        .first(tx.db)
        .optional()?;
    if offered.is_some() {
        return Ok(offered.map(Id::to));
    }
    let open = StayState::OPEN.iter().map(|state| state.as_str());
    let accepted: Option<Id> = here()
        .inner_join(stays::table.on(stays::id.nullable().eq(handovers::stay_id)))
        .filter(handovers::state.eq(StateName::Accepted.as_str()))
        .filter(stays::state.eq_any(open))
        .select(handovers::id)
        .first(tx.db)
        .optional()?;
    Ok(accepted.map(Id::to))
}
