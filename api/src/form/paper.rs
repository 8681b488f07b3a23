//! A form on paper: a title, a table of labelled boxes and what stands below it, on as many A4 pages as it takes, as
//! PDF/A-2u: with its fonts embedded and its text readable by machines.
use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::color::luma;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime as PdfDateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use super::fonts::Fonts;
use super::row::{Look, Row};
use crate::problem::Failure;
use crate::rosters::Said;

/// A form, filled in.
pub(crate) struct Form {
    /// What stands on top.
    pub(super) title: &'static str,
    /// Above the table, on the right.
    pub(super) number: String,
    /// The table, from top to bottom.
    pub(super) rows: Vec<Row>,
    /// Below the table: a paragraph each.
    pub(super) notes: Vec<String>,
    /// At the bottom of each page: who drew it up, and when.
    pub(super) foot: String,
    /// When it was drawn up.
    pub(super) at: DateTime<Utc>,
    /// In which language.
    pub(super) said: Said,
    /// Whether the paper lies on its long side.
    pub(super) wide: bool,
}

/// A sheet of paper, as wide and as high as it is; a form lies on its long side or stands.
#[derive(Debug, Clone, Copy)]
struct Paper {
    across: f32,
    down: f32,
}

impl Paper {
    const fn of(form: &Form) -> Self {
        let (across, down) = if form.wide { (A4.1, A4.0) } else { A4 };
        Self { across, down }
    }

    /// Where the table ends at the latest.
    const fn bottom(self) -> f32 {
        self.down - 58.0
    }

    /// How wide the table is.
    const fn width(self) -> f32 {
        self.across - 2.0 * MARGIN
    }

    /// Where lines end on the right.
    const fn right(self) -> f32 {
        self.across - MARGIN
    }

    /// Lines after which a row is cut, so that its parts fit on pages.
    fn most_lines(self) -> usize {
        if self.across > self.down { 18 } else { 36 }
    }
}

// All measures are points, 1/72 inch.
const A4: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 50.0;
const TOP: f32 = 44.0;
const TITLE: f32 = 20.0;
const TEXT: f32 = 10.5;
const SMALL: f32 = 9.0;
const LINE: f32 = 15.0;
const SMALL_LINE: f32 = 13.0;
/// Beside the text of a cell.
const PADDING: f32 = 6.0;
/// Above and below it.
const LEAD: f32 = 4.5;
/// Where the table begins on a page that continues it.
const AGAIN: f32 = TOP + 16.0;
/// A cell in its place.
#[derive(Clone)]
struct Laid {
    x: f32,
    across: f32,
    look: Look,
    lines: Vec<String>,
    foot: Option<String>,
}

/// A row, or a part of one, that stays on one page.
#[derive(Clone)]
struct Strip {
    cells: Vec<Laid>,
    height: f32,
    stays_with_next: bool,
    repeats: bool,
}

/// What stands on a page.
#[derive(Default)]
struct Sheet {
    strips: Vec<(f32, Strip)>,
    notes: Vec<(f32, String)>,
}

/// The form as a PDF.
///
/// # Errors
/// [`Failure::Internal`] when the fonts or the file cannot be made, which only a damaged build brings about.
pub(crate) fn pdf(form: &Form) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::Internal(format!("a form: {why}"));
    let fonts = Fonts::all().ok_or_else(|| failed("the fonts can't be read".to_owned()))?;
    let rules = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_U)
        .finish();
    let mut document = Document::new_with(SerializeSettings {
        configuration: rules.map_err(|error| failed(format!("{error:?}")))?,
        ..SerializeSettings::default()
    });
    document.set_metadata(metadata(form));
    let paper = Paper::of(form);
    let sheets = Layout::of(form, fonts);
    for (at, sheet) in sheets.iter().enumerate() {
        let settings = PageSettings::from_wh(paper.across, paper.down).ok_or_else(|| failed("no A4".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut pen = Pen {
            surface: page.surface(),
            fonts,
            paper,
        };
        pen.draw(form, sheet, (at + 1, sheets.len()));
        drop(pen);
        page.finish();
    }
    document.finish().map_err(|error| failed(format!("{error:?}")))
}

fn metadata(form: &Form) -> Metadata {
    let at = form.at;
    let small = |part: u32| u8::try_from(part).unwrap_or_default();
    let made = PdfDateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(form.title.to_owned())
        .creator("Kiteline".to_owned())
        .language(form.said.language.as_str().to_owned())
        .creation_date(made)
}

fn tall(lines: usize, line: f32) -> f32 {
    f32::from(u16::try_from(lines).unwrap_or(u16::MAX)) * line
}

/// Puts rows on sheets.
struct Layout {
    paper: Paper,
    /// What stands again on top of the next page.
    heading: Option<Strip>,
    full: Vec<Sheet>,
    sheet: Sheet,
    y: f32,
}

impl Layout {
    fn of(form: &Form, fonts: &Fonts) -> Vec<Sheet> {
        let (mut missing, paper) = (BTreeSet::new(), Paper::of(form));
        let strips: Vec<_> = form
            .rows
            .iter()
            .flat_map(|row| strips(row, paper, fonts, &mut missing))
            .collect();
        let mut layout = Self {
            paper,
            heading: None,
            full: Vec::new(),
            sheet: Sheet::default(),
            y: TOP + TITLE + 34.0,
        };
        // What a strip needs below it, from the last one up.
        let mut needed = 0.0;
        let mut strips: Vec<_> = strips.into_iter().rev().collect();
        let needs: Vec<_> = strips
            .iter()
            .map(|strip| {
                needed = strip.height + if strip.stays_with_next { needed } else { 0.0 };
                needed
            })
            .collect();
        for need in needs.into_iter().rev() {
            let Some(strip) = strips.pop() else { break };
            if layout.make_room(need) && !strip.repeats {
                layout
                    .heading
                    .clone()
                    .into_iter()
                    .for_each(|heading| layout.put(heading));
            }
            if strip.repeats {
                layout.heading = Some(strip.clone());
            }
            layout.put(strip);
        }
        let said = missing_note(&missing, form.said);
        let notes = form.notes.iter().chain(&said);
        // What is said about missing characters names none of them.
        let notes = notes.map(|note| fonts.printable(note, &mut BTreeSet::new()));
        let notes: Vec<_> = notes
            .flat_map(|note| fonts.lines(&note, SMALL, paper.width()))
            .collect();
        layout.make_room(LEAD + tall(notes.len(), SMALL_LINE));
        layout.y += LEAD;
        for line in notes {
            layout.y += SMALL_LINE;
            layout.sheet.notes.push((layout.y, line));
        }
        layout.full.push(layout.sheet);
        layout.full
    }

    /// Puts a strip below what stands on the sheet.
    fn put(&mut self, strip: Strip) {
        let (y, height) = (self.y, strip.height);
        self.sheet.strips.push((y, strip));
        self.y += height;
    }

    /// Goes on to the next sheet where this one has not so much room left; says whether it did.
    fn make_room(&mut self, height: f32) -> bool {
        let turns = self.y + height > self.paper.bottom() && !self.sheet.strips.is_empty();
        if turns {
            self.full.push(std::mem::take(&mut self.sheet));
            self.y = AGAIN;
        }
        turns
    }
}

fn missing_note(missing: &BTreeSet<char>, said: Said) -> Option<String> {
    let codes: Vec<_> = missing.iter().map(|&c| format!("U+{:04X}", u32::from(c))).collect();
    let codes = codes.join(", ");
    (!missing.is_empty()).then(|| {
        said.pick(
            format!("本表字库中没有的字以“〓”代替，共有：{codes}（统一码）。请按身份证件手写补全。"),
            format!("Characters that the fonts of this form lack stand as 〓: {codes}. Please add them by hand."),
        )
    })
}

/// A row in parts that fit on pages: one, unless it is very long.
fn strips(row: &Row, paper: Paper, fonts: &Fonts, missing: &mut BTreeSet<char>) -> Vec<Strip> {
    let mut x = MARGIN;
    let mut cells = Vec::new();
    for cell in &row.cells {
        let across = cell.share * paper.width();
        let text = fonts.printable(&cell.text, missing);
        cells.push(Laid {
            x,
            across,
            look: cell.look,
            lines: fonts.lines(&text, TEXT, across - 2.0 * PADDING),
            foot: cell.foot.map(ToOwned::to_owned),
        });
        x += across;
    }
    let most = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
    let fit = paper.most_lines();
    let parts = most.div_ceil(fit).max(1);
    (1..=parts)
        .map(|part| strip(&mut cells, row, fit, part == parts))
        .collect()
}

/// Takes the next part of a row's cells; the last part has what stands at their feet.
fn strip(cells: &mut [Laid], row: &Row, fit: usize, is_last: bool) -> Strip {
    let part: Vec<_> = cells
        .iter_mut()
        .map(|cell| Laid {
            lines: cell.lines.drain(..cell.lines.len().min(fit)).collect(),
            foot: cell.foot.take_if(|_| is_last),
            ..*cell
        })
        .collect();
    let height = |cell: &Laid| tall(cell.lines.len() + 2 * usize::from(cell.foot.is_some()), LINE) + 2.0 * LEAD;
    let height = part.iter().map(height).fold(LINE + 2.0 * LEAD, f32::max);
    Strip {
        cells: part,
        height: if is_last { height.max(row.at_least) } else { height },
        stays_with_next: is_last && row.stays_with_next,
        repeats: row.repeats,
    }
}

/// Draws on a page.
struct Pen<'a> {
    surface: Surface<'a>,
    fonts: &'static Fonts,
    paper: Paper,
}

impl Pen<'_> {
    fn draw(&mut self, form: &Form, sheet: &Sheet, (number, of): (usize, usize)) {
        let printable = |text: &str| self.fonts.printable(text, &mut BTreeSet::new());
        let (right, foot) = (printable(&form.number), printable(&form.foot));
        if number == 1 {
            let middle = (self.paper.across - self.fonts.width(form.title, TITLE)) / 2.0;
            self.write_bold(form.title, (middle, TOP + TITLE), TITLE);
            self.write_to(&right, (self.paper.right(), TOP + TITLE + 27.0), TEXT);
        } else {
            let again = form.said.pick("（续）", " (continued)");
            self.write(&format!("{}{again}", form.title), (MARGIN, TOP + 8.0), SMALL);
            self.write_to(&right, (self.paper.right(), TOP + 8.0), SMALL);
        }
        for (y, strip) in &sheet.strips {
            for cell in &strip.cells {
                self.cell(cell, *y, strip.height);
            }
        }
        let (top, height) = (
            sheet.strips.first(),
            sheet.strips.iter().map(|(_, strip)| strip.height).sum(),
        );
        if let Some((top, _)) = top {
            self.frame((MARGIN, *top, self.paper.width(), height), 1.2);
        }
        for (y, note) in &sheet.notes {
            self.write(note, (MARGIN, *y), SMALL);
        }
        let page = form
            .said
            .pick(format!("第 {number} 页，共 {of} 页"), format!("Page {number} of {of}"));
        let room = self.paper.width() - self.fonts.width(&page, SMALL) - 2.0 * PADDING;
        let mut y = self.paper.bottom() + 24.0;
        self.write_to(&page, (self.paper.right(), y), SMALL);
        for line in self.fonts.lines(&foot, SMALL, room) {
            self.write(&line, (MARGIN, y), SMALL);
            y += SMALL_LINE;
        }
    }

    fn cell(&mut self, cell: &Laid, y: f32, height: f32) {
        if cell.look == Look::Band {
            self.shade((cell.x, y, cell.across, height));
        }
        self.frame((cell.x, y, cell.across, height), 0.6);
        let footed = cell.foot.is_some();
        let lines = tall(cell.lines.len(), LINE);
        // Text that is signed below begins at the top, other text stands in the middle.
        let above = if footed { LEAD } else { (height - lines) / 2.0 };
        let mut base = y + above + LINE - 4.0;
        for line in &cell.lines {
            let width = self.fonts.width(line, TEXT);
            let x = match cell.look {
                Look::Label => cell.x + (cell.across - width) / 2.0,
                Look::Middle if cell.lines.len() == 1 => cell.x + (cell.across - width) / 2.0,
                Look::Band | Look::Value | Look::Middle => cell.x + PADDING,
            };
            match cell.look {
                Look::Band => self.write_bold(line, (x, base), TEXT),
                Look::Label | Look::Middle | Look::Value => self.write(line, (x, base), TEXT),
            }
            base += LINE;
        }
        if let Some(foot) = &cell.foot {
            let right = cell.x + cell.across - 2.0 * PADDING;
            self.write_to(foot, (right, y + height - LEAD - 4.0), TEXT);
        }
    }

    fn shade(&mut self, place: (f32, f32, f32, f32)) {
        let grey = Fill {
            paint: luma::Color::new(235).into(),
            ..Fill::default()
        };
        self.rectangle(place, Some(grey), None);
    }

    fn frame(&mut self, place: (f32, f32, f32, f32), width: f32) {
        let line = Stroke {
            width,
            paint: luma::Color::black().into(),
            ..Stroke::default()
        };
        self.rectangle(place, None, Some(line));
    }

    fn rectangle(&mut self, (x, y, across, down): (f32, f32, f32, f32), fill: Option<Fill>, stroke: Option<Stroke>) {
        let mut path = PathBuilder::new();
        if let Some(place) = Rect::from_xywh(x, y, across, down) {
            path.push_rect(place);
        }
        self.surface.set_fill(fill);
        self.surface.set_stroke(stroke);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn write(&mut self, line: &str, at: (f32, f32), size: f32) {
        self.inked(line, at, size, None);
    }

    /// Neither font is bold: its outline is drawn too.
    fn write_bold(&mut self, line: &str, at: (f32, f32), size: f32) {
        let outline = Stroke {
            width: size / 40.0,
            paint: luma::Color::black().into(),
            ..Stroke::default()
        };
        self.inked(line, at, size, Some(outline));
    }

    /// Writes a line that ends there.
    fn write_to(&mut self, line: &str, (right, base): (f32, f32), size: f32) {
        let left = right - self.fonts.width(line, size);
        self.write(line, (left, base), size);
    }

    fn inked(&mut self, line: &str, (mut x, base): (f32, f32), size: f32, outline: Option<Stroke>) {
        self.surface.set_fill(Some(Fill {
            paint: luma::Color::black().into(),
            ..Fill::default()
        }));
        self.surface.set_stroke(outline);
        for run in self.fonts.runs(line) {
            let at = Point::from_xy(x, base);
            self.surface
                .draw_glyphs(at, &run.glyphs, run.font.clone(), &run.text, size, false);
            x += run.advance * size;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::*;
    use crate::extract::Language;

    fn form(rows: Vec<Row>) -> Form {
        let at = DateTime::UNIX_EPOCH;
        Form {
            title: "登记表",
            number: "编号".to_owned(),
            rows,
            notes: vec!["说明".repeat(100)],
            foot: "打印人".repeat(40),
            at,
            said: Said {
                language: Language::Chinese,
                today: at.date_naive(),
                zone: Shanghai,
            },
            wide: false,
        }
    }

    #[test]
    fn nothing_is_lost_or_leaves_the_page() {
        let fonts = Fonts::all().expect("the fonts");
        for length in [0, 1, 500, 1200, 1300, 5000] {
            let text = "字".repeat(length);
            let said = form(Vec::new()).said;
            let mut rows = vec![Row::whole(("现居住地址", Some(text.clone())))];
            rows.extend(Row::statements(said, [("意见", Some(text)), ("意见", None)]));
            let form = form(rows);
            let sheets = Layout::of(&form, fonts);
            let strips = || sheets.iter().flat_map(|sheet| &sheet.strips);
            let lines = strips()
                .flat_map(|(_, strip)| &strip.cells)
                .flat_map(|cell| &cell.lines);
            let written: usize = lines.map(|line| line.matches('字').count()).sum();
            assert_eq!(written, 2 * length);
            assert!(
                strips().all(|(y, strip)| *y >= TOP && y + strip.height <= Paper::of(&form).bottom()),
                "{length}"
            );
            assert!(
                sheets
                    .iter()
                    .flat_map(|sheet| &sheet.notes)
                    .all(|(y, _)| *y <= Paper::of(&form).bottom())
            );
            let feet = strips()
                .flat_map(|(_, strip)| &strip.cells)
                .filter(|cell| cell.foot.is_some());
            assert_eq!(feet.count(), 2, "each statement is signed once");
            assert!(pdf(&form).expect("a file").starts_with(b"%PDF-1.7"));
        }
    }

    #[test]
    fn the_headings_of_a_table_stand_on_each_of_its_pages() {
        let columns = [("组织".to_owned(), 0.5), ("完成".to_owned(), 0.5)];
        let lines = (0..100).map(|number| vec![format!("第{number}行"), "1/2".to_owned()]);
        let mut wide = form(Row::table(&columns, lines.collect()));
        wide.wide = true;
        let sheets = Layout::of(&wide, Fonts::all().expect("the fonts"));
        assert!(sheets.len() > 3, "{}", sheets.len());
        let rows = |sheet: &Sheet| sheet.strips.iter().filter(|(_, strip)| strip.repeats).count();
        assert!(sheets.iter().all(|sheet| rows(sheet) == 1));
        let all: usize = sheets.iter().map(|sheet| sheet.strips.len()).sum();
        assert_eq!(all, 100 + sheets.len());
        let bottom = Paper::of(&wide).bottom();
        let mut strips = sheets.iter().flat_map(|sheet| &sheet.strips);
        assert!(strips.all(|(y, strip)| y + strip.height <= bottom));
    }
}
