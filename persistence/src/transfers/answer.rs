//! The receiving branch accepts or declines: only with its acceptance does the member's home branch change.
use domain::access::{AnswerTransfers, Denied, Permission, Scope};
use domain::id::{OrgPath, TransferId};
use domain::journey::{Command, Journey, Transfer};

use super::record::{TransferRecord, by_id};
use crate::effects::Told;
use crate::{StoreError, Tx, journeys, members, organisations};

/// Accepts: the member's formal relation, record and own role move to the receiving branch, and the journey ends.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Denied`] for
/// the origin, [`StoreError::Refused`] when the transfer is not under way, [`StoreError::Invalid`] for a day after today.
pub fn accept(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerTransfers>,
    id: TransferId,
    seen: i32,
    receipt_on: chrono::NaiveDate,
) -> Result<TransferRecord, StoreError> {
    let (found, journey, path) = to_answer(tx, scope, id, seen)?;
    let receiving = found.receiving.ok_or(Denied(AnswerTransfers::NAME))?;
    let branch = organisations::by_id(tx, receiving)?;
    let command = Command::Transfer(Transfer {
        to: branch.name.clone(),
        letter: found.letter,
        receipt_on,
    });
    journeys::check_day(tx, &journey, &command)?;
    let after = journeys::transition(tx, scope.who(), journey, &path, command, &Told::default())?;
    members::move_home(tx, scope.who(), after.member, &branch)?;
    by_id(tx, id)
}

/// Declines, with a reason: nothing changes for the member, and the origin is told.
///
/// # Errors
/// As [`accept`].
pub fn decline(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerTransfers>,
    id: TransferId,
    seen: i32,
    reason: &str,
) -> Result<TransferRecord, StoreError> {
    let (_, journey, path) = to_answer(tx, scope, id, seen)?;
    let told = Told::because(Some(reason));
    journeys::transition(tx, scope.who(), journey, &path, Command::DeclineTransfer, &told)?;
    by_id(tx, id)
}

/// A transfer whose receiving branch lies in the scope, under way and in the version that the caller saw: the journey's.
fn to_answer(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerTransfers>,
    id: TransferId,
    seen: i32,
) -> Result<(TransferRecord, Journey, OrgPath), StoreError> {
    let found = super::find(tx, scope, id)?;
    if found.version != seen {
        return Err(StoreError::Stale);
    }
    if !found.is_received_by(scope) {
        return Err(Denied(AnswerTransfers::NAME).into());
    }
    let (journey, path) = journeys::by_id(tx, found.journey)?;
    if journey.transfer != Some(id) {
        return Err(StoreError::Refused {
            state: found.state.as_str(),
            verb: "answer",
            allowed: Vec::new(),
            by: found.ended_by,
        });
    }
    Ok((found, journey, path))
}
