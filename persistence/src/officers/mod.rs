//! Contact officers (联系干部): who may look after somebody, and whom somebody looks after.
mod hand_over;
mod list;

use diesel::prelude::*;
use domain::access::Role;
use domain::id::{AccountId, OrgPath};
use domain::stay::Officer;

use crate::schema::{accounts, grants, organisations as places};
use crate::types::Id;
use crate::{StoreError, Tx};

pub use hand_over::{Handing, NewHanding, hand_over};
pub use list::{Charge, ChargePosition, list_own};
pub(crate) use list::{Due, due_guests, due_own, guests};

/// Roles whose holders may look after somebody.
const OFFICERS: [&str; 3] = [
    Role::ContactOfficer.as_str(),
    Role::Secretary.as_str(),
    Role::Office.as_str(),
];

/// Whether an officer may look after people at `host`: an account with a role there, above or below.
pub(crate) fn check(tx: &mut Tx<'_>, host: &OrgPath, officer: &Officer) -> Result<(), StoreError> {
    let Officer::Account(id) = officer else { return Ok(()) };
    let places = places_of(tx, *id)?;
    if may_look_after(&places, host) {
        Ok(())
    } else {
        Err(StoreError::Invalid {
            field: "/contact_officer_id",
            code: "unknown_officer",
        })
    }
}

/// Whether somebody with roles at these places may look after people at `host`: at one of them, above or below it.
fn may_look_after(places: &[OrgPath], host: &OrgPath) -> bool {
    places.iter().any(|place| place.is_near(host))
}

fn places_of(tx: &mut Tx<'_>, officer: AccountId) -> Result<Vec<OrgPath>, StoreError> {
    let paths: Vec<String> = grants::table
        .inner_join(places::table.on(places::id.eq(grants::organisation_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .filter(grants::account_id.eq(Id::of(officer)))
        .filter(grants::role.eq_any(OFFICERS))
        .filter(accounts::active)
        .select(places::path)
        .load(tx.db)?;
    paths
        .iter()
        .map(|path| path.parse().map_err(StoreError::corrupt))
        .collect()
}
