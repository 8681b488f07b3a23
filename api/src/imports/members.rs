//! The roster of members 党员花名册.

use chrono::NaiveDate;
use domain::codes::{Education, Ethnicity, Standing};
use domain::spreadsheet::{Column, ImportKind, MemberRow, PartialDate, Precision};

use super::fault::Reason;
use super::line::Line;
use super::lookup::{KnownOrganisation, Organisations};
use super::reader::Unreadable;
use super::reading::{Reading, read_rows};

/// From this day to [`PROBATION_BACK`] there was no probation: both dates are the same (check of the national collection of 2017).
const PROBATION_GONE: Option<NaiveDate> = NaiveDate::from_ymd_opt(1969, 4, 1);
/// The last day without probation.
const PROBATION_BACK: Option<NaiveDate> = NaiveDate::from_ymd_opt(1977, 8, 11);

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
        standing,
        joined_on,
        full_member_on: full_member_on.map(|full| full.date),
    })
}

/// Full membership comes after joining, except in the years without probation, when it may be on the same day.
fn is_too_early(joined: PartialDate, full: PartialDate) -> bool {
    let without_probation = PROBATION_GONE.is_some_and(|from| joined.date >= from)
        && PROBATION_BACK.is_some_and(|until| joined.date <= until);
    full.is_before(joined) || (full == joined && full.precision == Precision::Day && !without_probation)
}
