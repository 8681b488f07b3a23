//! A transfer of the formal relation (组织关系转接): under way from the letter of introduction until the receiving side's
//! receipt. Until then the origin is responsible. A branch that is here accepts or declines; for one elsewhere the
//! origin records the paper receipt.
use chrono::{Days, NaiveDate};

use crate::id::OrganisationId;
use crate::words;

words! {
    /// Where a transfer stands.
    pub enum TransferState {
        /// From the letter on.
        UnderWay = "under_way",
        /// The receiving side has the relation.
        Received = "received",
        /// The receiving branch, which is here, has not taken it, and says why.
        Declined = "declined",
        /// The origin has dropped it, or the journey has ended otherwise.
        Dropped = "dropped",
    }
}

/// The receiving side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiving {
    /// A branch of this deployment.
    Here(OrganisationId),
    /// Another organisation, as the letter names it.
    Elsewhere(String),
}

/// A letter of introduction (组织关系介绍信).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number.
    pub number: String,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// The last day on which it is good.
    pub valid_until: NaiveDate,
    /// To whom.
    pub to: Receiving,
}

/// The most days for which a letter is good: about three months.
pub const LETTER_DAYS: u64 = 92;

impl Letter {
    /// Everything about its dates that can't be, as field and word.
    pub fn faults(&self, today: NaiveDate) -> Vec<(&'static str, &'static str)> {
        let longest = self.issued_on + Days::new(LETTER_DAYS);
        let faults = [
            (self.issued_on > today, ("/issued_on", "in_the_future")),
            (self.valid_until < self.issued_on, ("/valid_until", "before_issue")),
            (self.valid_until > longest, ("/valid_until", "letter_too_long")),
        ];
        faults
            .into_iter()
            .filter_map(|(is, fault)| is.then_some(fault))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_good_for_three_months_at_most() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let letter = |issued: &str, until: &str| Letter {
            number: "海组转001".to_owned(),
            issued_on: day(issued),
            valid_until: day(until),
            to: Receiving::Elsewhere("上海某街道".to_owned()),
        };
        let today = day("2027-03-01");
        assert_eq!(letter("2027-03-01", "2027-06-01").faults(today), []);
        assert_eq!(
            letter("2027-03-01", "2027-06-02").faults(today),
            [("/valid_until", "letter_too_long")]
        );
        assert_eq!(
            letter("2027-03-01", "2027-02-28").faults(today),
            [("/valid_until", "before_issue")]
        );
        let both = [("/issued_on", "in_the_future"), ("/valid_until", "letter_too_long")];
        assert_eq!(letter("2027-03-02", "2027-12-01").faults(today), both);
    }
}
