//! What members ask their branch to do about their records (申请), and what was answered.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ChangeOwnRecord, ManageMembers, ReadOwnRecord, Role, Scope, Who};
use domain::id::{MemberId, OrganisationId, RequestId};
use domain::notification::{Occasion, Period};
use domain::phone::Phone;
use domain::request::{NotAnswered, RequestKind, RequestOutcome, RequestState, answered};
use serde_json::json;

use crate::db::{Engine, each};
use crate::members::{self, Member};
use crate::outbox::{self, To};
use crate::pages::{self, Position};
use crate::schema::{members as people, requests};
use crate::trail::{self, NewAudit, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub member: MemberId,
    /// The member's name.
    pub member_name: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// In the member's words.
    pub said: Option<String>,
    /// The new number, of a change of it.
    pub phone: Option<Phone>,
    /// Where it stands.
    pub state: RequestState,
    /// Why it was answered so.
    pub reason: Option<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Counts changes.
    pub version: i32,
}

/// A request about to be made.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Its id, chosen by the caller so that a repeated one is known.
    pub id: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// In the member's words.
    pub said: Option<String>,
    /// The new number, of a change of it.
    pub phone: Option<Phone>,
}

/// What a new number is sealed as.
const NEW_PHONE: &str = "new_phone";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = requests, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    id: Id,
    member_id: Id,
    kind: String,
    said: Option<String>,
    phone_sealed: Option<Vec<u8>>,
    state: String,
    reason: Option<String>,
    answered_by: Option<String>,
    answered_at: Option<NaiveDateTime>,
    version: i32,
    created_at: NaiveDateTime,
}

impl Row {
    fn into_request(self, vault: &crate::vault::Vault, member_name: String) -> Result<Request, StoreError> {
        let phone = self
            .phone_sealed
            .map(|sealed| vault.open_text(self.id.0, NEW_PHONE, &sealed))
            .transpose()?;
        Ok(Request {
            id: self.id.to(),
            member: self.member_id.to(),
            member_name,
            kind: self.kind.parse().map_err(StoreError::corrupt)?,
            said: self.said,
            phone: phone.and_then(|text| Phone::parse(&text).ok()),
            state: self.state.parse().map_err(StoreError::corrupt)?,
            reason: self.reason,
            answered_by: self.answered_by,
            answered_at: self.answered_at.map(|at| at.and_utc()),
            created_at: self.created_at.and_utc(),
            version: self.version,
        })
    }
}

/// Makes a request; an id that is there already answers the request and changes nothing. Another number asked for takes
/// the place of the one before. The secretaries of the home branch are told.
///
/// # Errors
/// [`StoreError::Invalid`] for an id that is somebody else's.
pub fn make(tx: &mut Tx<'_>, scope: &Scope<ChangeOwnRecord>, new: NewRequest) -> Result<Request, StoreError> {
    let me = scope.me()?;
    if let Some(known) = by_id(tx, new.id)? {
        let mine = known.member == me;
        return mine.then_some(known).ok_or(StoreError::Invalid {
            field: "/id",
            code: "taken",
        });
    }
    let member = members::own(tx, me)?;
    open(tx, scope.who(), &member, new)
}

/// Makes a request of a member whom the caller has let in.
pub(crate) fn open(tx: &mut Tx<'_>, who: &Who, member: &Member, new: NewRequest) -> Result<Request, StoreError> {
    if new.kind == RequestKind::Phone {
        withdraw_open(tx, member.id)?;
    }
    let phone = new
        .phone
        .as_ref()
        .map(|phone| tx.vault.seal(new.id, NEW_PHONE, phone.as_str().as_bytes()));
    let row = Row {
        id: Id::of(new.id),
        member_id: Id::of(member.id),
        kind: new.kind.to_string(),
        said: new.said,
        phone_sealed: phone.transpose()?,
        state: RequestState::Open.to_string(),
        reason: None,
        answered_by: None,
        answered_at: None,
        version: 1,
        created_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(requests::table).values(&row).execute(c))?;
    note(tx, who, member, (new.id, new.kind), "request_made", None)?;
    for role in [Role::Secretary, Role::Office] {
        let to = To::Role(role, member.home_branch);
        outbox::enqueue(tx, Occasion::RequestMade, new.id.0, Period::Thing(new.id.0), to)?;
    }
    by_id(tx, new.id)?.ok_or(StoreError::NotFound("request"))
}

fn withdraw_open(tx: &mut Tx<'_>, member: MemberId) -> Result<(), StoreError> {
    let open = requests::table
        .filter(requests::member_id.eq(Id::of(member)))
        .filter(requests::kind.eq(RequestKind::Phone.as_str()))
        .filter(requests::state.eq(RequestState::Open.as_str()));
    diesel::update(open)
        .set((
            requests::state.eq(RequestState::Withdrawn.as_str()),
            requests::version.eq(requests::version + 1),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Those of these members who have asked for another number that is not confirmed yet.
pub(crate) fn who_named_a_phone(tx: &mut Tx<'_>, of_members: Vec<Id>) -> Result<Vec<Id>, StoreError> {
    Ok(requests::table
        .filter(requests::member_id.eq_any(of_members))
        .filter(requests::kind.eq(RequestKind::Phone.as_str()))
        .filter(requests::state.eq(RequestState::Open.as_str()))
        .select(requests::member_id)
        .load(tx.db)?)
}

/// The number that a member has asked for and that is not confirmed yet.
pub(crate) fn phone_asked_for(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<Phone>, StoreError> {
    let found: Option<Row> = requests::table
        .filter(requests::member_id.eq(Id::of(member)))
        .filter(requests::kind.eq(RequestKind::Phone.as_str()))
        .filter(requests::state.eq(RequestState::Open.as_str()))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let request = found.map(|row| row.into_request(tx.vault, String::new())).transpose()?;
    Ok(request.and_then(|request| request.phone))
}

fn by_id(tx: &mut Tx<'_>, id: RequestId) -> Result<Option<Request>, StoreError> {
    let found: Option<(Row, String)> = requests::table
        .inner_join(people::table.on(people::id.eq(requests::member_id)))
        .filter(requests::id.eq(Id::of(id)))
        .select((Row::as_select(), people::name))
        .first(tx.db)
        .optional()?;
    found.map(|(row, name)| row.into_request(tx.vault, name)).transpose()
}

/// The caller's own requests, newest first, before `before`. O(limit).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn list_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    before: Option<RequestId>,
    limit: i64,
) -> Result<Vec<Request>, StoreError> {
    let mut query = requests::table
        .inner_join(people::table.on(people::id.eq(requests::member_id)))
        .filter(requests::member_id.eq(Id::of(scope.me()?)))
        .select((Row::as_select(), people::name))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(requests::id.lt(Id::of(before)));
    }
    let rows: Vec<(Row, String)> = query.order(requests::id.desc()).limit(limit).load(tx.db)?;
    let vault = tx.vault;
    rows.into_iter()
        .map(|(row, name)| row.into_request(vault, name))
        .collect()
}

/// A request and the place of its member's branch, which is where it stands in the list.
pub type Placed = (Request, Position);

/// The requests of the scope's members in the order of the tree, after `after`; of one state, where one is given.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageMembers>,
    (organisation, state): (Option<OrganisationId>, Option<RequestState>),
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Placed>, StoreError> {
    let scope = organisations::narrowed(tx, scope, organisation)?;
    let vault = tx.vault;
    let rows: Vec<(Row, String, String)> = pages::fill(&scope, after, limit, |range, left| {
        let mut query = requests::table
            .inner_join(people::table.on(people::id.eq(requests::member_id)))
            .select((Row::as_select(), people::name, people::path))
            .filter(people::path.ge(range.low).and(people::path.lt(range.end)))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(people::path.gt(range.low).or(requests::id.gt(Id(after))));
        }
        if let Some(state) = state {
            query = query.filter(requests::state.eq(state.as_str()));
        }
        Ok(query.order((people::path, requests::id)).limit(left).load(tx.db)?)
    })?;
    let placed = rows.into_iter().map(|(row, name, path)| {
        let position = Position {
            path: path.parse().map_err(StoreError::corrupt)?,
            id: row.id.0,
        };
        Ok((row.into_request(vault, name)?, position))
    });
    placed.collect()
}

/// A request of a member inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ManageMembers>, id: RequestId) -> Result<Request, StoreError> {
    let request = by_id(tx, id)?.ok_or(StoreError::NotFound("request"))?;
    members::inside(tx, scope, request.member).map_err(|_outside| StoreError::NotFound("request"))?;
    Ok(request)
}

/// Answers a request. A new number that is confirmed becomes the member's; a correction or an erasure is made by whoever
/// answers, and this says that it was. The member is told.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] when
/// it is not open, [`StoreError::Invalid`] when it is declined without a reason.
pub fn answer(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageMembers>,
    (id, seen): (RequestId, i32),
    outcome: RequestOutcome,
    reason: Option<&str>,
) -> Result<Request, StoreError> {
    let before = find(tx, scope, id)?;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    let state = answered(before.state, outcome, reason.is_some()).map_err(|why| refused(why, before.state))?;
    let member = match (before.kind, outcome, before.phone) {
        (RequestKind::Phone, RequestOutcome::Done, Some(phone)) => {
            members::set_phone(tx, scope.who(), before.member, phone)?
        }
        _ => members::inside(tx, scope, before.member)?,
    };
    let one = requests::table.filter(requests::id.eq(Id::of(id)).and(requests::version.eq(seen)));
    let changed = diesel::update(one)
        .set((
            requests::state.eq(state.as_str()),
            requests::reason.eq(reason),
            requests::answered_by.eq(Some(&scope.who().name)),
            requests::answered_at.eq(Some(tx.at())),
            requests::version.eq(seen + 1),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    let event = match outcome {
        RequestOutcome::Done => "request_done",
        RequestOutcome::Declined => "request_declined",
    };
    note(tx, scope.who(), &member, (id, before.kind), event, reason)?;
    outbox::enqueue(
        tx,
        Occasion::RequestAnswered,
        id.0,
        Period::Thing(id.0),
        To::Member(member.id),
    )?;
    by_id(tx, id)?.ok_or(StoreError::NotFound("request"))
}

fn refused(why: NotAnswered, state: RequestState) -> StoreError {
    match why {
        NotAnswered::WithoutReason => StoreError::Invalid {
            field: "/reason",
            code: "reason_required",
        },
        NotAnswered::NotOpen => StoreError::Refused {
            state: state.as_str(),
            verb: "answer",
            allowed: Vec::new(),
            by: None,
        },
    }
}

fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    member: &Member,
    (id, kind): (RequestId, RequestKind),
    event: &str,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let detail = Some(json!({ "kind": kind }));
    let audit = NewAudit {
        action: event,
        person: Some(member.id.0),
        subject: Some(id.0),
        path: Some(&member.path),
        detail: detail.clone(),
    };
    trail::record(tx, who, audit)?;
    let new = NewEvent {
        person: member.id.into(),
        subject: id.0,
        event,
        reason,
        detail,
    };
    trail::append(tx, who, new)
}
