//! The register of members who are away 流出党员登记表.

use chrono::NaiveDate;
use domain::codes::{DestinationUnit, JourneyReason};
use domain::spreadsheet::{Column, ImportKind, OutboundRow, Place};

use super::fault::Reason;
use super::line::Line;
use super::lookup::{Found, KnownOrganisation, Organisations};
use super::reader::Unreadable;
use super::reading::{Reading, read_rows};

/// Reads a register of members who are away; `hosts` are the organisations that may be named as hosts.
///
/// **One journey a person.** A person is known by the identity number alone. Names repeat, phones change, and a wrong number that
/// happens to look like a neighbour's would put the journey on the neighbour's record; so a row without a number, or with one
/// whose check character does not agree, is reported and not taken, even if name, branch and phone fit a member. Of several
/// rows about one person the first that can be taken is; the later ones are reported as repeats of it, whether or not they
/// are the same in every cell, for a person has one journey at a time. A row with any other fault (an unknown branch, a return
/// before the departure, a phone one digit short) is not taken either: it is corrected and the file imported again, which
/// changes nothing for the rows that were taken before.
///
/// # Errors
/// [`Unreadable`] when no row can be read at all.
pub fn read(
    bytes: &[u8],
    known: &Organisations,
    hosts: &Organisations,
    given: Option<&KnownOrganisation>,
    today: NaiveDate,
) -> Result<Reading<OutboundRow>, Unreadable> {
    let key = |row: &OutboundRow| (row.identity.as_str().to_owned(), Column::Identity);
    read_rows(
        bytes,
        ImportKind::Outbound,
        |line| take(line, known, hosts, given, today),
        key,
    )
}

fn take(
    line: &mut Line<'_>,
    known: &Organisations,
    hosts: &Organisations,
    given: Option<&KnownOrganisation>,
    today: NaiveDate,
) -> Option<OutboundRow> {
    let name = line.name();
    let branch = line.branch(known, given);
    let identity = line.identity();
    line.agree_with(identity.as_ref());
    let phone = line.phone(Column::Phone);
    let departed = line.needed_date(Column::DepartedOn);
    let expected = line.date(Column::ExpectedReturnOn);
    let returned = line.past_date(Column::ReturnedOn, today);
    for (column, back) in [(Column::ExpectedReturnOn, expected), (Column::ReturnedOn, returned)] {
        if departed
            .zip(back)
            .is_some_and(|(departed, back)| back.is_before(departed))
        {
            line.fault(column, Reason::ReturnBeforeDeparture);
        }
    }
    let (unit, destination) = whither(line);
    let reason = line.text(Column::Reason).map_or(JourneyReason::Other, |typed| {
        JourneyReason::parse(&typed).unwrap_or(JourneyReason::Other)
    });
    let former_occupation = line.former_occupation();
    let host = line.text(Column::Host).and_then(|typed| match hosts.find(&typed) {
        Found::One(host) => Some(host.id),
        Found::Several | Found::None => None,
    });
    let employer = line.text(Column::Employer);
    let contact_officer = line.text(Column::ContactOfficer);
    let certificate_number = line
        .text(Column::Certificate)
        .filter(|typed| !matches!(typed.as_str(), "是" | "否" | "有"));
    Some(OutboundRow {
        branch: branch?.id,
        name: name?,
        identity: identity?,
        phone,
        departed_on: departed?.date,
        destination: destination?,
        reason,
        employer,
        unit,
        former_occupation,
        host,
        certificate_number,
        contact_officer,
        expected_return_on: expected.map(|expected| expected.date),
        returned_on: returned.map(|returned| returned.date),
    })
}

/// The kind of unit and the place: 外出流向 is the one in some forms and the other in others.
fn whither(line: &mut Line<'_>) -> (Option<DestinationUnit>, Option<Place>) {
    let direction = line.text(Column::DestinationClass);
    let unit = direction
        .as_deref()
        .and_then(|typed| DestinationUnit::parse(typed).ok());
    let typed = line
        .text(Column::Destination)
        .or_else(|| direction.filter(|_| unit.is_none()));
    if typed.is_none() && unit != Some(DestinationUnit::Unknown) {
        line.fault(Column::Destination, Reason::Missing);
        return (unit, None);
    }
    (unit, Some(typed.as_deref().map(Place::of).unwrap_or_default()))
}
