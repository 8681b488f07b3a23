//! The roster of members 党员花名册.

use chrono::NaiveDate;
use domain::codes::{Education, Ethnicity, Gender, Standing};
use domain::id::OrganisationId;
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use domain::spreadsheet::{Column, ImportKind, PartialDate};

use super::fault::Reason;
use super::line::Line;
use super::lookup::{KnownOrganisation, Organisations};
use super::reader::Unreadable;
use super::reading::{Reading, read_rows};

/// From this day to [`PROBATION_BACK`] there was no probation: both dates are the same (check of the national collection of 2017).
const PROBATION_GONE: Option<NaiveDate> = NaiveDate::from_ymd_opt(1969, 4, 1);
/// The last day without probation.
const PROBATION_BACK: Option<NaiveDate> = NaiveDate::from_ymd_opt(1977, 8, 11);

/// A member as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The branch that the formal relation is with.
    pub branch: OrganisationId,
    /// 姓名
    pub name: String,
    /// By the identity number.
    pub gender: Gender,
    /// 民族
    pub ethnicity: Option<Ethnicity>,
    /// 公民身份号码
    pub identity: IdentityNumber,
    /// Whether the birthday is kept by the lunar calendar.
    pub lunar_birthday: bool,
    /// 手机号码, else 固定电话
    pub phone: Option<Phone>,
    /// 电子邮箱
    pub email: Option<String>,
    /// 家庭住址
    pub address: Option<String>,
    /// 学历
    pub education: Option<Education>,
    /// 人员类别; full when the file does not say.
    pub standing: Standing,
    /// 入党时间; the first of the month where only that is known.
    pub joined_on: Option<NaiveDate>,
    /// 转正时间; likewise.
    pub full_member_on: Option<NaiveDate>,
}

/// Reads a roster of members; `given` is the organisation that the file was handed in for.
///
/// A person is known by the identity number; a second row with the same number is a repeat.
///
/// # Errors
/// [`Unreadable`] when no row can be read at all.
pub fn read(
    bytes: &[u8],
    known: &Organisations,
    given: Option<&KnownOrganisation>,
    today: NaiveDate,
) -> Result<Reading<MemberRow>, Unreadable> {
    let key = |row: &MemberRow| (row.identity.as_str().to_owned(), Column::Identity);
    read_rows(bytes, ImportKind::Members, |line| take(line, known, given, today), key)
}

fn take(
    line: &mut Line<'_>,
    known: &Organisations,
    given: Option<&KnownOrganisation>,
    today: NaiveDate,
) -> Option<MemberRow> {
    let name = line.name();
    let branch = line.branch(known, given);
    let identity = line.identity();
    line.agree_with(identity.as_ref());
    let ethnicity = line.listed(Column::Ethnicity, Ethnicity::parse);
    let mobile = line.phone(Column::Phone);
    let landline = line.phone(Column::Landline);
    let email = line.email();
    let address = line.text(Column::Address);
    let education = line.listed(Column::Education, Education::parse);
    let standing = line.listed(Column::Standing, Standing::parse);
    let lunar_birthday = line
        .text(Column::BirthdayCalendar)
        .is_some_and(|kept| kept.contains('农') || kept.contains("lunar"));
    let joined_on = line.past_date(Column::JoinedOn, today);
    let full_member_on = line.date(Column::FullMemberOn);
    if joined_on
        .zip(full_member_on)
        .is_some_and(|(joined, full)| is_too_early(joined, full))
    {
        line.fault(Column::FullMemberOn, Reason::FullBeforeJoined);
    }
    let identity = identity?;
    Some(MemberRow {
        branch: branch?.id,
        name: name?,
        gender: identity.gender(),
        ethnicity,
        identity,
        lunar_birthday,
        phone: mobile.or(landline),
        email,
        address,
        education,
        standing: standing.unwrap_or(Standing::Full),
        joined_on: joined_on.map(|joined| joined.date),
        full_member_on: full_member_on.map(|full| full.date),
    })
}

/// Full membership comes after joining, except in the years without probation, when it may be on the same day.
fn is_too_early(joined: PartialDate, full: PartialDate) -> bool {
    let without_probation = PROBATION_GONE.is_some_and(|from| joined.date >= from)
        && PROBATION_BACK.is_some_and(|until| joined.date <= until);
    full.is_before(joined)
        || (full == joined && full.precision == domain::spreadsheet::Precision::Day && !without_probation)
}
