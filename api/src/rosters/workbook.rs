//! A table as an Excel workbook: every cell is text, so that none acts as a formula, and no leading zero is lost.
use std::io::{self, BufWriter, Write};

use rust_xlsxwriter::{Format, Workbook as File, XlsxError};

use super::export::Sheet;
use super::{Column, Said};

/// Bytes that are gathered before they are handed on.
const CHUNK_BYTES: usize = 64 * 1024;
/// Of a column, in characters.
const WIDTH: u16 = 16;

/// A workbook that is written line by line: its rows wait in a file without a name, not in memory, until the end.
pub(super) struct Workbook<L: 'static, W: Write + Send> {
    columns: &'static [Column<L>],
    said: Said,
    file: File,
    next: u32,
    out: W,
}

impl<L, W: Write + Send> Workbook<L, W> {
    /// Begins a workbook of one sheet with the headings, which stay in sight.
    pub(super) fn begin(columns: &'static [Column<L>], said: Said, out: W) -> io::Result<Self> {
        let mut file = File::new();
        head(&mut file, columns, said).map_err(failed)?;
        Ok(Self {
            columns,
            said,
            file,
            next: 1,
            out,
        })
    }
}

fn head<L>(file: &mut File, columns: &[Column<L>], said: Said) -> Result<(), XlsxError> {
    let sheet = file.add_worksheet_with_constant_memory()?;
    let bold = Format::new().set_bold();
    sheet.set_freeze_panes(1, 0)?;
    for at in (0_u16..).take(columns.len()) {
        sheet.set_column_width(at, WIDTH)?;
    }
    for (column, at) in columns.iter().zip(0_u16..) {
        sheet.write_string_with_format(0, at, column.heading(said.language), &bold)?;
    }
    Ok(())
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

impl<L, W: Write + Send> Sheet<L> for Workbook<L, W> {
    /// Adds a line; more than an Excel sheet holds are a failure.
    fn add(&mut self, line: &L) -> io::Result<()> {
        let sheet = self.file.worksheet_from_index(0).map_err(failed)?;
        for (column, at) in self.columns.iter().zip(0_u16..) {
            sheet
                .write_string(self.next, at, column.cell(line, self.said))
                .map_err(failed)?;
        }
        self.next += 1;
        Ok(())
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(CHUNK_BYTES, self.out);
        self.file.save_to_writer(&mut out).map_err(failed)?;
        out.flush()
    }
}
