//! Stays taken over from a register of inbound members.
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::access::{ImportSpreadsheets, Scope};
use domain::id::{OrgPath, OrganisationId, PersonId, StayId};
use domain::identity::IdentityNumber;
use domain::spreadsheet::InboundRow;
use domain::stay::{Background, Source, StateName};
use serde_json::json;

use super::{Outcome, Refusal};
use crate::db::{Engine, each};
use crate::journeys::OPEN as UNDER_WAY;
use crate::schema::{journeys, members, organisations, stay_backgrounds, stays, visitors};
use crate::stays::BackgroundRow;
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, sealed};

/// Values in one `in (…)`, and rows in one insert: within SQLite's 32,766 values and PostgreSQL's 65,535.
const CHUNK: usize = 1_000;

/// The states in which a stay goes on.
const OPEN: [StateName; 4] = [
    StateName::Reported,
    StateName::Verifying,
    StateName::Verified,
    StateName::Admitted,
];

#[derive(Insertable)]
#[diesel(table_name = visitors, treat_none_as_default_value = false)]
struct VisitorRow {
    id: Id,
    name: String,
    gender: Option<String>,
    ethnicity: Option<String>,
    identity_sealed: Option<Vec<u8>>,
    identity_hash: Option<Vec<u8>>,
    phone_sealed: Option<Vec<u8>>,
    phone_hash: Option<Vec<u8>>,
    created_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = stays, treat_none_as_default_value = false)]
struct StayRow {
    person_id: Id,
    id: Id,
    member_id: Option<Id>,
    host_id: Id,
    path: String,
    source: String,
    state: String,
    origin_id: Option<Id>,
    origin_name: Option<String>,
    origin_phone: Option<String>,
    journey_id: Option<Id>,
    arrived_on: NaiveDate,
    address: Option<String>,
    employer: Option<String>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Who has an identity number.
#[derive(Clone)]
struct Person {
    id: Id,
    name: String,
    /// The membership, where the person is a member of this deployment.
    member: Option<Membership>,
}

/// What is stored of a member.
#[derive(Clone)]
struct Membership {
    /// The home branch, inside the scope only: elsewhere it is what the row declares, until it is verified.
    branch: Option<Id>,
    /// The open journey.
    journey: Option<Id>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = members, check_for_backend(Engine))]
struct MemberRow {
    id: Id,
    identity_hash: Option<Vec<u8>>,
    name: String,
    home_branch_id: Id,
    path: String,
}

/// A stay that is stored.
struct Stored {
    host: Id,
    arrived_on: NaiveDate,
    open: bool,
}

/// Takes over stays as the host's survey; the same rows again change nothing.
///
/// The host is the unit that the row names (编入党支部). A person is known by the identity number: a member of this
/// deployment, or a visitor, who is entered when new. A member outside the scope is known by number and name together,
/// so that nobody learns whose number it is. A stay is known by person, host and day of arrival. It begins as
/// `reported`: a spreadsheet neither verifies anybody nor enters anybody in the register, people do; the contact officer that
/// the row names is kept on the timeline for them. O(rows).
///
/// # Errors
/// When the store fails.
pub fn take_over(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    rows: &[InboundRow],
    dry_run: bool,
) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome::default();
    for (number, chunk) in rows.chunks(CHUNK).enumerate() {
        let people = people(tx, scope, chunk)?;
        let stays = stays_of(tx, &people)?;
        let mut new = Vec::new();
        for (at, row) in chunk.iter().enumerate() {
            let person = people.get(&row.identity);
            match compare(person, &stays, row) {
                Ok(false) => outcome.unchanged += 1,
                Ok(true) => new.push((row, person)),
                Err(refusal) => outcome.refused.push((number * CHUNK + at, refusal)),
            }
        }
        outcome.created += new.len();
        if !dry_run {
            enter(tx, scope, &new)?;
        }
    }
    Ok(outcome)
}

/// Whether the row tells of a new stay.
fn compare(person: Option<&Person>, stays: &HashMap<Id, Vec<Stored>>, row: &InboundRow) -> Result<bool, Refusal> {
    let Some(person) = person else { return Ok(true) };
    if person.name != row.name {
        return Err(Refusal::NameDiffers);
    }
    let host = Id::of(row.home_unit);
    let here = || {
        stays
            .get(&person.id)
            .into_iter()
            .flatten()
            .filter(|stay| stay.host == host)
    };
    if here().any(|stay| stay.arrived_on == row.arrived_on) {
        return Ok(false);
    }
    if here().any(|stay| stay.open) {
        Err(Refusal::StayOpen)
    } else {
        Ok(true)
    }
}

/// Members and visitors who have the rows' identity numbers.
fn people(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    rows: &[InboundRow],
) -> Result<HashMap<IdentityNumber, Person>, StoreError> {
    let mut numbers = HashMap::with_capacity(rows.len());
    for row in rows {
        numbers.insert(sealed::hash(tx.vault, &row.identity)?, row);
    }
    let hashes: Vec<&Vec<u8>> = numbers.keys().collect();
    let visitors: Vec<(Id, Option<Vec<u8>>, String)> = visitors::table
        .filter(visitors::identity_hash.eq_any(hashes.iter().copied()))
        .select((visitors::id, visitors::identity_hash, visitors::name))
        .load(tx.db)?;
    let mut found = HashMap::with_capacity(numbers.len());
    for (id, hash, name) in visitors {
        if let Some(row) = hash.and_then(|hash| numbers.get(&hash)) {
            found.insert(row.identity.clone(), Person { id, name, member: None });
        }
    }
    let members: Vec<MemberRow> = members::table
        .filter(members::identity_hash.eq_any(hashes.iter().copied()))
        .select(MemberRow::as_select())
        .load(tx.db)?;
    let mut journeys = open_journeys(tx, members.iter().map(|member| member.id))?;
    for member in members {
        let path: OrgPath = member.path.parse().map_err(StoreError::corrupt)?;
        let inside = scope.covers(&path);
        let row = member.identity_hash.and_then(|hash| numbers.get(&hash));
        let Some(row) = row.filter(|row| inside || row.name == member.name) else {
            continue;
        };
        let membership = Membership {
            branch: Some(member.home_branch_id).filter(|_| inside),
            journey: journeys.remove(&member.id),
        };
        let person = Person {
            id: member.id,
            name: member.name,
            member: Some(membership),
        };
        found.insert(row.identity.clone(), person);
    }
    Ok(found)
}

/// The open journeys of members; each has one at most.
fn open_journeys(tx: &mut Tx<'_>, members: impl Iterator<Item = Id>) -> Result<HashMap<Id, Id>, StoreError> {
    let found: Vec<(Id, Id)> = journeys::table
        .filter(journeys::member_id.eq_any(members))
        .filter(journeys::state.eq_any(UNDER_WAY))
        .select((journeys::member_id, journeys::id))
        .load(tx.db)?;
    Ok(found.into_iter().collect())
}

fn stays_of(tx: &mut Tx<'_>, people: &HashMap<IdentityNumber, Person>) -> Result<HashMap<Id, Vec<Stored>>, StoreError> {
    let found: Vec<(Id, Id, NaiveDate, String)> = stays::table
        .filter(stays::person_id.eq_any(people.values().map(|person| person.id)))
        .select((stays::person_id, stays::host_id, stays::arrived_on, stays::state))
        .load(tx.db)?;
    let mut stored: HashMap<Id, Vec<Stored>> = HashMap::new();
    for (person, host, arrived_on, state) in found {
        let open = OPEN.iter().any(|one| one.as_str() == state);
        stored
            .entry(person)
            .or_default()
            .push(Stored { host, arrived_on, open });
    }
    Ok(stored)
}

fn enter(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    new: &[(&InboundRow, Option<&Person>)],
) -> Result<(), StoreError> {
    let paths = paths(tx, scope, new)?;
    let mut visitors = Vec::new();
    let mut entered = Vec::with_capacity(new.len());
    let mut events = Vec::with_capacity(new.len());
    let mut backgrounds = Vec::new();
    for (row, person) in new {
        let id = if let Some(person) = person {
            person.id
        } else {
            let visitor = visitor(tx, row)?;
            let id = visitor.id;
            visitors.push(visitor);
            id
        };
        let path = paths.get(&row.home_unit).ok_or(StoreError::NotFound("organisation"))?;
        let said = row.background;
        let stay = stay(tx, row, id, person.and_then(|person| person.member.as_ref()), path);
        events.push((id, stay.id, row.contact_officer.clone()));
        if said != Background::default() {
            backgrounds.push(BackgroundRow::of(stay.id.to(), &said));
        }
        entered.push(stay);
    }
    each!(tx.db, c => diesel::insert_into(visitors::table).values(visitors).execute(c))?;
    each!(tx.db, c => diesel::insert_into(stays::table).values(entered).execute(c))?;
    each!(tx.db, c => diesel::insert_into(stay_backgrounds::table).values(backgrounds).execute(c))?;
    let events = events.into_iter().map(|(person, stay, officer)| NewEvent {
        person: person.to::<PersonId>(),
        subject: stay.0,
        event: "stay_reported",
        reason: None,
        detail: Some(json!({ "source": Source::Survey.as_str(), "contact_officer": officer })),
    });
    trail::append_many(tx, scope.who(), events)
}

/// The paths of the hosts, those inside the scope only.
fn paths(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    new: &[(&InboundRow, Option<&Person>)],
) -> Result<HashMap<OrganisationId, String>, StoreError> {
    let found: Vec<(Id, String)> = organisations::table
        .filter(organisations::id.eq_any(new.iter().map(|(row, _)| Id::of(row.home_unit))))
        .select((organisations::id, organisations::path))
        .load(tx.db)?;
    let inside = |path: &String| path.parse().is_ok_and(|path| scope.covers(&path));
    Ok(found
        .into_iter()
        .filter(|(_, path)| inside(path))
        .map(|(id, path)| (id.to(), path))
        .collect())
}

fn visitor(tx: &Tx<'_>, row: &InboundRow) -> Result<VisitorRow, StoreError> {
    let id: PersonId = tx.fresh();
    let identity = sealed::seal(tx.vault, id, Some(&row.identity))?;
    let phone = sealed::seal(tx.vault, id, row.phone.as_ref())?;
    Ok(VisitorRow {
        id: Id::of(id),
        name: row.name.clone(),
        gender: Some(row.gender.to_string()),
        ethnicity: row.ethnicity.map(|value| value.to_string()),
        identity_sealed: identity.sealed,
        identity_hash: identity.hash,
        phone_sealed: phone.sealed,
        phone_hash: phone.hash,
        created_at: tx.at(),
    })
}

fn stay(tx: &Tx<'_>, row: &InboundRow, person: Id, member: Option<&Membership>, path: &str) -> StayRow {
    let branch = member.and_then(|member| member.branch);
    let elsewhere = branch.is_none();
    StayRow {
        person_id: person,
        id: Id::of(tx.fresh::<StayId>()),
        member_id: member.map(|_| person),
        host_id: Id::of(row.home_unit),
        path: path.to_owned(),
        source: Source::Survey.to_string(),
        state: StateName::Reported.to_string(),
        origin_id: branch,
        origin_name: row.origin_name.clone().filter(|_| elsewhere),
        origin_phone: row
            .origin_phone
            .as_ref()
            .map(|phone| phone.as_str().to_owned())
            .filter(|_| elsewhere),
        journey_id: member.and_then(|member| member.journey),
        arrived_on: row.arrived_on,
        address: row.address.clone(),
        employer: row.employer.clone(),
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    }
}
