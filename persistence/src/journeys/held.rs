//! The line is held: the member was heard of, by a check-in or a contact.
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Who;
use domain::checkin::counted_at;
use domain::id::OrgPath;
use domain::journey::{Command, Journey, State};

use super::{open_of, transition};
use crate::effects::Told;
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
