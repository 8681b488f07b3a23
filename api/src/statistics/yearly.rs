//! The yearly tables of mobile members as one workbook, in the layout of the form.
use domain::division::full_name;
use domain::statistics::Shown;
use domain::statistics::yearly::{YearlyColumn, YearlyRow, YearlyTable};
use persistence::rosters::{Asked, KiteLine, MagnetLine};
use persistence::statistics::Yearly;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Url, Workbook as File, Worksheet, XlsxError};

use super::sheet::hidden_note;
use super::workbook::put;
use super::{Cell, failed};
use crate::extract::Language;
use crate::problem::Failure;
use crate::rosters::place;

/// The rows of a table's head: the title, whose it is, and two of headings.
const HEAD: u32 = 4;
/// Of the column with kinds of unit, in characters.
const WIDE: f64 = 46.0;
/// Of the columns with counts.
const NARROW: f64 = 12.0;

/// The people behind the tables.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Of table （一）.
    pub(crate) gone: Vec<KiteLine>,
    /// Of table （二）.
    pub(crate) here: Vec<MagnetLine>,
}

/// The workbook. For a caller who may read people's records each count leads to the address of its list; with people,
/// two sheets name them, with what the tables ask about each.
pub(crate) fn workbook(
    yearly: &Yearly,
    people: Option<&People>,
    list: impl Fn(YearlyTable, YearlyColumn, YearlyRow) -> String,
    language: Language,
) -> Result<Vec<u8>, Failure> {
    let mut book = Book {
        file: File::new(),
        styles: Styles::new(),
        language,
    };
    book.write(yearly, people, list).map_err(failed)
}

struct Styles {
    title: Format,
    heading: Format,
    row: Format,
    count: Format,
}

impl Styles {
    fn new() -> Self {
        let boxed = || {
            Format::new()
                .set_border(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter)
        };
        Self {
            title: Format::new()
                .set_bold()
                .set_font_size(16)
                .set_align(FormatAlign::Center),
            heading: boxed().set_text_wrap().set_align(FormatAlign::Center),
            row: boxed().set_text_wrap(),
            count: boxed().set_align(FormatAlign::Right),
        }
    }
}

struct Book {
    file: File,
    styles: Styles,
    language: Language,
}

/// Where each list stands on the sheet of lists.
struct Lists {
    /// Table, column, row, count.
    lines: Vec<(YearlyTable, YearlyColumn, YearlyRow, u64)>,
}

impl Book {
    fn write(
        &mut self,
        yearly: &Yearly,
        people: Option<&People>,
        list: impl Fn(YearlyTable, YearlyColumn, YearlyRow) -> String,
    ) -> Result<Vec<u8>, XlsxError> {
        let mut lists = Lists { lines: Vec::new() };
        self.table(YearlyTable::Outflow, yearly, &mut lists)?;
        self.table(YearlyTable::Inflow, yearly, &mut lists)?;
        self.managing(yearly)?;
        if yearly.reads_people {
            self.lists(&lists, list)?;
        }
        if let Some(people) = people {
            self.gone(&people.gone)?;
            self.here(&people.here)?;
        }
        self.file.save_to_buffer()
    }

    fn table(&mut self, table: YearlyTable, yearly: &Yearly, lists: &mut Lists) -> Result<(), XlsxError> {
        let (language, styles) = (self.language, &self.styles);
        let sheet = self.file.add_worksheet();
        sheet.set_name(language.pick(table.zh(), table.en().get(..19).unwrap_or_else(|| table.en())))?;
        sheet.set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_column_width(0, WIDE)?;
        let last = u16::try_from(YearlyRow::ALL.len()).unwrap_or(u16::MAX);
        for column in 1..=last {
            sheet.set_column_width(column, NARROW)?;
        }
        sheet.merge_range(0, 0, 0, last, language.pick(table.zh(), table.en()), &styles.title)?;
        sheet.set_row_height(0, 28)?;
        let (name, day) = (&yearly.organisation.1, yearly.period.to);
        let whose = language.pick(
            format!("填报单位：{name}　　截至 {day}　　单位：人"),
            format!("Of {name}, as of {day}; people"),
        );
        sheet.write_string(1, 0, whose)?;
        head(sheet, table, last, styles, language)?;
        let shown = match table {
            YearlyTable::Outflow => &yearly.outflow,
            YearlyTable::Inflow => &yearly.inflow,
        };
        let next = counts(
            sheet,
            table,
            shown,
            (styles, language),
            yearly.reads_people.then_some(lists),
        )?;
        supplement(sheet, table, yearly, next + 1, language)?;
        sheet.set_freeze_panes(HEAD, 1)?;
        Ok(())
    }

    fn managing(&mut self, yearly: &Yearly) -> Result<(), XlsxError> {
        let (language, styles) = (self.language, &self.styles);
        let sheet = self.file.add_worksheet();
        sheet.set_name(language.pick("管理外来流入党员的党组织", "Managing organisations"))?;
        sheet.set_landscape().set_print_fit_to_pages(1, 0);
        let title = language.pick(
            "管理有外来流入党员的党组织情况",
            "Organisations that manage members who came in",
        );
        sheet.merge_range(0, 0, 0, 7, title, &styles.title)?;
        let headings = language.pick(
            [
                "党组织名称",
                "从省内流入",
                "从省外流入",
                "来源未登记",
                "负责人",
                "负责人电话",
                "地址",
                "隶属基层党委",
            ],
            [
                "Organisation",
                "From the province",
                "From other provinces",
                "Origin not recorded",
                "Secretary",
                "Phone",
                "Place",
                "Committee above",
            ],
        );
        for (column, text) in (0_u16..).zip(headings) {
            sheet.set_column_width(column, if column == 0 || column > 5 { 28.0 } else { 13.0 })?;
            sheet.write_string_with_format(2, column, text, &styles.heading)?;
        }
        for (row, unit) in (3_u32..).zip(&yearly.managing) {
            sheet.write_string_with_format(row, 0, &unit.unit.1, &styles.row)?;
            for (column, people) in (1_u16..).zip(&unit.from) {
                let cell = people.map_or(Cell::Hidden, Cell::Count);
                put(sheet, (row, column), &cell, language)?;
            }
            let texts = [
                unit.secretary.clone(),
                unit.phone.clone(),
                unit.division.map(full_name),
                unit.committee.clone(),
            ];
            for (column, text) in (4_u16..).zip(texts) {
                sheet.write_string(row, column, text.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Of each count the address under which its people are listed.
    fn lists(
        &mut self,
        lists: &Lists,
        list: impl Fn(YearlyTable, YearlyColumn, YearlyRow) -> String,
    ) -> Result<(), XlsxError> {
        let (language, styles) = (self.language, &self.styles);
        let sheet = self.file.add_worksheet();
        sheet.set_name(lists_name(language))?;
        sheet.set_freeze_panes(1, 0)?;
        let headings = language.pick(
            ["表", "原职业", "栏目", "人数", "名单地址"],
            ["Table", "Former occupation", "Column", "People", "Address of the list"],
        );
        for (column, text) in (0_u16..).zip(headings) {
            sheet.set_column_width(column, if column < 3 { 26.0 } else { 12.0 })?;
            sheet.write_string_with_format(0, column, text, &styles.heading)?;
        }
        for (row, (table, column, of, people)) in (1_u32..).zip(&lists.lines) {
            sheet.write_string(row, 0, language.pick(table.zh(), table.en()))?;
            sheet.write_string(row, 1, language.pick(of.zh(), of.en()))?;
            sheet.write_string(row, 2, language.pick(column.zh(), column.en()))?;
            sheet.write_number(row, 3, super::height(*people))?;
            sheet.write_string(row, 4, list(*table, *column, *of))?;
        }
        Ok(())
    }

    fn gone(&mut self, people: &[KiteLine]) -> Result<(), XlsxError> {
        let language = self.language;
        let rows = people.iter().filter_map(|line| {
            let journey = line.journey.as_ref()?;
            let names = [
                line.person.name.clone(),
                line.organisation.clone(),
                place(&journey.destination),
            ];
            Some((names, &journey.asked))
        });
        self.people(
            language.pick("流出名单", "Gone out"),
            language.pick(["姓名", "所在党支部", "流向"], ["Name", "Branch", "Destination"]),
            rows,
        )
    }

    fn here(&mut self, people: &[MagnetLine]) -> Result<(), XlsxError> {
        let language = self.language;
        let rows = people.iter().map(|line| {
            let origin = line.origin.clone().unwrap_or_default();
            let names = [line.person.name.clone(), line.organisation.clone(), origin];
            (names, &line.asked)
        });
        self.people(
            language.pick("流入名单", "Come in"),
            language.pick(["姓名", "流入地党组织", "流出地党组织"], ["Name", "Host", "Origin"]),
            rows,
        )
    }

    /// Row by row, so that memory does not grow with the people.
    fn people<'a>(
        &mut self,
        name: &str,
        whose: [&str; 3],
        people: impl Iterator<Item = ([String; 3], &'a Asked)>,
    ) -> Result<(), XlsxError> {
        let (language, styles) = (self.language, &self.styles);
        let sheet = self.file.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        let asked = language.pick(
            ["流动范围", "持有活动证", "外出流向", "原职业"],
            ["How far", "Certificate", "Kind of unit", "Former occupation"],
        );
        for (column, text) in (0_u16..).zip(whose.into_iter().chain(asked)) {
            sheet.set_column_width(column, 20)?;
            sheet.write_string_with_format(0, column, text, &styles.heading)?;
        }
        let mut last = 0;
        for (row, (names, of)) in (1_u32..).zip(people) {
            let certified = language.pick(["否", "是"], ["no", "yes"]);
            let certified = if of.certified {
                certified.last()
            } else {
                certified.first()
            };
            let asked = [
                of.range.map_or("", |range| language.pick(range.zh(), range.en())),
                certified.copied().unwrap_or_default(),
                of.unit.map_or("", |unit| language.pick(unit.zh(), unit.en())),
                of.occupation.map_or("", |one| language.pick(one.zh(), one.en())),
            ];
            let texts = names.iter().map(String::as_str).chain(asked);
            for (column, text) in (0_u16..).zip(texts) {
                sheet.write_string(row, column, text)?;
            }
            last = row;
        }
        sheet.autofilter(0, 0, last, 6)?;
        Ok(())
    }
}

fn lists_name(language: Language) -> &'static str {
    language.pick("名单对照", "Lists")
}

/// The headings: two rows of them, merged as in the form.
fn head(
    sheet: &mut Worksheet,
    table: YearlyTable,
    last: u16,
    styles: &Styles,
    language: Language,
) -> Result<(), XlsxError> {
    let units = match table {
        YearlyTable::Outflow => language.pick("外出流向", "Kind of unit at the destination"),
        YearlyTable::Inflow => language.pick("流入后所在单位", "Kind of unit here"),
    };
    sheet.merge_range(2, 0, 3, 0, units, &styles.heading)?;
    let occupations = language.pick("原职业", "Former occupation");
    sheet.merge_range(2, 2, 2, last, occupations, &styles.heading)?;
    for (at, of) in (1_u16..).zip(YearlyRow::ALL) {
        let said = language.pick(of.zh(), of.en());
        if *of == YearlyRow::Total {
            sheet.merge_range(2, at, 3, at, said, &styles.heading)?;
        } else {
            sheet.write_string_with_format(3, at, said, &styles.heading)?;
        }
    }
    sheet.set_row_height(2, 22)?.set_row_height(3, 76)?;
    Ok(())
}

/// The counts, the kinds of unit down the side with what is within a subtotal set in; answers the row after the last.
fn counts(
    sheet: &mut Worksheet,
    table: YearlyTable,
    shown: &Shown,
    (styles, language): (&Styles, Language),
    mut lists: Option<&mut Lists>,
) -> Result<u32, XlsxError> {
    let mut row = HEAD;
    for (place, column) in table.columns().enumerate() {
        let depth = std::iter::successors(column.within(), |within| within.within()).count();
        let label = format!("{}{}", "　".repeat(depth), language.pick(column.zh(), column.en()));
        sheet.set_row_height(row, 20)?;
        sheet.write_string_with_format(row, 0, label, &styles.row)?;
        for ((at, of), cells) in (1_u16..).zip(YearlyRow::ALL).zip(shown) {
            match (cells.get(place).copied().flatten(), &mut lists) {
                (None, _) => {
                    sheet.write_string_with_format(row, at, super::sheet::hidden(language), &styles.count)?;
                }
                (Some(people @ 1..), Some(lists)) => {
                    lists.lines.push((table, column, *of, people));
                    let below = lists.lines.len() + 1;
                    let list = Url::new(format!("internal:'{}'!A{below}", lists_name(language)));
                    sheet.write_url_with_format(row, at, list, &styles.count)?;
                    sheet.write_number_with_format(row, at, super::height(people), &styles.count)?;
                }
                (Some(people), _) => {
                    sheet.write_number_with_format(row, at, super::height(people), &styles.count)?;
                }
            }
        }
        row += 1;
    }
    Ok(row)
}

/// What stands below a table.
fn supplement(
    sheet: &mut Worksheet,
    table: YearlyTable,
    yearly: &Yearly,
    mut row: u32,
    language: Language,
) -> Result<(), XlsxError> {
    let of = &yearly.organisations;
    let mut lines: Vec<(String, Cell)> = Vec::new();
    match table {
        YearlyTable::Outflow => {
            let heading = language.pick("补充：党员服务中心（站、点）", "Supplement: service centres and points");
            lines.push((heading.to_owned(), Cell::Nothing));
            let centres = of.service_centres.iter();
            lines.extend(
                centres.map(|(level, count)| (language.pick(level.zh(), level.en()).to_owned(), Cell::Count(*count))),
            );
        }
        YearlyTable::Inflow => {
            let people = of.in_mobile_organisations.map_or(Cell::Hidden, Cell::Count);
            let more = [
                (language.pick("补充：", "Supplement:"), Cell::Nothing),
                (
                    language.pick("接收流动党员的党支部数", "Branches that received mobile members"),
                    Cell::Count(of.receiving_branches),
                ),
                (
                    language.pick(
                        "建立流动党员党组织数：党委",
                        "Organisations of mobile members: committees",
                    ),
                    Cell::Count(of.mobile_committees),
                ),
                (
                    language.pick("　　　　　　　　　　总支部", "General branches"),
                    Cell::Count(of.mobile_general_branches),
                ),
                (
                    language.pick("　　　　　　　　　　支部", "Branches"),
                    Cell::Count(of.mobile_branches),
                ),
                (
                    language.pick("共接收流动党员名数", "Mobile members received by them"),
                    people,
                ),
            ];
            lines.extend(more.map(|(label, cell)| (label.to_owned(), cell)));
        }
    }
    let registered = language.pick(
        "统计口径：截至当日登记在册的全部流动，含外出不满6个月的。",
        "Counted are all registered journeys and stays on the day, those of less than six months as well.",
    );
    lines.push((registered.to_owned(), Cell::Nothing));
    if !yearly.reads_people {
        lines.push((hidden_note(language).to_owned(), Cell::Nothing));
    }
    for (label, cell) in lines {
        sheet.write_string(row, 0, label)?;
        put(sheet, (row, 1), &cell, language)?;
        row += 1;
    }
    Ok(())
}
