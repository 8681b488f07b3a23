//! The days that a statistic is about.
use chrono::{Datelike, Days, Months, NaiveDate};
use std::fmt;

/// The longest period, in days: ten years.
pub const LONGEST_DAYS: i64 = 3_653;

/// Days, the first and the last included; none of them in the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Why two days are no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// It ends before it begins.
    #[error("a period ends on or after the day on which it begins, {0}")]
    Backwards(NaiveDate),
    /// It begins after today.
    #[error("a period begins today at the latest, {0}")]
    Future(NaiveDate),
    /// It is longer than [`LONGEST_DAYS`].
    #[error("a period has at most {LONGEST_DAYS} days")]
    TooLong,
}

impl Period {
    /// The period from the first to the last day that was asked for. One that is not over ends today; without a last day
    /// it ends today, without a first it begins with the year in which it ends.
    ///
    /// # Errors
    /// [`PeriodFault`].
    pub fn asked(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Result<Self, PeriodFault> {
        let last = to.unwrap_or(today);
        let end = last.min(today);
        let begin = from.unwrap_or_else(|| end.with_ordinal(1).unwrap_or(end));
        if begin > last {
            return Err(PeriodFault::Backwards(begin));
        }
        if begin > today {
            return Err(PeriodFault::Future(today));
        }
        if (end - begin).num_days() >= LONGEST_DAYS {
            return Err(PeriodFault::TooLong);
        }
        Ok(Self { from: begin, to: end })
    }

    /// Whether its last day has passed: then something may have changed since.
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.to < today
    }

    /// A whole year, or as much of it as is over; none that has not begun.
    pub fn of_year(year: i32, today: NaiveDate) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let last = NaiveDate::from_ymd_opt(year, 12, 31)?;
        (first <= today).then(|| Self {
            from: first,
            to: last.min(today),
        })
    }

    /// The day before it.
    pub fn eve(self) -> NaiveDate {
        self.from.checked_sub_days(Days::new(1)).unwrap_or(self.from)
    }

    /// The same in whole months, of which the last goes on until today at most: days that are cut out of one another tell
    /// what happened on one of them.
    #[must_use]
    pub fn in_whole_months(self, today: NaiveDate) -> Self {
        Self {
            from: Month::of(self.from).0,
            to: Month::of(self.to).last().unwrap_or(self.to).min(today),
        }
    }

    /// The months that it touches, in order.
    pub fn months(self) -> Vec<Month> {
        let mut months = Vec::new();
        let mut next = Some(Month::of(self.from));
        while let Some(month) = next.filter(|month| *month <= Month::of(self.to)) {
            months.push(month);
            next = month.next();
        }
        months
    }
}

/// A month of a year; written 2026-03.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

impl Month {
    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its days that are within a period.
    pub fn within(self, period: Period) -> Period {
        Period {
            from: self.0.max(period.from),
            to: self.last().unwrap_or(period.to).min(period.to),
        }
    }

    fn last(self) -> Option<NaiveDate> {
        self.next()?.0.pred_opt()
    }

    fn next(self) -> Option<Self> {
        self.0.checked_add_months(Months::new(1)).map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_not_asked_for_is_this_year_until_today() {
        let today = day("2027-03-05");
        let asked = |from: Option<&str>, to: Option<&str>| Period::asked(from.map(day), to.map(day), today);
        let period = |from: &str, to: &str| {
            Ok(Period {
                from: day(from),
                to: day(to),
            })
        };
        assert_eq!(asked(None, None), period("2027-01-01", "2027-03-05"));
        assert_eq!(asked(None, Some("2026-06-30")), period("2026-01-01", "2026-06-30"));
        assert_eq!(asked(None, Some("2027-12-31")), period("2027-01-01", "2027-03-05"));
        assert_eq!(asked(Some("2027-03-05"), None), period("2027-03-05", "2027-03-05"));
        assert_eq!(
            asked(Some("2027-02-02"), Some("2027-02-01")),
            Err(PeriodFault::Backwards(day("2027-02-02")))
        );
        assert_eq!(
            asked(Some("2027-03-06"), Some("2027-03-07")),
            Err(PeriodFault::Future(today))
        );
        assert_eq!(asked(Some("2000-01-01"), None), Err(PeriodFault::TooLong));
    }

    #[test]
    fn a_period_touches_its_months() {
        let period = Period {
            from: day("2026-11-30"),
            to: day("2027-02-01"),
        };
        let months: Vec<_> = period.months().iter().map(ToString::to_string).collect();
        assert_eq!(months, ["2026-11", "2026-12", "2027-01", "2027-02"]);
        assert_eq!(period.eve(), day("2026-11-29"));
    }

    #[test]
    fn whole_months_end_with_the_month_or_today() {
        let today = day("2027-03-05");
        let whole = |from: &str, to: &str| {
            let (from, to) = (day(from), day(to));
            let whole = Period { from, to }.in_whole_months(today);
            (whole.from.to_string(), whole.to.to_string())
        };
        let months = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(whole("2026-12-31", "2027-02-01"), months("2026-12-01", "2027-02-28"));
        assert_eq!(whole("2027-03-01", "2027-03-04"), months("2027-03-01", "2027-03-05"));
    }

    #[test]
    fn a_year_that_goes_on_ends_today() {
        let today = day("2027-03-05");
        assert_eq!(Period::of_year(2027, today).map(|year| year.to), Some(today));
        assert_eq!(
            Period::of_year(2026, today).map(|year| year.to),
            Some(day("2026-12-31"))
        );
        assert_eq!(Period::of_year(2028, today), None);
    }
}
