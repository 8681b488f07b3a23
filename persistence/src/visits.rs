//! Visits (走访): what a host's people did to see somebody who stays there, in person or by other means. The host's own
//! next step stays with the host; the rest the origin and the member read too.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{Permission, ReadJourneys, ReadOwnRecord, ReadStays, RecordContact, Scope};
use domain::checkin::counted_at;
use domain::contact::{Contact, ContactOutcome, PhoneTrouble};
use domain::id::{ContactId, JourneyId, PersonId, StayId};
use domain::journey::{Command, Verb};
use domain::silence::Search;
use domain::stay::{Officer, Stay};
use serde_json::json;

use crate::contacts::ContactPosition;
use crate::db::{Engine, each};
use crate::effects::{self, Told};
use crate::schema::{organisations, stays as entries, visits};
use crate::types::Id;
use crate::{StoreError, Tx, journeys, phones, stays};

/// A visit as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// What was recorded.
    pub contact: Contact,
    /// For which stay.
    pub stay: StayId,
    /// The host's name.
    pub host: String,
    /// Who recorded it.
    pub by: String,
    /// When it was received first.
    pub received_at: DateTime<Utc>,
}

impl Visit {
    /// Where it stands in the list.
    pub fn position(&self) -> ContactPosition {
        ContactPosition::of(&self.contact)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = visits, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    person_id: Id,
    id: Id,
    stay_id: Id,
    means: String,
    outcome: String,
    summary: Option<String>,
    next_step: Option<String>,
    visited_at: NaiveDateTime,
    recorded_by: Option<Id>,
    recorded_by_name: String,
    received_at: NaiveDateTime,
}

/// Records a visit to somebody who stays with a host inside the scope, or whom the caller looks after; says whether it is
/// new. The same id again changes nothing.
///
/// Where it is known who the person is and the member was reached, the member's journey is in contact too: both sides
/// hold one line.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] when the stay has ended.
pub fn record(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordContact>,
    stay: StayId,
    contact: &Contact,
) -> Result<(Visit, bool), StoreError> {
    let stay = looked_after(tx, scope, stay)?;
    if let Some(known) = find(tx, stay.person, contact.id)? {
        return Ok((known, false));
    }
    if !stay.state.name().is_open() {
        return Err(StoreError::Refused {
            state: stay.state.name().as_str(),
            verb: "visit",
            allowed: Vec::new(),
            by: None,
        });
    }
    let at = counted_at(contact.contacted_at, tx.now()).at;
    let row = Row {
        person_id: Id::of(stay.person),
        id: Id::of(contact.id),
        stay_id: Id::of(stay.id),
        means: contact.means.to_string(),
        outcome: contact.outcome.to_string(),
        summary: contact.summary.clone(),
        next_step: contact.next_step.clone(),
        visited_at: at.naive_utc(),
        recorded_by: scope.who().account.map(Id::of),
        recorded_by_name: scope.who().name.clone(),
        received_at: tx.at(),
    };
    let new = each!(tx.db, c => {
        diesel::insert_into(visits::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    if new == 1 {
        let detail = json!({ "visit_id": contact.id, "means": contact.means, "outcome": contact.outcome });
        let reached = contact.command(tx.day_of(at)).is_some();
        let event = if reached { "visit" } else { "visit_not_reached" };
        stays::note(tx, scope.who(), &stay, event, None, Some(detail))?;
        if let (ContactOutcome::NumberNotInService, Some(member), Some(_)) =
            (contact.outcome, stay.member, stay.state.verification())
        {
            let said = contact.summary.as_deref();
            phones::note_trouble(tx, scope.who(), member, PhoneTrouble::NotInService, said)?;
        }
        if reached && stay.state.verification().is_some() {
            hold(tx, scope, &stay, contact, at)?;
        }
    }
    let recorded = find(tx, stay.person, contact.id)?.ok_or(StoreError::Stale)?;
    Ok((recorded, new == 1))
}

/// The member's journey is in contact, where one is known that can be.
fn hold(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordContact>,
    stay: &Stay,
    contact: &Contact,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(journey) = stay.journey else { return Ok(()) };
    let (journey, path) = journeys::by_id(tx, journey)?;
    if !journey.allowed(&Search::none(tx.today())).contains(&Verb::Contact) {
        return Ok(());
    }
    let told = Told {
        detail: Some(json!({ "visit_id": contact.id, "stay_id": stay.id, "means": contact.means })),
        ..Told::default()
    };
    if journeys::is_before_declaration(tx, &journey, at)? {
        return effects::note(tx, scope.who(), &journey, "contact_before_declaration", &told);
    }
    let command = |_: &_, on, _| Command::Contact(on);
    journeys::hold(tx, scope.who(), (journey, &path), at, command, &told).map(drop)
}

/// A stay with a host inside the scope, or one whose contact officer calls and still has a role near the host.
fn looked_after<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: StayId) -> Result<Stay, StoreError> {
    let (stay, path) = stays::found(tx, id)?;
    let officer = stay.state.admission().map(|admission| &admission.officer);
    let own = match (officer, scope.who().account) {
        (Some(Officer::Account(officer)), Some(caller)) => *officer == caller && scope.is_near(&path),
        _ => false,
    };
    if own || scope.covers(&path) {
        Ok(stay)
    } else {
        Err(StoreError::NotFound("stay"))
    }
}

/// Whose visits.
#[derive(Debug, Clone, Copy)]
enum Of {
    Stay(StayId),
    /// With hosts that knew the person.
    Journey(JourneyId),
    Person(PersonId),
}

fn find(tx: &mut Tx<'_>, person: PersonId, id: ContactId) -> Result<Option<Visit>, StoreError> {
    let row = visits::table
        .inner_join(entries::table.on(entries::id.eq(visits::stay_id)))
        .inner_join(organisations::table.on(organisations::id.eq(entries::host_id)))
        .filter(visits::person_id.eq(Id::of(person)))
        .filter(visits::id.eq(Id::of(id)))
        .select((Row::as_select(), organisations::name));
    let row: Option<(Row, String)> = row.first(tx.db).optional()?;
    row.map(Visit::try_from).transpose()
}

/// The visits of a stay with a host inside the scope, or whom the caller looks after, newest first, after `after`.
/// O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when the stay is unknown or outside.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStays>,
    stay: StayId,
    after: Option<ContactPosition>,
    limit: i64,
) -> Result<Vec<Visit>, StoreError> {
    looked_after(tx, scope, stay)?;
    page(tx, Of::Stay(stay), after, limit)
}

/// What hosts did to see the member of a journey inside the scope, newest first, after `after`, without the hosts' next
/// steps. O(visits of the journey).
///
/// # Errors
/// [`StoreError::NotFound`] when the journey is unknown or outside.
pub fn list_of_journey(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadJourneys>,
    journey: JourneyId,
    after: Option<ContactPosition>,
    limit: i64,
) -> Result<Vec<Visit>, StoreError> {
    journeys::inside(tx, scope, journey)?;
    page(tx, Of::Journey(journey), after, limit)
}

/// The visits to the caller, newest first, after `after`. O(visits to one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    after: Option<ContactPosition>,
    limit: i64,
) -> Result<Vec<Visit>, StoreError> {
    let me = PersonId::from(scope.me()?);
    page(tx, Of::Person(me), after, limit)
}

fn page(tx: &mut Tx<'_>, of: Of, after: Option<ContactPosition>, limit: i64) -> Result<Vec<Visit>, StoreError> {
    let mut query = visits::table
        .inner_join(entries::table.on(entries::id.eq(visits::stay_id)))
        .inner_join(organisations::table.on(organisations::id.eq(entries::host_id)))
        .select((Row::as_select(), organisations::name))
        .into_boxed();
    query = match of {
        Of::Stay(stay) => query.filter(visits::stay_id.eq(Id::of(stay))),
        Of::Journey(journey) => query
            .filter(entries::journey_id.eq(Id::of(journey)))
            .filter(entries::verified_on.is_not_null()),
        Of::Person(person) => query.filter(visits::person_id.eq(Id::of(person))),
    };
    if let Some(after) = after {
        let same = visits::visited_at.eq(after.at).and(visits::id.lt(Id(after.id)));
        query = query.filter(visits::visited_at.lt(after.at).or(same));
    }
    let rows: Vec<(Row, String)> = query
        .order((visits::visited_at.desc(), visits::id.desc()))
        .limit(limit)
        .load(tx.db)?;
    let hosts = matches!(of, Of::Journey(_));
    let masked = |visit: Visit| {
        let next_step = visit.contact.next_step.clone().filter(|_| !hosts);
        let contact = Contact {
            next_step,
            ..visit.contact
        };
        Visit { contact, ..visit }
    };
    rows.into_iter().map(|row| Ok(masked(row.try_into()?))).collect()
}

/// Whatever was done under these stays, which are of one person, was done for this one.
pub(crate) fn are_about(tx: &mut Tx<'_>, subjects: Vec<Id>, stay: StayId, person: PersonId) -> Result<(), StoreError> {
    diesel::update(visits::table.filter(visits::stay_id.eq_any(subjects)))
        .set((visits::stay_id.eq(Id::of(stay)), visits::person_id.eq(Id::of(person))))
        .execute(tx.db)?;
    Ok(())
}

/// When somebody was reached last by a visit, of each of these stays. One query.
pub(crate) fn last_reached(tx: &mut Tx<'_>, of_stays: Vec<Id>) -> Result<Vec<(Id, NaiveDateTime)>, StoreError> {
    let latest = visits::table
        .filter(visits::stay_id.eq_any(of_stays))
        .filter(visits::outcome.eq(ContactOutcome::Reached.as_str()))
        .group_by(visits::stay_id)
        .select((visits::stay_id, diesel::dsl::max(visits::visited_at)));
    let latest: Vec<(Id, Option<NaiveDateTime>)> = latest.load(tx.db)?;
    Ok(latest.into_iter().filter_map(|(stay, at)| Some((stay, at?))).collect())
}

impl TryFrom<(Row, String)> for Visit {
    type Error = StoreError;
    fn try_from((row, host): (Row, String)) -> Result<Self, StoreError> {
        let contact = Contact {
            id: row.id.to(),
            means: row.means.parse().map_err(StoreError::corrupt)?,
            outcome: row.outcome.parse().map_err(StoreError::corrupt)?,
            summary: row.summary,
            next_step: row.next_step,
            contacted_at: row.visited_at.and_utc(),
        };
        Ok(Self {
            contact,
            stay: row.stay_id.to(),
            host,
            by: row.recorded_by_name,
            received_at: row.received_at.and_utc(),
        })
    }
}
