//! Service requests (服务事项) in the store: asked by members or for them, answered by the organisation that is asked or by
//! one above it.
mod change;
mod due;
mod row;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{AskForServices, Permission, ReadOwnRecord, ReadServices, Scope, ServePeople, Who};
use domain::file::FilePurpose;
use domain::id::{EntryId, FileId, OrganisationId, PersonId, ServiceRequestId};
use domain::notification::Occasion;
use domain::service::{Clock, Kind, ServiceRequest, StateName};
use domain::statistics::Figure;
use serde_json::Value;

use crate::db::each;
use crate::files::{self, FileRecord, NewFile};
use crate::pages::{self, Position};
use crate::rosters::Counted;
use crate::schema::service_requests as requests;
use crate::served::{self, Served};
use crate::statistics::conditions::{When, due, in_time, late};
use crate::trail::{self, Event, NewAudit, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations, settings, tell};

pub use change::{Step, act_own, answer, assign, reclassify, reopen, resolve};
pub use due::{escalate, escalating};
use row::Row;
pub use row::ServiceRecord;

/// A service request about to be made.
#[derive(Debug, Clone)]
pub struct NewServiceRequest {
    /// Its id, chosen by the caller so that a repeated one is known.
    pub id: ServiceRequestId,
    /// Who is asked; the home branch unless said.
    pub organisation: Option<OrganisationId>,
    /// What is asked for.
    pub kind: Kind,
    /// In the asker's words.
    pub said: String,
}

/// Asks for a service; an id that is there already answers the request and changes nothing. The organisation's staff are
/// told.
///
/// # Errors
/// [`StoreError::Invalid`] for an id that is somebody else's, and for an organisation that does not serve the caller.
pub fn ask(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    new: NewServiceRequest,
) -> Result<ServiceRecord, StoreError> {
    let me = scope.me()?;
    if let Some(known) = known(tx, new.id)? {
        return repeated(tx, &known, me.into());
    }
    let served = served::own(tx, me, new.organisation)?;
    insert(tx, (scope.who(), None), &served, new)
}

/// Asks for somebody whom the scope serves, who has no app; the same id again changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] for an id that is another's, and for somebody outside the scope.
pub fn ask_for(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    person: PersonId,
    new: NewServiceRequest,
) -> Result<ServiceRecord, StoreError> {
    let served = served::by_staff(tx, scope, person, new.organisation)?;
    if let Some(known) = known(tx, new.id)? {
        return repeated(tx, &known, person);
    }
    let by = Some(scope.who().name.clone());
    insert(tx, (scope.who(), by), &served, new)
}

fn known(tx: &mut Tx<'_>, id: ServiceRequestId) -> Result<Option<Row>, StoreError> {
    let row = requests::table.find(Id::of(id)).select(Row::as_select());
    Ok(row.first(tx.db).optional()?)
}

fn repeated(tx: &mut Tx<'_>, known: &Row, asker: PersonId) -> Result<ServiceRecord, StoreError> {
    if known.person_id == Id::of(asker) {
        return show(tx, known.id.to());
    }
    Err(StoreError::Invalid {
        field: "/id",
        code: "taken",
    })
}

fn insert(
    tx: &mut Tx<'_>,
    (who, asked_by): (&Who, Option<String>),
    served: &Served,
    new: NewServiceRequest,
) -> Result<ServiceRecord, StoreError> {
    let term = settings::at(tx, &served.by.path)?.service.of(new.kind);
    let clock = Clock::start(term, tx.today());
    let row = Row {
        id: Id::of(new.id),
        person_id: Id::of(served.person),
        stay_id: served.stay.map(Id::of),
        organisation_id: Id::of(served.by.id),
        path: served.by.path.to_string(),
        kind: new.kind.to_string(),
        said: new.said,
        state: StateName::Open.to_string(),
        asked_on: tx.today(),
        asked_by,
        term_days: clock.term.into(),
        due_on: clock.due_on,
        late_on: None,
        officer_id: None,
        officer_name: None,
        assigned_on: None,
        answered_on: None,
        answered_by: None,
        answered_from_id: None,
        resolved_on: None,
        rating: None,
        rated_on: None,
        withdrawn_on: None,
        escalations: 0,
        escalated_id: None,
        escalated_on: None,
        escalates_on: clock.escalates_on,
        version: 1,
        created_at: tx.at(),
    };
    let added =
        each!(tx.db, c => diesel::insert_into(requests::table).values(&row).on_conflict_do_nothing().execute(c))?;
    if added == 0 {
        // Its twin, sent at the same moment, was faster.
        let twin = known(tx, new.id)?.ok_or(StoreError::Stale)?;
        return repeated(tx, &twin, served.person);
    }
    note(tx, who, &row, "service_asked", None)?;
    tell::staff(tx, Occasion::ServiceAsked, new.id.0, tx.fresh(), served.by.id)?;
    show(tx, new.id)
}

/// Notes what happened to a request, without what it is about: the timeline is read by more people than the request.
fn note(tx: &mut Tx<'_>, who: &Who, row: &Row, event: &str, detail: Option<Value>) -> Result<(), StoreError> {
    let path = row.path()?;
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
        reason: None,
        detail,
    };
    trail::append(tx, who, new)
}

fn row_of(tx: &mut Tx<'_>, id: ServiceRequestId) -> Result<Row, StoreError> {
    known(tx, id)?.ok_or(StoreError::NotFound("service request"))
}

/// A request after the caller was let through to it.
fn show(tx: &mut Tx<'_>, id: ServiceRequestId) -> Result<ServiceRecord, StoreError> {
    let row = row_of(tx, id)?;
    let mut records = row::records(tx, vec![row])?;
    records.pop().ok_or(StoreError::NotFound("service request"))
}

/// A request to an organisation inside the scope, or one that the caller is in charge of and that is near a role held.
fn inside<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    id: ServiceRequestId,
) -> Result<(Row, ServiceRequest), StoreError> {
    let row = row_of(tx, id)?;
    let path = row.path()?;
    let in_charge = row.officer_id.is_some() && row.officer_id == scope.who().account.map(Id::of);
    if scope.covers(&path) || (in_charge && scope.is_near(&path)) {
        let request = row.request()?;
        Ok((row, request))
    } else {
        Err(StoreError::NotFound("service request"))
    }
}

fn mine(tx: &mut Tx<'_>, me: PersonId, id: ServiceRequestId) -> Result<(Row, ServiceRequest), StoreError> {
    let row = row_of(tx, id)?;
    let request = row.request()?;
    if request.asker == me {
        Ok((row, request))
    } else {
        Err(StoreError::NotFound("service request"))
    }
}

/// What the caller has asked for, newest first, before `before`. O(limit).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    before: Option<ServiceRequestId>,
    limit: i64,
) -> Result<Vec<ServiceRecord>, StoreError> {
    let mut query = requests::table
        .filter(requests::person_id.eq(Id::of(scope.me()?)))
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(requests::id.lt(Id::of(before)));
    }
    let rows: Vec<Row> = query.order(requests::id.desc()).limit(limit).load(tx.db)?;
    row::records(tx, rows)
}

/// One of the caller's own requests.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or another's.
pub fn find_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    id: ServiceRequestId,
) -> Result<ServiceRecord, StoreError> {
    mine(tx, scope.me()?.into(), id)?;
    show(tx, id)
}

/// Which requests.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter {
    /// To this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// In this state.
    pub state: Option<StateName>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Unanswered, and due before this day.
    pub overdue_on: Option<NaiveDate>,
    /// That the caller is in charge of.
    pub own: bool,
    /// That a figure of the statistics counts.
    pub counted: Option<Counted>,
    /// To the organisation itself, without those below it.
    pub itself: bool,
}

/// A request and where it stands in the list.
pub type Placed = (ServiceRecord, Position);

/// The requests to organisations of the scope in the order of the tree, after `after`.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    filter: &ServiceFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Placed>, StoreError> {
    // As the conditions of the statistics call it.
    use crate::schema::service_requests;
    let caller = scope.who().account;
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let counted = filter.counted.map(|counted| (counted, When::of(tx, counted.period)));
    let rows: Vec<Row> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = requests::table
            .select(Row::as_select())
            .filter(requests::path.ge(range.low).and(requests::path.lt(range.end)))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(requests::path.gt(range.low).or(requests::id.gt(Id(after))));
        }
        if let Some(state) = filter.state {
            query = query.filter(requests::state.eq(state.as_str()));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(requests::kind.eq(kind.as_str()));
        }
        if let Some(day) = filter.overdue_on {
            query = query
                .filter(requests::due_on.lt(day))
                .filter(requests::state.eq_any(UNANSWERED));
        }
        if let (true, Some(caller)) = (filter.own, caller) {
            query = query.filter(requests::officer_id.eq(Id::of(caller)));
        }
        if let Some((counted, when)) = counted {
            query = query.filter(due!(when));
            query = match (counted.figure, counted.missing) {
                (Figure::AnsweredInTime, false) => query.filter(in_time!()),
                (Figure::AnsweredInTime, true) => query.filter(late!()),
                _ => query,
            };
        }
        if filter.itself {
            query = query.filter(requests::path.lt(range.end_of_itself()));
        }
        Ok(query.order((requests::path, requests::id)).limit(left).load(tx.db)?)
    })?;
    let placed = row::records(tx, rows)?.into_iter().map(|record| {
        let position = Position {
            path: record.path.clone(),
            id: record.request.id.0,
        };
        (record, position)
    });
    Ok(placed.collect())
}

/// The states in which an answer is awaited, as the database words them.
pub(crate) const UNANSWERED: [&str; 2] = [StateName::UNANSWERED[0].as_str(), StateName::UNANSWERED[1].as_str()];

/// A request to an organisation inside the scope, or one that the caller is in charge of.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadServices>, id: ServiceRequestId) -> Result<ServiceRecord, StoreError> {
    inside(tx, scope, id)?;
    show(tx, id)
}

/// What happened to a request inside the scope, oldest first, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    id: ServiceRequestId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    inside(tx, scope, id)?;
    trail::of_subject(tx, id.0, after, limit)
}

/// Whether something may be attached to one of the caller's own requests, before its bytes are taken.
///
/// # Errors
/// As [`attach_own`].
pub fn takes_file_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (ServiceRequestId, i32),
) -> Result<(), StoreError> {
    let (_, request) = mine(tx, scope.me()?.into(), id)?;
    takes_files(&request, seen)
}

/// Attaches a file that was stored to one of the caller's own requests.
///
/// # Errors
/// [`StoreError::NotFound`] when the request is unknown or another's, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] when it has ended, [`StoreError::Invalid`] when as much is attached as may be.
pub fn attach_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (ServiceRequestId, i32),
    file: NewFile,
) -> Result<ServiceRecord, StoreError> {
    let found = mine(tx, scope.me()?.into(), id)?;
    attach_file(tx, scope.who(), (found, seen), file)
}

/// Whether something may be attached to a request inside the scope, before its bytes are taken.
///
/// # Errors
/// As [`attach`].
pub fn takes_file(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    (id, seen): (ServiceRequestId, i32),
) -> Result<(), StoreError> {
    let (_, request) = inside(tx, scope, id)?;
    takes_files(&request, seen)
}

/// Attaches a file that was stored to a request inside the scope.
///
/// # Errors
/// As [`attach_own`].
pub fn attach(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    (id, seen): (ServiceRequestId, i32),
    file: NewFile,
) -> Result<ServiceRecord, StoreError> {
    let found = inside(tx, scope, id)?;
    attach_file(tx, scope.who(), (found, seen), file)
}

fn attach_file(
    tx: &mut Tx<'_>,
    who: &Who,
    ((row, request), seen): ((Row, ServiceRequest), i32),
    file: NewFile,
) -> Result<ServiceRecord, StoreError> {
    takes_files(&request, seen)?;
    // Counted first: of two at once the second waits, and finds how many there are.
    diesel::update(requests::table.find(row.id))
        .set(requests::version.eq(requests::version + 1))
        .execute(tx.db)?;
    let about = (request.asker, request.id.0, FilePurpose::ServiceRequest);
    files::attach_one_more(tx, Some(who), file, about)?;
    show(tx, request.id)
}

/// Nothing is attached to what has ended, or has changed since it was seen.
fn takes_files(request: &ServiceRequest, seen: i32) -> Result<(), StoreError> {
    if request.version != seen {
        return Err(StoreError::Stale);
    }
    if !matches!(request.state, StateName::Rated | StateName::Withdrawn) {
        return Ok(());
    }
    Err(StoreError::Refused {
        state: request.state.as_str(),
        verb: "attach",
        allowed: Vec::new(),
        by: None,
    })
}

/// A file that is attached to one of the caller's own requests.
///
/// # Errors
/// [`StoreError::NotFound`] when either is unknown or another's.
pub fn attached_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    id: ServiceRequestId,
    file: FileId,
) -> Result<FileRecord, StoreError> {
    mine(tx, scope.me()?.into(), id)?;
    files::of_subject(tx, id.0, file)
}

/// A file that is attached to a request inside the scope. The asker can see who looked.
///
/// # Errors
/// [`StoreError::NotFound`] when either is unknown or outside.
pub fn look_at_attached(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadServices>,
    id: ServiceRequestId,
    file: FileId,
) -> Result<FileRecord, StoreError> {
    let (row, _) = inside(tx, scope, id)?;
    let file = files::of_subject(tx, id.0, file)?;
    let path = row.path()?;
    let audit = NewAudit {
        action: "attachment_viewed",
        person: Some(row.person_id.0),
        subject: Some(id.0),
        path: Some(&path),
        detail: Some(serde_json::json!({ "file_id": file.id })),
    };
    trail::record(tx, scope.who(), audit)?;
    Ok(file)
}

/// Requests under these stays, which are of one person, are this person's.
pub(crate) fn are_about(tx: &mut Tx<'_>, stays: Vec<Id>, person: PersonId) -> Result<(), StoreError> {
    let moved: Vec<Id> = requests::table
        .filter(requests::stay_id.eq_any(stays))
        .select(requests::id)
        .load(tx.db)?;
    diesel::update(requests::table.filter(requests::id.eq_any(moved.clone())))
        .set(requests::person_id.eq(Id::of(person)))
        .execute(tx.db)?;
    trail::are_about(tx, moved.clone(), person)?;
    files::are_about(tx, moved, person)
}
