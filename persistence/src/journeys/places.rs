//! Where a member was before going on (转往他处): the places of a journey.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageJourneys, Scope};
use domain::id::{EntryId, JourneyId, OrganisationId};
use domain::journey::{Command, Destination, Journey, Move};
use serde_json::{Value, json};

use super::{JourneyRecord, check_day, open_and_unchanged, show, transition};
use crate::db::{Engine, each};
use crate::effects::Told;
use crate::schema::journey_places;
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// A place where the member was on a journey, before the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub destination: Destination,
    /// The host there.
    pub host: Option<OrganisationId>,
    /// The host's name.
    pub host_name: Option<String>,
    /// Since that day.
    pub since_on: Option<NaiveDate>,
    /// Until that day.
    pub until_on: NaiveDate,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = journey_places, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    member_id: Id,
    id: Id,
    journey_id: Id,
    division_code: Option<String>,
    country: Option<String>,
    place: Option<String>,
    employer: Option<String>,
    unit_kind: Option<String>,
    host_id: Option<Id>,
    since_on: Option<NaiveDate>,
    until_on: NaiveDate,
}

/// Records that the member has gone on to another place without coming home: the old host is told, the new one offered
/// the member.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the member is not away, [`StoreError::Invalid`] for an unknown host or a day before the departure or after today.
pub fn move_on(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    moved: Move,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    if let Some(host) = moved.host {
        organisations::by_id(tx, host).map_err(|_unknown| StoreError::Invalid {
            field: "/host_organisation_id",
            code: "unknown_organisation",
        })?;
    }
    let detail = json!({ "from": said(&before.destination), "to": said(&moved.to), "on": moved.on });
    let told = Told {
        reason,
        detail: Some(detail),
    };
    let command = Command::MoveOn(moved);
    check_day(tx, &before, &command)?;
    transition(tx, scope.who(), before, &path, command, &told)?;
    show(tx, id)
}

fn said(destination: &Destination) -> Value {
    json!({
        "division_code": destination.division.map(|code| code.to_string()),
        "country": destination.country, "place": destination.place,
    })
}

/// Keeps the place that the member has left.
pub(crate) fn keep_place(tx: &mut Tx<'_>, journey: &Journey, left: &Move) -> Result<(), StoreError> {
    let before: Option<NaiveDate> = journey_places::table
        .filter(journey_places::journey_id.eq(Id::of(journey.id)))
        .order(journey_places::id.desc())
        .select(journey_places::until_on)
        .first(tx.db)
        .optional()?;
    let to = &left.to;
    let row = Row {
        member_id: Id::of(journey.member),
        id: Id::of(tx.fresh::<EntryId>()),
        journey_id: Id::of(journey.id),
        division_code: to.division.map(|code| code.to_string()),
        country: to.country.clone(),
        place: to.place.clone(),
        employer: to.employer.clone(),
        unit_kind: to.unit.map(|unit| unit.to_string()),
        host_id: left.host.map(Id::of),
        since_on: before.or(journey.state.departed_on()),
        until_on: left.on,
    };
    each!(tx.db, c => diesel::insert_into(journey_places::table).values(&row).execute(c))?;
    Ok(())
}

/// The places of these journeys before the present ones, oldest first. Two queries.
pub(crate) fn of(tx: &mut Tx<'_>, of_journeys: &[Id]) -> Result<HashMap<Id, Vec<Place>>, StoreError> {
    let rows: Vec<Row> = journey_places::table
        .filter(journey_places::journey_id.eq_any(of_journeys))
        .order(journey_places::id)
        .select(Row::as_select())
        .load(tx.db)?;
    let names = organisations::names(tx, rows.iter().filter_map(|row| row.host_id).collect())?;
    let mut places: HashMap<Id, Vec<Place>> = HashMap::new();
    for row in rows {
        let division = row.division_code.map(|code| code.parse()).transpose();
        let unit = row.unit_kind.map(|unit| unit.parse()).transpose();
        let place = Place {
            destination: Destination {
                division: division.map_err(StoreError::corrupt)?,
                country: row.country,
                place: row.place,
                employer: row.employer,
                unit: unit.map_err(StoreError::corrupt)?,
            },
            host: row.host_id.map(Id::to),
            host_name: row.host_id.and_then(|id| names.get(&id).cloned()),
            since_on: row.since_on,
            until_on: row.until_on,
        };
        places.entry(row.journey_id).or_default().push(place);
    }
    Ok(places)
}
