//! Probation (预备期): a year from the day on which the branch admits a member, and what is said before it is over to those
//! who have to do with a member who is away.
//!
//! The formal home decides on time, the member attends in person, and the host gives its account; the year is that of the
//! constitution of the organisation (党章), article 7.
use chrono::{Months, NaiveDate};

/// Days before the end from which on it is spoken of, once each: a local rule.
pub const REMINDED_DAYS: [u16; 2] = [60, 30];

const YEAR: Months = Months::new(12);

/// The day on which the probation of a member admitted on `joined_on` is over: a day that was set, since a probation may
/// be made longer, else a year later.
pub fn ends_on(joined_on: Option<NaiveDate>, set: Option<NaiveDate>) -> Option<NaiveDate> {
    set.or_else(|| joined_on?.checked_add_months(YEAR))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_probation_lasts_a_year_unless_a_day_was_set() {
        let joined = Some(day("2026-07-01"));
        assert_eq!(ends_on(joined, None), Some(day("2027-07-01")));
        assert_eq!(ends_on(joined, Some(day("2028-01-01"))), Some(day("2028-01-01")));
        assert_eq!(ends_on(Some(day("2028-02-29")), None), Some(day("2029-02-28")));
        assert_eq!(ends_on(None, None), None);
    }
}
