//! The ways in which secretaries write a date.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text::half_width;

/// How much of a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The day.
    Day,
    /// The month only; the date is the first of it.
    Month,
}

/// A date of which perhaps only the month is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PartialDate {
    /// The day, or the first of the month.
    pub date: NaiveDate,
    /// Whether the day is known.
    pub precision: Precision,
}

impl PartialDate {
    /// A date of which the day is known.
    pub fn day(date: NaiveDate) -> Self {
        Self {
            date,
            precision: Precision::Day,
        }
    }

    /// Whether `date` may be the day that is meant.
    pub fn agrees_with(self, date: NaiveDate) -> bool {
        match self.precision {
            Precision::Day => self.date == date,
            Precision::Month => (self.date.year(), self.date.month()) == (date.year(), date.month()),
        }
    }

    /// Whether it is certainly before `other`: of two dates in one month, one of which has no day, neither is.
    pub fn is_before(self, other: Self) -> bool {
        match (self.precision, other.precision) {
            (Precision::Day, Precision::Day) => self.date < other.date,
            _ => (self.date.year(), self.date.month()) < (other.date.year(), other.date.month()),
        }
    }
}

/// Why a cell cannot be read as a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DateFault {
    /// No known way of writing a date.
    #[error("not a date")]
    Unreadable,
    /// Reads like a date, but there is no such day, or the year is outside 1900–2100.
    #[error("no such day")]
    NoSuchDay,
    /// A number cell `2025.1`, which is January or an October that lost its zero.
    #[error("January or October")]
    Ambiguous,
}

/// Reads a text cell: `2025-03-07`, `2025.3.7`, `2025年3月7日`, `20250307`, `2025/03/07`, each also without the day, with a
/// time of day after it, in full-width characters or with spaces; and the serial number of a spreadsheet's day.
///
/// # Errors
/// [`DateFault`] when the text is no date, or no day of the calendar.
pub fn parse_date(text: &str) -> Result<PartialDate, DateFault> {
    let text = half_width(text);
    let text = without_time(text.trim());
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<&str> = compact
        .split(['-', '.', '/', '年', '月', '日', '号', '—', '–', '。', '、'])
        .filter(|part| !part.is_empty())
        .collect();
    match *parts.as_slice() {
        [digits] => parse_digits(digits),
        [year, month] if year.len() == 4 => month_of(number(year)?, number(month)?),
        [year, month, day] if year.len() == 4 => day_of(number(year)?, number(month)?, number(day)?),
        _ => Err(DateFault::Unreadable),
    }
}

/// Reads a number cell that is not formatted as a date: `20250307`, `202503`, `2025.03`, or a serial number.
///
/// # Errors
/// [`DateFault`] when the number is no date; [`DateFault::Ambiguous`] for `2025.1`.
pub fn parse_date_number(number: f64) -> Result<PartialDate, DateFault> {
    let text = number.to_string();
    match text.split_once('.') {
        Some((year, "1")) if is_year(year) => Err(DateFault::Ambiguous),
        Some((year, _)) if is_year(year) => parse_date(&text),
        Some((serial, _)) => parse_digits(serial),
        None => parse_digits(&text),
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: i32| YEARS.contains(&year))
}

const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// The time of day that exports put after a date (`2025-03-07 00:00:00`, `2025-03-07T00:00:00`).
fn without_time(text: &str) -> &str {
    match text.split_once([' ', 'T']) {
        Some((date, time)) if time.contains(':') && time.chars().all(|c| c.is_ascii_digit() || ":. Z+".contains(c)) => {
            date
        }
        _ => text,
    }
}

fn parse_digits(digits: &str) -> Result<PartialDate, DateFault> {
    let whole = number(digits)?;
    match digits.len() {
        8 => day_of(whole / 10_000, whole / 100 % 100, whole % 100),
        6 => month_of(whole / 100, whole % 100),
        5 => from_serial(whole),
        _ => Err(DateFault::Unreadable),
    }
}

/// Day 1 is 1900-01-01, and there is a 1900-02-29 that never was: from March 1900 on, day 0 is 1899-12-30.
fn from_serial(serial: u32) -> Result<PartialDate, DateFault> {
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|zero| zero.checked_add_days(Days::new(u64::from(serial))))
        .filter(|date| YEARS.contains(&date.year()))
        .map(PartialDate::day)
        .ok_or(DateFault::NoSuchDay)
}

fn number(digits: &str) -> Result<u32, DateFault> {
    if digits.chars().all(|c| c.is_ascii_digit()) {
        digits.parse().map_err(|_too_long| DateFault::Unreadable)
    } else {
        Err(DateFault::Unreadable)
    }
}

fn day_of(year: u32, month: u32, day: u32) -> Result<PartialDate, DateFault> {
    i32::try_from(year)
        .ok()
        .filter(|year| YEARS.contains(year))
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .map(PartialDate::day)
        .ok_or(DateFault::NoSuchDay)
}

fn month_of(year: u32, month: u32) -> Result<PartialDate, DateFault> {
    let first = day_of(year, month, 1)?;
    Ok(PartialDate {
        precision: Precision::Month,
        ..first
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_day_is_written_in_many_ways() {
        for text in [
            "2025-03-07",
            "2025.3.7",
            "2025年3月7日",
            "20250307",
            "2025/03/07",
            "2025-3-7",
            "2025.03.07",
            "2025年03月07日",
            "２０２５．０３．０７",
            "２０２５年３月７日",
            " 2025 年 3 月 7 日 ",
            "2025-03-07 00:00:00",
            "2025-03-07T00:00:00",
            "2025.3.7.",
            "2025年3月7号",
            "45723",
        ] {
            assert_eq!(parse_date(text), Ok(PartialDate::day(date(2025, 3, 7))), "{text}");
        }
    }

    #[test]
    fn a_month_alone_is_the_first_of_it() {
        let march = PartialDate {
            date: date(2025, 3, 1),
            precision: Precision::Month,
        };
        for text in ["2025-03", "2025.3", "2025年3月", "202503", "2025/03", "２０２５年３月"] {
            assert_eq!(parse_date(text), Ok(march), "{text}");
        }
    }

    #[test]
    fn number_cells_are_serials_or_digits() {
        assert_eq!(parse_date_number(45723.0), Ok(PartialDate::day(date(2025, 3, 7))));
        assert_eq!(parse_date_number(45723.5), Ok(PartialDate::day(date(2025, 3, 7))));
        assert_eq!(parse_date_number(20_250_307.0), Ok(PartialDate::day(date(2025, 3, 7))));
        assert_eq!(parse_date_number(2025.03).unwrap().precision, Precision::Month);
        assert_eq!(parse_date_number(2025.12).unwrap().date, date(2025, 12, 1));
        assert_eq!(parse_date_number(2025.1), Err(DateFault::Ambiguous));
        assert_eq!(parse_date_number(-1.0), Err(DateFault::Unreadable));
        assert_eq!(parse_date_number(f64::NAN), Err(DateFault::Unreadable));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "去年",
            "2025",
            "25.3.7",
            "3月7日",
            "2025-03-07-01",
            "1.5",
            "99999999999",
        ] {
            assert_eq!(parse_date(text), Err(DateFault::Unreadable), "{text}");
        }
        for text in ["2025-02-30", "2025-13-01", "20251301", "1850-01-01", "2025年0月"] {
            assert_eq!(parse_date(text), Err(DateFault::NoSuchDay), "{text}");
        }
    }

    #[test]
    fn months_are_compared_with_care() {
        let month = parse_date("2025-03").unwrap();
        assert!(month.agrees_with(date(2025, 3, 31)));
        assert!(!month.agrees_with(date(2025, 4, 1)));
        assert!(!parse_date("2025-03-01").unwrap().is_before(month));
        assert!(!month.is_before(parse_date("2025-03-09").unwrap()));
        assert!(month.is_before(parse_date("2025-04-01").unwrap()));
    }
}
