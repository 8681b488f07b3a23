//! The report of a campaign as an Excel workbook: figures are numbers, everything else is text, so that nothing acts as a
//! formula.
use domain::campaign::{Activity, Figure, Line, Report};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::rosters::Said;

/// Of the column of names, in characters.
const NAMES: u16 = 28;
/// Of a column of figures.
const FIGURES: u16 = 12;

/// The workbook's bytes.
pub(super) fn of(report: &Report, said: Said) -> Result<Vec<u8>, XlsxError> {
    let mut file = Workbook::new();
    // The file is the same whenever it is fetched.
    let drawn_up = ExcelDateTime::from_timestamp(report.drawn_up_at.timestamp())?;
    let properties = DocProperties::new().set_title(&report.title);
    file.set_properties(&properties.set_creation_datetime(&drawn_up));
    figures(file.add_worksheet(), report, said)?;
    definitions(file.add_worksheet(), report, said)?;
    file.save_to_buffer()
}

fn figures(sheet: &mut Worksheet, report: &Report, said: Said) -> Result<(), XlsxError> {
    let title = Format::new().set_bold().set_font_size(14);
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin);
    let cell = Format::new().set_border(FormatBorder::Thin);
    let sum = Format::new().set_bold().set_border(FormatBorder::Thin);
    sheet.set_name(said.pick("活动报告", "Report"))?;
    sheet.write_string_with_format(0, 0, &report.title, &title)?;
    sheet.write_string(1, 0, about(report, said))?;
    sheet.set_column_width(0, NAMES)?;
    let heads = heads(report, said);
    for (at, text) in (0_u16..).zip(&heads) {
        if at > 0 {
            sheet.set_column_width(at, FIGURES)?;
        }
        sheet.write_string_with_format(HEAD, at, text, &head)?;
    }
    sheet.set_freeze_panes(HEAD + 1, 1)?;
    sheet.set_repeat_rows(HEAD, HEAD)?;
    // Names of three lines; on paper all figures stand side by side.
    sheet.set_row_height(HEAD, 48)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let mut row = HEAD + 1;
    for (place, line) in &report.lines {
        write(sheet, row, (&place.name, line), &cell)?;
        row += 1;
    }
    write(sheet, row, (said.pick("合计", "Total"), &report.total), &sum)
}

/// The row of the headings.
const HEAD: u32 = 3;

fn about(report: &Report, said: Said) -> String {
    let (from, until) = (report.window.from, report.window.until);
    let at = report.drawn_up_at.with_timezone(&said.zone).format("%Y-%m-%d %H:%M");
    let (place, by) = (&report.organisation.name, &report.drawn_up_by);
    let (day, zh, en) = (report.festival_on, report.festival.zh(), report.festival.en());
    said.pick(
        format!("{place}　{zh} {day}　活动期间 {from} 至 {until}　{by} 于 {at} 定稿"),
        format!("{place}, {en} {day}, from {from} until {until}, frozen by {by} at {at}"),
    )
}

fn heads(report: &Report, said: Said) -> Vec<String> {
    let fixed = [
        said.pick("组织", "Organisation"),
        said.pick("活动对象", "Members meant"),
        said.pick("已询问返乡", "Asked"),
        said.pick("已返乡", "Came home"),
    ];
    let of = |activity: &Activity| {
        let name = said.pick(&activity.zh, &activity.en);
        [
            said.pick(format!("{name}（完成）"), format!("{name}: done")),
            said.pick(format!("{name}（目标）"), format!("{name}: target")),
        ]
    };
    let fixed = fixed.into_iter().map(ToOwned::to_owned);
    fixed.chain(report.activities.iter().flat_map(of)).collect()
}

fn write(sheet: &mut Worksheet, row: u32, (name, line): (&str, &Line), format: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, 0, name, format)?;
    let activities = line.activities.iter();
    let pair = |figure: &Figure| [Some(figure.done), figure.wanted];
    let counts = [line.members, line.asked, line.home].map(Some);
    for (at, figure) in (1_u16..).zip(counts.into_iter().chain(activities.flat_map(pair))) {
        match figure {
            Some(figure) => sheet.write_number_with_format(row, at, figure, format)?,
            None => sheet.write_blank(row, at, format)?,
        };
    }
    Ok(())
}

fn definitions(sheet: &mut Worksheet, report: &Report, said: Said) -> Result<(), XlsxError> {
    sheet.set_name(said.pick("统计口径", "Definitions"))?;
    sheet.set_column_width(0, NAMES)?;
    let bold = Format::new().set_bold();
    sheet.write_string_with_format(0, 0, said.pick("活动", "Activity"), &bold)?;
    sheet.write_string_with_format(0, 1, said.pick("按什么统计", "Counted from"), &bold)?;
    for (row, activity) in (1_u32..).zip(&report.activities) {
        sheet.write_string(row, 0, said.pick(&activity.zh, &activity.en))?;
        let counted = said.pick(activity.kind.counted_zh(), activity.kind.counted_en());
        sheet.write_string(row, 1, counted)?;
    }
    Ok(())
}
