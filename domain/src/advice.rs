//! Advice (提示), never force: what is shown to whoever leads a journey. It is computed, and no state follows from it.
use chrono::{Months, NaiveDate};

use crate::division::DivisionCode;
use crate::journey::StateName;
use crate::words;

words! {
    /// What is advised.
    pub enum Advice {
        /// 应转尽转: long at a fixed place, so that the formal relation should be transferred.
        TransferRelation = "transfer_relation",
        /// The telephone number does not work: ask for the new one.
        AskForPhone = "ask_for_phone",
    }
}

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Advice {
    /// What is advised, in a sentence.
    pub const fn says(self) -> Sentence {
        match self {
            Self::TransferRelation => Sentence {
                zh: "外出已超过六个月且地点固定，请与本人商量转接组织关系",
                en: "Away for more than six months at the same place: please speak with the member about transferring the \
                     formal relation",
            },
            Self::AskForPhone => Sentence {
                zh: "登记的电话号码已不能用，请问明新的号码",
                en: "The telephone number does not work any more: please ask for the new one",
            },
        }
    }

    /// The rule behind it.
    pub const fn source(self) -> Sentence {
        match self {
            Self::TransferRelation => Sentence {
                zh: "《中国共产党党员教育管理工作条例》（2019年）：外出六个月以上且地点相对固定的，应转尽转",
                en: "Regulation on the education and management of party members (2019): away for six months or more at a \
                     relatively fixed place, the relation is transferred wherever that is possible",
            },
            Self::AskForPhone => Sentence {
                zh: "本系统的提示：号码一变，联系就断",
                en: "A hint of this system: when a number changes, the line is cut",
            },
        }
    }
}

/// Months at one place after which the formal relation should be transferred.
pub const FIXED_MONTHS: u32 = 6;

/// The day before which somebody must have come to a place to have been there longer than [`FIXED_MONTHS`] on `today`.
pub fn fixed_since(today: NaiveDate) -> NaiveDate {
    today
        .checked_sub_months(Months::new(FIXED_MONTHS))
        .unwrap_or(NaiveDate::MIN)
}

/// What is known of how long a member has been at a place.
#[derive(Debug, Clone)]
pub struct AtPlace {
    /// Where the journey stands.
    pub state: StateName,
    /// The day of departure.
    pub departed_on: Option<NaiveDate>,
    /// The day of the last move to another place.
    pub moved_on: Option<NaiveDate>,
    /// The destination's division.
    pub division: Option<DivisionCode>,
    /// Where the member's check-ins since [`fixed_since`] say that the member is.
    pub said: Vec<DivisionCode>,
    /// Whether the destination is abroad.
    pub is_abroad: bool,
    /// Whether a transfer is under way.
    pub is_being_transferred: bool,
}

impl AtPlace {
    /// Whether the secretary is shown that the formal relation should be transferred: away longer than six months, at the
    /// same place for as long, neither abroad nor with a transfer under way.
    pub fn should_transfer(&self, today: NaiveDate) -> bool {
        let before = |day: NaiveDate| day < fixed_since(today);
        let is_away = matches!(self.state, StateName::Away | StateName::HomeVisit);
        let fixed = self.departed_on.is_some_and(before) && self.moved_on.is_none_or(before);
        let elsewhere = |said: &DivisionCode| self.division.is_some_and(|division| !are_one(division, *said));
        is_away && fixed && !self.is_abroad && !self.is_being_transferred && !self.said.iter().any(elsewhere)
    }
}

/// Whether two divisions may be the same place: one is the other, or only says it more coarsely.
fn are_one(one: DivisionCode, other: DivisionCode) -> bool {
    let (one, other) = (one.as_str(), other.as_str());
    one.starts_with(other.trim_end_matches("00")) || other.starts_with(one.trim_end_matches("00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(division: &str) -> AtPlace {
        AtPlace {
            state: StateName::Away,
            departed_on: Some(day("2027-01-11")),
            moved_on: None,
            division: division.parse().ok(),
            said: Vec::new(),
            is_abroad: false,
            is_being_transferred: false,
        }
    }

    #[test]
    fn six_months_must_be_over_and_not_only_reached() {
        assert!(!at("310115").should_transfer(day("2027-07-11")));
        assert!(at("310115").should_transfer(day("2027-07-12")));
    }

    #[test]
    fn whoever_moved_checked_in_elsewhere_is_abroad_or_being_transferred_is_not_advised() {
        let today = day("2027-09-01");
        let fixed = at("310115");
        assert!(fixed.should_transfer(today));
        let moved = AtPlace {
            moved_on: Some(day("2027-06-01")),
            ..fixed.clone()
        };
        let elsewhere = |code: &str| AtPlace {
            said: vec![code.parse().unwrap()],
            ..fixed.clone()
        };
        let abroad = AtPlace {
            is_abroad: true,
            ..fixed.clone()
        };
        let transferred = AtPlace {
            is_being_transferred: true,
            ..fixed.clone()
        };
        let planned = AtPlace {
            state: StateName::Planned,
            departed_on: None,
            ..fixed.clone()
        };
        for other in [
            moved,
            elsewhere("320500"),
            elsewhere("310104"),
            abroad,
            transferred,
            planned,
        ] {
            assert!(!other.should_transfer(today), "{other:?}");
        }
        for coarse in ["310115", "310100", "310000"] {
            assert!(
                elsewhere(coarse).should_transfer(today),
                "{coarse} only says it more coarsely"
            );
        }
    }
}
