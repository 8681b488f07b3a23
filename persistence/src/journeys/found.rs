//! What came of a member who was out of contact and was found again.
use diesel::prelude::*;
use domain::access::{ManageJourneys, Scope};
use domain::codes::FoundOutcome;
use domain::declaration::DeclarationState;
use domain::id::JourneyId;
use domain::journey::Journey;
use serde_json::json;

use super::{JourneyRecord, open_and_unchanged, show, update};
use crate::effects::{self, Told};
use crate::schema::declarations;
use crate::types::Id;
use crate::{StoreError, Tx};

/// Records what came of a member who was found: where the member's own check-in or a call ended the search, it is said
/// afterwards.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, or when nobody was found, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] when the journey has ended.
pub fn record_outcome(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    outcome: FoundOutcome,
    note: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    let after = Journey {
        version: seen + 1,
        ..before
    };
    update(tx, &after, &path)?;
    enter(tx, &after, outcome, note)?;
    let told = Told {
        reason: note,
        detail: Some(json!({ "outcome": outcome })),
    };
    effects::note(tx, scope.who(), &after, "found_outcome", &told)?;
    show(tx, id)
}

/// Writes the outcome to the journey's newest declaration that ended so.
pub(super) fn enter(
    tx: &mut Tx<'_>,
    journey: &Journey,
    outcome: FoundOutcome,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let newest: Option<Id> = declarations::table
        .filter(declarations::journey_id.eq(Id::of(journey.id)))
        .filter(declarations::state.eq(DeclarationState::Found.as_str()))
        .order(declarations::id.desc())
        .select(declarations::id)
        .first(tx.db)
        .optional()?;
    let newest = newest.ok_or(StoreError::NotFound("declaration"))?;
    diesel::update(declarations::table.find(newest))
        .set((
            declarations::outcome.eq(outcome.as_str()),
            declarations::outcome_note.eq(note),
        ))
        .execute(tx.db)?;
    Ok(())
}
