//! Journeys taken over from a register of members who are away.
use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use domain::access::{ImportSpreadsheets, Scope};
use domain::codes::Standing;
use domain::id::{JourneyId, MemberId, OrgPath, OrganisationId};
use domain::journey::{Command, Destination, Effect, Journey, State};
use domain::settings::Settings;
use domain::spreadsheet::OutboundRow;

use super::{Outcome, Refusal};
use crate::db::{Engine, each};
use crate::effects::{self, Told};
use crate::journeys::{OPEN, Row, begin_briefing, refused};
use crate::schema::{journeys, members};
use crate::types::Id;
use crate::{StoreError, Tx, settings};

/// Values in one `in (…)`, and rows in one insert: within SQLite's 32,766 values and PostgreSQL's 65,535.
const CHUNK: usize = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = members, check_for_backend(Engine))]
struct MemberRow {
    id: Id,
    identity_hash: Option<Vec<u8>>,
    name: String,
    home_branch_id: Id,
    path: String,
    standing: String,
}

/// What is stored of whom a row names.
struct Known {
    id: MemberId,
    name: String,
    branch: OrganisationId,
    path: OrgPath,
    standing: Standing,
    journeys: Vec<Stored>,
}

/// A journey that is stored.
struct Stored {
    planned: Option<NaiveDate>,
    departed: Option<NaiveDate>,
    open: bool,
}

/// Takes over journeys; the same rows again change nothing.
///
/// A member is known by the identity number and must belong to the row's branch under the row's name. A journey is known by
/// its day of departure: a row about a departure that is stored, open or ended, changes nothing, and one about another
/// departure is refused while a journey is open. A departure after today becomes a planned journey.
///
/// The clock of the next contact starts on the day of the import, not on a departure of long ago: the register itself is
/// word of the member, and hundreds of overdue contacts on the first morning would help nobody. O(rows).
///
/// # Errors
/// When the store fails.
pub fn take_over(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    rows: &[OutboundRow],
    dry_run: bool,
) -> Result<Outcome, StoreError> {
    let known = known(tx, scope, rows)?;
    let mut outcome = Outcome::default();
    let mut new = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match compare(known.get(row.identity.as_str()), row) {
            Ok(None) => outcome.unchanged += 1,
            Ok(Some(member)) => new.push((member, row)),
            Err(refusal) => outcome.refused.push((at, refusal)),
        }
    }
    outcome.created = new.len();
    if !dry_run {
        let mut choices = HashMap::new();
        for chunk in new.chunks(CHUNK) {
            register(tx, scope, chunk, &mut choices)?;
        }
    }
    Ok(outcome)
}

/// The member whose journey is new; none where it is stored already.
fn compare<'a>(known: Option<&'a Known>, row: &OutboundRow) -> Result<Option<&'a Known>, Refusal> {
    let known = known.ok_or(Refusal::MemberUnknown)?;
    if known.branch != row.branch {
        return Err(Refusal::MemberElsewhere);
    }
    if known.name != row.name {
        return Err(Refusal::NameDiffers);
    }
    if known
        .journeys
        .iter()
        .any(|one| [one.planned, one.departed].contains(&Some(row.departed_on)))
    {
        return Ok(None);
    }
    if !known.standing.is_active() {
        return Err(Refusal::StandingForbids);
    }
    if known.journeys.iter().any(|one| one.open) && row.returned_on.is_none() {
        return Err(Refusal::JourneyOpen);
    }
    Ok(Some(known))
}

/// The members inside the scope who have the rows' identity numbers, with their journeys.
fn known(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    rows: &[OutboundRow],
) -> Result<HashMap<String, Known>, StoreError> {
    let mut numbers: HashMap<Vec<u8>, &str> = HashMap::with_capacity(rows.len());
    for row in rows {
        numbers.insert(tx.vault.hash("identity", row.identity.as_str())?, row.identity.as_str());
    }
    let hashes: Vec<&Vec<u8>> = numbers.keys().collect();
    let mut known = HashMap::with_capacity(rows.len());
    for chunk in hashes.chunks(CHUNK) {
        let found: Vec<MemberRow> = members::table
            .filter(members::identity_hash.eq_any(chunk.iter().copied()))
            .select(MemberRow::as_select())
            .load(tx.db)?;
        let ids: Vec<Id> = found.iter().map(|row| row.id).collect();
        let mut journeys = journeys_of(tx, &ids)?;
        for row in found {
            let path: OrgPath = row.path.parse().map_err(StoreError::corrupt)?;
            let number = row.identity_hash.and_then(|hash| numbers.get(&hash).copied());
            let Some(number) = number.filter(|_| scope.covers(&path)) else {
                continue;
            };
            let member = Known {
                id: row.id.to(),
                name: row.name,
                branch: row.home_branch_id.to(),
                path,
                standing: row.standing.parse().map_err(StoreError::corrupt)?,
                journeys: journeys.remove(&row.id).unwrap_or_default(),
            };
            known.insert(number.to_owned(), member);
        }
    }
    Ok(known)
}

fn journeys_of(tx: &mut Tx<'_>, members: &[Id]) -> Result<HashMap<Id, Vec<Stored>>, StoreError> {
    let found: Vec<(Id, Option<NaiveDate>, Option<NaiveDate>, String)> = journeys::table
        .filter(journeys::member_id.eq_any(members))
        .select((
            journeys::member_id,
            journeys::planned_departure_on,
            journeys::departed_on,
            journeys::state,
        ))
        .load(tx.db)?;
    let mut stored: HashMap<Id, Vec<Stored>> = HashMap::new();
    for (member, planned, departed, state) in found {
        let open = OPEN.contains(&state.as_str());
        stored.entry(member).or_default().push(Stored {
            planned,
            departed,
            open,
        });
    }
    Ok(stored)
}

fn register(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    new: &[(&Known, &OutboundRow)],
    choices: &mut HashMap<OrgPath, Settings>,
) -> Result<(), StoreError> {
    let mut stored = Vec::with_capacity(new.len());
    let mut follows = Vec::with_capacity(new.len());
    for (member, row) in new {
        let settings = match choices.get(&member.path) {
            Some(known) => known.clone(),
            None => settings::at(tx, &member.path)?,
        };
        let interval = settings.contact_interval_days;
        choices.insert(member.path.clone(), settings.clone());
        let (journey, effects) = departed(tx.fresh(), member, row, interval, tx.today())?;
        stored.push((
            Row::of(&journey, &member.path, tx.at()),
            journeys::created_at.eq(tx.at()),
        ));
        follows.push((journey, effects, settings));
    }
    each!(tx.db, c => diesel::insert_into(journeys::table).values(stored).execute(c))?;
    for (journey, effects, settings) in follows {
        if journey.state == State::Planned {
            begin_briefing(tx, &journey, &settings.briefing_items)?;
        }
        effects::carry_out(tx, scope.who(), &journey, &effects, &Told::default())?;
    }
    Ok(())
}

/// The journey as the row tells it, and what follows from its departure and return.
fn departed(
    id: JourneyId,
    member: &Known,
    row: &OutboundRow,
    interval_days: u16,
    today: NaiveDate,
) -> Result<(Journey, Vec<Effect>), StoreError> {
    let journey = Journey {
        id,
        member: member.id,
        origin: member.branch,
        reason: row.reason,
        destination: Destination {
            division: row.destination.division,
            country: None,
            place: row.destination.text.clone(),
            employer: row.employer.clone(),
            unit: row.unit,
        },
        former_occupation: row.former_occupation,
        host: row.host,
        certificate_number: row.certificate_number.clone(),
        planned_departure_on: Some(row.departed_on),
        expected_return_on: row.expected_return_on,
        interval_days,
        last_contact_at: None,
        silence: None,
        declaration: None,
        transfer: None,
        state: State::Planned,
        version: 1,
    };
    if row.departed_on > today {
        return Ok((journey, Vec::new()));
    }
    let mut commands = vec![Command::Depart(row.departed_on)];
    commands.extend(row.returned_on.map(Command::Return));
    let mut journey = journey;
    let mut effects = Vec::new();
    for command in commands {
        let (after, more) = journey.apply(command).map_err(|error| refused(&error))?;
        journey = after;
        effects.extend(more);
    }
    if let State::Away { due, .. } = &mut journey.state {
        *due = (*due).max(today + Days::new(u64::from(interval_days)));
    }
    Ok((journey, effects))
}
