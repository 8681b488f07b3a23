//! Gifts (红色书包、生日贺卡) in the store: what an organisation gave to whom.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{Permission, ReadOwnRecord, ReadServices, Scope, ServePeople, Who};
use domain::gift::{GiftItem, GiftOccasion, GiftState};
use domain::id::{GiftId, OrgPath, OrganisationId, PersonId};
use serde_json::json;

use crate::db::{Engine, each};
use crate::outbox::names_of;
use crate::pages::{self, Position};
use crate::schema::gifts;
use crate::trail::{self, NewAudit, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations, served};

/// A gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// Its id.
    pub id: GiftId,
    /// To whom.
    pub person: PersonId,
    /// The name.
    pub person_name: String,
    /// By which organisation.
    pub organisation: OrganisationId,
    /// The name.
    pub organisation_name: String,
    /// Where that stands.
    pub path: OrgPath,
    /// On which occasion.
    pub occasion: GiftOccasion,
    /// What.
    pub item: GiftItem,
    /// What, where it is something else.
    pub name: Option<String>,
    /// On which day.
    pub given_on: NaiveDate,
    /// Who handed it over.
    pub given_by: String,
    /// More about it.
    pub note: Option<String>,
    /// Whether the record counts.
    pub state: GiftState,
    /// Why it does not.
    pub reason: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Counts changes.
    pub version: i32,
}

/// What is known of a gift besides to whom.
#[derive(Debug, Clone)]
pub struct GiftFacts {
    /// On which occasion.
    pub occasion: GiftOccasion,
    /// What.
    pub item: GiftItem,
    /// What, where it is something else.
    pub name: Option<String>,
    /// On which day.
    pub given_on: NaiveDate,
    /// Who handed it over; whoever records it unless said.
    pub given_by: Option<String>,
    /// More about it.
    pub note: Option<String>,
}

/// A gift about to be recorded.
#[derive(Debug, Clone)]
pub struct NewGift {
    /// Its id, chosen by the caller so that a repeated one is known.
    pub id: GiftId,
    /// To whom.
    pub person: PersonId,
    /// By which organisation; the home branch before the host unless said.
    pub organisation: Option<OrganisationId>,
    /// The rest.
    pub facts: GiftFacts,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = gifts, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    id: Id,
    person_id: Id,
    stay_id: Option<Id>,
    organisation_id: Id,
    path: String,
    occasion: String,
    item: String,
    name: Option<String>,
    given_on: NaiveDate,
    given_by: String,
    note: Option<String>,
    state: String,
    reason: Option<String>,
    recorded_by: Option<Id>,
    recorded_by_name: String,
    version: i32,
    created_at: NaiveDateTime,
}

/// Records a gift to somebody whom the scope serves; an id that is there already answers the gift and changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] for somebody outside the scope, a day to come, and an id that is another's.
pub fn give(tx: &mut Tx<'_>, scope: &Scope<ServePeople>, new: NewGift) -> Result<Gift, StoreError> {
    let served = served::by_staff(tx, scope, new.person, new.organisation)?;
    if let Some(known) = row_of(tx, new.id)? {
        return repeated(tx, known, new.person);
    }
    not_to_come(tx, new.facts.given_on)?;
    let who = scope.who();
    let row = Row {
        id: Id::of(new.id),
        person_id: Id::of(served.person),
        stay_id: served.stay.map(Id::of),
        organisation_id: Id::of(served.by.id),
        path: served.by.path.to_string(),
        occasion: new.facts.occasion.to_string(),
        item: new.facts.item.to_string(),
        name: new.facts.name,
        given_on: new.facts.given_on,
        given_by: new.facts.given_by.unwrap_or_else(|| who.name.clone()),
        note: new.facts.note,
        state: GiftState::Given.to_string(),
        reason: None,
        recorded_by: who.account.map(Id::of),
        recorded_by_name: who.name.clone(),
        version: 1,
        created_at: tx.at(),
    };
    let added = each!(tx.db, c => diesel::insert_into(gifts::table).values(&row).on_conflict_do_nothing().execute(c))?;
    if added == 0 {
        // Its twin, sent at the same moment, was faster.
        let known = row_of(tx, new.id)?.ok_or(StoreError::Stale)?;
        return repeated(tx, known, new.person);
    }
    note(tx, who, &row, "gift_given", None)?;
    show(tx, new.id)
}

/// The gift of an id that is there already.
fn repeated(tx: &mut Tx<'_>, known: Row, person: PersonId) -> Result<Gift, StoreError> {
    if known.person_id != Id::of(person) {
        return Err(StoreError::Invalid {
            field: "/id",
            code: "taken",
        });
    }
    records(tx, vec![known])?.pop().ok_or(StoreError::NotFound("gift"))
}

fn not_to_come(tx: &Tx<'_>, day: NaiveDate) -> Result<(), StoreError> {
    if day <= tx.today() {
        return Ok(());
    }
    Err(StoreError::Invalid {
        field: "/given_on",
        code: "in_the_future",
    })
}

fn note(tx: &mut Tx<'_>, who: &Who, row: &Row, event: &str, reason: Option<&str>) -> Result<(), StoreError> {
    let path = row.path.parse().map_err(StoreError::corrupt)?;
    let detail = Some(json!({ "occasion": row.occasion, "item": row.item, "given_on": row.given_on }));
    let audit = NewAudit {
        action: event,
        person: Some(row.person_id.0),
        subject: Some(row.id.0),
        path: Some(&path),
        detail: detail.clone(),
    };
    trail::record(tx, who, audit)?;
    let new = NewEvent {
        person: row.person_id.to(),
        subject: row.id.0,
        event,
        reason,
        detail,
    };
    trail::append(tx, who, new)
}

fn row_of(tx: &mut Tx<'_>, id: GiftId) -> Result<Option<Row>, StoreError> {
    let row = gifts::table.find(Id::of(id)).select(Row::as_select());
    Ok(row.first(tx.db).optional()?)
}

/// A gift of an organisation inside the scope, as the caller saw it.
fn seen_inside<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: GiftId) -> Result<Row, StoreError> {
    let row = row_of(tx, id)?.ok_or(StoreError::NotFound("gift"))?;
    if scope.covers(&row.path.parse().map_err(StoreError::corrupt)?) {
        Ok(row)
    } else {
        Err(StoreError::NotFound("gift"))
    }
}

fn show(tx: &mut Tx<'_>, id: GiftId) -> Result<Gift, StoreError> {
    let row = row_of(tx, id)?.ok_or(StoreError::NotFound("gift"))?;
    records(tx, vec![row])?.pop().ok_or(StoreError::NotFound("gift"))
}

/// The gifts of rows, in their order. Three queries, whatever their number.
fn records(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Gift>, StoreError> {
    let people = names_of(tx, rows.iter().map(|row| row.person_id).collect())?;
    let organisations = organisations::names(tx, rows.iter().map(|row| row.organisation_id).collect())?;
    let one = |row: Row| {
        Ok(Gift {
            id: row.id.to(),
            person: row.person_id.to(),
            person_name: people.get(&row.person_id).cloned().unwrap_or_default(),
            organisation: row.organisation_id.to(),
            organisation_name: organisations.get(&row.organisation_id).cloned().unwrap_or_default(),
            path: row.path.parse().map_err(StoreError::corrupt)?,
            occasion: row.occasion.parse().map_err(StoreError::corrupt)?,
            item: row.item.parse().map_err(StoreError::corrupt)?,
            name: row.name,
            given_on: row.given_on,
            given_by: row.given_by,
            note: row.note,
            state: row.state.parse().map_err(StoreError::corrupt)?,
            reason: row.reason,
            recorded_by: row.recorded_by_name,
            created_at: row.created_at.and_utc(),
            version: row.version,
        })
    };
    rows.into_iter().map(one).collect()
}

/// Which gifts.
#[derive(Debug, Clone, Default)]
pub struct GiftFilter {
    /// Of this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// To this person.
    pub person: Option<PersonId>,
    /// On this occasion.
    pub occasion: Option<GiftOccasion>,
    /// Given on this day or later.
    pub from: Option<NaiveDate>,
    /// Given on this day or earlier.
    pub until: Option<NaiveDate>,
}

/// The gifts of organisations of the scope in the order of the tree, after `after`.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    filter: &GiftFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Gift>, StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let rows: Vec<Row> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = gifts::table
            .select(Row::as_select())
            .filter(gifts::path.ge(range.low).and(gifts::path.lt(range.end)))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(gifts::path.gt(range.low).or(gifts::id.gt(Id(after))));
        }
        if let Some(person) = filter.person {
            query = query.filter(gifts::person_id.eq(Id::of(person)));
        }
        if let Some(occasion) = filter.occasion {
            query = query.filter(gifts::occasion.eq(occasion.as_str()));
        }
        if let Some(from) = filter.from {
            query = query.filter(gifts::given_on.ge(from));
        }
        if let Some(until) = filter.until {
            query = query.filter(gifts::given_on.le(until));
        }
        Ok(query.order((gifts::path, gifts::id)).limit(left).load(tx.db)?)
    })?;
    records(tx, rows)
}

impl Gift {
    /// Where it stands in the list.
    pub fn position(&self) -> Position {
        Position {
            path: self.path.clone(),
            id: self.id.0,
        }
    }
}

/// A gift of an organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadServices>, id: GiftId) -> Result<Gift, StoreError> {
    seen_inside(tx, scope, id)?;
    show(tx, id)
}

/// What was given to the caller, newest first. O(gifts of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn all_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<Gift>, StoreError> {
    let rows: Vec<Row> = gifts::table
        .filter(gifts::person_id.eq(Id::of(scope.me()?)))
        .order(gifts::id.desc())
        .select(Row::as_select())
        .load(tx.db)?;
    records(tx, rows)
}

/// Corrects what was recorded of a gift that counts.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] when
/// the record was taken back, [`StoreError::Invalid`] for a day to come.
pub fn correct(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    (id, seen): (GiftId, i32),
    change: impl FnOnce(GiftFacts) -> Result<GiftFacts, StoreError>,
) -> Result<Gift, StoreError> {
    let row = seen_inside(tx, scope, id)?;
    counts(&row, seen, "correct")?;
    let before = show(tx, id)?;
    let facts = change(GiftFacts {
        occasion: before.occasion,
        item: before.item,
        name: before.name,
        given_on: before.given_on,
        given_by: Some(before.given_by.clone()),
        note: before.note,
    })?;
    not_to_come(tx, facts.given_on)?;
    let changed = diesel::update(gifts::table.filter(gifts::id.eq(row.id).and(gifts::version.eq(seen))))
        .set((
            gifts::occasion.eq(facts.occasion.as_str()),
            gifts::item.eq(facts.item.as_str()),
            gifts::name.eq(facts.name),
            gifts::given_on.eq(facts.given_on),
            gifts::given_by.eq(facts.given_by.unwrap_or(before.given_by)),
            gifts::note.eq(facts.note),
            gifts::version.eq(seen + 1),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    let after = row_of(tx, id)?.ok_or(StoreError::NotFound("gift"))?;
    note(tx, scope.who(), &after, "gift_corrected", None)?;
    show(tx, id)
}

/// Takes back the record of a gift that was recorded by mistake, for a reason; it counts no more.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] when
/// it was taken back before.
pub fn withdraw(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    (id, seen): (GiftId, i32),
    reason: &str,
) -> Result<Gift, StoreError> {
    let row = seen_inside(tx, scope, id)?;
    counts(&row, seen, "withdraw")?;
    let changed = diesel::update(gifts::table.filter(gifts::id.eq(row.id).and(gifts::version.eq(seen))))
        .set((
            gifts::state.eq(GiftState::Withdrawn.as_str()),
            gifts::reason.eq(Some(reason)),
            gifts::version.eq(seen + 1),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    note(tx, scope.who(), &row, "gift_withdrawn", Some(reason))?;
    show(tx, id)
}

/// Whether the record is as the caller saw it, and counts.
fn counts(row: &Row, seen: i32, verb: &'static str) -> Result<(), StoreError> {
    if row.version != seen {
        return Err(StoreError::Stale);
    }
    if row.state == GiftState::Given.as_str() {
        return Ok(());
    }
    Err(StoreError::Refused {
        state: GiftState::Withdrawn.as_str(),
        verb,
        allowed: Vec::new(),
        by: None,
    })
}

/// Gifts under these stays, which are of one person, were this person's.
pub(crate) fn are_about(tx: &mut Tx<'_>, stays: Vec<Id>, person: PersonId) -> Result<(), StoreError> {
    let moved: Vec<Id> = gifts::table
        .filter(gifts::stay_id.eq_any(stays))
        .select(gifts::id)
        .load(tx.db)?;
    diesel::update(gifts::table.filter(gifts::id.eq_any(moved.clone())))
        .set(gifts::person_id.eq(Id::of(person)))
        .execute(tx.db)?;
    trail::are_about(tx, moved, person)
}
