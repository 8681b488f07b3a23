//! Members in pages, in the order (path, id).
use diesel::prelude::*;
use domain::access::{ReadMembers, Scope};
use domain::codes::Standing;
use domain::id::{MemberId, OrgPath, OrganisationId};

use super::Member;
use super::row::Row;
use crate::organisations;
use crate::pages::{self, Position, replace};
use crate::schema::{members, organisations as branches};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Which members.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Of this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// Whose name contains this text.
    pub name: Option<String>,
    /// Of this standing.
    pub standing: Option<Standing>,
}

/// The members of the scope after `after`, at most `limit`. O(limit) without a name; with one, O(members of the
/// subtree) at worst.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadMembers>,
    filter: &MemberFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Member>, StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let vault = tx.vault;
    let rows: Vec<(Row, String)> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = members::table
            .inner_join(branches::table.on(branches::id.eq(members::home_branch_id)))
            .select((Row::as_select(), branches::name))
            .filter(members::path.ge(range.low).and(members::path.lt(range.end)))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(members::path.gt(range.low).or(members::id.gt(Id(after))));
        }
        if let Some(name) = &filter.name {
            query = query.filter(replace(members::name, name, "").ne(members::name));
        }
        if let Some(standing) = filter.standing {
            query = query.filter(members::standing.eq(standing.as_str()));
        }
        Ok(query.order((members::path, members::id)).limit(left).load(tx.db)?)
    })?;
    rows.into_iter()
        .map(|(row, branch)| row.into_member(vault, branch))
        .collect()
}

/// Where a member stands in the list.
pub fn position(path: &OrgPath, id: MemberId) -> Position {
    Position {
        path: path.clone(),
        id: id.0,
    }
}
