//! A table as CSV, for spreadsheets.
use super::{Sheet, failed};
use crate::extract::Language;
use crate::problem::Failure;
use crate::rosters::{BYTE_ORDER_MARK, defused};

impl Sheet {
    /// UTF-8 with its mark; no cell acts as a formula.
    pub(crate) fn csv(&self, language: Language) -> Result<Vec<u8>, Failure> {
        let mut out = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_vec());
        out.write_record(&self.headings).map_err(failed)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| defused(&cell.text(language)).into_owned());
            out.write_record(cells).map_err(failed)?;
        }
        out.into_inner().map_err(failed)
    }
}
