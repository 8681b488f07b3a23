//! What became of a file, for the secretary: counts, faults, columns that were not taken.
use persistence::imports::Outcome;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::Fault;
use super::reading::Reading;
use super::table::IgnoredColumn;

/// What became of a file. Holds what secretaries typed: sealed in the database, never logged.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct Report {
    /// Rows with data: those that were taken and those that were not.
    #[schema(example = 764)]
    pub data_rows: u32,
    /// Rows that become something new.
    #[schema(example = 738)]
    pub created: usize,
    /// Rows that change what is stored.
    #[schema(example = 0)]
    pub changed: usize,
    /// Rows that say what is stored already.
    #[schema(example = 0)]
    pub unchanged: usize,
    /// Rows that are not taken; each has at least one fault.
    #[schema(example = 26)]
    pub refused: usize,
    /// Every fault of every row.
    pub faults: Vec<FaultView>,
    /// Columns that are not taken, and why.
    pub ignored_columns: Vec<IgnoredColumn>,
    /// Sheets without the headers of this kind, which were passed over.
    #[schema(example = json!([]))]
    pub passed_over_sheets: Vec<String>,
}

/// One thing in one row that cannot be taken.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportFault)]
pub struct FaultView {
    /// The sheet's name; empty for a CSV file.
    #[schema(example = "流出党员")]
    pub sheet: String,
    /// The row as the spreadsheet numbers it, from 1.
    #[schema(example = 12)]
    pub row: u32,
    /// The header of the column as typed; empty when the file has no such column.
    #[schema(example = "所在党支部")]
    pub column: String,
    /// The cell as typed.
    #[schema(example = "不存在的村党支部")]
    pub value: String,
    /// Why, as a stable word.
    #[schema(example = "organisation_unknown")]
    pub code: String,
    /// Why, in Chinese.
    #[schema(example = "没有找到这个党组织，请核对名称")]
    pub reason_zh: String,
    /// Why, in English.
    #[schema(example = "no organisation of this name; check the name")]
    pub reason_en: String,
}

impl From<&Fault> for FaultView {
    fn from(fault: &Fault) -> Self {
        Self {
            sheet: fault.sheet.clone(),
            row: fault.row,
            column: fault.column.clone(),
            value: fault.value.clone(),
            code: fault.reason.code().to_owned(),
            reason_zh: fault.reason.zh(),
            reason_en: fault.reason.en(),
        }
    }
}

impl Report {
    /// What was read and what became of it, the faults in the order of the file.
    pub(super) fn of<T>(mut reading: Reading<T>, outcome: &Outcome) -> Self {
        let sheets = reading.sheets;
        let place = |fault: &Fault| (sheets.iter().position(|sheet| *sheet == fault.sheet), fault.row);
        reading.faults.sort_by_key(place);
        let mut rows: Vec<_> = reading.faults.iter().map(place).collect();
        rows.dedup();
        Self {
            data_rows: reading.data_rows,
            created: outcome.created,
            changed: outcome.changed,
            unchanged: outcome.unchanged,
            refused: rows.len(),
            faults: reading.faults.iter().map(FaultView::from).collect(),
            ignored_columns: reading.ignored,
            passed_over_sheets: reading.passed_over,
        }
    }
}
