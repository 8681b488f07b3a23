//! What notifications about stays speak of: those that have ended, and those whose host is asked for something.
use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use domain::division::DivisionCode;
use domain::notification::{Occasion, Period};
use domain::stay::{NextPlace, StateName};

use super::claim::Claimed;
use super::facts::names_of;
use crate::schema::{accounts, journeys, organisations, stays};
use crate::types::Id;
use crate::{StoreError, Tx, journeys as kites};

/// The unit that the recipient is admitted to, which speaks with the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name.
    pub name: String,
    /// Its telephone.
    pub phone: Option<String>,
    /// The contact officer there.
    pub contact: Option<String>,
}

/// The stay that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayFacts {
    /// The person's name.
    pub person: String,
    /// The host's name.
    pub host: String,
    /// The origin's name.
    pub origin: String,
    /// Where it stands.
    pub state: StateName,
    /// Where the person has gone.
    pub next: Option<NextPlace>,
    /// The division of the next place.
    pub division: Option<DivisionCode>,
    /// Why it ended.
    pub reason: Option<String>,
    /// Whether the person's journey is known here and goes on.
    pub journey_is_open: bool,
    /// Whether the person's journey is known here.
    pub has_journey: bool,
}

/// The stay that a notification is about.
pub(super) const fn stay_of(c: &Claimed) -> Option<Id> {
    match (c.key.occasion, c.key.period) {
        (Occasion::StayEnded | Occasion::ReturnProposed, Period::Thing(stay)) => Some(Id(stay)),
        (Occasion::PhoneAsked, _) => Some(Id(c.key.subject)),
        _ => None,
    }
}

type Row = (
    Id,
    Id,
    Id,
    Option<Id>,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// The facts of stays. Four queries.
pub(super) fn of(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, StayFacts>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = stays::table
        .left_join(journeys::table.on(journeys::id.nullable().eq(stays::journey_id)))
        .filter(stays::id.eq_any(ids))
        .select((
            stays::id,
            stays::person_id,
            stays::host_id,
            stays::origin_id,
            stays::origin_name,
            stays::state,
            stays::next_place,
            stays::next_division_code,
            stays::reason,
            journeys::state.nullable(),
        ))
        .load(tx.db)?;
    let people = names_of(tx, rows.iter().map(|row| row.1).collect())?;
    let named = rows.iter().flat_map(|row| [Some(row.2), row.3]).flatten().collect();
    let places: Vec<(Id, String)> = organisations::table
        .filter(organisations::id.eq_any::<Vec<Id>>(named))
        .select((organisations::id, organisations::name))
        .load(tx.db)?;
    let places: HashMap<Id, String> = places.into_iter().collect();
    let one = |(id, person, host, origin, declared, state, next, division, reason, journey): Row| {
        let facts = StayFacts {
            person: people.get(&person)?.clone(),
            host: places.get(&host)?.clone(),
            origin: origin
                .and_then(|id| places.get(&id).cloned())
                .or(declared)
                .unwrap_or_default(),
            state: state.parse().ok()?,
            next: next.and_then(|word| word.parse().ok()),
            division: division.and_then(|code| code.parse().ok()),
            reason,
            journey_is_open: journey
                .as_ref()
                .is_some_and(|state| kites::OPEN.contains(&state.as_str())),
            has_journey: journey.is_some(),
        };
        Some((id, facts))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// Where members are admitted: at most one place each.
pub(super) fn hosts_of(tx: &mut Tx<'_>, members: HashSet<Id>) -> Result<HashMap<Id, Host>, StoreError> {
    type Row = (Option<Id>, String, Option<String>, Option<String>, Option<String>);
    if members.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = stays::table
        .inner_join(organisations::table.on(organisations::id.nullable().eq(stays::home_unit_id)))
        .left_join(accounts::table.on(accounts::id.nullable().eq(stays::contact_officer_id)))
        .filter(stays::member_id.eq_any(members))
        .filter(stays::state.eq("admitted"))
        .select((
            stays::member_id,
            organisations::name,
            organisations::phone,
            accounts::name.nullable(),
            stays::contact_officer_name,
        ))
        .load(tx.db)?;
    let one = |(member, name, phone, officer, named): Row| {
        let contact = officer.or(named);
        Some((member?, Host { name, phone, contact }))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
