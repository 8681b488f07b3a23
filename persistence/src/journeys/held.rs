//! The line is held: the member was heard of, by a check-in or a contact.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::Who;
use domain::checkin::counted_at;
use domain::id::OrgPath;
use domain::journey::{Command, Journey, State};

use super::{open_of, transition};
use crate::effects::Told;
use crate::schema::declarations;
use crate::types::Id;
use crate::{StoreError, Tx};

/// Applies what somebody recorded at `recorded_at`; `command` gets the state, the day that counts, and whether a newer
/// word is known already.
///
/// Whoever recorded it did nothing wrong when somebody changed the journey at the same moment: it is read anew, once.
pub(crate) fn hold(
    tx: &mut Tx<'_>,
    who: &Who,
    (journey, path): (Journey, &OrgPath),
    recorded_at: DateTime<Utc>,
    command: impl Fn(&State, NaiveDate, bool) -> Command,
    told: &Told<'_>,
) -> Result<Journey, StoreError> {
    let member = journey.member;
    match once(tx, who, (journey, path), recorded_at, &command, told) {
        Err(StoreError::Stale) => {
            let (journey, path) = open_of(tx, member)?.ok_or(StoreError::Stale)?;
            once(tx, who, (journey, &path), recorded_at, &command, told)
        }
        other => other,
    }
}

/// Whether what somebody recorded of an instant lies before the declaration that the member is out of contact, proposed
/// or confirmed: it was known then, or is noted now, and takes back nothing that people decided since.
pub(crate) fn is_before_declaration(tx: &mut Tx<'_>, journey: &Journey, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let Some(declaration) = journey.declaration else {
        return Ok(false);
    };
    let proposed_at: Option<NaiveDateTime> = declarations::table
        .find(Id::of(declaration))
        .select(declarations::proposed_at)
        .first(tx.db)
        .optional()?;
    Ok(proposed_at.is_some_and(|proposed_at| at.naive_utc() < proposed_at))
}

fn once(
    tx: &mut Tx<'_>,
    who: &Who,
    (journey, path): (Journey, &OrgPath),
    recorded_at: DateTime<Utc>,
    command: &impl Fn(&State, NaiveDate, bool) -> Command,
    told: &Told<'_>,
) -> Result<Journey, StoreError> {
    let at = counted_at(recorded_at, tx.now()).at;
    let departed = journey.state.departed_on();
    let on = departed.map_or(tx.day_of(at), |departed| tx.day_of(at).max(departed));
    let superseded = journey.last_contact_at.is_some_and(|newest| at < newest);
    let command = command(&journey.state, on, superseded);
    let last_contact_at = journey.last_contact_at.map_or(at, |newest| newest.max(at));
    let journey = Journey {
        last_contact_at: Some(last_contact_at),
        ..journey
    };
    transition(tx, who, journey, path, command, told)
}
