//! Statistics on their way out: as a table for spreadsheets, as a workbook with charts, and as pictures.
//!
//! What a table says and what a picture shows comes from the same counts, as the caller may see them.
mod behind;
mod csv;
mod picture;
mod sheet;
mod svg;
mod workbook;
mod yearly;

use domain::statistics::Statistic;
use persistence::statistics::Counted;

pub(crate) use behind::{Behind, behind};
pub(crate) use picture::Picture;
use sheet::Cell;
pub(crate) use sheet::Sheet;
pub(crate) use svg::Theme;
pub(crate) use workbook::workbook as table_workbook;
pub(crate) use yearly::{People, workbook as yearly_workbook};

use crate::extract::Language;
use crate::problem::Failure;

/// What is said about a statistic, beside its lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    /// Which.
    pub(crate) statistic: Statistic,
    /// In which language.
    pub(crate) language: Language,
}

impl Said {
    /// The title: which statistic, of whom, from when to when.
    pub(crate) fn title(self, counted: &Counted) -> String {
        let (name, period) = (&counted.organisation.1, counted.period);
        let title = self.language.pick(self.statistic.zh(), self.statistic.en());
        let (from, to) = (period.from, period.to);
        self.language.pick(
            format!("{name}{title}（{from} 至 {to}）"),
            format!("{title}: {name}, {from} to {to}"),
        )
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Internal(error.to_string())
}

/// A count as a number to draw.
fn height(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// How much `done` is of `of`, in percent to a tenth; nothing of nothing.
pub(crate) fn percent(done: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| (height(done) * 1000.0 / height(of)).round() / 10.0)
}
