//! Silence: since when nothing was heard of a member, and when a member may be said to be out of contact (失联).
use chrono::{Months, NaiveDate};

use crate::contact::ContactMeans;
use crate::words;

words! {
    /// What was heard last of a member.
    pub enum SilenceSource {
        /// The departure: nothing since.
        Departure = "departure",
        /// Organisational life attended 参加组织生活.
        Attended = "attended",
        /// Dues paid 交纳党费.
        DuesPaid = "dues_paid",
        /// A contact that reached the member.
        Contact = "contact",
        /// A check-in.
        CheckIn = "check_in",
    }
}

/// Since when nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The day of what was heard last.
    pub since: NaiveDate,
    /// What it was.
    pub source: SilenceSource,
}

impl Silence {
    /// After something was heard on a day: the latest counts.
    #[must_use]
    pub fn heard(self, source: SilenceSource, on: NaiveDate) -> Self {
        if on > self.since {
            Self { since: on, source }
        } else {
            self
        }
    }

    /// The first day on which it is longer than [`SILENCE_MONTHS`].
    pub fn is_long_from(self) -> NaiveDate {
        let months = self.since.checked_add_months(Months::new(SILENCE_MONTHS));
        months.and_then(|day| day.succ_opt()).unwrap_or(NaiveDate::MAX)
    }

    /// Whether it is longer than [`SILENCE_MONTHS`] on `today`.
    pub fn is_long(self, today: NaiveDate) -> bool {
        today >= self.is_long_from()
    }
}

/// Months of silence that must have passed before a member may be said to be out of contact.
pub const SILENCE_MONTHS: u32 = 6;
/// Attempts that must have failed since something was heard.
pub const FAILED_ATTEMPTS: usize = 3;
/// Different means by which they must have been made.
pub const FAILED_MEANS: usize = 2;

/// What was done to find a member, up to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The day.
    pub today: NaiveDate,
    /// By which means it was tried in vain, each time, since something was heard.
    pub failed: Vec<ContactMeans>,
}

/// What is missing before a member may be said to be out of contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The silence is not long enough before this day.
    Silence(NaiveDate),
    /// So many more attempts.
    Attempts(usize),
    /// So many more means.
    Means(usize),
}

impl Missing {
    /// Its stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silence(_) => "silence_too_short",
            Self::Attempts(_) => "too_few_attempts",
            Self::Means(_) => "too_few_means",
        }
    }

    /// What would be enough: the day, or how many are missing.
    pub fn wanted(self) -> String {
        match self {
            Self::Silence(day) => day.to_string(),
            Self::Attempts(count) | Self::Means(count) => count.to_string(),
        }
    }
}

impl Search {
    /// Nothing was done up to `today`.
    pub const fn none(today: NaiveDate) -> Self {
        Self {
            today,
            failed: Vec::new(),
        }
    }

    /// Everything that is missing.
    pub fn missing(&self, silence: Silence) -> Vec<Missing> {
        let mut means = self.failed.clone();
        means.sort_unstable();
        means.dedup();
        let few = |have: usize, wanted: usize| wanted.checked_sub(have).filter(|count| *count > 0);
        let silence = (!silence.is_long(self.today)).then(|| Missing::Silence(silence.is_long_from()));
        let attempts = few(self.failed.len(), FAILED_ATTEMPTS).map(Missing::Attempts);
        let means = few(means.len(), FAILED_MEANS).map(Missing::Means);
        [silence, attempts, means].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn left(on: &str) -> Silence {
        Silence {
            since: day(on),
            source: SilenceSource::Departure,
        }
    }

    #[test]
    fn the_latest_word_counts_whatever_the_order() {
        let silence = left("2027-01-11")
            .heard(SilenceSource::CheckIn, day("2027-03-01"))
            .heard(SilenceSource::DuesPaid, day("2027-02-01"));
        assert_eq!(
            (silence.since, silence.source),
            (day("2027-03-01"), SilenceSource::CheckIn)
        );
    }

    #[test]
    fn six_months_must_be_over_and_not_only_reached() {
        let silence = left("2027-01-11");
        assert!(!silence.is_long(day("2027-07-11")));
        assert!(silence.is_long(day("2027-07-12")));
        assert_eq!(left("2026-08-31").is_long_from(), day("2027-03-01"));
    }

    #[test]
    fn what_is_missing_is_named_all_at_once() {
        use ContactMeans::{Message, Phone};
        let silence = left("2027-01-11");
        let search = |failed: &[ContactMeans]| Search {
            today: day("2027-08-01"),
            failed: failed.to_vec(),
        };
        assert_eq!(search(&[Phone, Message, Phone]).missing(silence), []);
        assert_eq!(
            search(&[Phone, Phone]).missing(silence),
            [Missing::Attempts(1), Missing::Means(1)]
        );
        assert_eq!(search(&[Phone, Phone, Phone]).missing(silence), [Missing::Means(1)]);
        let early = Search::none(day("2027-02-01"));
        let all = [
            Missing::Silence(day("2027-07-12")),
            Missing::Attempts(3),
            Missing::Means(2),
        ];
        assert_eq!(early.missing(silence), all);
    }
}
