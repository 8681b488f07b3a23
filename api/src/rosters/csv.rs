//! CSV that spreadsheets open as it is meant: UTF-8 with its mark, and no cell that acts as a formula.
use std::borrow::Cow;
use std::io::{self, Write};

use super::export::Sheet;
use super::{Column, Said};

/// Bytes that are gathered before they are handed on.
const CHUNK_BYTES: usize = 64 * 1024;
/// By which Excel knows UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A table that is written line by line.
pub(super) struct Table<L: 'static, W: Write> {
    columns: &'static [Column<L>],
    said: Said,
    out: csv::Writer<W>,
}

impl<L, W: Write> Table<L, W> {
    /// Begins a table: the headings are handed on at once.
    pub(super) fn begin(columns: &'static [Column<L>], said: Said, mut out: W) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK)?;
        let mut out = csv::WriterBuilder::new()
            .buffer_capacity(CHUNK_BYTES)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        out.write_record(columns.iter().map(|column| column.heading(said.language)))?;
        out.flush()?;
        Ok(Self { columns, said, out })
    }
}

impl<L, W: Write> Sheet<L> for Table<L, W> {
    fn add(&mut self, line: &L) -> io::Result<()> {
        for column in self.columns {
            self.out.write_field(&*defused(&column.cell(line, self.said)))?;
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn end(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// A cell that begins like a formula begins with an apostrophe, which spreadsheets take as "text follows".
pub(crate) fn defused(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for cell in ["=1+1", "+8613", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(defused(cell), format!("'{cell}"));
        }
        for cell in ["", "王芳", "1-1", "a=b"] {
            assert_eq!(defused(cell), cell);
        }
    }
}
