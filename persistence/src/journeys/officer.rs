//! Who looks after a member from home (联系干部).
use diesel::prelude::*;
use domain::access::{ManageJourneys, Scope};
use domain::id::JourneyId;
use domain::journey::Journey;
use domain::stay::Officer;
use serde_json::json;

use super::{JourneyRecord, open_and_unchanged, show, update};
use crate::db::each;
use crate::effects::{self, Told};
use crate::schema::{journey_lines, journeys};
use crate::types::Id;
use crate::{StoreError, Tx, officers};

/// Names the contact officer at home, or none; the timeline keeps who it was before.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the journey has ended, [`StoreError::Invalid`] for an account without a role at the branch, above or below it.
pub fn name_officer(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    officer: Option<Officer>,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    if let Some(officer) = &officer {
        officers::check(tx, &path, officer)?;
    }
    let from = show(tx, id)?.beside.officer.map(|officer| officer.name);
    let after = Journey {
        version: seen + 1,
        ..before
    };
    update(tx, &after, &path)?;
    write(tx, &after, officer)?;
    let shown = show(tx, id)?;
    let to = shown.beside.officer.as_ref().map(|officer| officer.name.clone());
    let told = Told {
        reason,
        detail: Some(json!({ "from": from, "to": to })),
    };
    effects::note(tx, scope.who(), &after, "officer_named", &told)?;
    Ok(shown)
}

fn write(tx: &mut Tx<'_>, journey: &Journey, officer: Option<Officer>) -> Result<(), StoreError> {
    let (account, name, phone) = match officer {
        Some(Officer::Account(id)) => (Some(Id::of(id)), None, None),
        Some(Officer::Named { name, phone }) => (None, Some(name), Some(phone)),
        None => (None, None, None),
    };
    diesel::update(journeys::table.find((Id::of(journey.member), Id::of(journey.id))))
        .set(journeys::contact_officer_id.eq(account))
        .execute(tx.db)?;
    let named = (
        journey_lines::officer_name.eq(name),
        journey_lines::officer_phone.eq(phone),
    );
    let line = (
        journey_lines::member_id.eq(Id::of(journey.member)),
        journey_lines::journey_id.eq(Id::of(journey.id)),
        named.clone(),
    );
    let key = (journey_lines::member_id, journey_lines::journey_id);
    each!(tx.db, c => diesel::insert_into(journey_lines::table)
        .values(line)
        .on_conflict(key)
        .do_update()
        .set(named)
        .execute(c))?;
    Ok(())
}
