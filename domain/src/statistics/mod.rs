//! Statistics: what each figure counts, in which period, and what of it may be shown to whom.
//!
//! The figures stand in [`Figure`], once; the store's conditions are theirs in SQL, and rosters filter by the same.
mod figure;
mod period;
mod place;
pub mod suppression;
mod table;
pub mod yearly;

pub use figure::{Figure, Unit};
pub use period::{LONGEST_DAYS, Month, Period, PeriodFault};
pub use place::{Grain, Place};
pub use table::{DarkLine, Shown, Table};

crate::words! {
    /// Which statistic.
    pub enum Statistic {
        /// How many there are, come and go, by the organisations one level down.
        Overview = "overview",
        /// From which divisions to which.
        Flows = "flows",
        /// Month by month.
        Trend = "trend",
        /// How far the line holds: what was done of what was to be done.
        Coverage = "coverage",
        /// Where more is left undone than elsewhere.
        Behind = "behind",
    }
}

impl Statistic {
    /// The Chinese title.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Overview => "流动党员概况",
            Self::Flows => "流动党员流向",
            Self::Trend => "流动党员月度趋势",
            Self::Coverage => "联系服务覆盖率",
            Self::Behind => "有待加强的工作",
        }
    }

    /// The English title.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Overview => "Mobile members at a glance",
            Self::Flows => "Where mobile members are",
            Self::Trend => "Mobile members month by month",
            Self::Coverage => "How far the line holds",
            Self::Behind => "Where work is waiting",
        }
    }

    /// Its figures, in order.
    pub const fn figures(self) -> &'static [Figure] {
        match self {
            Self::Overview => Figure::OVERVIEW,
            Self::Flows => Figure::FLOWS,
            Self::Trend => Figure::TREND,
            Self::Coverage | Self::Behind => Figure::COVERAGE,
        }
    }
}

/// Whether `done` of `of` is less than the share that the whole has: by whole numbers, so that nothing is rounded.
///
/// ```
/// use domain::statistics::lags;
/// assert!(lags((1, 2), (9, 10)));
/// assert!(!lags((9, 10), (9, 10)) && !lags((0, 0), (9, 10)));
/// ```
pub fn lags((done, of): (u64, u64), (whole_done, whole_of): (u64, u64)) -> bool {
    u128::from(done) * u128::from(whole_of) < u128::from(whole_done) * u128::from(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_share_is_of_stands_in_the_same_statistic_before_it() {
        for statistic in Statistic::ALL {
            let figures = statistic.figures();
            for (at, figure) in figures.iter().enumerate() {
                if let Some(whole) = figure.of() {
                    assert!(figures[..at].contains(&whole), "{figure} of {whole}");
                }
            }
        }
    }

    #[test]
    fn every_figure_is_of_some_statistic() {
        for figure in Figure::ALL {
            assert!(
                Statistic::ALL.iter().any(|one| one.figures().contains(figure)),
                "{figure}"
            );
        }
    }
}
