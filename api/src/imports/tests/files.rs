//! Bytes of every kind: encodings, broken files, bombs.

use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::reader::{Cell, FILE_BYTES, Sheet, Unreadable, read, refuse_bombs};
use super::workbook;

fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    let mut sheets = Vec::new();
    read(bytes, |sheet| {
        sheets.push(sheet);
        Ok(())
    })?;
    Ok(sheets)
}

fn shown(sheet: &Sheet) -> Vec<(u32, Vec<String>)> {
    sheet
        .rows
        .iter()
        .map(|row| (row.number, row.cells.iter().map(Cell::shown).collect()))
        .collect()
}

fn line(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
    (number, cells.iter().map(|&cell| cell.to_owned()).collect())
}

#[test]
fn csv_is_read_in_every_encoding() {
    let text = "姓名,民族\n王芳,汉族\n";
    let utf16: Vec<u8> = "\u{feff}姓名,民族\n王芳,汉族\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let files = [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        encoding_rs::GB18030.encode(text).0.into_owned(),
        utf16,
        text.replace(',', "\t").replace('\n', "\r\n").into_bytes(),
        text.replace(',', ";").into_bytes(),
    ];
    for bytes in files {
        let sheets = sheets(&bytes).unwrap();
        assert_eq!(
            shown(&sheets[0]),
            [line(1, &["姓名", "民族"]), line(2, &["王芳", "汉族"])]
        );
    }
}

#[test]
fn rows_keep_the_numbers_that_a_spreadsheet_shows() {
    let text = "标题\r\n\r\n\"姓\r\n名\",民族\r\n,\r\n王芳,汉族\r\n\r\n\r\n李强,回族";
    let sheets = sheets(text.as_bytes()).unwrap();
    let numbers: Vec<u32> = sheets[0].rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [1, 3, 5, 8]);

    let book = workbook(&[("a", "\nx\n\n|y")]);
    let sheets = super::files::sheets(&book).unwrap();
    assert_eq!(shown(&sheets[0]), [line(2, &["x"]), line(4, &["", "y"])]);
}

#[test]
fn a_wrong_file_is_refused_with_a_clear_message() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0";
    let xls = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0";
    assert_eq!(sheets(b"").unwrap_err(), Unreadable::Empty);
    assert_eq!(sheets(b"\xef\xbb\xbf \r\n").unwrap_err(), Unreadable::Empty);
    assert_eq!(sheets(png).unwrap_err(), Unreadable::NotASpreadsheet);
    assert_eq!(sheets(xls).unwrap_err(), Unreadable::OldOrLocked);
    assert_eq!(sheets(b"PK\x03\x04 not a zip").unwrap_err(), Unreadable::Damaged);
    assert_eq!(sheets(&vec![b'a'; FILE_BYTES + 1]).unwrap_err(), Unreadable::TooLarge);
    assert!(Unreadable::OldOrLocked.zh().contains(".xlsx"));
}

/// A file of zeros that packs a thousand to one, as the given part of a workbook.
fn bomb(part: &str, mebibytes: usize) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(part, SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_refused() {
    let bytes = bomb("xl/sharedStrings.xml", 65);
    assert!(bytes.len() < 1 << 20);
    assert_eq!(sheets(&bytes).unwrap_err(), Unreadable::TooMuchInside);
    let sheet = bomb("xl/worksheets/sheet1.xml", 3);
    assert_eq!(
        refuse_bombs(&sheet, 2 << 20, 1 << 20).unwrap_err(),
        Unreadable::TooMuchInside
    );
    assert_eq!(
        refuse_bombs(&sheet, 4 << 20, 1 << 20),
        Ok(()),
        "a sheet may be larger than any other part"
    );
}

#[test]
fn a_cell_far_away_costs_nothing() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "x").unwrap();
    sheet.write(1_048_575, 16_383, "y").unwrap();
    let sheets = sheets(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(shown(&sheets[0]), [line(1, &["x"])]);
}
