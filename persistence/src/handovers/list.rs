//! Hand-overs in pages, in the order (path of the near side, id).
use diesel::prelude::*;
use domain::access::{ReadHandovers, Scope};
use domain::handover::{Direction, StateName};

use super::record::{self, HandoverRecord};
use super::row::{Found, Row};
use crate::pages::{self, Position};
use crate::schema::handovers;
use crate::types::Id;
use crate::{StoreError, Tx};

/// Which hand-overs.
#[derive(Debug, Clone, Copy)]
pub struct HandoverFilter {
    /// Which way, seen from the scope.
    pub direction: Direction,
    /// In this state.
    pub state: Option<StateName>,
}

/// The hand-overs of the scope after `after`, at most `limit`. O(limit) without a state; with one, O(hand-overs of the
/// subtree) at worst.
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadHandovers>,
    filter: HandoverFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<HandoverRecord>, StoreError> {
    macro_rules! page {
        ($path:ident) => {
            pages::fill(scope, after, limit, |range, left| {
                let mut query = handovers::table
                    .filter(handovers::$path.ge(range.low).and(handovers::$path.lt(range.end)))
                    .select(Row::as_select())
                    .into_boxed();
                if let Some(after) = range.after {
                    query = query.filter(handovers::$path.gt(range.low).or(handovers::id.gt(Id(after))));
                }
                if let Some(state) = filter.state {
                    query = query.filter(handovers::state.eq(state.as_str()));
                }
                Ok(query
                    .order((handovers::$path, handovers::id))
                    .limit(left)
                    .load(tx.db)?)
            })
        };
    }
    let rows: Vec<Row> = match filter.direction {
        Direction::Incoming => page!(asked_path),
        Direction::Outgoing => page!(asking_path),
    }?;
    let found: Vec<Found> = rows.into_iter().map(Found::try_from).collect::<Result<_, _>>()?;
    record::of(tx, &found)
}

impl HandoverRecord {
    /// Where it stands in the list of that direction.
    pub fn position(&self, direction: Direction) -> Position {
        let path = match direction {
            Direction::Incoming => &self.asked_path,
            Direction::Outgoing => &self.asking_path,
        };
        Position {
            path: path.clone(),
            id: self.handover.id.0,
        }
    }
}
