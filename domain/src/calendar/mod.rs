//! Days: which birthdays are greeted, when festivals fall, what is too late in the evening to send.
//!
//! A birthday is stored as a small number, its *key*, so that the people greeted on a day are found by an index:
//! the rules of moved days live here, and the database only compares numbers.

pub mod festival;
pub mod lunar;
pub mod quiet_hours;
pub mod solar;

use chrono::{Datelike, NaiveDate};

pub use festival::{Festival, ReturnPrompt, Window};
pub use lunar::LunarDate;
pub use quiet_hours::QuietHours;

crate::words! {
    /// The calendar by which a person keeps the birthday.
    pub enum BirthdayCalendar {
        /// 公历.
        Solar = "solar",
        /// 农历.
        Lunar = "lunar",
    }
}

/// A birthday without its year: `month * 100 + day`, negative in a leap month of the lunar calendar.
///
/// ```
/// use chrono::NaiveDate;
/// use domain::calendar::BirthdayKey;
///
/// let birth = NaiveDate::from_ymd_opt(2025, 7, 25).unwrap(); // the first day of the leap sixth month
/// assert_eq!(BirthdayKey::solar(birth).value(), 725);
/// assert_eq!(BirthdayKey::lunar_of(birth).unwrap().value(), -601);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BirthdayKey(i16);

impl BirthdayKey {
    /// The key of a birthday kept by the solar calendar.
    pub fn solar(birth: NaiveDate) -> Self {
        Self::of(birth.month(), birth.day(), false)
    }

    /// The key of a birthday kept by the lunar calendar; `None` for a year outside [`lunar::YEARS`].
    pub fn lunar_of(birth: NaiveDate) -> Option<Self> {
        let date = LunarDate::of(birth)?;
        Some(Self::of(date.month, date.day, date.leap))
    }

    /// The key for the calendar that the person keeps.
    pub fn by(calendar: BirthdayCalendar, birth: NaiveDate) -> Option<Self> {
        match calendar {
            BirthdayCalendar::Solar => Some(Self::solar(birth)),
            BirthdayCalendar::Lunar => Self::lunar_of(birth),
        }
    }

    /// The number as it is stored: 101 to 1231, or -101 to -1230.
    pub const fn value(self) -> i16 {
        self.0
    }

    pub(crate) fn of(month: u32, day: u32, leap: bool) -> Self {
        let key = i16::try_from(month * 100 + day).unwrap_or_default();
        Self(if leap { -key } else { key })
    }
}

/// Which birthday keys are greeted on a day, and the year that counts as the greeting's period.
///
/// Every possible key is greeted exactly once in a year of its own calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreetedToday {
    /// Keys of those who keep the solar calendar.
    pub solar: Vec<i16>,
    /// The solar year.
    pub solar_year: i32,
    /// Keys of those who keep the lunar calendar; empty outside [`lunar::YEARS`].
    pub lunar: Vec<i16>,
    /// The lunar year: a lunar birthday may come twice in one solar year, or not at all.
    pub lunar_year: i32,
}

/// Which birthdays are greeted on `day`, the moved ones included.
pub fn greeted_on(day: NaiveDate) -> GreetedToday {
    let (lunar_year, lunar) = lunar::greeted_on(day).unwrap_or_else(|| (day.year(), Vec::new()));
    GreetedToday {
        solar: values(solar::greeted_on(day)),
        solar_year: day.year(),
        lunar: values(lunar),
        lunar_year,
    }
}

fn values(keys: Vec<BirthdayKey>) -> Vec<i16> {
    keys.into_iter().map(BirthdayKey::value).collect()
}

#[cfg(test)]
pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// How often each key was greeted in each year.
    type Greetings = BTreeMap<(i32, i16), u32>;

    fn greetings(from: NaiveDate, until: NaiveDate) -> (Greetings, Greetings) {
        let (mut solar, mut lunar) = (Greetings::new(), Greetings::new());
        for today in from.iter_days().take_while(|today| *today < until).map(greeted_on) {
            today
                .solar
                .into_iter()
                .for_each(|key| *solar.entry((today.solar_year, key)).or_default() += 1);
            today
                .lunar
                .into_iter()
                .for_each(|key| *lunar.entry((today.lunar_year, key)).or_default() += 1);
        }
        (solar, lunar)
    }

    #[test]
    fn everybody_is_greeted_exactly_once_in_each_year_of_their_calendar() {
        let years = 1990..2060;
        let (solar, lunar) = greetings(day(1990, 1, 1), day(2060, 4, 1));
        for year in years {
            for key in (1..=12).flat_map(|month| (1..=31).map(move |day| month * 100 + day)) {
                let real = NaiveDate::from_ymd_opt(
                    2000,
                    u32::try_from(key / 100).unwrap(),
                    u32::try_from(key % 100).unwrap(),
                );
                let times = solar.get(&(year, key)).copied().unwrap_or_default();
                assert_eq!(times, u32::from(real.is_some()), "solar birthday {key} in {year}");
            }
            for key in (1..=12).flat_map(|month| (1..=30).map(move |day| month * 100 + day)) {
                assert_eq!(lunar.get(&(year, key)), Some(&1), "lunar birthday {key} in {year}");
                assert_eq!(
                    lunar.get(&(year, -key)),
                    Some(&1),
                    "leap-month birthday {key} in {year}"
                );
            }
        }
    }

    #[test]
    fn a_key_says_month_and_day_and_whether_the_month_is_a_leap_month() {
        let born = day(1987, 7, 26); // the first day of the leap sixth month of 1987
        assert_eq!(
            BirthdayKey::by(BirthdayCalendar::Solar, born).map(BirthdayKey::value),
            Some(726)
        );
        assert_eq!(
            BirthdayKey::by(BirthdayCalendar::Lunar, born).map(BirthdayKey::value),
            Some(-601)
        );
    }

    #[test]
    fn words_of_the_calendars_are_stable() {
        assert_eq!(serde_json::to_string(&BirthdayCalendar::Lunar).unwrap(), "\"lunar\"");
        assert_eq!("solar".parse::<BirthdayCalendar>().unwrap(), BirthdayCalendar::Solar);
    }
}
