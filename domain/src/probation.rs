//! Probation (预备期): a year from the day on which the branch admits a member, and what is said before it is over to those
//! who have to do with a member who is away.
//!
//! The formal home decides on time, the member attends in person, and the host gives its account; the year is that of the
//! constitution of the organisation (党章), article 7.
use chrono::{Days, Months, NaiveDate};

/// Days before the end on which it is spoken of: a local rule.
pub const REMINDED_DAYS: [u16; 2] = [60, 30];

const YEAR: Months = Months::new(12);

/// The day on which the probation of a member admitted on `joined_on` is over: a day that was set, since a probation may
/// be made longer, else a year later.
pub fn ends_on(joined_on: Option<NaiveDate>, set: Option<NaiveDate>) -> Option<NaiveDate> {
    set.or_else(|| joined_on?.checked_add_months(YEAR))
}

/// The days of admission whose probation is over on `day`, unless another day was set: on 28 February of most years those
/// of 29 February as well.
pub fn joined_for(day: NaiveDate) -> Vec<NaiveDate> {
    let earlier = day.checked_sub_months(YEAR).into_iter();
    let candidates = earlier.flat_map(|joined| [Some(joined), joined.checked_add_days(Days::new(1))]);
    candidates
        .flatten()
        .filter(|joined| ends_on(Some(*joined), None) == Some(day))
        .collect()
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
        assert_eq!(ends_on(None, None), None);
    }

    #[test]
    fn each_day_of_admission_is_found_by_its_end() {
        let mut joined = day("2027-01-01");
        while joined < day("2029-12-31") {
            let end = ends_on(Some(joined), None).unwrap();
            assert!(joined_for(end).contains(&joined), "{joined}");
            assert!(joined_for(end).iter().all(|one| ends_on(Some(*one), None) == Some(end)));
            joined = joined.succ_opt().unwrap();
        }
        assert_eq!(joined_for(day("2029-02-28")), [day("2028-02-28"), day("2028-02-29")]);
        assert_eq!(joined_for(day("2028-02-29")), []);
    }
}
