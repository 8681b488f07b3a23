//! Whom a contact officer looks after: members who are away, and people who stay with a host, with who is due.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{LookAfterMembers, Scope};
use domain::care;
use domain::id::{AccountId, JourneyId, OrgPath, OrganisationId, StayId};
use domain::journey::StateName as JourneyState;
use domain::stay::StateName as StayState;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::people::{self, Person};
use crate::schema::{journeys, organisations, stays};
use crate::types::Id;
use crate::{StoreError, Tx, phones, settings, visits};

/// Somebody whom an officer looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The journey, of a member who is away.
    pub journey: Option<JourneyId>,
    /// The stay, of somebody who stays with a host.
    pub stay: Option<StayId>,
    /// Who.
    pub person: Person,
    /// For which organisation the officer does it: the origin of the journey, or the host.
    pub organisation: (OrganisationId, String),
    /// The journey's or stay's state.
    pub state: String,
    /// Where the person is, in the person's words.
    pub place: Option<String>,
    /// When somebody last heard of the person.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// The day by which somebody should hear again; none for who is at home, or out of contact.
    pub due_on: Option<NaiveDate>,
    /// Whether the telephone number does not work and the new one is to be asked for.
    pub asks_for_phone: bool,
}

/// Where somebody stands on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChargePosition {
    due: NaiveDate,
    id: Uuid,
}

impl Charge {
    /// Where it stands on the list: by the day, then by the id.
    pub fn position(&self) -> ChargePosition {
        let id = self.journey.map(|id| id.0).or(self.stay.map(|id| id.0));
        ChargePosition {
            due: self.due_on.unwrap_or(NaiveDate::MAX),
            id: id.unwrap_or_default(),
        }
    }

    /// Whether somebody should have heard of the person by now. Computed, and changes nothing.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.due_on.is_some_and(|due| due < today)
    }
}

/// States of a journey in which somebody is away and looked after.
pub(super) const AWAY: [&str; 3] = [
    JourneyState::Away.as_str(),
    JourneyState::HomeVisit.as_str(),
    JourneyState::OutOfContact.as_str(),
];

/// Those whom the caller looks after, by the day on which they are due, after `after`, at most `limit`.
/// O(people of one officer).
///
/// # Errors
/// When the store fails.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<LookAfterMembers>,
    after: Option<ChargePosition>,
    limit: i64,
) -> Result<Vec<Charge>, StoreError> {
    let Some(officer) = scope.who().account else {
        return Ok(Vec::new());
    };
    let (away_from_home, guests) = (away_rows(tx, scope, officer)?, guests_of(tx, scope, officer)?);
    let mut charges = away(tx, away_from_home)?;
    charges.extend(staying(tx, guests)?);
    charges.retain(|charge| after.is_none_or(|after| charge.position() > after));
    charges.sort_by_key(Charge::position);
    charges.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let people: Vec<Id> = charges.iter().map(|charge| Id::of(charge.person.id)).collect();
    let asked = phones::to_be_asked(tx, &people)?;
    for charge in &mut charges {
        charge.asks_for_phone = asked.contains(&Id::of(charge.person.id));
    }
    Ok(charges)
}

/// Whether a role of the caller still reaches near the organisation at `path`.
fn is_near(scope: &Scope<LookAfterMembers>, path: &str) -> bool {
    path.parse::<OrgPath>().is_ok_and(|path| scope.is_near(&path))
}

type AwayRow = (
    Id,
    Id,
    Id,
    String,
    String,
    String,
    Option<String>,
    Option<NaiveDateTime>,
    Option<NaiveDate>,
);

fn away_rows(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>, officer: AccountId) -> Result<Vec<AwayRow>, StoreError> {
    let mut rows: Vec<AwayRow> = journeys::table
        .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
        .filter(journeys::contact_officer_id.eq(Id::of(officer)))
        .filter(journeys::state.eq_any(AWAY))
        .select((
            journeys::id,
            journeys::member_id,
            organisations::id,
            organisations::name,
            journeys::path,
            journeys::state,
            journeys::place,
            journeys::last_contact_at,
            journeys::next_checkin_due,
        ))
        .load(tx.db)?;
    rows.retain(|row| is_near(scope, &row.4));
    Ok(rows)
}

/// The day by which somebody should hear of a member; none for who is at home, or out of contact.
fn due_of_journey(state: &str, due: Option<NaiveDate>) -> Option<NaiveDate> {
    due.filter(|_| state == JourneyState::Away.as_str())
}

fn away(tx: &mut Tx<'_>, rows: Vec<AwayRow>) -> Result<Vec<Charge>, StoreError> {
    let people = people::of(tx, &rows.iter().map(|row| row.1).collect::<Vec<_>>())?;
    let one = |(id, member, origin, name, _, state, place, last, due): AwayRow| {
        Some(Charge {
            journey: Some(id.to()),
            stay: None,
            person: people.get(&member)?.clone(),
            organisation: (origin.to(), name),
            due_on: due_of_journey(&state, due),
            state,
            place,
            last_contact_at: last.map(|at| at.and_utc()),
            asks_for_phone: false,
        })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// Somebody who is admitted by a host: stay, person, host with its name and path, address, day, and when home heard last.
pub(crate) type Guest = (
    Id,
    Id,
    Id,
    String,
    String,
    Option<String>,
    Option<NaiveDate>,
    Option<NaiveDateTime>,
);

/// The query of people who stay with hosts, of whatever state.
macro_rules! guests {
    () => {
        stays::table
            .inner_join(organisations::table.on(organisations::id.eq(stays::host_id)))
            .left_join(journeys::table.on(journeys::id.nullable().eq(stays::journey_id)))
            .select((
                stays::id,
                stays::person_id,
                organisations::id,
                organisations::name,
                stays::path,
                stays::address,
                stays::admitted_on,
                journeys::last_contact_at.nullable(),
            ))
    };
}
pub(crate) use guests;

fn guests_of(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>, officer: AccountId) -> Result<Vec<Guest>, StoreError> {
    let own = guests!()
        .filter(stays::contact_officer_id.eq(Id::of(officer)))
        .filter(stays::state.eq(StayState::Admitted.as_str()));
    let mut rows: Vec<Guest> = own.load(tx.db)?;
    rows.retain(|row| is_near(scope, &row.4));
    Ok(rows)
}

/// When somebody last heard of a guest, and by when somebody should again; none of who is not admitted yet.
type Heard = (Option<DateTime<Utc>>, Option<NaiveDate>);

/// The same of each, in their order.
fn heard(tx: &mut Tx<'_>, guests: &[Guest]) -> Result<Vec<Heard>, StoreError> {
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    let visited = visits::last_reached(tx, guests.iter().map(|row| row.0).collect())?;
    let visited: HashMap<Id, NaiveDateTime> = visited.into_iter().collect();
    let mut intervals = HashMap::<&str, u16>::new();
    let mut heard = Vec::new();
    for (id, .., path, _, admitted_on, journey) in guests {
        let interval = match intervals.get(path.as_str()) {
            Some(days) => *days,
            None => settings::at(tx, &path.parse().map_err(StoreError::corrupt)?)?.stay_contact_days,
        };
        intervals.insert(path, interval);
        let last = visited.get(id).copied().max(*journey).map(|at| at.and_utc());
        let due = |admitted_on| care::due_on(admitted_on, last.map(|at| tx.day_of(at)), interval);
        heard.push((last, admitted_on.map(due)));
    }
    Ok(heard)
}

fn staying(tx: &mut Tx<'_>, guests: Vec<Guest>) -> Result<Vec<Charge>, StoreError> {
    let people = people::of(tx, &guests.iter().map(|row| row.1).collect::<Vec<_>>())?;
    let heard = heard(tx, &guests)?;
    let one = |((id, person, host, name, _, address, admitted_on, _), (last, due)): (Guest, Heard)| {
        admitted_on?;
        Some(Charge {
            journey: None,
            stay: Some(id.to()),
            person: people.get(&person)?.clone(),
            organisation: (host.to(), name),
            state: StayState::Admitted.to_string(),
            place: address,
            last_contact_at: last,
            asks_for_phone: false,
            due_on: due,
        })
    };
    Ok(guests.into_iter().zip(heard).filter_map(one).collect())
}

/// By when somebody should hear of a person: of whose journey, or of whose stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) id: Id,
    pub(crate) person: Id,
    pub(crate) on: NaiveDate,
    pub(crate) stays: bool,
}

/// Those whom the caller looks after of whom somebody should hear by a day, as [`list_own`] says it.
pub(crate) fn due_own(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>) -> Result<Vec<Due>, StoreError> {
    let Some(officer) = scope.who().account else {
        return Ok(Vec::new());
    };
    let away = away_rows(tx, scope, officer)?;
    let guests = guests_of(tx, scope, officer)?;
    let of_journey = |(id, member, .., state, _, _, due): AwayRow| {
        Some(Due {
            id,
            person: member,
            on: due_of_journey(&state, due)?,
            stays: false,
        })
    };
    let mut dues: Vec<Due> = away.into_iter().filter_map(of_journey).collect();
    dues.extend(due_guests(tx, &guests)?);
    Ok(dues)
}

/// By when somebody should hear of each guest who is admitted.
pub(crate) fn due_guests(tx: &mut Tx<'_>, guests: &[Guest]) -> Result<Vec<Due>, StoreError> {
    let heard = heard(tx, guests)?;
    let one = |(guest, (_, due)): (&Guest, Heard)| {
        Some(Due {
            id: guest.0,
            person: guest.1,
            on: due?,
            stays: true,
        })
    };
    Ok(guests.iter().zip(heard).filter_map(one).collect())
}
