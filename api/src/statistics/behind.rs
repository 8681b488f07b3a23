//! Where more is left undone than in the whole: organisations one level down, never people.
use domain::statistics::{Figure, lags};
use persistence::statistics::{Counted, Part};

use super::sheet::{Cell, heading, part};
use super::{Said, Sheet, percent};
use crate::extract::Language;

/// An organisation that has done less of something than the whole has.
#[derive(Debug, Clone)]
pub(crate) struct Behind {
    /// Of what.
    pub(crate) figure: Figure,
    /// The organisation.
    pub(crate) part: Part,
    /// How much was done.
    pub(crate) done: u64,
    /// Of how much.
    pub(crate) of: u64,
    /// The same in the whole.
    pub(crate) whole: (u64, u64),
}

impl Behind {
    /// How much is left.
    pub(crate) const fn missing(&self) -> u64 {
        self.of.saturating_sub(self.done)
    }

    /// The organisation's name.
    pub(super) fn name(&self, language: Language) -> String {
        let about = persistence::statistics::About {
            part: Some(self.part.clone()),
            ..Default::default()
        };
        part(&about, language)
    }
}

/// Which organisations have done less than the whole of what, figure by figure, in the order of the tree. What is hidden
/// from the caller is not compared.
pub(crate) fn behind(coverage: &Counted) -> Vec<Behind> {
    let mut found = Vec::new();
    let at = |figure: Figure| coverage.figures.iter().position(|one| *one == figure);
    for figure in coverage.figures {
        let Some((column, of_column)) = at(*figure).zip(figure.of().and_then(at)) else {
            continue;
        };
        let cells = |line: &Vec<Option<u64>>| {
            let cell = |column: usize| line.get(column).copied().flatten();
            Some((cell(column)?, cell(of_column)?))
        };
        let total = coverage.about.iter().position(|about| about.part.is_none());
        let Some(whole) = total.and_then(|at| coverage.shown.get(at)).and_then(cells) else {
            continue;
        };
        for (about, line) in coverage.about.iter().zip(&coverage.shown) {
            let (Some(part), Some((done, of))) = (&about.part, cells(line)) else {
                continue;
            };
            if lags((done, of), whole) {
                found.push(Behind {
                    figure: *figure,
                    part: part.clone(),
                    done,
                    of,
                    whole,
                });
            }
        }
    }
    found
}

impl Sheet {
    /// The table of what lies behind.
    pub(crate) fn of_behind(behind: &[Behind], counted: &Counted, said: Said) -> Self {
        let language = said.language;
        let share = |done, of| percent(done, of).map_or(Cell::Nothing, Cell::Percent);
        let row = |one: &Behind| {
            vec![
                Cell::Text(heading(one.figure, language)),
                Cell::Text(one.name(language)),
                Cell::Count(one.of),
                Cell::Count(one.done),
                Cell::Count(one.missing()),
                share(one.done, one.of),
                share(one.whole.0, one.whole.1),
            ]
        };
        let headings = language.pick(
            ["工作", "组织", "应完成", "已完成", "未完成", "完成比例", "总体比例"],
            [
                "Work",
                "Organisation",
                "To do",
                "Done",
                "Left",
                "Share",
                "Share of the whole",
            ],
        );
        Self {
            headings: headings.map(str::to_owned).to_vec(),
            rows: behind.iter().map(row).collect(),
            ..Self::of(counted, said)
        }
    }
}
