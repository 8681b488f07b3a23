//! Members registered and changed, one at a time.
use diesel::prelude::*;
use domain::access::{ChangeOwnRecord, ManageMembers, Scope, Who};
use domain::calendar::{BirthdayCalendar, QuietHours};
use domain::codes::{Education, Ethnicity, Gender, Standing};
use domain::id::{MemberId, OrganisationId};
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use domain::request::RequestKind;
use domain::spreadsheet::PartialDate;
use serde_json::{Value, json};

use super::row::{Place, Row, by_id};
use super::{Facts, Member, NewMember, Pending, inside, pending};
use crate::db::each;
use crate::organisations::{self, Organisation};
use crate::requests::{self, NewRequest};
use crate::schema::{journeys, members};
use crate::trail::{self, NewAudit, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, email_changes, grants, phones};

/// A change of a member: what is absent stays as it is, what is `Some(None)` is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// The branch that the formal relation is with.
    pub home_branch: Option<OrganisationId>,
    /// 姓名.
    pub name: Option<String>,
    /// 性别.
    pub gender: Option<Gender>,
    /// 民族.
    pub ethnicity: Option<Option<Ethnicity>>,
    /// 公民身份号码.
    pub identity: Option<Option<IdentityNumber>>,
    /// 出生日期.
    pub birth: Option<Option<PartialDate>>,
    /// The calendar by which the birthday is kept.
    pub birthday_calendar: Option<BirthdayCalendar>,
    /// 手机号码.
    pub phone: Option<Option<Phone>>,
    /// 电子邮箱.
    pub email: Option<Option<String>>,
    /// 学历.
    pub education: Option<Option<Education>>,
    /// 家庭住址.
    pub address: Option<Option<String>>,
    /// 人员类别; needs a reason.
    pub standing: Option<Standing>,
    /// 入党日期.
    pub joined: Option<Option<PartialDate>>,
    /// 转正日期.
    pub full_member_on: Option<Option<chrono::NaiveDate>>,
    /// The language: `zh-CN` or `en`.
    pub language: Option<String>,
    /// Why; needed for a change of standing.
    pub reason: Option<String>,
}

/// What a member changes of the own record: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct OwnChange {
    /// 电子邮箱: another one counts once its code has come back.
    pub email: Option<Option<String>>,
    /// 手机号码: another one counts once the branch has confirmed it.
    pub phone: Option<Phone>,
    /// The language: `zh-CN` or `en`.
    pub language: Option<String>,
    /// The calendar by which the birthday is kept.
    pub birthday_calendar: Option<BirthdayCalendar>,
    /// Whether greetings and prompts also go by e-mail.
    pub by_email: Option<bool>,
    /// The first quiet moment.
    pub quiet_from: Option<chrono::NaiveTime>,
    /// The first moment that is not quiet any more.
    pub quiet_until: Option<chrono::NaiveTime>,
}

/// Registers a member with a branch inside the scope; an id that is there already answers the member and changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] for an unknown branch, an identity number that is known already, or dates that can't be.
pub fn create(tx: &mut Tx<'_>, scope: &Scope<ManageMembers>, new: &NewMember) -> Result<Member, StoreError> {
    match by_id(tx, new.id) {
        Ok(known) if scope.covers(&known.path) => return Ok(known),
        Ok(_) => {
            return Err(StoreError::Invalid {
                field: "/id",
                code: "taken",
            });
        }
        Err(StoreError::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    let branch = home(tx, scope, new.home_branch)?;
    possible(tx, &new.facts)?;
    let place = Place {
        id: new.id,
        home_branch: branch.id,
        path: &branch.path,
        version: 1,
        updated_at: tx.at(),
    };
    let row = Row::of(tx.vault, &place, &new.facts)?;
    let at = tx.at();
    each!(tx.db, c => diesel::insert_into(members::table).values((&row, members::created_at.eq(at))).execute(c))?;
    let member = by_id(tx, new.id)?;
    let detail = json!({ "home_branch": branch.name });
    note(
        tx,
        scope.who(),
        (&member, &member),
        "member_registered",
        None,
        Some(detail),
    )?;
    Ok(member)
}

/// Changes a member. A new standing is a human decision and needs its reason; a new home branch takes the open journey
/// with it.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Invalid`] for
/// what can't be.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageMembers>,
    id: MemberId,
    seen: i32,
    change: MemberChange,
) -> Result<Member, StoreError> {
    let before = inside(tx, scope, id)?;
    let reason = change.reason.clone();
    let branch = match change.home_branch {
        Some(branch) if branch != before.home_branch => Some(home(tx, scope, branch)?),
        _ => None,
    };
    let after = change.of(&before.facts);
    if after.standing != before.facts.standing && reason.is_none() {
        return Err(StoreError::Invalid {
            field: "/reason",
            code: "reason_required",
        });
    }
    store(tx, &before, seen, &after, branch.as_ref())?;
    let member = by_id(tx, id)?;
    tell(tx, scope.who(), (&before, &member), reason.as_deref())?;
    Ok(member)
}

/// Changes the caller's own record. A new e-mail address waits for the code that is mailed to it, a new phone number for
/// the branch; until then the old ones stay.
///
/// # Errors
/// [`StoreError::Stale`] when the version moved, [`StoreError::Invalid`] when too many codes were asked for.
pub fn change_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ChangeOwnRecord>,
    seen: i32,
    change: OwnChange,
) -> Result<(Member, Pending), StoreError> {
    let before = by_id(tx, scope.me()?)?;
    let facts = before.facts.clone();
    let (asked_for, cleared) = match &change.email {
        Some(Some(email)) if facts.email.as_ref() != Some(email) => (Some(email.clone()), false),
        Some(None) => (None, true),
        _ => (None, false),
    };
    let quiet = QuietHours {
        from: change.quiet_from.unwrap_or(facts.quiet.from),
        until: change.quiet_until.unwrap_or(facts.quiet.until),
    };
    let after = Facts {
        email: facts.email.filter(|_| !cleared),
        language: change.language.unwrap_or(facts.language),
        birthday_calendar: change.birthday_calendar.unwrap_or(facts.birthday_calendar),
        by_email: change.by_email.unwrap_or(facts.by_email),
        quiet,
        ..facts
    };
    store(tx, &before, seen, &after, None)?;
    let member = by_id(tx, before.id)?;
    tell(tx, scope.who(), (&before, &member), None)?;
    match asked_for {
        Some(email) => email_changes::begin(tx, member.id, &email)?,
        None if change.email.is_some() => email_changes::forget(tx, member.id)?,
        None => {}
    }
    if let Some(phone) = change.phone.filter(|phone| member.facts.phone.as_ref() != Some(phone)) {
        let new = NewRequest {
            id: tx.fresh(),
            kind: RequestKind::Phone,
            said: None,
            phone: Some(phone),
        };
        requests::open(tx, scope.who(), &member, new)?;
    }
    let pending = pending(tx, member.id)?;
    Ok((member, pending))
}

/// Gives a member a phone number that was confirmed.
pub(crate) fn set_phone(tx: &mut Tx<'_>, who: &Who, id: MemberId, phone: Phone) -> Result<Member, StoreError> {
    let before = by_id(tx, id)?;
    let after = Facts {
        phone: Some(phone),
        ..before.facts.clone()
    };
    confirmed(tx, who, &before, &after)
}

/// Gives a member an e-mail address that was confirmed.
pub(crate) fn set_email(tx: &mut Tx<'_>, who: &Who, id: MemberId, email: String) -> Result<Member, StoreError> {
    let before = by_id(tx, id)?;
    let after = Facts {
        email: Some(email),
        ..before.facts.clone()
    };
    confirmed(tx, who, &before, &after)
}

fn confirmed(tx: &mut Tx<'_>, who: &Who, before: &Member, after: &Facts) -> Result<Member, StoreError> {
    store(tx, before, before.version, after, None)?;
    let member = by_id(tx, before.id)?;
    tell(tx, who, (before, &member), None)?;
    Ok(member)
}

/// Moves a member's formal relation to the branch that has accepted it; the member's own role goes along.
pub(crate) fn move_home(tx: &mut Tx<'_>, who: &Who, id: MemberId, to: &Organisation) -> Result<(), StoreError> {
    let before = by_id(tx, id)?;
    store(tx, &before, before.version, &before.facts, Some(to))?;
    let member = by_id(tx, id)?;
    tell(tx, who, (&before, &member), None)?;
    grants::follow(tx, who, id, before.home_branch, to)
}

impl MemberChange {
    /// The facts after it.
    fn of(self, before: &Facts) -> Facts {
        let before = before.clone();
        Facts {
            name: self.name.unwrap_or(before.name),
            gender: self.gender.unwrap_or(before.gender),
            ethnicity: self.ethnicity.unwrap_or(before.ethnicity),
            identity: self.identity.unwrap_or(before.identity),
            birth: self.birth.unwrap_or(before.birth),
            birthday_calendar: self.birthday_calendar.unwrap_or(before.birthday_calendar),
            phone: self.phone.unwrap_or(before.phone),
            email: self.email.unwrap_or(before.email),
            education: self.education.unwrap_or(before.education),
            address: self.address.unwrap_or(before.address),
            standing: self.standing.unwrap_or(before.standing),
            joined: self.joined.unwrap_or(before.joined),
            full_member_on: self.full_member_on.unwrap_or(before.full_member_on),
            language: self.language.unwrap_or(before.language),
            by_email: before.by_email,
            quiet: before.quiet,
        }
    }
}

/// The branch of a formal relation: inside the scope, and of a kind that keeps relations.
fn home<P>(tx: &mut Tx<'_>, scope: &Scope<P>, id: OrganisationId) -> Result<Organisation, StoreError> {
    let refused = |code| StoreError::Invalid {
        field: "/home_branch_id",
        code,
    };
    let branch = match organisations::held(tx, id) {
        Ok(branch) if scope.covers(&branch.path) => branch,
        Ok(_) | Err(StoreError::NotFound(_)) => return Err(refused("unknown_organisation")),
        Err(error) => return Err(error),
    };
    if branch.kind.keeps_relations() && branch.active {
        Ok(branch)
    } else {
        Err(refused("not_a_branch"))
    }
}

fn possible(tx: &Tx<'_>, facts: &Facts) -> Result<(), StoreError> {
    match facts.dates().faults(tx.today()).first() {
        Some((field, code)) => Err(StoreError::Invalid { field, code }),
        None => Ok(()),
    }
}

/// Writes what changed over the version that was seen.
fn store(
    tx: &mut Tx<'_>,
    before: &Member,
    seen: i32,
    after: &Facts,
    branch: Option<&Organisation>,
) -> Result<(), StoreError> {
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    possible(tx, after)?;
    let (home_branch, path) = branch.map_or((before.home_branch, &before.path), |branch| (branch.id, &branch.path));
    let place = Place {
        id: before.id,
        home_branch,
        path,
        version: seen + 1,
        updated_at: tx.at(),
    };
    let row = Row::of(tx.vault, &place, after)?;
    let guard = members::table.filter(members::id.eq(Id::of(before.id)).and(members::version.eq(seen)));
    let moved = branch.map(|branch| members::path.eq(branch.path.as_str()));
    if diesel::update(guard).set((&row, moved)).execute(tx.db)? == 0 {
        return Err(StoreError::Stale);
    }
    if after.phone != before.facts.phone {
        phones::clear(tx, before.id)?;
    }
    match branch {
        Some(branch) => take_journey_along(tx, before.id, branch),
        None => Ok(()),
    }
}

/// The open journey belongs to the branch that keeps the formal relation.
fn take_journey_along(tx: &mut Tx<'_>, member: MemberId, branch: &Organisation) -> Result<(), StoreError> {
    let open = journeys::table
        .filter(journeys::member_id.eq(Id::of(member)))
        .filter(journeys::state.eq_any(crate::journeys::OPEN));
    diesel::update(open)
        .set((
            journeys::origin_id.eq(Id::of(branch.id)),
            journeys::path.eq(branch.path.as_str()),
            journeys::version.eq(journeys::version + 1),
            journeys::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Tells timeline and audit trail which fields changed, and decisions under words of their own.
fn tell(
    tx: &mut Tx<'_>,
    who: &Who,
    (before, after): (&Member, &Member),
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let (old, new) = (before.facts.standing, after.facts.standing);
    if old != new {
        let detail = json!({ "from": old, "to": new });
        note(tx, who, (before, after), "standing_changed", reason, Some(detail))?;
    }
    if before.home_branch != after.home_branch {
        let detail = json!({ "from": before.home_branch_name, "to": after.home_branch_name });
        note(tx, who, (before, after), "home_branch_changed", reason, Some(detail))?;
    }
    let fields = differences(&before.facts, &after.facts);
    if !fields.is_empty() {
        note(
            tx,
            who,
            (before, after),
            "member_changed",
            reason,
            Some(json!({ "fields": fields })),
        )?;
    }
    Ok(())
}

/// The names of the fields that differ, never their values.
fn differences(before: &Facts, after: &Facts) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("gender", before.gender != after.gender),
        ("ethnicity", before.ethnicity != after.ethnicity),
        ("identity_number", before.identity != after.identity),
        ("birth_date", before.birth != after.birth),
        ("birthday_calendar", before.birthday_calendar != after.birthday_calendar),
        ("phone", before.phone != after.phone),
        ("email", before.email != after.email),
        ("education", before.education != after.education),
        ("address", before.address != after.address),
        ("joined_on", before.joined != after.joined),
        ("full_member_on", before.full_member_on != after.full_member_on),
        ("language", before.language != after.language),
        ("by_email", before.by_email != after.by_email),
        ("quiet_hours", before.quiet != after.quiet),
    ];
    fields
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
}

/// Tells it of a member, also where the member stood before.
fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    (before, member): (&Member, &Member),
    event: &str,
    reason: Option<&str>,
    detail: Option<Value>,
) -> Result<(), StoreError> {
    let audit = NewAudit {
        action: event,
        person: Some(member.id.0),
        subject: Some(member.id.0),
        path: Some(&member.path),
        detail: detail.clone(),
    };
    trail::record(tx, who, audit)?;
    let new = NewEvent {
        person: member.id.into(),
        subject: member.id.0,
        event,
        reason,
        detail,
    };
    let left = (before.path != member.path).then(|| before.path.clone());
    trail::append_moved(tx, who, new, left)
}
