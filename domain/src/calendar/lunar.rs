//! The Chinese lunar calendar 农历: birthdays that move, computed with `tyme4rs`.

use std::fmt;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use tyme4rs::tyme::lunar::{LunarDay, LunarMonth, LunarYear};
use tyme4rs::tyme::solar::SolarDay;

use super::BirthdayKey;

/// The solar years for which lunar dates are given. Nobody alive is older, and the library panics far outside.
pub const YEARS: RangeInclusive<i32> = 1850..=2200;

/// A day of the lunar calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LunarDate {
    /// The lunar year, named after the solar year in which it begins.
    pub year: i32,
    /// 1 to 12; a leap month has the number of the month that it follows.
    pub month: u32,
    /// Whether the month is a leap month 闰月.
    pub leap: bool,
    /// 1 to 30.
    pub day: u32,
}

impl LunarDate {
    /// The lunar date of a solar day; `None` outside [`YEARS`].
    pub fn of(day: NaiveDate) -> Option<Self> {
        let lunar = lunar_day(day)?;
        Some(Self {
            year: i32::try_from(lunar.get_lunar_month().get_year()).ok()?,
            month: u32::try_from(lunar.get_lunar_month().get_month()).ok()?,
            leap: lunar.get_lunar_month().is_leap(),
            day: u32::try_from(lunar.get_day()).ok()?,
        })
    }

    /// The solar day; `None` when the year has no such month or the month no such day, and outside [`YEARS`].
    pub fn to_solar(self) -> Option<NaiveDate> {
        if !YEARS.contains(&self.year) || !(1..=12).contains(&self.month) {
            return None;
        }
        let (year, month) = (isize::try_from(self.year).ok()?, isize::try_from(self.month).ok()?);
        let month = if self.leap { -month } else { month };
        LunarMonth::new(year, month).ok()?; // `LunarDay::new` panics on a leap month that the year has not
        let lunar = LunarDay::new(year, month, usize::try_from(self.day).ok()?).ok()?;
        to_chrono(&lunar.get_solar_day())
    }
}

/// As it is written: 闰六月初一.
impl fmt::Display for LunarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MONTHS: &[&str] = &["正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"];
        const TENS: &[&str] = &["初", "十", "廿", "三"];
        const ONES: &[&str] = &["十", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let pick = |list: &[&'static str], at: Option<u32>| {
            at.and_then(|at| usize::try_from(at).ok())
                .and_then(|at| list.get(at).copied())
                .unwrap_or_default()
        };
        let tens = match self.day {
            10 => "初",
            20 => "二",
            day => pick(TENS, Some(day / 10)),
        };
        let leap = if self.leap { "闰" } else { "" };
        write!(
            f,
            "{leap}{}月{tens}{}",
            pick(MONTHS, self.month.checked_sub(1)),
            pick(ONES, Some(self.day % 10))
        )
    }
}

pub(super) fn to_chrono(day: &SolarDay) -> Option<NaiveDate> {
    let month = u32::try_from(day.get_month()).ok()?;
    NaiveDate::from_ymd_opt(
        i32::try_from(day.get_year()).ok()?,
        month,
        u32::try_from(day.get_day()).ok()?,
    )
}

fn lunar_day(day: NaiveDate) -> Option<LunarDay> {
    if !YEARS.contains(&day.year()) {
        return None;
    }
    let (month, day_of_month) = (usize::try_from(day.month()).ok()?, usize::try_from(day.day()).ok()?);
    Some(
        SolarDay::new(isize::try_from(day.year()).ok()?, month, day_of_month)
            .ok()?
            .get_lunar_day(),
    )
}

/// The lunar year of `day`, and the keys greeted on it.
///
/// - A birthday on the 30th is kept on the 29th when the month is short.
/// - A birthday in a leap month is kept in that leap month when this lunar year has it, else in the ordinary month.
pub(super) fn greeted_on(day: NaiveDate) -> Option<(i32, Vec<BirthdayKey>)> {
    let date = LunarDate::of(day)?;
    let month: LunarMonth = lunar_day(day)?.get_lunar_month();
    let leap_month = LunarYear::new(month.get_year()).ok()?.get_leap_month();
    let stands_in = !date.leap && leap_month != month.get_month();
    let kinds: &[bool] = match (date.leap, stands_in) {
        (true, _) => &[true],
        (false, true) => &[false, true],
        (false, false) => &[false],
    };
    let days = date.day..=if date.day == 29 && month.get_day_count() == 29 {
        30
    } else {
        date.day
    };
    let keys = days
        .flat_map(|day| kinds.iter().map(move |leap| BirthdayKey::of(date.month, day, *leap)))
        .collect();
    Some((date.year, keys))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{day, greeted_on};
    use super::*;

    fn lunar(year: i32, month: u32, leap: bool, day: u32) -> NaiveDate {
        LunarDate { year, month, leap, day }.to_solar().unwrap()
    }

    #[test]
    fn the_new_year_falls_where_the_almanac_says() {
        for (year, month, date) in [(2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13), (2030, 2, 3)] {
            assert_eq!(lunar(year, 1, false, 1), day(year, month, date));
        }
    }

    #[test]
    fn leap_months_are_where_the_almanac_says() {
        for (year, leap) in [(2025, 6), (2028, 5), (2031, 3), (2033, 11)] {
            let found = (1..=12).filter(|month| {
                LunarDate {
                    year,
                    month: *month,
                    leap: true,
                    day: 1,
                }
                .to_solar()
                .is_some()
            });
            assert_eq!(found.collect::<Vec<_>>(), [leap], "leap month of {year}");
        }
    }

    #[test]
    fn from_2025_to_2029_new_years_eve_is_the_29th_and_those_born_on_the_30th_are_greeted_then() {
        for year in 2025..=2029 {
            let eve = lunar(year, 1, false, 1).pred_opt().unwrap();
            assert_eq!(greeted_on(eve).lunar, [1229, -1229, 1230, -1230], "eve of {year}");
            assert_eq!(greeted_on(eve).lunar_year, year - 1);
        }
        let eve_of_2030 = lunar(2030, 1, false, 1).pred_opt().unwrap();
        assert_eq!(greeted_on(eve_of_2030).lunar, [1230, -1230]);
    }

    #[test]
    fn a_leap_month_birthday_is_kept_in_the_leap_month_only_when_the_year_has_it() {
        assert_eq!(greeted_on(lunar(2025, 6, false, 1)).lunar, [601]);
        assert_eq!(greeted_on(lunar(2025, 6, true, 1)).lunar, [-601]);
        assert_eq!(greeted_on(lunar(2026, 6, false, 1)).lunar, [601, -601]);
    }

    #[test]
    fn a_leap_month_of_29_days_keeps_its_30th_on_the_29th() {
        let last = lunar(2025, 6, true, 29);
        assert_eq!(
            LunarDate {
                year: 2025,
                month: 6,
                leap: true,
                day: 30
            }
            .to_solar(),
            None
        );
        assert_eq!(greeted_on(last).lunar, [-629, -630]);
    }

    #[test]
    fn days_are_written_as_people_write_them() {
        let written = |year, month, leap, day| LunarDate { year, month, leap, day }.to_string();
        assert_eq!(written(2025, 6, true, 1), "闰六月初一");
        assert_eq!(written(2026, 1, false, 10), "正月初十");
        assert_eq!(written(2026, 12, false, 29), "腊月廿九");
        assert_eq!(written(2026, 8, false, 15), "八月十五");
        assert_eq!(written(2026, 8, false, 20), "八月二十");
        assert_eq!(written(2029, 12, false, 30), "腊月三十");
    }

    #[test]
    fn nonsense_has_no_date_and_does_not_panic() {
        for date in [
            (0, 1, 1),
            (2026, 0, 1),
            (2026, 13, 1),
            (2026, 1, 0),
            (2026, 1, 31),
            (99_999, 1, 1),
        ] {
            let (year, month, day) = date;
            assert_eq!(
                LunarDate {
                    year,
                    month,
                    leap: false,
                    day
                }
                .to_solar(),
                None,
                "{date:?}"
            );
        }
        assert_eq!(LunarDate::of(NaiveDate::MAX), None);
        assert_eq!(LunarDate::of(NaiveDate::MIN), None);
        assert!(greeted_on(NaiveDate::MIN).lunar.is_empty());
    }

    proptest! {
        #[test]
        fn a_day_converted_and_back_is_the_same_day(offset in 0..90_000u64) {
            let solar = day(1900, 1, 1) + chrono::Days::new(offset);
            prop_assert_eq!(LunarDate::of(solar).and_then(LunarDate::to_solar), Some(solar));
        }
    }
}
