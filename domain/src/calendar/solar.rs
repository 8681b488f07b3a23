//! Anniversaries by the solar calendar: birthdays, and the political birthday 政治生日.

use chrono::{Datelike, NaiveDate};

use super::BirthdayKey;

/// The keys greeted on `day`: its own, and 29 February on the 28th of a common year.
pub(super) fn greeted_on(day: NaiveDate) -> Vec<BirthdayKey> {
    let mut keys = vec![BirthdayKey::solar(day)];
    if (day.month(), day.day()) == (2, 28) && !day.leap_year() {
        keys.push(BirthdayKey::of(2, 29, false));
    }
    keys
}

/// The anniversary of `date` in `year`; 29 February is kept on the 28th of a common year.
pub fn anniversary_in(date: NaiveDate, year: i32) -> Option<NaiveDate> {
    date.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
}

/// Whole years from `date` until `day`: the age on that day, or the years since joining. Zero before `date`.
pub fn years_since(date: NaiveDate, day: NaiveDate) -> u32 {
    let not_yet = anniversary_in(date, day.year()).is_some_and(|anniversary| day < anniversary);
    u32::try_from(day.year() - date.year() - i32::from(not_yet)).unwrap_or_default()
}

/// The years since joining, if `day` is the political birthday of someone who joined on `joined_on`.
///
/// The day of joining is the day of admission as a probationary member; it is itself no anniversary.
pub fn political_birthday(joined_on: NaiveDate, day: NaiveDate) -> Option<u32> {
    let years = years_since(joined_on, day);
    (years > 0 && anniversary_in(joined_on, day.year()) == Some(day)).then_some(years)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{day, greeted_on};
    use super::*;

    #[test]
    fn a_birthday_on_29_february_is_greeted_on_the_28th_in_a_common_year() {
        assert_eq!(greeted_on(day(2027, 2, 28)).solar, [228, 229]);
        assert_eq!(greeted_on(day(2028, 2, 28)).solar, [228]);
        assert_eq!(greeted_on(day(2028, 2, 29)).solar, [229]);
        assert_eq!(greeted_on(day(2027, 3, 1)).solar, [301]);
    }

    #[test]
    fn years_are_counted_when_the_day_has_come() {
        let joined = day(1976, 7, 1);
        assert_eq!(years_since(joined, day(2026, 6, 30)), 49);
        assert_eq!(years_since(joined, day(2026, 7, 1)), 50);
        assert_eq!(years_since(joined, day(1975, 1, 1)), 0);
        assert_eq!(years_since(day(2004, 2, 29), day(2027, 2, 28)), 23);
    }

    #[test]
    fn the_day_of_joining_is_no_political_birthday_but_every_anniversary_is() {
        let joined = day(2024, 2, 29);
        assert_eq!(political_birthday(joined, joined), None);
        assert_eq!(political_birthday(joined, day(2025, 2, 28)), Some(1));
        assert_eq!(political_birthday(joined, day(2028, 2, 28)), None);
        assert_eq!(political_birthday(joined, day(2028, 2, 29)), Some(4));
    }

    proptest! {
        #[test]
        fn a_political_birthday_is_greeted_on_the_day_its_key_is(joined in 0..20_000u64, later in 0..20_000u64) {
            let joined = day(1970, 1, 1) + chrono::Days::new(joined);
            let today = joined + chrono::Days::new(later);
            let keyed = greeted_on(today).solar.contains(&BirthdayKey::solar(joined).value());
            prop_assert_eq!(political_birthday(joined, today).is_some(), keyed && today.year() > joined.year());
        }
    }
}
