//! A statistic as an Excel workbook: the table, and a chart that Excel draws itself.
use rust_xlsxwriter::{Chart, ChartType, Format, FormatAlign, Workbook as File, Worksheet, XlsxError};

use super::picture::{Picture, Shape};
use super::{Cell, Sheet, failed};
use crate::extract::Language;
use crate::problem::Failure;

/// Of the column with names, in characters.
const WIDE: f64 = 30.0;
/// Of the others.
const NARROW: f64 = 14.0;

/// The workbook of a table with its chart.
pub(crate) fn workbook(sheet: &Sheet, picture: &Picture, language: Language) -> Result<Vec<u8>, Failure> {
    write(sheet, picture, language).map_err(failed)
}

fn write(sheet: &Sheet, picture: &Picture, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut file = File::new();
    let table = file.add_worksheet();
    table.set_name(language.pick("统计表", "Table"))?;
    table.set_landscape().set_print_fit_to_pages(1, 0);
    fill(table, sheet, language)?;
    let drawn = file.add_worksheet();
    let name = language.pick("图表", "Chart");
    drawn.set_name(name)?;
    draw(drawn, name, picture)?;
    let notes = file.add_worksheet();
    notes.set_name(language.pick("说明", "Notes"))?;
    notes.set_column_width(0, WIDE * 3.0)?;
    for (row, note) in (0_u32..).zip(&sheet.notes) {
        notes.write_string(row, 0, note)?;
    }
    file.save_to_buffer()
}

fn fill(table: &mut Worksheet, sheet: &Sheet, language: Language) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let heading = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    table.write_string_with_format(0, 0, &sheet.title, &bold)?;
    table.set_freeze_panes(2, 1)?;
    for (column, text) in (0_u16..).zip(&sheet.headings) {
        table.set_column_width(column, if column == 0 { WIDE } else { NARROW })?;
        table.write_string_with_format(1, column, text, &heading)?;
    }
    for (row, cells) in (2_u32..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            put(table, (row, column), cell, language)?;
        }
    }
    Ok(())
}

/// Writes a cell: a text as text, so that none acts as a formula.
pub(super) fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    language: Language,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Count(count) => sheet.write_number(row, column, super::height(*count))?,
        Cell::Percent(percent) => {
            let format = Format::new().set_num_format("0.0%");
            sheet.write_number_with_format(row, column, percent / 100.0, &format)?
        }
        Cell::Text(_) | Cell::Hidden => sheet.write_string(row, column, cell.text(language))?,
        Cell::Nothing => sheet,
    };
    Ok(())
}

/// The numbers that are drawn, and the chart beside them.
fn draw(sheet: &mut Worksheet, name: &str, picture: &Picture) -> Result<(), XlsxError> {
    sheet.set_column_width(0, WIDE)?;
    for (row, category) in (1_u32..).zip(&picture.categories) {
        sheet.write_string(row, 0, category)?;
    }
    for (column, (label, values)) in (1_u16..).zip(&picture.series) {
        sheet.write_string(0, column, label)?;
        for (row, value) in (1_u32..).zip(values) {
            if let Some(value) = value {
                sheet.write_number(row, column, *value)?;
            }
        }
    }
    let Ok(last @ 1..) = u32::try_from(picture.categories.len()) else {
        return Ok(());
    };
    let chart = chart(name, picture, last);
    let beside = u16::try_from(picture.series.len()).unwrap_or(1) + 2;
    sheet.insert_chart(1, beside, &chart)?;
    Ok(())
}

fn chart(name: &str, picture: &Picture, last: u32) -> Chart {
    let (kind, height) = match picture.shape {
        Shape::Months => (ChartType::Column, 420),
        Shape::Percent => (ChartType::Bar, 420),
        Shape::Bars if picture.stacks() => (ChartType::BarStacked, 160 + 26 * last.max(8)),
        Shape::Bars => (ChartType::Bar, 160 + 40 * last.max(6)),
    };
    let mut chart = Chart::new(kind);
    let mut line = Chart::new(ChartType::Line);
    for column in (1_u16..).take(picture.series.len()) {
        let as_line = picture.shape == Shape::Months && column == 1;
        let on = if as_line { &mut line } else { &mut chart };
        on.add_series()
            .set_name((name, 0, column))
            .set_categories((name, 1, 0, last, 0))
            .set_values((name, 1, column, last, column))
            .set_secondary_axis(as_line);
    }
    chart.title().set_name(&picture.title);
    let (categories, values) = (picture.shape != Shape::Months, &picture.unit);
    chart.y_axis().set_name(if categories { "" } else { values.as_str() });
    if categories {
        // Excel draws bars from the bottom; the first is to stand at the top.
        chart.x_axis().set_reverse();
        chart.y_axis().set_name(values);
    }
    if picture.shape == Shape::Months {
        line.y2_axis().set_name(picture.language.pick("人", "people"));
        chart.combine(&line);
    }
    chart.set_width(900).set_height(height);
    chart
}
