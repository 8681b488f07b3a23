//! A contact officer hands the whole list over to another, in one step.
use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::{LookAfterMembers, ManageJourneys, Scope};
use domain::id::{AccountId, HandingId, MemberId, OrgPath, OrganisationId};
use domain::notification::{Occasion, Period};
use domain::stay::StateName as StayState;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{may_look_after, places_of};
use crate::db::{Engine, each};
use crate::journeys::OPEN;
use crate::outbox::{self, To};
use crate::schema::{accounts, journeys, officer_handings as handings, stays};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// A list to be handed over.
#[derive(Debug, Clone)]
pub struct NewHanding {
    /// Its id, chosen by the caller so that a repeated request is known.
    pub id: HandingId,
    /// Only for this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// Whose list.
    pub from: AccountId,
    /// Who takes over.
    pub to: AccountId,
    /// Why.
    pub reason: String,
}

/// A list that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handing {
    /// Its id.
    pub id: HandingId,
    /// Whose list it was.
    pub from: AccountId,
    /// Who has taken over.
    pub to: AccountId,
    /// How many people it is about.
    pub people: i32,
    /// Open journeys that changed hands.
    pub journeys: i32,
    /// Open stays that changed hands.
    pub stays: i32,
    /// Open journeys and stays of the same officer that stay with the officer: the caller does not reach them.
    pub outside: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = handings, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    id: Id,
    organisation_id: Option<Id>,
    from_id: Id,
    from_name: String,
    to_id: Id,
    to_name: String,
    reason: String,
    people: i32,
    journeys: i32,
    stays: i32,
    outside: i32,
    handed_by: Option<Id>,
    handed_by_name: String,
    handed_at: NaiveDateTime,
}

/// Something that an officer looks after: the journey or stay, the person, and the origin or host.
type Charge = (Id, Id, String);

/// At most so many rows a statement.
const CHUNK: usize = 500;

/// Hands over everything open that an officer looks after; says whether it is new. The same id again answers what was
/// done and changes nothing.
///
/// Officers hand over their own lists; another's list is handed over by who leads journeys and stays, as far as `leads`
/// reaches. Each member is told once, and the new officer once for all.
///
/// # Errors
/// [`StoreError::Invalid`] for another's list without `leads`, an unknown organisation or officer, or a new officer
/// without a role where one of the people belongs.
pub fn hand_over(
    tx: &mut Tx<'_>,
    scope: &Scope<LookAfterMembers>,
    leads: Option<&Scope<ManageJourneys>>,
    new: &NewHanding,
) -> Result<(Handing, bool), StoreError> {
    let own = scope.who().account == Some(new.from);
    if !own && leads.is_none() {
        return Err(invalid("/from_account_id", "others_list"));
    }
    if let Some(known) = find(tx, new.id)? {
        return if known.handed_by == scope.who().account.map(Id::of) {
            Ok((known.into(), false))
        } else {
            Err(invalid("/id", "taken"))
        };
    }
    let part = new.organisation.map(|id| part_of(tx, scope, id)).transpose()?;
    let reaches = |path: &str| {
        let Ok(path) = path.parse::<OrgPath>() else {
            return false;
        };
        let mine = own && scope.is_near(&path);
        let inside = mine || leads.is_some_and(|leads| leads.covers(&path));
        inside && part.as_ref().is_none_or(|part| part.contains(&path))
    };
    let (away, elsewhere) = split(journeys_of(tx, new.from)?, reaches);
    let (staying, more) = split(stays_of(tx, new.from)?, reaches);
    check(tx, new, away.iter().chain(&staying))?;
    give(tx, new, &away, &staying)?;
    let people: BTreeSet<Id> = away.iter().chain(&staying).map(|(_, person, _)| *person).collect();
    if !own && people.is_empty() {
        // Nor does anybody learn how many somebody else looks after.
        return Err(invalid("/from_account_id", "unknown_officer"));
    }
    let count = |number: usize| i32::try_from(number).map_err(StoreError::corrupt);
    let row = Row {
        id: Id::of(new.id),
        organisation_id: new.organisation.map(Id::of),
        from_id: Id::of(new.from),
        from_name: name_of(tx, "/from_account_id", new.from)?,
        to_id: Id::of(new.to),
        to_name: name_of(tx, "/to_account_id", new.to)?,
        reason: new.reason.clone(),
        people: count(people.len())?,
        journeys: count(away.len())?,
        stays: count(staying.len())?,
        outside: count(elsewhere + more)?,
        handed_by: scope.who().account.map(Id::of),
        handed_by_name: scope.who().name.clone(),
        handed_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(handings::table).values(&row).execute(c))?;
    note(tx, scope, &row, ("officer_named", &away))?;
    note(tx, scope, &row, ("stay_officer_named", &staying))?;
    tell(tx, new, people)?;
    Ok((row.into(), true))
}

/// The part of the tree that an organisation heads, which the caller's scope reaches.
fn part_of(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>, id: OrganisationId) -> Result<OrgPath, StoreError> {
    match organisations::by_id(tx, id) {
        Ok(found) if scope.covers(&found.path) => Ok(found.path),
        Ok(_) | Err(StoreError::NotFound(_)) => Err(invalid("/organisation_id", "unknown_organisation")),
        Err(error) => Err(error),
    }
}

const fn invalid(field: &'static str, code: &'static str) -> StoreError {
    StoreError::Invalid { field, code }
}

/// What is reached, and how much is not.
fn split(all: Vec<Charge>, reaches: impl Fn(&str) -> bool) -> (Vec<Charge>, usize) {
    let (inside, outside): (Vec<_>, Vec<_>) = all.into_iter().partition(|(.., path)| reaches(path));
    (inside, outside.len())
}

fn journeys_of(tx: &mut Tx<'_>, officer: AccountId) -> Result<Vec<Charge>, StoreError> {
    Ok(journeys::table
        .filter(journeys::contact_officer_id.eq(Id::of(officer)))
        .filter(journeys::state.eq_any(OPEN))
        .order(journeys::id)
        .select((journeys::id, journeys::member_id, journeys::path))
        .load(tx.db)?)
}

fn stays_of(tx: &mut Tx<'_>, officer: AccountId) -> Result<Vec<Charge>, StoreError> {
    Ok(stays::table
        .filter(stays::contact_officer_id.eq(Id::of(officer)))
        .filter(stays::state.eq(StayState::Admitted.as_str()))
        .order(stays::id)
        .select((stays::id, stays::person_id, stays::path))
        .load(tx.db)?)
}

/// Whether the new officer may look after everybody, by the rule for one.
fn check<'a>(tx: &mut Tx<'_>, new: &NewHanding, all: impl Iterator<Item = &'a Charge>) -> Result<(), StoreError> {
    if new.from == new.to {
        return Err(invalid("/to_account_id", "same_officer"));
    }
    let places = places_of(tx, new.to)?;
    for (.., path) in all {
        if !may_look_after(&places, &path.parse().map_err(StoreError::corrupt)?) {
            return Err(invalid("/to_account_id", "unknown_officer"));
        }
    }
    Ok(())
}

/// Gives the journeys and stays to the new officer. What somebody else changed meanwhile makes it stale.
fn give(tx: &mut Tx<'_>, new: &NewHanding, away: &[Charge], staying: &[Charge]) -> Result<(), StoreError> {
    macro_rules! give {
        ($table:ident, $all:expr) => {
            for part in $all.chunks(CHUNK) {
                let ids: Vec<Id> = part.iter().map(|(id, ..)| *id).collect();
                let theirs = $table::table
                    .filter($table::id.eq_any(ids))
                    .filter($table::contact_officer_id.eq(Id::of(new.from)));
                let given = diesel::update(theirs)
                    .set((
                        $table::contact_officer_id.eq(Id::of(new.to)),
                        $table::version.eq($table::version + 1),
                        $table::updated_at.eq(tx.at()),
                    ))
                    .execute(tx.db)?;
                if given != part.len() {
                    return Err(StoreError::Stale);
                }
            }
        };
    }
    give!(journeys, away);
    give!(stays, staying);
    Ok(())
}

fn name_of(tx: &mut Tx<'_>, field: &'static str, account: AccountId) -> Result<String, StoreError> {
    let name = accounts::table.find(Id::of(account)).select(accounts::name);
    let name: Option<String> = name.first(tx.db).optional()?;
    name.ok_or(invalid(field, "unknown_officer"))
}

/// Keeps on each timeline who it was before.
fn note(
    tx: &mut Tx<'_>,
    scope: &Scope<LookAfterMembers>,
    row: &Row,
    (event, all): (&str, &[Charge]),
) -> Result<(), StoreError> {
    let detail: Value = json!({ "from": row.from_name, "to": row.to_name, "handing_id": row.id.0 });
    for part in all.chunks(CHUNK) {
        let events = part.iter().map(|(id, person, _)| NewEvent {
            person: person.to(),
            subject: id.0,
            event,
            reason: Some(&row.reason),
            detail: Some(detail.clone()),
        });
        trail::append_many(tx, scope.who(), events)?;
    }
    Ok(())
}

/// Tells each member who it is now, and the new officer how many there are; visitors have no inbox.
fn tell(tx: &mut Tx<'_>, new: &NewHanding, people: BTreeSet<Id>) -> Result<(), StoreError> {
    let subject: Uuid = new.id.0;
    let mut told = people
        .into_iter()
        .map(|person| To::Member(person.to::<MemberId>()))
        .collect::<Vec<_>>();
    if !told.is_empty() {
        told.push(To::Account(new.to));
    }
    for to in told {
        outbox::enqueue(tx, Occasion::OfficerChanged, subject, Period::Once, to)?;
    }
    Ok(())
}

fn find(tx: &mut Tx<'_>, id: HandingId) -> Result<Option<Row>, StoreError> {
    let row = handings::table.find(Id::of(id)).select(Row::as_select());
    Ok(row.first(tx.db).optional()?)
}

impl From<Row> for Handing {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to(),
            from: row.from_id.to(),
            to: row.to_id.to(),
            people: row.people,
            journeys: row.journeys,
            stays: row.stays,
            outside: row.outside,
        }
    }
}
