//! What happened, appended in the transaction that made it happen: a person's timeline, and the audit trail.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ReadAudit, Scope, Who};
use domain::id::{AccountId, EntryId, OrgPath, PersonId};
use domain::webhook::{EventKind, Subject};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Engine, each};
use crate::pages::replace;
use crate::schema::{audit, timeline};
use crate::scoped::within;
use crate::types::Id;
use crate::webhooks::{self, Happening};
use crate::{StoreError, Tx};

/// One event of a person's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id; ids grow with time.
    pub id: EntryId,
    /// Whose history.
    pub person: PersonId,
    /// The journey, stay or hand-over that it is about.
    pub subject: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub who: Who,
    /// What happened, a stable word such as `departed`.
    pub event: String,
    /// Why, where a reason was given.
    pub reason: Option<String>,
    /// More facts.
    pub detail: Option<Value>,
}

/// What is to be appended to a timeline.
pub(crate) struct NewEvent<'a> {
    pub(crate) person: PersonId,
    pub(crate) subject: Uuid,
    pub(crate) event: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) detail: Option<Value>,
}

impl NewEvent<'_> {
    /// What it tells other systems, also where the subject stood before it moved. A hand-over stands on the timeline of what
    /// it is about, and in the details.
    fn happening(&self, left: Option<OrgPath>) -> Option<Happening> {
        let kind = EventKind::told_by(self.event)?;
        let subject = match kind.subject() {
            Subject::Handover => self.detail.as_ref()?.get("handover_id")?.as_str()?.parse().ok()?,
            _ => self.subject,
        };
        Some(Happening { kind, subject, left })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = timeline, check_for_backend(Engine), treat_none_as_default_value = false)]
struct EventRow {
    person_id: Id,
    id: Id,
    subject_id: Id,
    at: chrono::NaiveDateTime,
    account_id: Option<Id>,
    who: String,
    event: String,
    reason: Option<String>,
    detail: Option<String>,
}

impl EventRow {
    fn of(tx: &Tx<'_>, who: &Who, new: NewEvent<'_>) -> Self {
        Self {
            person_id: Id::of(new.person),
            id: Id::of(tx.fresh::<EntryId>()),
            subject_id: Id(new.subject),
            at: tx.at(),
            account_id: who.account.map(Id::of),
            who: who.name.clone(),
            event: new.event.to_owned(),
            reason: new.reason.map(ToOwned::to_owned),
            detail: new.detail.map(|detail| detail.to_string()),
        }
    }
}

/// Appends to a person's timeline.
pub(crate) fn append(tx: &mut Tx<'_>, who: &Who, new: NewEvent<'_>) -> Result<(), StoreError> {
    append_moved(tx, who, new, None)
}

/// Appends to the timeline of somebody who stood at `left` until then: there it is told as well.
pub(crate) fn append_moved(
    tx: &mut Tx<'_>,
    who: &Who,
    new: NewEvent<'_>,
    left: Option<OrgPath>,
) -> Result<(), StoreError> {
    let happening = new.happening(left);
    let row = EventRow::of(tx, who, new);
    each!(tx.db, c => diesel::insert_into(timeline::table).values(&row).execute(c))?;
    webhooks::happened(tx, happening.as_slice())
}

/// Appends to many timelines in one statement: at most some three thousand events.
pub(crate) fn append_many<'a>(
    tx: &mut Tx<'_>,
    who: &Who,
    new: impl Iterator<Item = NewEvent<'a>>,
) -> Result<(), StoreError> {
    let new: Vec<_> = new.collect();
    let happenings: Vec<_> = new.iter().filter_map(|one| one.happening(None)).collect();
    let rows: Vec<_> = new.into_iter().map(|new| EventRow::of(tx, who, new)).collect();
    each!(tx.db, c => diesel::insert_into(timeline::table).values(&rows).execute(c))?;
    webhooks::happened(tx, &happenings)
}

/// The events of a journey, stay or hand-over that the caller has found before, oldest first, after `after`. O(limit).
pub(crate) fn of_subject(
    tx: &mut Tx<'_>,
    subject: Uuid,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    of_subjects(tx, vec![Id(subject)], after, limit)
}

/// Who did the last of these events to a subject that the caller has found before.
pub(crate) fn last_actor(tx: &mut Tx<'_>, subject: Uuid, events: Vec<&str>) -> Result<Option<String>, StoreError> {
    let last = timeline::table
        .filter(timeline::subject_id.eq(Id(subject)))
        .filter(timeline::event.eq_any(events))
        .order(timeline::id.desc())
        .select(timeline::who);
    Ok(last.first(tx.db).optional()?)
}

/// What happened to these subjects turns out to have happened to this person.
pub(crate) fn are_about(tx: &mut Tx<'_>, subjects: Vec<Id>, person: PersonId) -> Result<(), StoreError> {
    diesel::update(timeline::table.filter(timeline::subject_id.eq_any(subjects)))
        .set(timeline::person_id.eq(Id::of(person)))
        .execute(tx.db)?;
    Ok(())
}

/// The events of several such things that are one, oldest first, after `after`. O(limit) and the number of things.
pub(crate) fn of_subjects(
    tx: &mut Tx<'_>,
    subjects: Vec<Id>,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let mut query = timeline::table
        .filter(timeline::subject_id.eq_any(subjects))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(timeline::id.gt(Id::of(after)));
    }
    let rows: Vec<EventRow> = query
        .order(timeline::id)
        .limit(limit)
        .select(EventRow::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Event::try_from).collect()
}

/// What two organisations that the caller was let through to may both know.
pub(crate) struct Shared {
    /// Their conversation.
    pub(crate) handover: Uuid,
    /// The stay that it is about, and those that were merged into it.
    pub(crate) stays: Vec<Id>,
    /// The journey, up to `until`.
    pub(crate) journey: Option<Uuid>,
    /// The instant from which on the journey is the origin's alone.
    pub(crate) until: Option<NaiveDateTime>,
    /// The words that are shared.
    pub(crate) events: Vec<&'static str>,
}

/// The shared events, oldest first, after `after`; of hand-overs, those of this one only. O(limit) and what is passed
/// over.
pub(crate) fn shared(
    tx: &mut Tx<'_>,
    shared: &Shared,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let subjects = [Some(shared.handover), shared.journey].into_iter().flatten().map(Id);
    let subjects: Vec<Id> = subjects.chain(shared.stays.iter().copied()).collect();
    let this = shared.handover.to_string();
    let detail = timeline::detail.assume_not_null();
    let mut query = timeline::table
        .filter(timeline::subject_id.eq_any(subjects))
        .filter(timeline::event.eq_any(&shared.events))
        .filter(
            replace(timeline::event, "handover_", "")
                .eq(timeline::event)
                .or(timeline::subject_id.eq(Id(shared.handover)))
                .or(timeline::detail.is_not_null().and(replace(detail, this, "").ne(detail))),
        )
        .into_boxed();
    if let (Some(journey), Some(until)) = (shared.journey, shared.until) {
        query = query.filter(timeline::subject_id.ne(Id(journey)).or(timeline::at.le(until)));
    }
    if let Some(after) = after {
        query = query.filter(timeline::id.gt(Id::of(after)));
    }
    let rows: Vec<EventRow> = query
        .order(timeline::id)
        .limit(limit)
        .select(EventRow::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Event::try_from).collect()
}

/// The events of a person that the caller has found before, oldest first, after `after`. O(limit).
pub(crate) fn of_person(
    tx: &mut Tx<'_>,
    person: PersonId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let mut query = timeline::table
        .filter(timeline::person_id.eq(Id::of(person)))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(timeline::id.gt(Id::of(after)));
    }
    let rows: Vec<EventRow> = query
        .order(timeline::id)
        .limit(limit)
        .select(EventRow::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Event::try_from).collect()
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;
    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.to(),
            person: row.person_id.to(),
            subject: row.subject_id.0,
            at: row.at.and_utc(),
            who: Who {
                account: row.account_id.map(Id::to),
                name: row.who,
            },
            event: row.event,
            reason: row.reason,
            detail: row
                .detail
                .map(|text| serde_json::from_str(&text))
                .transpose()
                .map_err(StoreError::corrupt)?,
        })
    }
}

/// One line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id; ids grow with time.
    pub id: EntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: Who,
    /// What, a stable word such as `phone_revealed`.
    pub action: String,
    /// About which person, if any.
    pub person: Option<Uuid>,
    /// On which thing, if any.
    pub subject: Option<Uuid>,
    /// Where in the tree.
    pub path: Option<String>,
    /// More facts, never a sensitive value.
    pub detail: Option<Value>,
}

/// What is to be written to the audit trail.
#[derive(Default)]
pub(crate) struct NewAudit<'a> {
    pub(crate) action: &'a str,
    pub(crate) person: Option<Uuid>,
    pub(crate) subject: Option<Uuid>,
    pub(crate) path: Option<&'a OrgPath>,
    pub(crate) detail: Option<Value>,
}

impl NewAudit<'_> {
    /// What it tells other systems, where no timeline tells it.
    fn happening(&self) -> Option<Happening> {
        let kind = EventKind::told_by(self.action).filter(|kind| !kind.subject().is_on_a_timeline())?;
        let from = self.detail.as_ref().and_then(|detail| detail.get("from")?.as_str());
        Some(Happening {
            kind,
            subject: self.subject?,
            left: from.and_then(|path| path.parse().ok()),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit, check_for_backend(Engine))]
struct AuditRow {
    id: Id,
    at: chrono::NaiveDateTime,
    account_id: Option<Id>,
    who: String,
    action: String,
    person_id: Option<Id>,
    subject_id: Option<Id>,
    path: Option<String>,
    detail: Option<String>,
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;
    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.to(),
            at: row.at.and_utc(),
            who: Who {
                account: row.account_id.map(Id::to::<AccountId>),
                name: row.who,
            },
            action: row.action,
            person: row.person_id.map(|id| id.0),
            subject: row.subject_id.map(|id| id.0),
            path: row.path,
            detail: row
                .detail
                .map(|text| serde_json::from_str(&text))
                .transpose()
                .map_err(StoreError::corrupt)?,
        })
    }
}

/// Writes to the audit trail.
pub(crate) fn record(tx: &mut Tx<'_>, who: &Who, new: NewAudit<'_>) -> Result<(), StoreError> {
    let id: EntryId = tx.fresh();
    let happening = new.happening();
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(Id::of(id)),
            audit::at.eq(tx.at()),
            audit::account_id.eq(who.account.map(Id::of)),
            audit::who.eq(&who.name),
            audit::action.eq(new.action),
            audit::person_id.eq(new.person.map(Id)),
            audit::subject_id.eq(new.subject.map(Id)),
            audit::path.eq(new.path.map(OrgPath::as_str)),
            audit::detail.eq(new.detail.map(|detail| detail.to_string())),
        ))
        .execute(tx.db)?;
    webhooks::happened(tx, happening.as_slice())
}

/// The audit trail of the scope, newest first, before `before`. O(limit) for a scope of the whole tree.
///
/// # Errors
/// When the store fails.
pub fn audit_page(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadAudit>,
    before: Option<EntryId>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut query = audit::table.into_boxed();
    query = query.filter(within!(scope, audit::path.assume_not_null()));
    if let Some(before) = before {
        query = query.filter(audit::id.lt(Id::of(before)));
    }
    let rows: Vec<AuditRow> = query
        .order(audit::id.desc())
        .limit(limit)
        .select(AuditRow::as_select())
        .load(tx.db)?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}

/// What was done about a person whom the caller may know, newest first, before `before`. O(limit).
pub(crate) fn audit_of_person(
    tx: &mut Tx<'_>,
    person: Uuid,
    before: Option<EntryId>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut query = audit::table.filter(audit::person_id.eq(Id(person))).into_boxed();
    if let Some(before) = before {
        query = query.filter(audit::id.lt(Id::of(before)));
    }
    let rows: Vec<AuditRow> = query
        .order(audit::id.desc())
        .limit(limit)
        .select(AuditRow::as_select())
        .load(tx.db)?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}
