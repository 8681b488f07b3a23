//! Signs of a member that end a silence though nobody spoke with the member.
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::access::{ManageJourneys, Scope, Who};
use domain::id::{GatheringId, JourneyId, MemberId};
use domain::journey::{Command, Journey, Signs, State};
use serde_json::json;

use super::{JourneyRecord, is_before_declaration, open_and_unchanged, open_of, show, transition};
use crate::db::each;
use crate::effects::Told;
use crate::schema::journey_lines;
use crate::types::Id;
use crate::{StoreError, Tx};

/// Records that the member took part in organisational life, or paid dues, on a day.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the member is not away, [`StoreError::Invalid`] for a day after today.
pub fn record_signs(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    signs: Signs,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    let days = [
        ("/attended_on", signs.attended_on),
        ("/dues_paid_on", signs.dues_paid_on),
    ];
    for (field, day) in days {
        if day.is_some_and(|day| day > tx.today()) {
            let code = "in_the_future";
            return Err(StoreError::Invalid { field, code });
        }
    }
    let told = Told {
        reason: None,
        detail: Some(json!({ "attended_on": signs.attended_on, "dues_paid_on": signs.dues_paid_on })),
    };
    let after = transition(tx, scope.who(), before, &path, Command::RecordSigns(signs), &told)?;
    let known = show(tx, id)?.beside.signs;
    write(tx, &after, known, signs)?;
    show(tx, id)
}

/// A member took part in organisational life at a gathering that began at an instant: a sign for the journey that is open, if one is. Whoever
/// was out of contact is found by it, unless it lies before that was said.
pub(crate) fn attended(
    tx: &mut Tx<'_>,
    who: &Who,
    member: MemberId,
    gathering: (GatheringId, DateTime<Utc>),
) -> Result<(), StoreError> {
    match attended_once(tx, who, member, gathering) {
        // Somebody changed the journey at the same moment: it is read anew, once.
        Err(StoreError::Stale) => attended_once(tx, who, member, gathering),
        other => other,
    }
}

fn attended_once(
    tx: &mut Tx<'_>,
    who: &Who,
    member: MemberId,
    (gathering, at): (GatheringId, DateTime<Utc>),
) -> Result<(), StoreError> {
    let on = tx.day_of(at);
    let Some((journey, path)) = open_of(tx, member)? else {
        return Ok(());
    };
    if journey.state.departed_on().is_none_or(|departed| on < departed) {
        return Ok(());
    }
    let signs = Signs {
        attended_on: Some(on),
        dues_paid_on: None,
    };
    let command = match &journey.state {
        State::OutOfContact { .. } => {
            if is_before_declaration(tx, &journey, at)? {
                return Ok(());
            }
            Command::Contact(on)
        }
        _ => Command::RecordSigns(signs),
    };
    let told = Told {
        reason: None,
        detail: Some(json!({ "attended_on": on, "gathering_id": gathering })),
    };
    let after = transition(tx, who, journey, &path, command, &told)?;
    let known = show(tx, after.id)?.beside.signs;
    write(tx, &after, known, signs)
}

/// Keeps the latest of each; the timeline keeps them all.
fn write(tx: &mut Tx<'_>, journey: &Journey, known: Signs, new: Signs) -> Result<(), StoreError> {
    let signs = (
        journey_lines::attended_on.eq(known.attended_on.max(new.attended_on)),
        journey_lines::dues_paid_on.eq(known.dues_paid_on.max(new.dues_paid_on)),
    );
    let line = (
        journey_lines::member_id.eq(Id::of(journey.member)),
        journey_lines::journey_id.eq(Id::of(journey.id)),
        signs,
    );
    let key = (journey_lines::member_id, journey_lines::journey_id);
    each!(tx.db, c => diesel::insert_into(journey_lines::table)
        .values(line)
        .on_conflict(key)
        .do_update()
        .set(signs)
        .execute(c))?;
    Ok(())
}
