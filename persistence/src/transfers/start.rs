//! The origin starts a transfer by its letter, records the receipt of a side that is elsewhere, or drops it.
use diesel::prelude::*;
use domain::access::{ManageJourneys, Scope, Who};
use domain::id::{JourneyId, OrgPath, OrganisationId, TransferId};
use domain::journey::{Command, Journey, Transfer, Verb};
use domain::notification::Occasion;
use domain::transfer::{Letter, Receiving, TransferState};
use serde_json::json;

use super::record::by_id;
use crate::db::each;
use crate::effects::Told;
use crate::journeys::{self, JourneyRecord};
use crate::organisations::Organisation;
use crate::schema::transfers;
use crate::types::Id;
use crate::{StoreError, Tx, organisations, tell};

/// Starts a transfer: the origin stays responsible until the receipt. A branch that is here is told.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the member is not away or at home on a visit, or a transfer is under way, [`StoreError::Invalid`] for a letter
/// that can't be, or a receiving organisation that is unknown or no branch.
pub fn start(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    letter: &Letter,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    if let Some((field, code)) = letter.faults(tx.today()).first() {
        return Err(StoreError::Invalid { field, code });
    }
    let receiving = match &letter.to {
        Receiving::Here(branch) => Some(receiving(tx, *branch, before.origin)?),
        Receiving::Elsewhere(_) => None,
    };
    let name = match (&receiving, &letter.to) {
        (Some(branch), _) => branch.name.clone(),
        (None, Receiving::Elsewhere(name)) => name.clone(),
        (None, Receiving::Here(_)) => String::new(),
    };
    let transfer: TransferId = tx.fresh();
    let detail =
        json!({ "transfer_id": transfer, "letter": letter.number, "to": name, "valid_until": letter.valid_until });
    let told = Told {
        reason,
        detail: Some(detail),
    };
    let after = journeys::transition(tx, scope.who(), before, &path, Command::StartTransfer(transfer), &told)?;
    enter(tx, scope.who(), &after, transfer, (letter, &name))?;
    if let Some(branch) = receiving {
        tell::staff(tx, Occasion::TransferOffered, after.id.0, transfer.0, branch.id)?;
    }
    journeys::show(tx, id)
}

/// The branch that is to receive the relation.
fn receiving(tx: &mut Tx<'_>, branch: OrganisationId, origin: OrganisationId) -> Result<Organisation, StoreError> {
    let refused = |code| StoreError::Invalid {
        field: "/organisation_id",
        code,
    };
    let branch = match organisations::by_id(tx, branch) {
        Err(StoreError::NotFound(_)) => return Err(refused("unknown_organisation")),
        other => other?,
    };
    if branch.id == origin {
        return Err(refused("same_branch"));
    }
    if branch.kind.keeps_relations() && branch.active {
        Ok(branch)
    } else {
        Err(refused("not_a_branch"))
    }
}

fn enter(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    id: TransferId,
    (letter, name): (&Letter, &str),
) -> Result<(), StoreError> {
    let here = match letter.to {
        Receiving::Here(branch) => Some(Id::of(branch)),
        Receiving::Elsewhere(_) => None,
    };
    let row = (
        transfers::id.eq(Id::of(id)),
        transfers::member_id.eq(Id::of(journey.member)),
        transfers::journey_id.eq(Id::of(journey.id)),
        transfers::origin_id.eq(Id::of(journey.origin)),
        transfers::letter.eq(&letter.number),
        transfers::issued_on.eq(letter.issued_on),
        transfers::valid_until.eq(letter.valid_until),
        transfers::receiving_id.eq(here),
        transfers::receiving_name.eq(name),
        transfers::state.eq(TransferState::UnderWay.as_str()),
        transfers::started_by.eq(&who.name),
        transfers::started_at.eq(tx.at()),
    );
    each!(tx.db, c => diesel::insert_into(transfers::table).values(row).execute(c))?;
    Ok(())
}

/// A receipt (回执) of a side that is elsewhere; receiver and letter are those of the transfer under way unless said.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Who received the relation, as the receipt names it.
    pub to: Option<String>,
    /// The number of the letter.
    pub letter: Option<String>,
    /// The day on the receipt.
    pub receipt_on: chrono::NaiveDate,
}

/// Records that the formal relation was moved, with the receiving side's receipt.
///
/// # Errors
/// As [`start`]; [`StoreError::Refused`] too when the receiving branch is here and accepts by itself.
pub fn receive(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    receipt: Receipt,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    let under_way = before.transfer.map(|id| by_id(tx, id)).transpose()?;
    if under_way.as_ref().is_some_and(|one| one.receiving.is_some()) {
        let mut refused = before.refused(Verb::Transfer, Vec::new());
        refused.allowed.retain(|verb| *verb != Verb::Transfer);
        return Err(journeys::refused(&refused));
    }
    let known = |said: Option<String>, field, known: Option<&String>| {
        let needed = StoreError::Invalid {
            field,
            code: "required",
        };
        said.or_else(|| known.cloned()).ok_or(needed)
    };
    let transfer = Transfer {
        to: known(receipt.to, "/to", under_way.as_ref().map(|one| &one.receiving_name))?,
        letter: known(receipt.letter, "/letter", under_way.as_ref().map(|one| &one.letter))?,
        receipt_on: receipt.receipt_on,
    };
    let command = Command::Transfer(transfer);
    journeys::check_day(tx, &before, &command)?;
    journeys::transition(tx, scope.who(), before, &path, command, &Told::because(reason))?;
    journeys::show(tx, id)
}

/// Drops the transfer that is under way.
///
/// # Errors
/// As [`start`].
pub fn drop_transfer(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    reason: &str,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = unchanged(tx, scope, id, seen)?;
    let told = Told::because(Some(reason));
    journeys::transition(tx, scope.who(), before, &path, Command::DropTransfer, &told)?;
    journeys::show(tx, id)
}

fn unchanged(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
) -> Result<(Journey, OrgPath), StoreError> {
    let (journey, path) = journeys::inside(tx, scope, id)?;
    if journey.version == seen {
        Ok((journey, path))
    } else {
        Err(StoreError::Stale)
    }
}
