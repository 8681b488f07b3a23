//! A tree of organisations taken over from a spreadsheet.
use std::collections::HashMap;

use domain::access::{ManageOrganisations, Scope};
use domain::id::OrganisationId;
use domain::spreadsheet::OrganisationRow;

use super::{Outcome, Refusal};
use crate::organisations::{NewOrganisation, Organisation, OrganisationChange, change, create, within};
use crate::{StoreError, Tx};

/// Takes over organisations, parents before children; the same rows again change nothing.
///
/// An organisation is known by its code. A new name, kind, division or phone is taken over; another parent is refused,
/// for moving a subtree is a decision of its own. O(organisations stored + rows).
///
/// # Errors
/// When the store fails.
pub fn take_over(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageOrganisations>,
    rows: &[OrganisationRow],
    dry_run: bool,
) -> Result<Outcome, StoreError> {
    let mut known: HashMap<String, OrganisationId> = HashMap::new();
    let mut stored: HashMap<String, Organisation> = HashMap::new();
    for organisation in within(tx, &Scope::<ManageOrganisations>::of_the_machine("import"))? {
        known.insert(organisation.code.clone(), organisation.id);
        stored.insert(organisation.code.clone(), organisation);
    }
    let mut outcome = Outcome::default();
    for (at, row) in rows.iter().enumerate() {
        let parent = row.parent.as_ref().and_then(|code| known.get(code).copied());
        if let Some(before) = stored.get(&row.code) {
            match compare(scope, before, row, parent) {
                Ok(None) => outcome.unchanged += 1,
                Ok(Some(difference)) => {
                    outcome.changed += 1;
                    if !dry_run {
                        change(tx, scope, before.id, before.version, difference)?;
                    }
                }
                Err(refusal) => outcome.refused.push((at, refusal)),
            }
            continue;
        }
        if row.parent.is_some() && parent.is_none() {
            outcome.refused.push((at, Refusal::OrganisationElsewhere));
            continue;
        }
        let id: OrganisationId = tx.fresh();
        known.insert(row.code.clone(), id);
        outcome.created += 1;
        if !dry_run {
            create(tx, scope, new(id, row, parent))?;
        }
    }
    Ok(outcome)
}

fn new(id: OrganisationId, row: &OrganisationRow, parent: Option<OrganisationId>) -> NewOrganisation {
    NewOrganisation {
        id,
        code: row.code.clone(),
        kind: row.kind,
        name: row.name.clone(),
        parent,
        division_code: row.division.map(|code| code.to_string()),
        phone: row.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        contact_interval_days: None,
    }
}

/// What the row would change; nothing where it says what is stored.
fn compare(
    scope: &Scope<ManageOrganisations>,
    before: &Organisation,
    row: &OrganisationRow,
    parent: Option<OrganisationId>,
) -> Result<Option<OrganisationChange>, Refusal> {
    if !scope.covers(&before.path) {
        return Err(Refusal::OrganisationElsewhere);
    }
    if before.parent != parent {
        return Err(Refusal::ParentDiffers);
    }
    let division_code = row
        .division
        .map(|code| code.to_string())
        .filter(|code| before.division_code.as_ref() != Some(code));
    let phone = row
        .phone
        .as_ref()
        .map(|phone| phone.as_str().to_owned())
        .filter(|phone| before.phone.as_ref() != Some(phone));
    let name = Some(row.name.clone()).filter(|name| *name != before.name);
    let kind = Some(row.kind).filter(|kind| *kind != before.kind);
    if name.is_none() && kind.is_none() && division_code.is_none() && phone.is_none() {
        return Ok(None);
    }
    Ok(Some(OrganisationChange {
        name,
        kind,
        division_code: division_code.map(Some),
        phone: phone.map(Some),
        ..OrganisationChange::default()
    }))
}
