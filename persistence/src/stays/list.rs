//! Stays in pages, in the order (path, id).
use diesel::prelude::*;
use domain::access::{ReadStays, Scope};
use domain::id::OrganisationId;
use domain::stay::StateName;

use super::record::{self, StayRecord};
use super::row::Row;
use crate::organisations;
use crate::pages::{self, Position};
use crate::schema::stays;
use crate::types::Id;
use crate::{StoreError, Tx};

/// Which stays.
#[derive(Debug, Clone, Default)]
pub struct StayFilter {
    /// With this host and those below it.
    pub organisation: Option<OrganisationId>,
    /// In this state.
    pub state: Option<StateName>,
}

/// The stays of the scope after `after`, at most `limit`. O(limit) without a state; with one, O(stays of the subtree)
/// at worst.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStays>,
    filter: &StayFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<StayRecord>, StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let rows: Vec<Row> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = stays::table
            .filter(stays::path.ge(range.low).and(stays::path.lt(range.end)))
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(stays::path.gt(range.low).or(stays::id.gt(Id(after))));
        }
        if let Some(state) = filter.state {
            query = query.filter(stays::state.eq(state.as_str()));
        }
        Ok(query.order((stays::path, stays::id)).limit(left).load(tx.db)?)
    })?;
    record::of(tx, rows)
}

/// These stays, whoever asks: for what the caller was let through to.
pub(crate) fn these(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<StayRecord>, StoreError> {
    let rows: Vec<Row> = stays::table
        .filter(stays::id.eq_any(ids))
        .select(Row::as_select())
        .load(tx.db)?;
    record::of(tx, rows)
}

impl StayRecord {
    /// Where it stands in the list.
    pub fn position(&self) -> Position {
        Position {
            path: self.path.clone(),
            id: self.stay.id.0,
        }
    }
}
