//! The importer on Hai'an's files and on the shapes that other places use.

mod files;
mod haian;
mod shapes;
mod store;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::id::{OrgPath, OrganisationId};
use rust_xlsxwriter::Workbook;
use uuid::Uuid;

use super::fault::Fault;
use super::lookup::{KnownOrganisation, Organisations};
use super::organisations;

pub(super) const ORGANISATIONS: &[u8] = include_bytes!("../../../data/haian/organisations-haian.csv");
pub(super) const MEMBERS: &[u8] = include_bytes!("../../../data/haian/members-haian.xlsx");
pub(super) const OUTBOUND: &[u8] = include_bytes!("../../../data/haian/outbound-haian.xlsx");
pub(super) const INBOUND: &[u8] = include_bytes!("../../../data/haian/inbound-haian.csv");

pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// Hai'an's tree as if it had been committed.
pub(super) fn haian() -> Organisations {
    let read = organisations::read(ORGANISATIONS, &Organisations::default(), None).unwrap();
    assert_eq!((read.rows.len(), read.faults.len()), (275, 0));
    let mut paths: BTreeMap<String, OrgPath> = BTreeMap::new();
    let known = read.rows.iter().enumerate().map(|(at, (_, row))| {
        let above = row
            .parent
            .as_ref()
            .map_or_else(OrgPath::root, |parent| paths[parent].clone());
        let path = above.child(&row.code);
        paths.insert(row.code.clone(), path.clone());
        let id = OrganisationId(Uuid::from_u128(u128::try_from(at).unwrap()));
        KnownOrganisation {
            id,
            code: row.code.clone(),
            kind: row.kind,
            name: row.name.clone(),
            path,
        }
    });
    Organisations::new(known.collect())
}

/// How many faults of each kind.
pub(super) fn tally(faults: &[Fault]) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    for fault in faults {
        *tally.entry(fault.reason.code()).or_default() += 1;
    }
    tally
}

/// A workbook with these sheets of texts: a line a row, a bar between cells, ¶ for a line break in a cell.
pub(super) fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in (0_u32..).zip(rows.lines()) {
            for (column, text) in (0_u16..).zip(cells.split('|')) {
                let text = text.trim().replace('¶', "\n");
                if !text.is_empty() {
                    sheet.write(row, column, text).unwrap();
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}
