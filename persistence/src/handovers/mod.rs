//! Hand-overs (对接) in the store: both sides see the same, each side makes its own moves.
mod answer;
mod ask;
mod list;
mod record;
mod row;

use diesel::prelude::*;
use domain::access::{Permission, ReadHandovers, Scope};
use domain::id::HandoverId;

use crate::schema::handovers;
use crate::types::Id;
use crate::{StoreError, Tx};

pub use answer::answer;
pub use ask::offer_again;
pub use list::{HandoverFilter, list};
pub use record::{HandoverRecord, JourneyGlimpse, StayGlimpse};

pub(crate) use ask::{ask, drop_question, offer, withdraw_open};

use row::{Found, Row};

/// A hand-over from or to an organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadHandovers>, id: HandoverId) -> Result<HandoverRecord, StoreError> {
    let found = inside(tx, scope, id)?;
    record::of_one(tx, found)
}

/// A hand-over one of whose sides lies inside the scope.
fn inside<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: HandoverId) -> Result<Found, StoreError> {
    let found = by_id(tx, id)?;
    if scope.covers(&found.asking_path) || scope.covers(&found.asked_path) {
        Ok(found)
    } else {
        Err(StoreError::NotFound("handover"))
    }
}

/// A hand-over after the caller was let through to it.
fn by_id(tx: &mut Tx<'_>, id: HandoverId) -> Result<Found, StoreError> {
    let row: Option<Row> = handovers::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.ok_or(StoreError::NotFound("handover"))?.try_into()
}
