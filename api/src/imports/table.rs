//! Cells to rows under known headers: finds the headers below title lines, tells data from footers.

use domain::spreadsheet::{Column, Heading, ImportKind, normalise_header, value};
use serde::{Deserialize, Serialize};

use super::reader::{Cell, Row, Sheet};

/// How many rows from the top may come before the headers.
const TITLE_ROWS: usize = 30;

/// Words with which the line after the data begins.
const FOOTERS: [&str; 14] = [
    "填表人",
    "制表人",
    "填报人",
    "审核",
    "审核人",
    "负责人",
    "联系人",
    "填报单位",
    "填表单位",
    "填表说明",
    "说明",
    "备注",
    "注",
    "填表日期",
];

/// A sheet of which the headers are known.
#[derive(Debug)]
pub struct Table {
    /// The sheet's name; empty for a CSV file.
    pub sheet: String,
    headers: Headers,
    /// The data rows, without titles, headers, blank lines and footers.
    pub rows: Vec<Row>,
}

/// A column that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IgnoredColumn {
    /// The header as typed.
    #[schema(example = "从事职业及年收入")]
    pub header: String,
    /// Why.
    pub reason: Ignored,
}

/// Why a column is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// There is no purpose for which to keep it, so the law forbids it.
    NoPurpose,
    /// Known otherwise, or derived.
    NotNeeded,
    /// The header is not known.
    Unknown,
}

#[derive(Debug)]
struct Headers {
    /// The header of each column as typed, from column A on.
    typed: Vec<String>,
    /// What each column is taken for.
    taken: Vec<(Column, usize)>,
    ignored: Vec<IgnoredColumn>,
}

impl Table {
    /// The sheet under its headers; `None` when no row among the first thirty has the headers of this kind.
    pub fn find(sheet: Sheet, kind: ImportKind) -> Option<Self> {
        let (at, depth, headers) = (0..sheet.rows.len().min(TITLE_ROWS)).find_map(|at| {
            let first = sheet.rows.get(at)?;
            let second = sheet.rows.get(at + 1).filter(|row| continues(first, row, kind));
            let headers = Headers::read(first, second, kind);
            headers
                .are_of(kind)
                .then_some((at, if second.is_some() { 2 } else { 1 }, headers))
        })?;
        let repeated: Vec<Row> = sheet.rows.iter().skip(at).take(depth).cloned().collect();
        let rows = sheet
            .rows
            .into_iter()
            .skip(at + depth)
            .filter(|row| {
                !headers.is_blank(row) && !is_footer(row) && !repeated.iter().any(|header| header.cells == row.cells)
            })
            .collect();
        Some(Self {
            sheet: sheet.name,
            headers,
            rows,
        })
    }

    /// The columns that are not taken.
    pub fn ignored(&self) -> &[IgnoredColumn] {
        &self.headers.ignored
    }

    /// Whether the sheet has this column.
    pub fn has(&self, column: Column) -> bool {
        self.headers.taken.iter().any(|(taken, _)| *taken == column)
    }

    /// The header of a column as typed; empty when there is none.
    pub fn header(&self, column: Column) -> &str {
        self.headers.of(column).next().map_or("", |at| self.headers.name(at))
    }

    /// The first cell of the row that holds something under this column, with its header: some forms have a column twice.
    pub fn cell<'a>(&'a self, row: &'a Row, column: Column) -> Option<(&'a str, &'a Cell)> {
        self.headers
            .of(column)
            .filter_map(|at| Some((self.headers.name(at), row.cells.get(at)?)))
            .find(|(_, cell)| !cell.is_empty())
    }
}

impl Headers {
    fn read(first: &Row, second: Option<&Row>, kind: ImportKind) -> Self {
        let width = first.cells.len().max(second.map_or(0, |row| row.cells.len()));
        let typed: Vec<String> = (0..width)
            .map(|at| {
                second
                    .and_then(|row| text_at(row, at))
                    .or_else(|| text_at(first, at))
                    .unwrap_or_default()
            })
            .collect();
        let mut headers = Self {
            typed,
            taken: Vec::new(),
            ignored: Vec::new(),
        };
        for at in 0..width {
            headers.take(at, kind);
        }
        headers.settle_phones(kind);
        headers
    }

    fn take(&mut self, at: usize, kind: ImportKind) {
        let Some(header) = self.typed.get(at).filter(|header| !header.is_empty()) else {
            return;
        };
        let reason = match Column::from_header(kind, header) {
            Some(Heading::Take(column)) => return self.taken.push((column, at)),
            Some(Heading::Number) => return,
            Some(Heading::NoPurpose) => Ignored::NoPurpose,
            Some(Heading::NotNeeded) => Ignored::NotNeeded,
            None => Ignored::Unknown,
        };
        self.ignored.push(IgnoredColumn {
            header: header.clone(),
            reason,
        });
    }

    /// A plain 联系电话 right of the contact officer is the officer's, if the person has a phone column besides.
    fn settle_phones(&mut self, kind: ImportKind) {
        let phones: Vec<usize> = self.of(Column::Phone).collect();
        let officers: Vec<usize> = self.of(Column::ContactOfficer).collect();
        if kind == ImportKind::Organisations || phones.len() < 2 {
            return;
        }
        for (column, at) in &mut self.taken {
            if *column == Column::Phone && officers.iter().any(|officer| officer + 1 == *at) {
                *column = Column::ContactOfficerPhone;
            }
        }
    }

    /// Headers of this kind have what names a thing, and another column.
    fn are_of(&self, kind: ImportKind) -> bool {
        let named = match kind {
            ImportKind::Organisations => Column::OrganisationName,
            _ => Column::Name,
        };
        self.of(named).next().is_some() && self.taken.iter().any(|(column, _)| *column != named)
    }

    fn of(&self, column: Column) -> impl Iterator<Item = usize> {
        self.taken
            .iter()
            .filter(move |(taken, _)| *taken == column)
            .map(|(_, at)| *at)
    }

    fn name(&self, at: usize) -> &str {
        self.typed.get(at).map_or("", String::as_str)
    }

    /// Nothing stands under the columns that are taken: a gap, or a line with only its number.
    fn is_blank(&self, row: &Row) -> bool {
        self.taken
            .iter()
            .all(|(_, at)| row.cells.get(*at).is_none_or(Cell::is_empty))
    }
}

/// Whether `second` goes on with the headers of `first`: it has headers, and none of its cells is anything else.
///
/// A cell that is merged over both rows is empty in the second one, or holds the same header. Where the name's header stands
/// only in the second row, the first is a line of groups and is passed over like a title.
fn continues(first: &Row, second: &Row, kind: ImportKind) -> bool {
    let cells = || (0..second.cells.len()).filter_map(|at| Some((at, text_at(second, at)?)));
    let known = |header: &str| Column::from_header(kind, header).is_some();
    second.number == first.number + 1
        && (0..first.cells.len()).any(|at| names(first, at, kind))
        && cells().any(|(_, header)| known(&header))
        && cells().all(|(at, header)| known(&header) || text_at(first, at).is_some())
        && cells()
            .filter(|(at, header)| text_at(first, *at).as_deref() != Some(header.as_str()))
            .all(|(at, _)| !names(first, at, kind))
        && second
            .cells
            .iter()
            .all(|cell| matches!(cell, Cell::Empty | Cell::Text(_)))
}

/// Whether the first header row has the name's column here: below it stands either nothing or a name.
fn names(first: &Row, at: usize, kind: ImportKind) -> bool {
    let header = text_at(first, at).unwrap_or_default();
    matches!(
        Column::from_header(kind, &header),
        Some(Heading::Take(Column::Name | Column::OrganisationName))
    )
}

fn text_at(row: &Row, at: usize) -> Option<String> {
    match row.cells.get(at)? {
        Cell::Text(text) => value(text).map(|text| text.split_whitespace().collect::<String>()),
        _ => None,
    }
}

/// The line after the data: 填表人：, 审核：, 合计.
fn is_footer(row: &Row) -> bool {
    let Some(text) = (0..row.cells.len()).find_map(|at| text_at(row, at)) else {
        return false;
    };
    let begins = normalise_header(&text);
    matches!(begins.as_str(), "合计" | "总计" | "小计")
        || (text.contains(['：', ':']) && FOOTERS.iter().any(|word| begins.starts_with(word)))
}
