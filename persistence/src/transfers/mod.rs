//! Transfers of the formal relation (组织关系转接): started by the origin, received by the branch that takes the member.
mod answer;
mod record;
mod start;

use diesel::prelude::*;
use domain::access::{AnswerTransfers, Scope, Who};
use domain::id::TransferId;
use domain::journey::Journey;
use domain::notification::Occasion;
use domain::transfer::TransferState;

use crate::schema::transfers;
use crate::types::Id;
use crate::{StoreError, Tx, tell};

pub use answer::{accept, decline};
pub(crate) use record::newest;
pub use record::{TransferLine, TransferRecord, list, position};
pub use start::{Receipt, drop_transfer, receive, start};

/// A transfer to or from an organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<AnswerTransfers>, id: TransferId) -> Result<TransferRecord, StoreError> {
    let found = record::by_id(tx, id)?;
    if found.is_seen_by(scope) {
        Ok(found)
    } else {
        Err(StoreError::NotFound("transfer"))
    }
}

/// Writes what became of a transfer; the other side is told.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    id: TransferId,
    state: TransferState,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let receipt_on = match &journey.state {
        domain::journey::State::Transferred { transfer, .. } => Some(transfer.receipt_on),
        _ => None,
    };
    diesel::update(transfers::table.find(Id::of(id)))
        .set((
            transfers::state.eq(state.as_str()),
            transfers::ended_by.eq(&who.name),
            transfers::ended_at.eq(tx.at()),
            transfers::reason.eq(reason),
            transfers::receipt_on.eq(receipt_on),
        ))
        .execute(tx.db)?;
    let receiving: Option<Id> = transfers::table
        .find(Id::of(id))
        .select(transfers::receiving_id)
        .first(tx.db)?;
    match (receiving, state) {
        (Some(_), TransferState::Received | TransferState::Declined) => {
            tell::staff(tx, Occasion::TransferAnswered, journey.id.0, id.0, journey.origin)
        }
        (Some(receiving), TransferState::Dropped) => {
            tell::staff(tx, Occasion::TransferAnswered, journey.id.0, id.0, receiving.to())
        }
        _ => Ok(()),
    }
}
