//! Bytes of an uploaded file to sheets of cells, within limits that no zip bomb passes.

use std::io::{self, Cursor, Read};

use calamine::{Data, DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use chrono::NaiveDate;
use domain::spreadsheet::value;
use thiserror::Error;

/// Largest file that is read, bytes.
pub const FILE_BYTES: usize = 50 << 20;
/// Largest size of everything in a workbook once uncompressed, bytes.
const UNCOMPRESSED_BYTES: u64 = 384 << 20;
/// Largest part of a workbook other than a sheet (it is held in memory), bytes.
const PART_BYTES: u64 = 64 << 20;
/// Most rows in a file.
const ROWS: u32 = 200_000;
/// Columns further right are not looked at.
const COLUMNS: u32 = 200;
/// Most cells that merged regions may fill in one sheet.
const MERGED_CELLS: u64 = 1_000_000;

/// A cell as the file holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// A text as typed.
    Text(Box<str>),
    /// A number that is not formatted as a date.
    Number(f64),
    /// A real date; the time of day is dropped.
    Date(NaiveDate),
}

impl Cell {
    fn text(text: &str) -> Self {
        if text.trim().is_empty() {
            Self::Empty
        } else {
            Self::Text(text.into())
        }
    }

    /// As a spreadsheet would show it.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }

    /// Whether it holds nothing, or a mark that means nothing (无, —).
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => value(text).is_none(),
            Self::Number(_) | Self::Date(_) => false,
        }
    }
}

/// A row with its number as the spreadsheet shows it, from 1.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number at its left edge.
    pub number: u32,
    /// The cells from column A on.
    pub cells: Vec<Cell>,
}

/// A sheet of a workbook, or the whole of a CSV file.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The name on its tab; empty for a CSV file.
    pub name: String,
    /// The rows that are not blank, in order.
    pub rows: Vec<Row>,
}

/// Why nothing of a file can be read; the message says what to do.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unreadable {
    /// No bytes.
    #[error("the file is empty; choose the spreadsheet again")]
    Empty,
    /// More than [`FILE_BYTES`].
    #[error("the file is larger than 50 MiB; split it, for example by township")]
    TooLarge,
    /// The old Excel format, or a workbook with a password.
    #[error(
        "this is an old .xls file or one with a password; open it in Excel or WPS and save it as .xlsx without a password"
    )]
    OldOrLocked,
    /// Not a spreadsheet at all.
    #[error("this is no spreadsheet; choose an .xlsx file, or a .csv file in UTF-8 or GB18030")]
    NotASpreadsheet,
    /// A workbook that unpacks to more than the limits.
    #[error("the workbook unpacks to more than is read (200,000 rows, 384 MiB); split it, for example by township")]
    TooMuchInside,
    /// A workbook that is broken.
    #[error("the workbook is damaged; open it in Excel or WPS and save it again as .xlsx")]
    Damaged,
    /// No row of any sheet has the headers that are looked for.
    #[error("no row with the expected headers was found ({0}); check that the file is of the chosen kind")]
    NoHeader(&'static str),
}

impl Unreadable {
    /// The stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooLarge => "file_too_large",
            Self::OldOrLocked => "file_old_or_locked",
            Self::NotASpreadsheet => "file_not_a_spreadsheet",
            Self::TooMuchInside => "file_too_much_inside",
            Self::Damaged => "file_damaged",
            Self::NoHeader(_) => "file_no_header",
        }
    }

    /// The message in Chinese; the `Display` form is the English one.
    pub fn zh(&self) -> String {
        match self {
            Self::Empty => "文件是空的，请重新选择表格文件".to_owned(),
            Self::TooLarge => "文件超过 50 MiB，请拆分后再导入，例如按乡镇分开".to_owned(),
            Self::OldOrLocked => {
                "这是旧版 .xls 文件或加了密码的文件，请用 Excel 或 WPS 另存为不加密码的 .xlsx".to_owned()
            }
            Self::NotASpreadsheet => "这不是表格文件，请选择 .xlsx 文件，或 UTF-8、GB18030 编码的 .csv 文件".to_owned(),
            Self::TooMuchInside => {
                "工作簿解压后超出限度（20 万行、384 MiB），请拆分后再导入，例如按乡镇分开".to_owned()
            }
            Self::Damaged => "工作簿已损坏，请用 Excel 或 WPS 打开后重新另存为 .xlsx".to_owned(),
            Self::NoHeader(headers) => format!("没有找到表头（{headers}），请核对所选的导入种类"),
        }
    }
}

/// Reads the sheets one after the other, so that only one is in memory at a time.
///
/// Hidden sheets hold the lists of drop-downs and are passed over.
///
/// # Errors
/// [`Unreadable`] when the file is no spreadsheet, too large, damaged, or stopped by `each`.
pub fn read(bytes: &[u8], each: impl FnMut(Sheet) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
    match bytes {
        [] => Err(Unreadable::Empty),
        _ if bytes.len() > FILE_BYTES => Err(Unreadable::TooLarge),
        [b'P', b'K', 3, 4, ..] => read_workbook(bytes, each),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(Unreadable::OldOrLocked),
        _ => read_csv(bytes, each),
    }
}

fn read_workbook(bytes: &[u8], mut each: impl FnMut(Sheet) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
    refuse_bombs(bytes, UNCOMPRESSED_BYTES, PART_BYTES)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_broken| Unreadable::Damaged)?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut budget = ROWS;
    for name in names {
        let mut rows = sheet_rows(&mut workbook, &name, &mut budget)?;
        let merged = workbook
            .merge_cells_by_sheet_name(&name)
            .map_err(|_broken| Unreadable::Damaged)?;
        fill_merged(&mut rows, &merged)?;
        each(Sheet { name, rows })?;
    }
    Ok(())
}

/// Unpacks everything once without keeping it: the sizes that a zip file states are not to be believed.
pub(super) fn refuse_bombs(bytes: &[u8], whole: u64, part_bytes: u64) -> Result<(), Unreadable> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_broken| Unreadable::Damaged)?;
    let mut left = whole;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_broken| Unreadable::Damaged)?;
        let sheet = part.name().is_ok_and(|name| name.starts_with("xl/worksheets/"));
        let most = if sheet { left } else { left.min(part_bytes) };
        let size = io::copy(&mut part.take(most + 1), &mut io::sink()).map_err(|_broken| Unreadable::Damaged)?;
        if size > most {
            return Err(Unreadable::TooMuchInside);
        }
        left -= size;
    }
    Ok(())
}

fn sheet_rows(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, budget: &mut u32) -> Result<Vec<Row>, Unreadable> {
    let mut rows: Vec<Row> = Vec::new();
    let mut cells = workbook
        .worksheet_cells_reader(name)
        .map_err(|_broken| Unreadable::Damaged)?;
    while let Some(cell) = cells.next_cell().map_err(|_broken| Unreadable::Damaged)? {
        let (row, column) = cell.get_position();
        let content = from_workbook(cell.get_value());
        if content == Cell::Empty || column >= COLUMNS {
            continue;
        }
        if rows.last().is_none_or(|last| last.number != row + 1) {
            *budget = budget.checked_sub(1).ok_or(Unreadable::TooMuchInside)?;
            rows.push(Row {
                number: row + 1,
                cells: Vec::new(),
            });
        }
        if let Some(last) = rows.last_mut() {
            put(&mut last.cells, column, content);
        }
    }
    rows.sort_by_key(|row| row.number);
    Ok(rows)
}

fn put(cells: &mut Vec<Cell>, column: u32, content: Cell) {
    let Ok(at) = usize::try_from(column) else { return };
    if cells.len() <= at {
        cells.resize(at + 1, Cell::Empty);
    }
    if let Some(cell) = cells.get_mut(at) {
        *cell = content;
    }
}

fn from_workbook(data: &DataRef<'_>) -> Cell {
    match Data::from(data.clone()) {
        Data::Empty => Cell::Empty,
        Data::String(text) | Data::DurationIso(text) => Cell::text(&text),
        Data::Int(number) => Cell::text(&number.to_string()),
        Data::Float(number) => Cell::Number(number),
        Data::Bool(yes) => Cell::text(if yes { "是" } else { "否" }),
        Data::DateTime(time) => time
            .as_datetime()
            .map_or(Cell::Number(time.as_f64()), |time| Cell::Date(time.date())),
        Data::DateTimeIso(text) => text
            .get(..10)
            .and_then(|day| day.parse().ok())
            .map_or_else(|| Cell::text(&text), Cell::Date),
        Data::Error(error) => Cell::text(&error.to_string()),
    }
}

/// A merged region holds its value in every cell: a branch once for all its rows, a group of headers over its columns.
fn fill_merged(rows: &mut [Row], merged: &[calamine::Dimensions]) -> Result<(), Unreadable> {
    let mut filled: u64 = 0;
    for region in merged {
        let (top, left) = region.start;
        let (bottom, right) = (region.end.0, region.end.1.min(COLUMNS - 1));
        let Some(content) = at(rows, top, left).cloned() else {
            continue;
        };
        let from = rows.partition_point(|row| row.number <= top);
        for row in rows.iter_mut().skip(from).take_while(|row| row.number <= bottom + 1) {
            for column in left..=right {
                filled += 1;
                put(&mut row.cells, column, content.clone());
            }
        }
        if filled > MERGED_CELLS {
            return Err(Unreadable::TooMuchInside);
        }
    }
    Ok(())
}

fn at(rows: &[Row], row: u32, column: u32) -> Option<&Cell> {
    let index = rows.binary_search_by_key(&(row + 1), |row| row.number).ok()?;
    rows.get(index)?
        .cells
        .get(usize::try_from(column).ok()?)
        .filter(|cell| **cell != Cell::Empty)
}

fn read_csv(bytes: &[u8], mut each: impl FnMut(Sheet) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
    let text = decode(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut inside_cells = 0;
    while reader
        .read_record(&mut record)
        .map_err(|_broken| Unreadable::NotASpreadsheet)?
    {
        let number = row_number(&text, record.position()).saturating_sub(inside_cells);
        inside_cells += record.iter().map(|cell| line_breaks(cell.as_bytes())).sum::<u32>();
        let cells: Vec<Cell> = record.iter().take(200).map(Cell::text).collect();
        if cells.iter().any(|cell| *cell != Cell::Empty) {
            if rows.len() >= usize::try_from(ROWS).unwrap_or(usize::MAX) {
                return Err(Unreadable::TooMuchInside);
            }
            rows.push(Row { number, cells });
        }
    }
    each(Sheet {
        name: String::new(),
        rows,
    })
}

/// The line on which a record starts; the reader's position stands before the blank lines that it passes over.
fn row_number(text: &str, position: Option<&csv::Position>) -> u32 {
    let Some(position) = position else { return 0 };
    let rest = usize::try_from(position.byte())
        .ok()
        .and_then(|at| text.as_bytes().get(at..))
        .unwrap_or_default();
    let blank = rest
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))
        .unwrap_or(rest.len());
    let line = u32::try_from(position.line()).unwrap_or(u32::MAX);
    line.saturating_add(line_breaks(rest.get(..blank).unwrap_or_default()))
}

fn line_breaks(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.split(|byte| *byte == b'\n').skip(1).count()).unwrap_or(u32::MAX)
}

/// UTF-8 and UTF-16 by their marks, else UTF-8 when it is valid, else GB18030.
fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    let guess = if std::str::from_utf8(bytes).is_ok() {
        encoding_rs::UTF_8
    } else {
        encoding_rs::GB18030
    };
    let (text, _, malformed) = guess.decode(bytes);
    let readable = !malformed && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    let text = readable
        .then_some(text.into_owned())
        .ok_or(Unreadable::NotASpreadsheet)?;
    if text.trim().is_empty() {
        Err(Unreadable::Empty)
    } else {
        Ok(text)
    }
}

fn delimiter(text: &str) -> u8 {
    let head: String = text.lines().take(10).collect();
    let count = |c: char| head.matches(c).count();
    [('\t', b'\t'), (';', b';')]
        .into_iter()
        .find(|(c, _)| count(*c) > count(','))
        .map_or(b',', |(_, byte)| byte)
}
