//! A table as it is read: headings and cells, in the reader's language.
use domain::statistics::Figure;
use persistence::statistics::{About, Counted};

use super::{Said, percent};
use crate::extract::Language;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A text.
    Text(String),
    /// A count.
    Count(u64),
    /// A share, in percent.
    Percent(f64),
    /// Too small to be shown.
    Hidden,
    /// There is nothing to say.
    Nothing,
}

impl Cell {
    /// In words and figures.
    pub(crate) fn text(&self, language: Language) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Percent(percent) => format!("{percent:.1}%"),
            Self::Hidden => hidden(language).to_owned(),
            Self::Nothing => String::new(),
        }
    }
}

/// What stands where a cell is too small to be shown.
pub(crate) const fn hidden(language: Language) -> &'static str {
    match language {
        Language::Chinese => "不显示",
        Language::English => "hidden",
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// What it is about.
    pub(crate) title: String,
    /// What is to be known besides, a line each.
    pub(crate) notes: Vec<String>,
    /// What the columns say.
    pub(crate) headings: Vec<String>,
    /// The lines.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// How a heading of a line is said.
type Words = fn(&About, Language) -> String;

impl Sheet {
    /// The table of a statistic.
    pub(crate) fn of(counted: &Counted, said: Said) -> Self {
        let language = said.language;
        let about: [(bool, &str, Words); 4] = [
            (
                any(counted, |one| one.month.is_some()),
                language.pick("月份", "Month"),
                month,
            ),
            (
                any(counted, |one| one.part.is_some()),
                language.pick("组织", "Organisation"),
                part,
            ),
            (
                any(counted, |one| one.origin.is_some()),
                language.pick("流出地", "From"),
                origin,
            ),
            (
                any(counted, |one| one.destination.is_some()),
                language.pick("流入地", "To"),
                destination,
            ),
        ];
        let about: Vec<_> = about.into_iter().filter(|(there, ..)| *there).collect();
        let mut headings: Vec<String> = about.iter().map(|(_, heading, _)| (*heading).to_owned()).collect();
        for figure in counted.figures {
            headings.push(heading(*figure, language));
            headings.extend(
                figure
                    .of()
                    .map(|_| format!("{} %", language.pick(figure.zh(), figure.en()))),
            );
        }
        let rows = counted.about.iter().zip(&counted.shown).map(|(of, cells)| {
            let texts = about.iter().map(|(_, _, say)| Cell::Text(say(of, language)));
            texts.chain(figures(counted.figures, cells)).collect()
        });
        Self {
            title: said.title(counted),
            notes: notes(counted, language),
            rows: rows.collect(),
            headings,
        }
    }
}

fn any(counted: &Counted, is: fn(&About) -> bool) -> bool {
    counted.about.iter().any(is)
}

fn month(of: &About, _: Language) -> String {
    of.month.map(|month| month.to_string()).unwrap_or_default()
}

/// Of which organisation; all together where there is none.
pub(super) fn part(of: &About, language: Language) -> String {
    match &of.part {
        Some(part) if part.itself => {
            let itself = language.pick("本级", "itself");
            format!("{}（{itself}）", part.name)
        }
        Some(part) => part.name.clone(),
        None => language.pick("合计", "Total").to_owned(),
    }
}

fn origin(of: &About, language: Language) -> String {
    match &of.origin {
        Some(place) => language.pick(place.zh(), place.en()),
        None => language.pick("合计", "Total").to_owned(),
    }
}

fn destination(of: &About, language: Language) -> String {
    of.destination
        .map(|place| language.pick(place.zh(), place.en()))
        .unwrap_or_default()
}

/// A figure with its unit.
pub(super) fn heading(figure: Figure, language: Language) -> String {
    let (unit_zh, unit_en) = (figure.unit().zh(), figure.unit().en());
    language.pick(
        format!("{}（{unit_zh}）", figure.zh()),
        format!("{} ({unit_en})", figure.en()),
    )
}

fn figures(figures: &[Figure], cells: &[Option<u64>]) -> Vec<Cell> {
    let mut row = Vec::new();
    for (figure, cell) in figures.iter().zip(cells) {
        row.push(cell.map_or(Cell::Hidden, Cell::Count));
        let whole = figure
            .of()
            .and_then(|whole| figures.iter().position(|one| *one == whole));
        let whole = whole.map(|at| cells.get(at).copied().flatten());
        row.extend(whole.map(|of| match (*cell, of) {
            (Some(done), Some(of)) => percent(done, of).map_or(Cell::Nothing, Cell::Percent),
            _ => Cell::Hidden,
        }));
    }
    row
}

/// What each figure counts, and that small cells are hidden.
fn notes(counted: &Counted, language: Language) -> Vec<String> {
    let note = |figure: &Figure| {
        let of = figure.of().map(|whole| language.pick(whole.zh(), whole.en()));
        let label = language.pick(figure.zh(), figure.en());
        let counts = language.pick(figure.counts_zh(), figure.counts_en());
        let share = of.map(|of| language.pick(format!("，占“{of}”的比例"), format!(", as a share of “{of}”")));
        format!(
            "{label}{}{counts}{}",
            language.pick("：", ": "),
            share.unwrap_or_default()
        )
    };
    let hidden = (!counted.reads_people).then(|| hidden_note(language).to_owned());
    counted.figures.iter().map(note).chain(hidden).collect()
}

/// Why cells are hidden.
pub(super) const fn hidden_note(language: Language) -> &'static str {
    match language {
        Language::Chinese => "不足3人的单元格，以及可据以推算的单元格，不显示。",
        Language::English => "Cells of fewer than three people are hidden, and those by which they could be found.",
    }
}
