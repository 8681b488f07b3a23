//! Care for people who stay with a host: when somebody should hear of them again.
use chrono::{Days, NaiveDate};

/// Days between a host's contacts with people who stay there, where nobody has chosen otherwise: a local rule, as no
/// central one gives a number.
pub const STAY_CONTACT_DAYS: u16 = 90;

/// The day by which a host should have heard again of somebody who was admitted on a day: so many days after it, or after
/// the latest word. A visit that reached the person counts, and so does whatever their home hears of them: what is known
/// is not asked again. It is computed and changes nothing.
pub fn due_on(admitted_on: NaiveDate, heard_on: Option<NaiveDate>, interval_days: u16) -> NaiveDate {
    let since = heard_on.map_or(admitted_on, |heard| heard.max(admitted_on));
    since + Days::new(u64::from(interval_days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_word_moves_the_day_and_an_old_one_does_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let due = |heard: Option<&str>| due_on(day("2027-01-11"), heard.map(day), 90);
        assert_eq!(due(None), day("2027-04-11"));
        assert_eq!(due(Some("2027-02-01")), day("2027-05-02"));
        assert_eq!(due(Some("2026-12-24")), day("2027-04-11"));
    }
}
