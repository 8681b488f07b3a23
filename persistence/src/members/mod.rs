//! Members in the store: the record, with identity number and phone sealed.
mod bulk;
mod change;
mod list;
mod looks;
mod row;

use domain::access::{Reach, ReadMembers, ReadOwnRecord, Scope};
use domain::calendar::{BirthdayCalendar, QuietHours};
use domain::codes::{Education, Ethnicity, Gender, Standing};
use domain::id::{EntryId, MemberId, OrgPath, OrganisationId};
use domain::identity::IdentityNumber;
use domain::member::LifeDates;
use domain::phone::Phone;
use domain::spreadsheet::PartialDate;

use crate::trail::{self, Event};
use crate::{StoreError, Tx, email_changes, requests};

pub(crate) use bulk::by_identity;
pub use bulk::{Known, insert_many, known};
pub(crate) use change::move_home;
pub use change::{MemberChange, OwnChange, change, change_own, create};
pub(crate) use change::{set_email, set_phone};
pub use list::{MemberFilter, list, position};
pub use looks::{access_log, reveal};

/// A member (党员).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Whose.
    pub id: MemberId,
    /// The branch that the formal relation is with.
    pub home_branch: OrganisationId,
    /// Its name.
    pub home_branch_name: String,
    /// Where it stands.
    pub path: OrgPath,
    /// The facts.
    pub facts: Facts,
    /// Counts changes.
    pub version: i32,
}

/// What is known of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// 姓名, 1 to 64 characters.
    pub name: String,
    /// 性别.
    pub gender: Gender,
    /// 民族.
    pub ethnicity: Option<Ethnicity>,
    /// 公民身份号码, sealed.
    pub identity: Option<IdentityNumber>,
    /// 出生日期.
    pub birth: Option<PartialDate>,
    /// The calendar by which the birthday is kept.
    pub birthday_calendar: BirthdayCalendar,
    /// 手机号码, sealed.
    pub phone: Option<Phone>,
    /// 电子邮箱.
    pub email: Option<String>,
    /// 学历.
    pub education: Option<Education>,
    /// 家庭住址.
    pub address: Option<String>,
    /// 人员类别; only people change it.
    pub standing: Standing,
    /// 入党日期, the political birthday.
    pub joined: Option<PartialDate>,
    /// 转正日期.
    pub full_member_on: Option<chrono::NaiveDate>,
    /// The language that the member is written to in: `zh-CN` or `en`.
    pub language: String,
    /// Whether greetings and prompts also go by e-mail.
    pub by_email: bool,
    /// When nothing is sent.
    pub quiet: QuietHours,
}

impl Facts {
    /// A full member of whom nothing but name and gender is known, with the defaults of everybody.
    pub fn new(name: impl Into<String>, gender: Gender) -> Self {
        Self {
            name: name.into(),
            gender,
            ethnicity: None,
            identity: None,
            birth: None,
            birthday_calendar: BirthdayCalendar::Solar,
            phone: None,
            email: None,
            education: None,
            address: None,
            standing: Standing::Full,
            joined: None,
            full_member_on: None,
            language: "zh-CN".to_owned(),
            by_email: true,
            quiet: QuietHours::default(),
        }
    }

    /// The dates of the member's life.
    pub const fn dates(&self) -> LifeDates {
        LifeDates {
            birth: self.birth,
            joined: self.joined,
            full_member: self.full_member_on,
        }
    }
}

/// A new member.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The id.
    pub id: MemberId,
    /// The branch that the formal relation is with.
    pub home_branch: OrganisationId,
    /// The facts.
    pub facts: Facts,
}

/// A member inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadMembers>, id: MemberId) -> Result<Member, StoreError> {
    inside(tx, scope, id)
}

/// The caller's own record.
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine, [`StoreError::NotFound`] when the record is gone.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Member, StoreError> {
    row::by_id(tx, scope.me()?)
}

/// What a member has asked for and does not have yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// The address that waits for the code which was mailed to it.
    pub email: Option<String>,
    /// The number that waits for the branch's confirmation.
    pub phone: Option<Phone>,
}

/// The caller's own record, and what of it is about to change.
///
/// # Errors
/// As [`find_own`].
pub fn find_own_whole(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<(Member, Pending), StoreError> {
    let member = find_own(tx, scope)?;
    let pending = pending(tx, member.id)?;
    Ok((member, pending))
}

/// What a member has asked for and does not have yet.
pub(crate) fn pending(tx: &mut Tx<'_>, id: MemberId) -> Result<Pending, StoreError> {
    Ok(Pending {
        email: email_changes::waiting(tx, id)?,
        phone: requests::phone_asked_for(tx, id)?,
    })
}

/// A member who is the caller.
pub(crate) fn own(tx: &mut Tx<'_>, id: MemberId) -> Result<Member, StoreError> {
    row::by_id(tx, id)
}

/// What happened to a member inside the scope, oldest first, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when unknown or outside.
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadMembers>,
    id: MemberId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    inside(tx, scope, id)?;
    trail::of_person(tx, id.into(), after, limit)
}

/// What happened to the caller, oldest first, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn own_timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    trail::of_person(tx, scope.me()?.into(), after, limit)
}

/// A member inside a scope of any permission.
pub(crate) fn inside<P>(tx: &mut Tx<'_>, scope: &Scope<P>, id: MemberId) -> Result<Member, StoreError> {
    let found = row::by_id(tx, id)?;
    let reached = match scope.reach() {
        Reach::Own(me) => *me == id,
        Reach::Subtrees(_) => scope.covers(&found.path),
    };
    if reached {
        Ok(found)
    } else {
        Err(StoreError::NotFound("member"))
    }
}
