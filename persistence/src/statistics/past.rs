//! What held of journeys when a day in the past ended. A journey's row tells what holds now; where the member was before
//! going on, and when certificates were issued and revoked, stands beside it.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::certificate::StateName;

use crate::journeys::{self, Place};
use crate::schema::certificates;
use crate::types::Id;
use crate::{StoreError, Tx};

/// How many are named in one statement.
const AT_ONCE: usize = 500;

/// What held of a journey, where it is told besides the journey itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Then {
    /// Where the member was before going on after the day.
    pub(crate) place: Option<Place>,
    /// Whether the member had a certificate, where one was issued or revoked after the day.
    pub(crate) certified: Option<bool>,
}

/// Of the certificates of a journey: whether one was held on a day, and whether one was issued or revoked later.
#[derive(Default)]
struct Certified {
    held: bool,
    changed: bool,
}

/// Journeys of members who have gone on to another place after a day.
macro_rules! moved {
    ($journey:expr, $day:expr) => {
        diesel::dsl::exists(
            crate::schema::journey_places::table
                .filter(crate::schema::journey_places::journey_id.eq($journey))
                .filter(crate::schema::journey_places::until_on.gt($day)),
        )
    };
}

/// Journeys that tell something else now than when a day ended: of members who have gone on, or whose certificate was
/// issued or revoked since.
macro_rules! changed {
    ($journey:expr, $day:expr) => {{
        use crate::schema::certificates;
        let revoked = certificates::state.eq("revoked").and(certificates::ended_on.gt($day));
        crate::statistics::past::moved!($journey, $day).or(diesel::dsl::exists(
            certificates::table
                .filter(certificates::journey_id.eq($journey))
                .filter(certificates::issued_on.gt($day).or(revoked)),
        ))
    }};
}

/// Whether a journey tells what held when a period ended: it does until the period is over, and where this has not happened
/// since.
macro_rules! unless_since {
    ($tx:expr, $period:expr, $happened:expr) => {
        (!$period.is_over($tx.today()))
            .into_sql::<diesel::sql_types::Bool>()
            .or(diesel::dsl::not($happened))
    };
}
pub(crate) use {changed, moved, unless_since};

/// What held of each of these journeys when a day ended. Three statements for five hundred of them.
pub(crate) fn then(tx: &mut Tx<'_>, of_journeys: &[Id], day: NaiveDate) -> Result<HashMap<Id, Then>, StoreError> {
    let mut all: HashMap<Id, Then> = HashMap::new();
    for ids in of_journeys.chunks(AT_ONCE) {
        for (journey, places) in journeys::places_of(tx, ids)? {
            // Oldest first: the first that was left later is where the member was.
            let place = places.into_iter().find(|place| place.until_on > day);
            all.entry(journey).or_default().place = place;
        }
        let issued: Vec<(Id, NaiveDate, String, Option<NaiveDate>)> = certificates::table
            .filter(certificates::journey_id.eq_any(ids))
            .select((
                certificates::journey_id,
                certificates::issued_on,
                certificates::state,
                certificates::ended_on,
            ))
            .load(tx.db)?;
        let mut certified: HashMap<Id, Certified> = HashMap::new();
        for (journey, issued_on, state, ended_on) in issued {
            let revoked_on = ended_on.filter(|_| state == StateName::Revoked.as_str());
            let of = certified.entry(journey).or_default();
            of.held |= issued_on <= day && revoked_on.is_none_or(|on| on > day);
            of.changed |= issued_on > day || revoked_on.is_some_and(|on| on > day);
        }
        for (journey, of) in certified.into_iter().filter(|(_, of)| of.changed) {
            all.entry(journey).or_default().certified = Some(of.held);
        }
    }
    Ok(all)
}
