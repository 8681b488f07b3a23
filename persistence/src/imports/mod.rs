//! Spreadsheets on their way in: the uploaded file until it is settled, and the rows taken over in sets.
//!
//! Each `…::take_over` compares the rows with what is stored and, unless it is a dry run, writes what is new, all in the
//! caller's transaction. The same rows again change nothing.
mod files;
pub mod journeys;
pub mod members;
pub mod organisations;
pub mod stays;

pub use files::{ImportRecord, NewImport, contents, find, open, settle};

use domain::access::{ImportSpreadsheets, Scope};
use domain::id::OrganisationId;

use crate::organisations::Organisation;
use crate::{StoreError, Tx};

/// What became of the rows, by their position among those handed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that became something new.
    pub created: usize,
    /// Rows that changed what is stored.
    pub changed: usize,
    /// Rows that say what is stored already.
    pub unchanged: usize,
    /// Rows that what is stored contradicts; nothing was done about them.
    pub refused: Vec<(usize, Refusal)>,
}

/// Why a row is not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The organisation is outside the scope.
    OrganisationElsewhere,
    /// The organisation stands under another parent; moving it is a decision of its own.
    ParentDiffers,
    /// Nobody inside the scope has this identity number.
    MemberUnknown,
    /// Who has this identity number belongs to another branch.
    MemberElsewhere,
    /// Who has this identity number has another name.
    NameDiffers,
    /// The member is deceased, has left or is suspended.
    StandingForbids,
    /// The member has another open journey.
    JourneyOpen,
    /// The person has another open stay.
    StayOpen,
}

/// The organisations of the scope, or those at and below one of them, in the order of the tree.
///
/// # Errors
/// [`StoreError::NotFound`] when the organisation is outside the scope.
pub fn organisations_within(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
) -> Result<Vec<Organisation>, StoreError> {
    crate::organisations::within(tx, scope)
}

/// Holds the organisations that rows may name where they are until the transaction ends, so that no row keeps the path of
/// one that is moved meanwhile. O(organisations of the scope).
///
/// # Errors
/// When the store fails.
pub fn hold(tx: &mut Tx<'_>, scope: &Scope<ImportSpreadsheets>) -> Result<(), StoreError> {
    let all = crate::organisations::within(tx, scope)?;
    crate::organisations::hold(tx, &all)
}

/// Every organisation that may be named as a host: names of organisations are no secret.
///
/// # Errors
/// When the store fails.
pub fn hosts(tx: &mut Tx<'_>, _scope: &Scope<ImportSpreadsheets>) -> Result<Vec<Organisation>, StoreError> {
    let all: Scope<ImportSpreadsheets> = Scope::of_the_machine("import");
    crate::organisations::within(tx, &all)
}

/// The part of a scope at and below an organisation.
///
/// # Errors
/// [`StoreError::NotFound`] when it is outside the scope.
pub fn narrowed(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    to: OrganisationId,
) -> Result<(Organisation, Scope<ImportSpreadsheets>), StoreError> {
    let organisation = crate::organisations::by_id(tx, to)?;
    if !scope.covers(&organisation.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    let narrowed = scope.within(&organisation.path);
    Ok((organisation, narrowed))
}
