//! A whole file to rows that can be taken and faults that say why the others are not.

use std::collections::HashMap;
use std::hash::Hash;

use domain::spreadsheet::{Column, ImportKind};

use super::fault::{Fault, Reason};
use super::line::{Labels, Line, Source};
use super::reader::{Unreadable, read};
use super::table::{IgnoredColumn, Table};

/// What a file holds.
///
/// A row is taken whole or not at all: one with a fault in any cell is reported with all its faults and not taken, and
/// nothing of it reaches the database, so that the secretary corrects the cell and imports the file again.
#[derive(Debug)]
pub struct Reading<T> {
    /// The rows that can be taken, with where they stand.
    pub rows: Vec<(Source, T)>,
    /// Why the others cannot, in the order of the file.
    pub faults: Vec<Fault>,
    /// How many data rows the file has: those taken and those not.
    pub data_rows: u32,
    /// The columns that are not taken.
    pub ignored: Vec<IgnoredColumn>,
    /// The sheets that were read, in the order of the file.
    pub sheets: Vec<String>,
    /// The sheets without headers of this kind, which were passed over.
    pub passed_over: Vec<String>,
}

/// Reads every sheet with `take`; of rows with one `key`, the first that can be taken is, and later ones are repeats.
pub(super) fn read_rows<T, K: Hash + Eq>(
    bytes: &[u8],
    kind: ImportKind,
    mut take: impl FnMut(&mut Line<'_>) -> Option<T>,
    key: impl Fn(&T) -> (K, Column),
) -> Result<Reading<T>, Unreadable> {
    let mut reading = Reading {
        rows: Vec::new(),
        faults: Vec::new(),
        data_rows: 0,
        ignored: Vec::new(),
        sheets: Vec::new(),
        passed_over: Vec::new(),
    };
    let mut first: HashMap<K, Source> = HashMap::new();
    read(bytes, |sheet| {
        let name = sheet.name.clone();
        let Some(table) = Table::find(sheet, kind) else {
            reading.passed_over.push(name);
            return Ok(());
        };
        reading.sheets.push(name);
        reading.note_ignored(&table);
        let labels = Labels::of(&table);
        for row in &table.rows {
            reading.data_rows += 1;
            let mut line = Line::new(&table, row, &labels);
            let taken = take(&mut line);
            if let Some(taken) = taken.filter(|_| line.faults.is_empty()) {
                let (key, column) = key(&taken);
                if let Some(earlier) = first.get(&key) {
                    line.fault(
                        column,
                        Reason::Repeated {
                            sheet: earlier.sheet_unless(&table.sheet),
                            row: earlier.row,
                        },
                    );
                } else {
                    first.insert(key, line.source());
                    reading.rows.push((line.source(), taken));
                }
            }
            reading.faults.append(&mut line.faults);
        }
        Ok(())
    })?;
    if reading.sheets.is_empty() {
        Err(Unreadable::NoHeader(expected(kind)))
    } else {
        Ok(reading)
    }
}

impl<T> Reading<T> {
    fn note_ignored(&mut self, table: &Table) {
        for column in table.ignored() {
            if !self.ignored.contains(column) {
                self.ignored.push(column.clone());
            }
        }
    }
}

/// The headers without which a file is not of its kind.
fn expected(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Organisations => "code, kind, name, parent_code / 组织代码、组织类别、组织名称、上级组织代码",
        ImportKind::Members => "姓名、公民身份号码、所在党支部",
        ImportKind::Outbound => "姓名、公民身份号码、所在党支部、外出时间、外出地点",
        ImportKind::Inbound => "姓名、公民身份号码、流入时间、编入党支部",
    }
}
