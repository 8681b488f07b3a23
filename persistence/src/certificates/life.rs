//! A certificate is led through its states by the branch, and ends with its journey.
use diesel::prelude::*;
use domain::access::{ManageJourneys, ReportOwnMoves, Scope, Who};
use domain::certificate::{BadPeriod, Certificate, Command, Effect, State, Verb};
use domain::id::JourneyId;
use domain::journey::Journey;
use serde_json::json;

use super::{CertificateRecord, NONE, Row, newest_of, show};
use crate::db::each;
use crate::schema::certificates;
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, journeys};

/// Applies one of the branch's commands to the newest certificate of a journey inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope or when none was issued, [`StoreError::Stale`] when its version moved,
/// [`StoreError::Refused`] by the domain, [`StoreError::Invalid`] for a day that can't be.
pub fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    journey: JourneyId,
    seen: i32,
    command: Command,
) -> Result<CertificateRecord, StoreError> {
    let (journey, _) = journeys::inside(tx, scope, journey)?;
    let before = newest_of(tx, journey.id)?.ok_or(NONE)?;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    check_day(tx, &before, &command)?;
    transition(tx, scope.who(), before, command)?;
    show(tx, journey.id)
}

/// The member reports the own certificate lost.
///
/// # Errors
/// As [`apply`].
pub fn report_own_loss(
    tx: &mut Tx<'_>,
    scope: &Scope<ReportOwnMoves>,
    seen: i32,
) -> Result<CertificateRecord, StoreError> {
    let row: Option<Row> = certificates::table
        .filter(certificates::member_id.eq(Id::of(scope.me()?)))
        .order(certificates::id.desc())
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let before = row.ok_or(NONE)?.into_certificate()?;
    let journey = before.journey;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    let on = tx.today();
    transition(tx, scope.who(), before, Command::ReportLost(on))?;
    show(tx, journey)
}

/// The journey has ended: a certificate in force ends with it.
pub(crate) fn journey_ended(tx: &mut Tx<'_>, who: &Who, journey: &Journey) -> Result<(), StoreError> {
    let Some(known) = newest_of(tx, journey.id)?.filter(|known| known.state.allowed().contains(&Verb::End)) else {
        return Ok(());
    };
    let on = tx.today();
    transition(tx, who, known, Command::End(on)).map(drop)
}

/// A day that the certificate's own dates or the calendar contradict.
fn check_day(tx: &Tx<'_>, certificate: &Certificate, command: &Command) -> Result<(), StoreError> {
    let refuse = |field, code| Err(StoreError::Invalid { field, code });
    match command {
        // In a state from which nothing is drawn the state is what is told, not the day.
        Command::Extend(until) if certificate.state == State::Valid => certificate
            .period
            .check_extension(tx.today(), *until)
            .map_err(bad_period),
        Command::ReportLost(on) | Command::Return(on) if *on > tx.today() => refuse("/on", "in_the_future"),
        Command::ReportLost(on) | Command::Return(on) if *on < certificate.issued_on => refuse("/on", "before_issue"),
        _ => Ok(()),
    }
}

pub(super) const fn bad_period(fault: BadPeriod) -> StoreError {
    StoreError::Invalid {
        field: "/valid_until",
        code: fault.code(),
    }
}

/// Applies a command to a certificate that was found: the new row, and every effect.
pub(super) fn transition(
    tx: &mut Tx<'_>,
    who: &Who,
    before: Certificate,
    command: Command,
) -> Result<Certificate, StoreError> {
    let (after, effects) = before.apply(command).map_err(|error| StoreError::Refused {
        state: error.state.name().as_str(),
        verb: error.verb.as_str(),
        allowed: verbs(&error.state),
        by: None,
    })?;
    let row = Row::of(&after, tx.at());
    let one = certificates::table
        .find(row.id)
        .filter(certificates::version.eq(after.version - 1));
    let changed = each!(tx.db, c => diesel::update(one).set(&row).execute(c))?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    for effect in effects {
        match effect {
            Effect::Note(verb) => note(tx, who, &after, verb)?,
            Effect::ForgetNumber => forget_number(tx, after.journey)?,
        }
    }
    Ok(after)
}

/// What the branch can do from a state.
pub(super) fn verbs(state: &State) -> Vec<&'static str> {
    let branchs = state.allowed().iter().filter(|verb| verb.is_branchs());
    branchs.map(|verb| verb.as_str()).collect()
}

/// The word under which a transition stands on the journey's timeline.
const fn event(verb: Verb) -> &'static str {
    match verb {
        Verb::Extend => "certificate_extended",
        Verb::Revoke => "certificate_revoked",
        Verb::ReportLost => "certificate_lost",
        Verb::Reissue => "certificate_replaced",
        Verb::Return => "certificate_handed_back",
        Verb::End => "certificate_ended",
    }
}

fn note(tx: &mut Tx<'_>, who: &Who, certificate: &Certificate, verb: Verb) -> Result<(), StoreError> {
    let reason = match &certificate.state {
        State::Revoked { reason, .. } => Some(reason.as_str()),
        _ => None,
    };
    let new = NewEvent {
        person: certificate.member.into(),
        subject: certificate.journey.0,
        event: event(verb),
        reason,
        detail: Some(json!({ "number": certificate.number, "until": certificate.period.until })),
    };
    trail::append(tx, who, new)
}

/// A journey whose certificate was taken back has no number any more.
fn forget_number(tx: &mut Tx<'_>, journey: JourneyId) -> Result<(), StoreError> {
    let record = journeys::show(tx, journey)?;
    let without = Journey {
        certificate_number: None,
        version: record.journey.version + 1,
        ..record.journey
    };
    journeys::update(tx, &without, &record.path)
}
