//! Contacts (联系记录): who tried to reach a member who is away, and what came of it.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ReadJourneys, ReadOwnRecord, RecordContact, Scope};
use domain::checkin::counted_at;
use domain::contact::{Contact, ContactOutcome, PhoneTrouble};
use domain::id::{ContactId, JourneyId, MemberId};
use domain::journey::{Command, Verb};
use domain::silence::Search;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::db::{Engine, each};
use crate::effects::{self, Told};
use crate::schema::contacts;
use crate::types::Id;
use crate::{StoreError, Tx, journeys, phones};

/// A contact as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What was recorded.
    pub contact: Contact,
    /// For which journey.
    pub journey: JourneyId,
    /// Who recorded it.
    pub by: String,
    /// When it was received first.
    pub received_at: DateTime<Utc>,
}

/// Where a contact stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPosition {
    pub(crate) at: NaiveDateTime,
    pub(crate) id: Uuid,
}

impl ContactPosition {
    /// The position of a contact.
    pub(crate) const fn of(contact: &Contact) -> Self {
        Self {
            at: contact.contacted_at.naive_utc(),
            id: contact.id.0,
        }
    }
}

impl Recorded {
    /// Where it stands in the list.
    pub fn position(&self) -> ContactPosition {
        ContactPosition::of(&self.contact)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contacts, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    member_id: Id,
    id: Id,
    journey_id: Id,
    means: String,
    outcome: String,
    summary: Option<String>,
    next_step: Option<String>,
    contacted_at: NaiveDateTime,
    recorded_by: Option<Id>,
    recorded_by_name: String,
    received_at: NaiveDateTime,
}

/// Records a contact for a journey inside the scope; says whether it is new. The same id again changes nothing.
///
/// A member who was reached is in contact, exactly as by a check-in; an attempt that failed moves nothing.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] when the member is not away.
pub fn record(
    tx: &mut Tx<'_>,
    scope: &Scope<RecordContact>,
    journey: JourneyId,
    contact: &Contact,
) -> Result<(Recorded, bool), StoreError> {
    let (journey, path) = journeys::inside(tx, scope, journey)?;
    if let Some(known) = find(tx, journey.member, contact.id)? {
        return Ok((known, false));
    }
    let at = counted_at(contact.contacted_at, tx.now()).at;
    let contact = Contact {
        contacted_at: at,
        ..contact.clone()
    };
    let row = Row {
        member_id: Id::of(journey.member),
        id: Id::of(contact.id),
        journey_id: Id::of(journey.id),
        means: contact.means.to_string(),
        outcome: contact.outcome.to_string(),
        summary: contact.summary.clone(),
        next_step: contact.next_step.clone(),
        contacted_at: at.naive_utc(),
        recorded_by: scope.who().account.map(Id::of),
        recorded_by_name: scope.who().name.clone(),
        received_at: tx.at(),
    };
    let new = each!(tx.db, c => {
        diesel::insert_into(contacts::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    if new == 0 {
        let known = find(tx, journey.member, contact.id)?.ok_or(StoreError::Stale)?;
        return Ok((known, false));
    }
    let told = Told {
        detail: Some(json!({ "contact_id": contact.id, "means": contact.means, "outcome": contact.outcome })),
        ..Told::default()
    };
    if journeys::is_before_declaration(tx, &journey, at)? {
        effects::note(tx, scope.who(), &journey, "contact_before_declaration", &told)?;
    } else if contact.command(tx.day_of(at)).is_some() {
        let command = |_: &_, on, _| contact.command(on).unwrap_or(Command::Contact(on));
        journeys::hold(tx, scope.who(), (journey, &path), at, command, &told)?;
    } else {
        let anyway = Search::none(tx.today());
        if !journey.allowed(&anyway).contains(&Verb::Contact) {
            return Err(journeys::refused(&journey.refused(Verb::Contact, Vec::new())));
        }
        effects::note(tx, scope.who(), &journey, "contact_not_reached", &told)?;
        if contact.outcome == ContactOutcome::NumberNotInService {
            let (member, said) = (journey.member, contact.summary.as_deref());
            phones::note_trouble(tx, scope.who(), member, PhoneTrouble::NotInService, said)?;
        }
    }
    Ok((row.try_into()?, true))
}

/// The contact of a member that has this id.
fn find(tx: &mut Tx<'_>, member: MemberId, id: ContactId) -> Result<Option<Recorded>, StoreError> {
    let row: Option<Row> = contacts::table
        .find((Id::of(member), Id::of(id)))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.map(Recorded::try_from).transpose()
}

/// The contacts of a journey inside the scope, newest first, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when the journey is unknown or outside.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadJourneys>,
    journey: JourneyId,
    after: Option<ContactPosition>,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    journeys::inside(tx, scope, journey)?;
    page(tx, Whose::Journey(journey), after, limit)
}

/// The contacts about the caller, newest first, after `after`. O(contacts of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    after: Option<ContactPosition>,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    let me = scope.me()?;
    page(tx, Whose::Member(me), after, limit)
}

/// Whose contacts.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Journey(JourneyId),
    Member(MemberId),
}

fn page(
    tx: &mut Tx<'_>,
    whose: Whose,
    after: Option<ContactPosition>,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    let mut query = contacts::table.select(Row::as_select()).into_boxed();
    query = match whose {
        Whose::Journey(journey) => query.filter(contacts::journey_id.eq(Id::of(journey))),
        Whose::Member(member) => query.filter(contacts::member_id.eq(Id::of(member))),
    };
    if let Some(after) = after {
        let same = contacts::contacted_at.eq(after.at).and(contacts::id.lt(Id(after.id)));
        query = query.filter(contacts::contacted_at.lt(after.at).or(same));
    }
    let rows: Vec<Row> = query
        .order((contacts::contacted_at.desc(), contacts::id.desc()))
        .limit(limit)
        .load(tx.db)?;
    rows.into_iter().map(Recorded::try_from).collect()
}

impl TryFrom<Row> for Recorded {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let contact = Contact {
            id: row.id.to(),
            means: row.means.parse().map_err(StoreError::corrupt)?,
            outcome: row.outcome.parse().map_err(StoreError::corrupt)?,
            summary: row.summary,
            next_step: row.next_step,
            contacted_at: row.contacted_at.and_utc(),
        };
        Ok(Self {
            contact,
            journey: row.journey_id.to(),
            by: row.recorded_by_name,
            received_at: row.received_at.and_utc(),
        })
    }
}
