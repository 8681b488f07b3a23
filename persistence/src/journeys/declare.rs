//! A member is declared out of contact (失联): proposed by the branch, confirmed or turned down by the committee above.
use diesel::prelude::*;
use domain::access::{ConfirmOutOfContact, Denied, ManageJourneys, Permission, RecordContact, Scope, Who};
use domain::codes::{AbsenceReason, FoundOutcome};
use domain::declaration::DeclarationState;
use domain::id::{DeclarationId, JourneyId, OrgPath};
use domain::journey::{Command, Journey};
use domain::notification::Occasion;
use serde_json::json;

use super::{JourneyRecord, beside, found, inside, row_of, show, transition};
use crate::db::each;
use crate::effects::Told;
use crate::schema::declarations;
use crate::types::Id;
use crate::{StoreError, Tx, organisations, tell};

/// Why a member is said to be out of contact.
#[derive(Debug, Clone)]
pub struct NewDeclaration {
    /// Why the member can't be reached.
    pub reason: AbsenceReason,
    /// More about it.
    pub note: Option<String>,
}

/// Proposes that a member is out of contact; the committee above the branch is told.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Incomplete`]
/// when the silence is too short or the search too small, [`StoreError::Refused`] when the member is not away.
pub fn declare(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    new: &NewDeclaration,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    let row = row_of(tx, id)?.ok_or(StoreError::NotFound("journey"))?;
    let search = beside::searches(tx, std::slice::from_ref(&row))?.remove(&row.id);
    let search = search.unwrap_or_else(|| domain::silence::Search::none(tx.today()));
    let declared: DeclarationId = tx.fresh();
    let detail = json!({ "declaration_id": declared, "reason": new.reason, "silent_since": before.silence.map(|one| one.since) });
    let told = Told {
        reason: new.note.as_deref(),
        detail: Some(detail),
    };
    let after = transition(
        tx,
        scope.who(),
        before,
        &path,
        Command::Declare(declared, search),
        &told,
    )?;
    enter(tx, scope.who(), &after, declared, new)?;
    tell_committee(tx, &after, declared)?;
    show(tx, id)
}

fn enter(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    id: DeclarationId,
    new: &NewDeclaration,
) -> Result<(), StoreError> {
    let silence = journey
        .silence
        .ok_or_else(|| StoreError::corrupt(format!("journeys: {}: no silence", journey.id)))?;
    let row = (
        declarations::id.eq(Id::of(id)),
        declarations::member_id.eq(Id::of(journey.member)),
        declarations::journey_id.eq(Id::of(journey.id)),
        declarations::reason.eq(new.reason.as_str()),
        declarations::note.eq(new.note.clone()),
        declarations::silent_since.eq(silence.since),
        declarations::silence_source.eq(silence.source.as_str()),
        declarations::state.eq(DeclarationState::Proposed.as_str()),
        declarations::proposed_by.eq(&who.name),
        declarations::proposed_at.eq(tx.at()),
    );
    each!(tx.db, c => diesel::insert_into(declarations::table).values(row).execute(c))?;
    Ok(())
}

fn tell_committee(tx: &mut Tx<'_>, journey: &Journey, declared: DeclarationId) -> Result<(), StoreError> {
    match organisations::by_id(tx, journey.origin)?.parent {
        Some(above) => tell::staff(tx, Occasion::OutOfContactProposed, journey.id.0, declared.0, above),
        None => Ok(()),
    }
}

/// Takes the proposal back.
///
/// # Errors
/// As [`declare`].
pub fn withdraw(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    let told = Told::because(reason);
    transition(tx, scope.who(), before, &path, Command::WithdrawDeclaration, &told)?;
    show(tx, id)
}

/// Confirms the proposal, as the committee above the branch.
///
/// # Errors
/// As [`declare`]; [`StoreError::Denied`] when the caller's scope covers the branch and not what stands above it.
pub fn confirm(
    tx: &mut Tx<'_>,
    scope: &Scope<ConfirmOutOfContact>,
    id: JourneyId,
    seen: i32,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    decide(tx, scope, id, seen, Command::ConfirmOutOfContact, reason)
}

/// Turns the proposal down, as the committee above the branch.
///
/// # Errors
/// As [`confirm`].
pub fn turn_down(
    tx: &mut Tx<'_>,
    scope: &Scope<ConfirmOutOfContact>,
    id: JourneyId,
    seen: i32,
    reason: &str,
) -> Result<JourneyRecord, StoreError> {
    decide(tx, scope, id, seen, Command::TurnDownDeclaration, Some(reason))
}

fn decide(
    tx: &mut Tx<'_>,
    scope: &Scope<ConfirmOutOfContact>,
    id: JourneyId,
    seen: i32,
    command: Command,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    if !is_above(scope, &path) {
        return Err(Denied(ConfirmOutOfContact::NAME).into());
    }
    transition(tx, scope.who(), before, &path, command, &Told::because(reason))?;
    show(tx, id)
}

/// Whether the scope covers the organisation above the branch at `path`, and not merely the branch.
pub(crate) fn is_above<P>(scope: &Scope<P>, path: &OrgPath) -> bool {
    path.parent().is_some_and(|above| scope.covers(&above))
}

/// Records that a member who was out of contact was found on a day, and what came of it.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the member is not out of contact, [`StoreError::Invalid`] for a day after today.
pub fn restore(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordContact>,
    id: JourneyId,
    seen: i32,
    on: chrono::NaiveDate,
    (outcome, note): (FoundOutcome, Option<&str>),
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    let command = Command::RestoreContact(on);
    super::check_day(tx, &before, &command)?;
    let now = tx.now();
    let before = Journey {
        last_contact_at: Some(before.last_contact_at.map_or(now, |newest| newest.max(now))),
        ..before
    };
    let told = Told {
        reason: note,
        detail: Some(json!({ "outcome": outcome })),
    };
    let after = transition(tx, scope.who(), before, &path, command, &told)?;
    found::enter(tx, &after, outcome, note)?;
    show(tx, id)
}

fn unchanged<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    id: JourneyId,
    seen: i32,
) -> Result<(Journey, OrgPath), StoreError> {
    let (journey, path) = inside(tx, scope, id)?;
    if journey.version == seen {
        Ok((journey, path))
    } else {
        Err(StoreError::Stale)
    }
}

/// Writes what became of a declaration.
pub(crate) fn settle_declaration(
    tx: &mut Tx<'_>,
    who: &Who,
    id: DeclarationId,
    state: DeclarationState,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    use DeclarationState as D;
    let one = declarations::table.find(Id::of(id));
    let now = declarations::state.eq(state.as_str());
    match state {
        D::Proposed => Ok(()),
        D::Confirmed | D::TurnedDown | D::Withdrawn => {
            let decided = (
                declarations::decided_by.eq(&who.name),
                declarations::decided_at.eq(tx.at()),
                declarations::decision_reason.eq(reason),
            );
            diesel::update(one).set((now, decided)).execute(tx.db)?;
            Ok(())
        }
        D::Dropped | D::Found => {
            let ended = (declarations::ended_by.eq(&who.name), declarations::ended_at.eq(tx.at()));
            diesel::update(one).set((now, ended)).execute(tx.db)?;
            Ok(())
        }
    }
}
