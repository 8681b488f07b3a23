//! The rows of a form's table, as its contents see them.
use crate::rosters::Said;

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// The heading of a section.
    Band,
    /// What a box is for.
    Label,
    /// What is filled in.
    Value,
    /// What is filled in, in the middle of a column unless it takes several lines.
    Middle,
}

/// A cell.
pub(super) struct Cell {
    /// Of the table's width.
    pub(super) share: f32,
    pub(super) text: String,
    pub(super) look: Look,
    /// What stands at its foot, for a signature by hand.
    pub(super) foot: Option<&'static str>,
}

/// A row of cells side by side.
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// Its height at least, in points.
    pub(super) at_least: f32,
    /// Whether it would be lost at the foot of a page without the row after it.
    pub(super) stays_with_next: bool,
    /// Whether it stands again on top of each page that continues what it heads.
    pub(super) repeats: bool,
}

/// A label, and what is filled in; nothing where it is not known.
pub(super) type Filled = (&'static str, Option<String>);

/// What a box says that has nothing to say: the rules of such forms allow no empty one.
const NOTHING: &str = "—";
/// Of a label and its box, in a row of two.
const SHARES: (f32, f32) = (0.17, 0.33);

impl Row {
    fn of(cells: Vec<Cell>) -> Self {
        Self {
            cells,
            at_least: 0.0,
            stays_with_next: false,
            repeats: false,
        }
    }

    /// The heading of a section.
    pub(super) fn section(title: &'static str) -> Self {
        Self {
            stays_with_next: true,
            ..Self::of(vec![cell(1.0, Look::Band, title)])
        }
    }

    /// Two labelled boxes.
    pub(super) fn pair((one, said): Filled, (other, also): Filled) -> Self {
        Self::of(vec![
            cell(SHARES.0, Look::Label, one),
            cell(SHARES.1, Look::Value, said.unwrap_or_else(nothing)),
            cell(SHARES.0, Look::Label, other),
            cell(SHARES.1, Look::Value, also.unwrap_or_else(nothing)),
        ])
    }

    /// One labelled box.
    pub(super) fn whole((label, said): Filled) -> Self {
        Self::of(vec![
            cell(SHARES.0, Look::Label, label),
            cell(1.0 - SHARES.0, Look::Value, said.unwrap_or_else(nothing)),
        ])
    }

    /// The section of what organisations say: labelled boxes for a few sentences, each signed by hand, on one page.
    pub(super) fn statements<const N: usize>(said: Said, boxes: [Filled; N]) -> Vec<Self> {
        let statement = |(label, text): Filled| Self {
            at_least: 80.0,
            stays_with_next: true,
            ..Self::of(vec![
                cell(SHARES.0, Look::Label, label),
                Cell {
                    foot: Some(said.pick(
                        "负责人签字（盖章）：　　　　　　　　年　　月　　日",
                        "Signature and seal:                              Date:                    ",
                    )),
                    ..cell(1.0 - SHARES.0, Look::Value, text.unwrap_or_default())
                },
            ])
        };
        let mut rows = vec![Self::section(said.pick("党组织意见", "Statements"))];
        rows.extend(boxes.into_iter().map(statement));
        if let Some(last) = rows.last_mut() {
            last.stays_with_next = false;
        }
        rows
    }

    /// A table of figures over as many pages as it takes: its headings and their shares of the width, which stand again on
    /// each page, then its lines, of which the first cells are names.
    pub(super) fn table(columns: &[(String, f32)], lines: Vec<Vec<String>>) -> Vec<Self> {
        let heads = columns
            .iter()
            .map(|(head, share)| cell(*share, Look::Label, head.clone()));
        let mut rows = vec![Self {
            stays_with_next: true,
            repeats: true,
            ..Self::of(heads.collect())
        }];
        for line in lines {
            let looks = std::iter::once(Look::Value).chain(std::iter::repeat(Look::Middle));
            let cells = columns.iter().zip(line).zip(looks);
            let cells = cells.map(|(((_, share), text), look)| cell(*share, look, text));
            rows.push(Self::of(cells.collect()));
        }
        rows
    }

    /// A list: what its columns are for and their shares of the width, then its lines.
    pub(super) fn list<const N: usize>(
        columns: [(&'static str, f32); N],
        lines: impl IntoIterator<Item = [Option<String>; N]>,
    ) -> Vec<Self> {
        let heads = columns.iter().map(|(head, share)| cell(*share, Look::Label, *head));
        let mut rows = vec![Self {
            stays_with_next: true,
            ..Self::of(heads.collect())
        }];
        for line in lines {
            let cells = columns.iter().zip(line);
            let cells = cells.map(|((_, share), said)| cell(*share, Look::Middle, said.unwrap_or_else(nothing)));
            rows.push(Self::of(cells.collect()));
        }
        rows
    }
}

fn cell(share: f32, look: Look, text: impl Into<String>) -> Cell {
    Cell {
        share,
        text: text.into(),
        look,
        foot: None,
    }
}

fn nothing() -> String {
    NOTHING.to_owned()
}
