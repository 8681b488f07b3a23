//! Journeys in the store: found inside a scope, changed by a command, with everything that follows in one transaction.
mod beside;
mod briefing;
mod declare;
mod found;
mod held;
mod list;
mod notice;
mod officer;
mod places;
mod powers;
mod row;
mod signs;

pub use beside::{Beside, Declaration, OfficerLine};
pub(crate) use briefing::{begin_briefing, briefings_of, mark, open_items};
pub use briefing::{brief, brief_own};
pub use declare::{NewDeclaration, confirm, declare, restore, turn_down, withdraw};
pub(crate) use declare::{is_above, settle_declaration};
pub use found::record_outcome;
pub(crate) use held::{hold, is_before_declaration};
pub use list::{JourneyFilter, list, position};
pub use notice::{plan, plan_own};
pub use officer::name_officer;
pub use places::{Place, move_on};
pub(crate) use places::{keep_place, of as places_of};
pub use powers::Powers;
pub(crate) use row::Row;
pub(crate) use signs::attended;
pub use signs::record_signs;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageJourneys, Permission, ReadJourneys, ReadOwnRecord, Scope, Who};
use domain::advice::Advice;
use domain::id::{EntryId, HandoverId, JourneyId, MemberId, OrgPath, OrganisationId};
use domain::journey::{Command, Destination, Journey, Refused, State, StateName};
use domain::silence::Search;

use crate::db::each;
use crate::effects::{self, Told};
use crate::kept::Keep as _;
use crate::schema::{handovers, journeys, members};
use crate::trail::{self, Event, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, advice, certificates, organisations};

/// A journey with the names that a screen shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyRecord {
    /// The journey.
    pub journey: Journey,
    /// Where its origin branch stands.
    pub path: OrgPath,
    /// The member's name.
    pub member_name: String,
    /// The origin's name.
    pub origin_name: String,
    /// The host's name.
    pub host_name: Option<String>,
    /// What is talked through before leaving.
    pub briefing: Vec<BriefingItem>,
    /// The last hand-over to a host, where there was one.
    pub handover: Option<LastHandover>,
    /// What the line is held by.
    pub beside: Beside,
    /// What was done to find a silent member.
    pub search: Search,
    /// What is advised to whoever leads it.
    pub advice: Vec<Advice>,
}

/// The last hand-over (对接) of a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastHandover {
    /// Its id.
    pub id: HandoverId,
    /// The host that is asked.
    pub host: OrganisationId,
    /// The host's name.
    pub host_name: String,
    /// Where it stands.
    pub state: domain::handover::StateName,
}

/// One item of the briefing (行前教育).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BriefingItem {
    /// Its stable word.
    pub item: String,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// Whether the member can tick it.
    pub by_member: bool,
    /// The day on which it was done.
    pub done_on: Option<NaiveDate>,
    /// Who did it.
    pub done_by: Option<String>,
}

/// A journey to be registered.
#[derive(Debug, Clone)]
pub struct NewJourney {
    /// Its id, chosen by the caller so that a repeated registration is known.
    pub id: JourneyId,
    /// Whose.
    pub member: MemberId,
    /// What is known about it; the origin, interval and state are filled in.
    pub plan: Plan,
}

/// What a departure notice (外出登记) says.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Why.
    pub reason: domain::codes::JourneyReason,
    /// Where to.
    pub destination: Destination,
    /// What the member did before 原职业.
    pub former_occupation: Option<domain::codes::FormerOccupation>,
    /// The host organisation, when it is known here.
    pub host: Option<OrganisationId>,
    /// The number of the certificate.
    pub certificate_number: Option<String>,
    /// The day on which the member means to leave.
    pub planned_departure_on: Option<NaiveDate>,
    /// The day on which the member means to be back.
    pub expected_return_on: Option<NaiveDate>,
    /// Days between contacts; the organisation's choice unless said.
    pub interval_days: Option<u16>,
}

/// Corrects what the departure notice says, while the journey is open.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the journey has ended, [`StoreError::Invalid`] for another number than that of the certificate issued here.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    change: impl FnOnce(Journey) -> Journey,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    let number = before.certificate_number.clone();
    let after = Journey {
        version: seen + 1,
        ..change(before)
    };
    notice::check_interval(&after.destination, after.interval_days)?;
    if after.certificate_number != number && certificates::is_in_force_for(tx, id)? {
        return Err(StoreError::Invalid {
            field: "/certificate_number",
            code: "number_issued_here",
        });
    }
    update(tx, &after, &path)?;
    let event = NewEvent {
        person: after.member.into(),
        subject: id.0,
        event: "corrected",
        reason: None,
        detail: None,
    };
    trail::append(tx, scope.who(), event)?;
    show(tx, id)
}

/// A journey inside the scope that has not ended, in the version that the caller saw.
fn open_and_unchanged(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
) -> Result<(Journey, OrgPath), StoreError> {
    let (journey, path) = inside(tx, scope, id)?;
    if journey.version != seen {
        return Err(StoreError::Stale);
    }
    if journey.state.is_open() {
        Ok((journey, path))
    } else {
        Err(ended(&journey.state))
    }
}

/// Names the host organisation, or forgets it; a member who is away is offered to it at once.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the journey has ended.
pub fn name_host(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    host: Option<OrganisationId>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = open_and_unchanged(tx, scope, id, seen)?;
    if let Some(host) = host {
        organisations::by_id(tx, host).map_err(|_unknown| StoreError::Invalid {
            field: "/organisation_id",
            code: "unknown_organisation",
        })?;
    }
    let after = Journey {
        host,
        version: seen + 1,
        ..before
    };
    update(tx, &after, &path)?;
    effects::host_named(tx, scope.who(), &after)?;
    show(tx, id)
}

/// Applies a command to a journey inside the scope and stores what follows.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] by
/// the domain, [`StoreError::Invalid`] for a day before the departure or after today.
pub fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    id: JourneyId,
    seen: i32,
    command: Command,
    reason: Option<&str>,
) -> Result<JourneyRecord, StoreError> {
    let (before, path) = inside(tx, scope, id)?;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    check_day(tx, &before, &command)?;
    transition(tx, scope.who(), before, &path, command, &Told::because(reason))?;
    show(tx, id)
}

/// A day that the journey's own dates or the calendar contradict.
pub(crate) fn check_day(tx: &Tx<'_>, journey: &Journey, command: &Command) -> Result<(), StoreError> {
    let (field, day) = match command {
        Command::Depart(on) => ("/departed_on", *on),
        Command::CheckIn(on)
        | Command::Contact(on)
        | Command::ComeHome(on)
        | Command::DepartAgain(on)
        | Command::Return(on)
        | Command::RestoreContact(on) => ("/on", *on),
        Command::Transfer(transfer) => ("/receipt_on", transfer.receipt_on),
        Command::MoveOn(moved) => ("/on", moved.on),
        _ => return Ok(()),
    };
    if day > tx.today() {
        return Err(StoreError::Invalid {
            field,
            code: "in_the_future",
        });
    }
    if journey.state.departed_on().is_some_and(|departed| day < departed) {
        return Err(StoreError::Invalid {
            field,
            code: "before_departure",
        });
    }
    Ok(())
}

/// Applies a command to a journey that was found inside a scope: the new row, the timeline, and every effect.
pub(crate) fn transition(
    tx: &mut Tx<'_>,
    who: &Who,
    before: Journey,
    path: &OrgPath,
    command: Command,
    told: &Told<'_>,
) -> Result<Journey, StoreError> {
    let (after, effects) = before.apply(command).map_err(|error| refused(&error))?;
    update(tx, &after, path)?;
    effects::carry_out(tx, who, &after, &effects, told)?;
    Ok(after)
}

/// The store's word for a refused transition; what is missing for one that is drawn is named.
pub(crate) fn refused(error: &Refused) -> StoreError {
    let allowed = error.allowed.iter().map(|verb| verb.as_str()).collect();
    let missing = error.missing.iter().map(|one| (one.as_str(), one.wanted()));
    StoreError::not_possible((error.state.as_str(), error.verb.as_str()), missing, allowed)
}

/// The journey has ended, so that nothing about it is corrected any more.
fn ended(state: &State) -> StoreError {
    StoreError::Refused {
        state: state.name().as_str(),
        verb: "correct",
        allowed: Vec::new(),
        by: None,
    }
}

/// Writes a journey whose version was counted up; somebody else's change in between makes it stale.
pub(crate) fn update(tx: &mut Tx<'_>, after: &Journey, path: &OrgPath) -> Result<(), StoreError> {
    let row = Row::of(after, path, tx.at());
    let one = journeys::table
        .find((row.member_id, row.id))
        .filter(journeys::version.eq(after.version - 1));
    let changed = each!(tx.db, c => diesel::update(one).set(&row).kept().execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// A journey inside the scope, with its names.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadJourneys>, id: JourneyId) -> Result<JourneyRecord, StoreError> {
    inside(tx, scope, id)?;
    show(tx, id)
}

/// The member's own journey: the open one, else the last.
///
/// # Errors
/// [`StoreError::NotFound`] when there never was one.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<JourneyRecord, StoreError> {
    let me = scope.me()?;
    let rows: Vec<Row> = journeys::table
        .filter(journeys::member_id.eq(Id::of(me)))
        .order(journeys::id.desc())
        .select(Row::as_select())
        .load(tx.db)?;
    let is_open = |row: &Row| OPEN.contains(&row.state.as_str());
    let at = rows.iter().position(is_open).unwrap_or(0);
    let row = rows.into_iter().nth(at).ok_or(StoreError::NotFound("journey"))?;
    record_of(tx, row)
}

/// Every journey of the caller, oldest first. O(journeys of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn all_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<JourneyRecord>, StoreError> {
    let rows: Vec<Row> = journeys::table
        .filter(journeys::member_id.eq(Id::of(scope.me()?)))
        .order(journeys::id)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(|row| record_of(tx, row)).collect()
}

/// The timeline of a journey inside the scope, oldest first. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadJourneys>,
    id: JourneyId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    inside(tx, scope, id)?;
    trail::of_subject(tx, id.0, after, limit)
}

/// The states of an open journey, as the database words them.
pub(crate) const OPEN: [&str; 4] = [
    StateName::Planned.as_str(),
    StateName::Away.as_str(),
    StateName::HomeVisit.as_str(),
    StateName::OutOfContact.as_str(),
];

/// The open journey of a member.
pub(crate) fn open_of(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<(Journey, OrgPath)>, StoreError> {
    let row: Option<Row> = journeys::table
        .filter(journeys::member_id.eq(Id::of(member)))
        .filter(journeys::state.eq_any(OPEN))
        .select(Row::as_select())
        .limit(1)
        .kept()
        .get_result(tx.db)
        .optional()?;
    row.map(Row::into_journey).transpose()
}

/// A journey whose origin lies inside the scope.
pub(crate) fn inside<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    id: JourneyId,
) -> Result<(Journey, OrgPath), StoreError> {
    let (journey, path) = by_id(tx, id)?;
    if scope.covers(&path) {
        Ok((journey, path))
    } else {
        Err(StoreError::NotFound("journey"))
    }
}

/// A journey for what the program itself follows: a transfer that somebody may answer.
pub(crate) fn by_id(tx: &mut Tx<'_>, id: JourneyId) -> Result<(Journey, OrgPath), StoreError> {
    row_of(tx, id)?.ok_or(StoreError::NotFound("journey"))?.into_journey()
}

fn row_of(tx: &mut Tx<'_>, id: JourneyId) -> Result<Option<Row>, StoreError> {
    Ok(journeys::table
        .filter(journeys::id.eq(Id::of(id)))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?)
}

/// A journey with its names, after the caller has been let through to it.
pub(crate) fn show(tx: &mut Tx<'_>, id: JourneyId) -> Result<JourneyRecord, StoreError> {
    let row = row_of(tx, id)?.ok_or(StoreError::NotFound("journey"))?;
    record_of(tx, row)
}

fn record_of(tx: &mut Tx<'_>, row: Row) -> Result<JourneyRecord, StoreError> {
    records_of(tx, vec![row])?.pop().ok_or(StoreError::NotFound("journey"))
}

/// Journeys with their names: some dozen statements, however many they are.
fn records_of(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<JourneyRecord>, StoreError> {
    let of_members: Vec<Id> = rows.iter().map(|row| row.member_id).collect();
    let of_journeys: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let people = members::table
        .filter(members::id.eq_any(&of_members))
        .select((members::id, members::name));
    let people: HashMap<Id, String> = people.load(tx.db)?.into_iter().collect();
    let mut briefings = briefing::briefings_of(tx, &of_members, &of_journeys)?;
    let offers: Vec<(Option<Id>, Id, Id, String)> = handovers::table
        .filter(handovers::journey_id.eq_any(&of_journeys))
        .filter(handovers::kind.eq(domain::handover::Kind::Offer.as_str()))
        .order(handovers::id)
        .select((
            handovers::journey_id,
            handovers::id,
            handovers::asked_id,
            handovers::state,
        ))
        .load(tx.db)?;
    let own = rows.iter().flat_map(|row| [Some(row.origin_id), row.host_id]).flatten();
    let named: Vec<Id> = own.chain(offers.iter().map(|(_, _, asked, _)| *asked)).collect();
    let places = organisations::names(tx, named)?;
    let name = |id: Id| places.get(&id).cloned().unwrap_or_default();
    let mut last_offers = HashMap::new();
    for (journey, id, asked, state) in offers {
        let state = state.parse().map_err(StoreError::corrupt)?;
        let last = LastHandover {
            id: id.to(),
            host: asked.to(),
            host_name: name(asked),
            state,
        };
        last_offers.insert(journey, last);
    }
    let mut besides = beside::of(tx, &of_members, &of_journeys)?;
    let mut searches = beside::searches(tx, &rows)?;
    let mut advice = advice::of(tx, &of_journeys)?;
    let today = tx.today();
    let record = |row: Row| {
        let beside = besides.remove(&row.id).unwrap_or_default();
        let search = searches.remove(&row.id).unwrap_or_else(|| Search::none(today));
        let briefing = briefings.remove(&row.id).unwrap_or_default();
        let handover = last_offers.remove(&Some(row.id));
        let member_name = people.get(&row.member_id).cloned().unwrap_or_default();
        let advice = advice.remove(&row.id).unwrap_or_default();
        let (origin_name, host_name) = (name(row.origin_id), row.host_id.map(name));
        let (journey, path) = row.into_journey()?;
        Ok(JourneyRecord {
            journey,
            path,
            member_name,
            origin_name,
            host_name,
            briefing,
            handover,
            beside,
            search,
            advice,
        })
    };
    rows.into_iter().map(record).collect()
}
