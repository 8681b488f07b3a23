//! The register of members of other places who live here 流入党员登记表.

use chrono::NaiveDate;
use domain::codes::Ethnicity;
use domain::division::find_by_name;
use domain::spreadsheet::{Column, ImportKind, InboundRow};
use domain::stay::Background;

use super::line::Line;
use super::lookup::Organisations;
use super::reader::Unreadable;
use super::reading::{Reading, read_rows};

/// Reads a register of inbound members; a second row with the same identity number is a repeat.
///
/// # Errors
/// [`Unreadable`] when no row can be read at all.
pub fn read(bytes: &[u8], known: &Organisations, today: NaiveDate) -> Result<Reading<InboundRow>, Unreadable> {
    let key = |row: &InboundRow| (row.identity.as_str().to_owned(), Column::Identity);
    read_rows(bytes, ImportKind::Inbound, |line| take(line, known, today), key)
}

fn take(line: &mut Line<'_>, known: &Organisations, today: NaiveDate) -> Option<InboundRow> {
    let name = line.name();
    let identity = line.identity();
    line.agree_with(identity.as_ref());
    let ethnicity = line.listed(Column::Ethnicity, Ethnicity::parse);
    let phone = line.phone(Column::Phone);
    let before = line.text(Column::Division);
    let origin_name = line.text(Column::Origin).or_else(|| before.clone());
    let origin_phone = line.phone(Column::OriginPhone);
    let arrived = line.needed_past_date(Column::ArrivedOn, today);
    let address = line.text(Column::Address);
    let employer = line.text(Column::Employer);
    let background = Background {
        // The organisation's name often says it better than the province.
        origin_division: [&origin_name, &before]
            .into_iter()
            .flatten()
            .find_map(|place| find_by_name(place)),
        unit: None,
        former_occupation: line.former_occupation(),
    };
    let home_unit = line.organisation(Column::HomeUnit, known);
    let contact_officer = line.text(Column::ContactOfficer);
    let contact_officer_phone = line.phone(Column::ContactOfficerPhone);
    let identity = identity?;
    Some(InboundRow {
        home_unit: home_unit?.id,
        name: name?,
        gender: identity.gender(),
        ethnicity,
        identity,
        phone,
        origin_name,
        origin_phone,
        arrived_on: arrived?.date,
        address,
        employer,
        background,
        contact_officer,
        contact_officer_phone,
    })
}
