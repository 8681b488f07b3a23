//! What a member looks like on its way in and out; identity number and phone go out masked.
use chrono::{NaiveDate, NaiveTime};
use domain::calendar::BirthdayCalendar;
use domain::codes::{Education, Ethnicity, Gender, Standing};
use domain::id::{MemberId, OrgPath, OrganisationId};
use domain::identity::{IdentityFault, IdentityNumber};
use domain::member::SensitiveField;
use domain::phone::Phone;
use domain::spreadsheet::{PartialDate, Precision};
use persistence::members::{Facts, Member, MemberChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::Versioned;
use crate::extract::{Clearable, Faults, Input, clearable};
use crate::routes::kite::{Named, reason_in, said};

/// A member (党员).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// Its id.
    pub(super) id: MemberId,
    /// The branch that the formal relation is with.
    home_branch: Named<OrganisationId>,
    /// Where that branch stands.
    #[schema(value_type = String, example = "/320685/320685100/320685100201/")]
    path: OrgPath,
    /// 姓名.
    #[schema(example = "王建国")]
    name: String,
    /// 性别.
    gender: Gender,
    /// 民族.
    ethnicity: Option<Ethnicity>,
    /// 公民身份号码, masked.
    #[schema(example = "320600************")]
    identity_number: Option<String>,
    /// 出生日期; the first of the month when only that is known.
    #[schema(example = "1971-06-04")]
    birth_date: Option<NaiveDate>,
    /// Whether the day of birth is known.
    #[schema(example = true)]
    birth_day_known: bool,
    /// The calendar by which the birthday is kept.
    birthday_calendar: BirthdayCalendar,
    /// 手机号码, masked.
    #[schema(example = "199****0001")]
    phone: Option<String>,
    /// 电子邮箱.
    #[schema(example = "wang.jianguo@example.org")]
    email: Option<String>,
    /// 学历.
    education: Option<Education>,
    /// 家庭住址.
    #[schema(example = "海安市三塘村5组12号")]
    address: Option<String>,
    /// 人员类别.
    standing: Standing,
    /// 入党日期, the political birthday; the first of the month when only that is known.
    #[schema(example = "1992-07-01")]
    joined_on: Option<NaiveDate>,
    /// Whether the day of joining is known.
    #[schema(example = true)]
    joined_day_known: bool,
    /// 转正日期.
    #[schema(example = "1993-07-01")]
    full_member_on: Option<NaiveDate>,
    /// The language that the member is written to in.
    #[schema(example = "zh-CN")]
    language: String,
    /// Whether greetings and prompts also go by e-mail.
    #[schema(example = true)]
    by_email: bool,
    /// The first quiet moment, in the deployment's zone.
    #[schema(example = "21:00")]
    quiet_from: String,
    /// The first moment that is not quiet any more.
    #[schema(example = "08:00")]
    quiet_until: String,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl Versioned for MemberView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let facts = member.facts;
        let time = |time: NaiveTime| time.format("%H:%M").to_string();
        Self {
            id: member.id,
            home_branch: Named {
                id: member.home_branch,
                name: member.home_branch_name,
            },
            path: member.path,
            name: facts.name,
            gender: facts.gender,
            ethnicity: facts.ethnicity,
            identity_number: facts.identity.map(|number| number.masked()),
            birth_date: facts.birth.map(|birth| birth.date),
            birth_day_known: day_known(facts.birth),
            birthday_calendar: facts.birthday_calendar,
            phone: facts.phone.map(|phone| phone.masked()),
            email: facts.email,
            education: facts.education,
            address: facts.address,
            standing: facts.standing,
            joined_on: facts.joined.map(|joined| joined.date),
            joined_day_known: day_known(facts.joined),
            full_member_on: facts.full_member_on,
            language: facts.language,
            by_email: facts.by_email,
            quiet_from: time(facts.quiet.from),
            quiet_until: time(facts.quiet.until),
            version: member.version,
        }
    }
}

fn day_known(date: Option<PartialDate>) -> bool {
    date.is_some_and(|date| date.precision == Precision::Day)
}

/// A new member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMemberBody {
    /// The id, chosen by the client so that a repeated request is known; the server's choice unless given.
    id: Option<MemberId>,
    /// The branch that the formal relation is with.
    home_branch_id: OrganisationId,
    /// 姓名.
    #[schema(min_length = 1, max_length = 64, example = "王建国")]
    name: String,
    /// 性别; read from the identity number unless said.
    #[schema(example = "male")]
    gender: Option<Gender>,
    /// 民族.
    ethnicity: Option<Ethnicity>,
    /// 公民身份号码 (GB 11643).
    #[schema(max_length = 40, example = "32060019710604049X")]
    identity_number: Option<String>,
    /// 出生日期; read from the identity number unless said.
    #[schema(example = "1971-06-04")]
    birth_date: Option<NaiveDate>,
    /// The calendar by which the birthday is kept: `solar` unless said.
    birthday_calendar: Option<BirthdayCalendar>,
    /// 手机号码.
    #[schema(max_length = 40, example = "19900000001")]
    phone: Option<String>,
    /// 电子邮箱.
    #[schema(max_length = 254, example = "wang.jianguo@example.org")]
    email: Option<String>,
    /// 学历.
    education: Option<Education>,
    /// 家庭住址.
    #[schema(max_length = 200, example = "海安市三塘村5组12号")]
    address: Option<String>,
    /// 人员类别: `full` unless said.
    #[schema(example = "full")]
    standing: Option<Standing>,
    /// 入党日期.
    #[schema(example = "1992-07-01")]
    joined_on: Option<NaiveDate>,
    /// 转正日期.
    #[schema(example = "1993-07-01")]
    full_member_on: Option<NaiveDate>,
    /// The language that the member is written to in: `zh-CN` unless said.
    #[schema(pattern = "^(zh-CN|en)$", example = "zh-CN")]
    language: Option<String>,
}

/// A new member, read.
pub(crate) struct Registration {
    pub(super) id: Option<MemberId>,
    pub(super) home_branch: OrganisationId,
    pub(super) facts: Facts,
}

impl Input for NewMemberBody {
    type Meaning = Registration;

    fn read(self, faults: &mut Faults) -> Option<Registration> {
        let name = name(self.name, faults);
        let identity = identity(self.identity_number, faults);
        let (phone, email) = (phone(self.phone, faults), email(self.email, faults));
        let told = identity.as_ref().map(IdentityNumber::gender);
        if told.zip(self.gender).is_some_and(|(told, said)| told != said) {
            faults.add("/gender", "not_as_in_identity");
        }
        let gender = self.gender.or(told);
        if gender.is_none() {
            faults.add("/gender", "required");
        }
        let birth = self.birth_date.or(identity.as_ref().map(IdentityNumber::birth_date));
        let facts = Facts::new(name?, gender?);
        let facts = Facts {
            ethnicity: self.ethnicity,
            identity,
            birth: birth.map(PartialDate::day),
            birthday_calendar: self.birthday_calendar.unwrap_or(facts.birthday_calendar),
            phone,
            email,
            education: self.education,
            address: said(self.address),
            standing: self.standing.unwrap_or(facts.standing),
            joined: self.joined_on.map(PartialDate::day),
            full_member_on: self.full_member_on,
            language: self.language.unwrap_or(facts.language),
            ..facts
        };
        Some(Registration {
            id: self.id,
            home_branch: self.home_branch_id,
            facts,
        })
    }
}

/// A change: what is absent stays as it is, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberPatch {
    /// The branch that the formal relation is with.
    home_branch_id: Option<OrganisationId>,
    /// 姓名.
    #[schema(min_length = 1, max_length = 64, example = "王建国")]
    name: Option<String>,
    /// 性别.
    gender: Option<Gender>,
    /// 民族.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<Ethnicity>)]
    ethnicity: Clearable<Ethnicity>,
    /// 公民身份号码 (GB 11643).
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 40, example = "32060019710604049X")]
    identity_number: Clearable<String>,
    /// 出生日期.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<NaiveDate>, example = "1971-06-04")]
    birth_date: Clearable<NaiveDate>,
    /// The calendar by which the birthday is kept.
    birthday_calendar: Option<BirthdayCalendar>,
    /// 手机号码.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 40, example = "19900000001")]
    phone: Clearable<String>,
    /// 电子邮箱.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 254, example = "wang.jianguo@example.org")]
    email: Clearable<String>,
    /// 学历.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<Education>)]
    education: Clearable<Education>,
    /// 家庭住址.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 200, example = "海安市三塘村5组12号")]
    address: Clearable<String>,
    /// 人员类别; a decision that needs `reason`.
    #[schema(example = "full")]
    standing: Option<Standing>,
    /// 入党日期.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<NaiveDate>, example = "1992-07-01")]
    joined_on: Clearable<NaiveDate>,
    /// 转正日期.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<NaiveDate>, example = "1993-07-01")]
    full_member_on: Clearable<NaiveDate>,
    /// The language that the member is written to in.
    #[schema(pattern = "^(zh-CN|en)$", example = "zh-CN")]
    language: Option<String>,
    /// Why; stands on the timeline. Needed for a change of standing.
    #[schema(max_length = 200, example = "转正大会通过")]
    reason: Option<String>,
}

impl Input for MemberPatch {
    type Meaning = MemberChange;

    fn read(self, faults: &mut Faults) -> Option<MemberChange> {
        Some(MemberChange {
            home_branch: self.home_branch_id,
            name: self.name.and_then(|text| name(text, faults)),
            gender: self.gender,
            ethnicity: self.ethnicity,
            identity: self.identity_number.map(|text| identity(text, faults)),
            birth: self.birth_date.map(|date| date.map(PartialDate::day)),
            birthday_calendar: self.birthday_calendar,
            phone: self.phone.map(|text| phone(text, faults)),
            email: self.email.map(|text| email(text, faults)),
            education: self.education,
            address: self.address.map(said),
            standing: self.standing,
            joined: self.joined_on.map(|date| date.map(PartialDate::day)),
            full_member_on: self.full_member_on,
            language: self.language,
            reason: said(self.reason),
        })
    }
}

fn name(text: String, faults: &mut Faults) -> Option<String> {
    let name = said(Some(text));
    if name.is_none() {
        faults.add("/name", "not_a_name");
    }
    name
}

fn identity(text: Option<String>, faults: &mut Faults) -> Option<IdentityNumber> {
    let read = IdentityNumber::parse(&said(text)?);
    faults.take("/identity_number", read, IdentityFault::as_str)
}

/// A telephone number in the body's `/phone`.
pub(crate) fn phone(text: Option<String>, faults: &mut Faults) -> Option<Phone> {
    faults.take("/phone", Phone::parse(&said(text)?), |_| "phone_malformed")
}

/// An e-mail address in the body's `/email`.
pub(crate) fn email(text: Option<String>, faults: &mut Faults) -> Option<String> {
    let read = domain::email::read(&said(text)?).ok_or(());
    faults.take("/email", read, |()| "email_malformed")
}

/// Which value, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevealBody {
    /// Which value.
    field: SensitiveField,
    /// Why; the member can read it.
    #[schema(min_length = 1, max_length = 200, example = "联系不上，需要打电话")]
    reason: String,
}

impl Input for RevealBody {
    type Meaning = (SensitiveField, String);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let reason = reason_in(self.reason, faults)?;
        Some((self.field, reason))
    }
}

/// One sensitive value in full.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevealedView {
    /// Which value.
    pub(super) field: SensitiveField,
    /// The value.
    #[schema(example = "+8619900000001")]
    pub(super) value: String,
}
