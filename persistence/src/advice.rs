//! What is advised about journeys, as the domain decides it.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::advice::{Advice, AtPlace, fixed_since};
use domain::checkin::CheckInKind;
use domain::division::DivisionCode;

use crate::journeys::OPEN;
use crate::schema::{checkins, journey_places, journeys};
use crate::types::Id;
use crate::{StoreError, Tx, phones};

/// Check-ins that say where a member who is away is.
const SAYING_WHERE: [&str; 2] = [CheckInKind::Arrival.as_str(), CheckInKind::Periodic.as_str()];

type Row = (
    Id,
    Id,
    String,
    Option<NaiveDate>,
    Option<String>,
    Option<String>,
    Option<Id>,
);

/// What is advised about the open ones among these journeys. Five queries, whatever their number.
pub(crate) fn of(tx: &mut Tx<'_>, of_journeys: &[Id]) -> Result<HashMap<Id, Vec<Advice>>, StoreError> {
    let rows: Vec<Row> = journeys::table
        .filter(journeys::id.eq_any(of_journeys))
        .filter(journeys::state.eq_any(OPEN))
        .select((
            journeys::id,
            journeys::member_id,
            journeys::state,
            journeys::departed_on,
            journeys::division_code,
            journeys::country,
            journeys::transfer_id,
        ))
        .load(tx.db)?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let open: Vec<Id> = rows.iter().map(|row| row.0).collect();
    let moves = journey_places::table
        .filter(journey_places::journey_id.eq_any(&open))
        .group_by(journey_places::journey_id)
        .select((journey_places::journey_id, diesel::dsl::max(journey_places::until_on)));
    let moves: Vec<(Id, Option<NaiveDate>)> = moves.load(tx.db)?;
    let moves: HashMap<Id, Option<NaiveDate>> = moves.into_iter().collect();
    let mut said = said_since(tx, &open)?;
    let asked = phones::to_be_asked(tx, &rows.iter().map(|row| row.1).collect::<Vec<_>>())?;
    let today = tx.today();
    let mut all = HashMap::new();
    for (id, member, state, departed_on, division, country, transfer) in rows {
        let at = AtPlace {
            state: state.parse().map_err(StoreError::corrupt)?,
            departed_on,
            moved_on: moves.get(&id).copied().flatten(),
            is_abroad: country.is_some() && division.is_none(),
            division: division
                .map(|code| code.parse())
                .transpose()
                .map_err(StoreError::corrupt)?,
            said: said.remove(&id).unwrap_or_default(),
            is_being_transferred: transfer.is_some(),
        };
        let transfer = at.should_transfer(today).then_some(Advice::TransferRelation);
        let ask = asked.contains(&member).then_some(Advice::AskForPhone);
        all.insert(id, transfer.into_iter().chain(ask).collect());
    }
    Ok(all)
}

/// Where members have said to be, of late.
fn said_since(tx: &mut Tx<'_>, of_journeys: &[Id]) -> Result<HashMap<Id, Vec<DivisionCode>>, StoreError> {
    let since = fixed_since(tx.today()).and_time(chrono::NaiveTime::MIN);
    let rows: Vec<(Id, Option<String>)> = checkins::table
        .filter(checkins::journey_id.eq_any(of_journeys))
        .filter(checkins::kind.eq_any(SAYING_WHERE))
        .filter(checkins::recorded_at.ge(since))
        .filter(checkins::division_code.is_not_null())
        .select((checkins::journey_id, checkins::division_code))
        .distinct()
        .load(tx.db)?;
    let mut said = HashMap::<Id, Vec<DivisionCode>>::new();
    for (journey, code) in rows {
        let code = code
            .map(|code| code.parse::<DivisionCode>())
            .transpose()
            .map_err(StoreError::corrupt)?;
        said.entry(journey).or_default().extend(code);
    }
    Ok(said)
}
