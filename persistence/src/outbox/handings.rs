//! What notifications about lists that were handed over speak of.
use std::collections::HashMap;

use diesel::prelude::*;
use domain::notification::Occasion;

use super::claim::Claimed;
use super::facts::Ids;
use crate::schema::officer_handings as handings;
use crate::types::Id;
use crate::{StoreError, Tx};

/// The list that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandingFacts {
    /// Who looked after the people before.
    pub from: String,
    /// Who does now.
    pub to: String,
    /// How many people.
    pub people: i32,
    /// Why.
    pub reason: String,
}

/// Whether it is about a list that was handed over.
pub(super) const fn is_of_handing(c: &Claimed) -> bool {
    matches!(c.key.occasion, Occasion::OfficerChanged)
}

/// The facts of handings. One query.
pub(super) fn of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, HandingFacts>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String, String, i32, String)> = handings::table
        .filter(handings::id.eq_any(ids))
        .select((
            handings::id,
            handings::from_name,
            handings::to_name,
            handings::people,
            handings::reason,
        ))
        .load(tx.db)?;
    let one = |(id, from, to, people, reason)| {
        let facts = HandingFacts {
            from,
            to,
            people,
            reason,
        };
        (id, facts)
    };
    Ok(rows.into_iter().map(one).collect())
}
