//! Journeys in pages, in the order (path, id).
use diesel::prelude::*;
use domain::access::{ReadJourneys, Scope};
use domain::id::{MemberId, OrganisationId};
use domain::journey::StateName;

use super::row::Row;
use super::{JourneyRecord, records_of};
use crate::pages::{self, Position};
use crate::schema::journeys;
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// Which journeys.
#[derive(Debug, Clone, Default)]
pub struct JourneyFilter {
    /// From this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// Of this member.
    pub member: Option<MemberId>,
    /// In this state.
    pub state: Option<StateName>,
}

/// The journeys of the scope after `after`, in the order (path, id), at most `limit`. O(limit) without a filter by
/// state.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadJourneys>,
    filter: &JourneyFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<JourneyRecord>, StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let rows: Vec<Row> = pages::fill(&scope, after, limit, |range, left| {
        let within = journeys::path.ge(range.low).and(journeys::path.lt(range.end));
        let mut query = journeys::table.filter(within).select(Row::as_select()).into_boxed();
        if let Some(after) = range.after {
            query = query.filter(journeys::path.gt(range.low).or(journeys::id.gt(Id(after))));
        }
        if let Some(member) = filter.member {
            query = query.filter(journeys::member_id.eq(Id::of(member)));
        }
        if let Some(state) = filter.state {
            query = query.filter(journeys::state.eq(state.as_str()));
        }
        Ok(query.order((journeys::path, journeys::id)).limit(left).load(tx.db)?)
    })?;
    records_of(tx, rows)
}

/// Where a journey stands in the list.
pub fn position(record: &JourneyRecord) -> Position {
    Position {
        path: record.path.clone(),
        id: record.journey.id.0,
    }
}
