//! What notifications about arrivals speak of: who says to have come to a host.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::notification::Occasion;

use super::claim::Claimed;
use super::facts::Ids;
use crate::schema::{organisations, stays};
use crate::types::Id;
use crate::{StoreError, Tx, people};

/// The arrival that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalFacts {
    /// Who.
    pub person: String,
    /// The host.
    pub host: String,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The word of the stay's state.
    pub state: String,
}

/// Whether it is about a stay rather than a journey.
pub(super) const fn is_of_arrival(c: &Claimed) -> bool {
    matches!(c.key.occasion, Occasion::ArrivalReported)
}

/// Of these stays. Three queries.
pub(super) fn arrivals_of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, ArrivalFacts>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, Id, String, NaiveDate, String)> = stays::table
        .inner_join(organisations::table.on(organisations::id.eq(stays::host_id)))
        .filter(stays::id.eq_any(ids))
        .select((
            stays::id,
            stays::person_id,
            organisations::name,
            stays::arrived_on,
            stays::state,
        ))
        .load(tx.db)?;
    let people = people::of(tx, &rows.iter().map(|row| row.1).collect::<Vec<_>>())?;
    let one = |(id, person, host, arrived_on, state): (Id, Id, String, NaiveDate, String)| {
        let person = people.get(&person)?.name.clone();
        let facts = ArrivalFacts {
            person,
            host,
            arrived_on,
            state,
        };
        Some((id, facts))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
