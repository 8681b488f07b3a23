//! Members by the thousand: for imports and the demo.
use std::collections::HashMap;

use diesel::prelude::*;
use domain::access::{ImportSpreadsheets, Scope};
use domain::id::{MemberId, OrgPath, OrganisationId};
use domain::identity::IdentityNumber;

use super::row::{Place, Row};
use super::{Member, NewMember};
use crate::db::each;
use crate::schema::{members, organisations};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, sealed};

/// Rows in one statement: within SQLite's 32,766 values and PostgreSQL's 65,535.
const CHUNK: usize = 1_000;

/// Registers members with branches inside the scope, some thousand a statement; the caller has checked dates and kinds
/// of branches, and that no identity number is [`known`]. O(members).
///
/// # Errors
/// [`StoreError::NotFound`] for a branch outside the scope, [`StoreError::Invalid`] for a repeated identity number;
/// nothing is stored then.
pub fn insert_many(tx: &mut Tx<'_>, scope: &Scope<ImportSpreadsheets>, new: &[NewMember]) -> Result<(), StoreError> {
    let (paths, at) = (paths(tx, scope, new)?, tx.at());
    for chunk in new.chunks(CHUNK) {
        let mut rows = Vec::with_capacity(chunk.len());
        for member in chunk {
            let path = paths
                .get(&member.home_branch)
                .ok_or(StoreError::NotFound("organisation"))?;
            let place = Place {
                id: member.id,
                home_branch: member.home_branch,
                path,
                version: 1,
                updated_at: tx.at(),
            };
            rows.push((Row::of(tx.vault, &place, &member.facts)?, members::created_at.eq(at)));
        }
        each!(tx.db, c => diesel::insert_into(members::table).values(&rows).execute(c))?;
        let events = chunk.iter().map(|member| NewEvent {
            person: member.id.into(),
            subject: member.id.0,
            event: "member_registered",
            reason: None,
            detail: None,
        });
        trail::append_many(tx, scope.who(), events)?;
    }
    Ok(())
}

/// The paths of the members' branches, those inside the scope only.
fn paths(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    new: &[NewMember],
) -> Result<HashMap<OrganisationId, OrgPath>, StoreError> {
    let mut ids: Vec<_> = new.iter().map(|member| member.home_branch).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut paths = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(Id, String)> = organisations::table
            .filter(organisations::id.eq_any(chunk.iter().copied().map(Id::of)))
            .select((organisations::id, organisations::path))
            .load(tx.db)?;
        for (id, path) in found {
            let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
            if scope.covers(&path) {
                paths.insert(id.to(), path);
            }
        }
    }
    Ok(paths)
}

/// A member whom a spreadsheet names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whose identity number it is, where the member is inside the scope; none when somebody outside has it.
    pub member: Option<MemberId>,
}

/// Which of the identity numbers are known already; those that are not are absent. O(numbers).
///
/// # Errors
/// When the store fails.
pub fn known<'a>(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    numbers: impl IntoIterator<Item = &'a IdentityNumber>,
) -> Result<HashMap<IdentityNumber, Known>, StoreError> {
    let hashed: Result<HashMap<_, _>, StoreError> = numbers
        .into_iter()
        .map(|number| Ok((sealed::hash(tx.vault, number)?, number)))
        .collect();
    let hashed = hashed?;
    let wanted: Vec<_> = hashed.keys().collect();
    let mut known = HashMap::new();
    for chunk in wanted.chunks(CHUNK) {
        let found: Vec<(Id, Option<Vec<u8>>, String)> = members::table
            .filter(members::identity_hash.eq_any(chunk.iter().copied()))
            .select((members::id, members::identity_hash, members::path))
            .load(tx.db)?;
        for (id, hash, path) in found {
            let number = hash.and_then(|hash| hashed.get(&hash).copied());
            let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
            if let Some(number) = number {
                let member = scope.covers(&path).then(|| id.to());
                known.insert(number.clone(), Known { member });
            }
        }
    }
    Ok(known)
}

/// The members who have these identity numbers, whoever asks; the caller keeps those outside its scope to itself.
/// O(numbers).
pub(crate) fn by_identity<'a>(
    tx: &mut Tx<'_>,
    numbers: impl IntoIterator<Item = &'a IdentityNumber>,
) -> Result<HashMap<IdentityNumber, Member>, StoreError> {
    let hashes: Result<Vec<_>, StoreError> = numbers
        .into_iter()
        .map(|number| sealed::hash(tx.vault, number))
        .collect();
    let mut found = HashMap::new();
    for chunk in hashes?.chunks(CHUNK) {
        let rows: Vec<(Row, String)> = members::table
            .inner_join(organisations::table.on(organisations::id.eq(members::home_branch_id)))
            .filter(members::identity_hash.eq_any(chunk))
            .select((Row::as_select(), organisations::name))
            .load(tx.db)?;
        for (row, branch) in rows {
            let member = row.into_member(tx.vault, branch)?;
            if let Some(number) = member.facts.identity.clone() {
                found.insert(number, member);
            }
        }
    }
    Ok(found)
}
