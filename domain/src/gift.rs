//! Gifts (红色书包、生日贺卡): what an organisation gave to whom, on which occasion. A record of a fact: one that was
//! recorded by mistake is taken back with a reason, and counts no more. Which occasions get what is each organisation's
//! choice.
use serde::{Deserialize, Serialize};

use crate::settings::Wrong;
use crate::words;

words! {
    /// On which occasion something was given.
    pub enum GiftOccasion {
        /// 政治生日.
        PoliticalBirthday = "political_birthday",
        /// 生日.
        Birthday = "birthday",
        /// 节日慰问.
        Festival = "festival",
        /// 困难慰问.
        Hardship = "hardship",
        /// Another, as the note says.
        Other = "other",
    }
}

words! {
    /// What was given.
    pub enum GiftItem {
        /// 生日贺卡.
        Card = "card",
        /// 红色书包: a parcel of things to read.
        RedSatchel = "red_satchel",
        /// Something else, which is named.
        Other = "other",
    }
}

words! {
    /// Whether the record counts.
    pub enum GiftState {
        /// It was given.
        Given = "given",
        /// 撤销: it was recorded by mistake.
        Withdrawn = "withdrawn",
    }
}

impl GiftItem {
    /// What is wrong with how a gift is named, as a stable word: only something else has a name, and needs one.
    pub const fn fault(self, named: bool) -> Option<&'static str> {
        match (self, named) {
            (Self::Other, false) => Some("required"),
            (Self::Card | Self::RedSatchel, true) => Some("name_of_known_item"),
            _ => None,
        }
    }

    /// What it is called in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Card => "贺卡",
            Self::RedSatchel => "红色书包",
            Self::Other => "礼物",
        }
    }

    /// What it is called in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::RedSatchel => "red satchel",
            Self::Other => "gift",
        }
    }
}

/// How many presents an organisation's list holds at most.
pub const MOST_PRESENTS: u16 = 20;
/// The last anniversary that a present can be meant for.
pub const LAST_YEAR: u16 = 100;

/// What an organisation gives on an occasion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// On which.
    pub occasion: GiftOccasion,
    /// What.
    pub item: GiftItem,
    /// What, where it is something else.
    pub name: Option<String>,
    /// Of a political birthday: the years since joining at which it is given, each from 1 to [`LAST_YEAR`]; every year where
    /// there are none.
    pub years: Vec<u16>,
}

/// What an organisation gives that has chosen nothing: a card on each political birthday.
pub fn usual_presents() -> Vec<Present> {
    vec![Present {
        occasion: GiftOccasion::PoliticalBirthday,
        item: GiftItem::Card,
        name: None,
        years: Vec::new(),
    }]
}

impl Present {
    /// Whether it is given on a political birthday, so many years after joining.
    pub fn falls_on(&self, years: u32) -> bool {
        let is_meant = self.years.is_empty() || self.years.iter().any(|one| u32::from(*one) == years);
        self.occasion == GiftOccasion::PoliticalBirthday && is_meant
    }

    /// Whether a gift that was recorded so is this one.
    pub fn is(&self, item: &str, name: Option<&str>) -> bool {
        self.item.as_str() == item && self.name.as_deref() == name
    }

    /// What it is called in Chinese.
    pub fn zh(&self) -> &str {
        self.name.as_deref().unwrap_or(self.item.zh())
    }

    /// What it is called in English, unless it has a name of its own.
    pub fn en(&self) -> &str {
        self.name.as_deref().unwrap_or(self.item.en())
    }

    /// What is wrong with it as the entry of a list that stands at a number.
    fn fault(&self, at: usize) -> Option<Wrong> {
        if let Some(code) = self.item.fault(self.name.is_some()) {
            return Some(Wrong::new(format!("/gifts/{at}/name"), code, "name"));
        }
        if !self.years.is_empty() && self.occasion != GiftOccasion::PoliticalBirthday {
            return Some(Wrong::new(
                format!("/gifts/{at}/years"),
                "years_of_another_occasion",
                "",
            ));
        }
        let year = |(nth, year): (usize, &u16)| {
            let (code, limit) = match *year {
                0 => ("too_small", 1),
                1..=LAST_YEAR => return None,
                _ => ("too_big", LAST_YEAR),
            };
            Some(Wrong::new(format!("/gifts/{at}/years/{nth}"), code, limit.to_string()))
        };
        self.years.iter().enumerate().find_map(year)
    }
}

/// What is wrong with a list of presents: the first entry that can't be, or that stands there twice.
pub fn fault_of_presents(presents: &[Present]) -> Option<Wrong> {
    let same = |one: &Present, other: &Present| {
        one.occasion == other.occasion && one.is(other.item.as_str(), other.name.as_deref())
    };
    presents.iter().enumerate().find_map(|(at, one)| {
        let twice = presents.iter().take(at).any(|other| same(one, other));
        let twice = twice.then(|| Wrong::new(format!("/gifts/{at}/item"), "item_twice", ""));
        one.fault(at).or(twice)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_something_else_is_named() {
        assert_eq!(GiftItem::Other.fault(false), Some("required"));
        assert_eq!(GiftItem::Other.fault(true), None);
        assert_eq!(GiftItem::Card.fault(false), None);
        assert_eq!(GiftItem::RedSatchel.fault(true), Some("name_of_known_item"));
    }

    fn satchel(years: &[u16]) -> Present {
        Present {
            occasion: GiftOccasion::PoliticalBirthday,
            item: GiftItem::RedSatchel,
            name: None,
            years: years.to_vec(),
        }
    }

    #[test]
    fn a_present_is_given_every_year_or_at_the_years_that_are_named() {
        assert!(satchel(&[]).falls_on(7));
        assert!(satchel(&[10, 20]).falls_on(20) && !satchel(&[10, 20]).falls_on(21));
        let hardship = Present {
            occasion: GiftOccasion::Hardship,
            ..satchel(&[])
        };
        assert!(!hardship.falls_on(7), "on the day that it is needed");
    }

    #[test]
    fn a_list_names_what_can_not_be() {
        let fault = |presents: &[Present]| fault_of_presents(presents).map(|wrong| (wrong.at, wrong.code));
        assert_eq!(fault(&usual_presents()), None);
        assert_eq!(fault(&[satchel(&[50]), usual_presents()[0].clone()]), None);
        let wrong = |at: &str, code| Some((at.to_owned(), code));
        assert_eq!(
            fault(&[satchel(&[10]), satchel(&[20])]),
            wrong("/gifts/1/item", "item_twice")
        );
        assert_eq!(fault(&[satchel(&[10, 0])]), wrong("/gifts/0/years/1", "too_small"));
        assert_eq!(fault(&[satchel(&[101])]), wrong("/gifts/0/years/0", "too_big"));
        let other = Present {
            item: GiftItem::Other,
            ..satchel(&[])
        };
        assert_eq!(fault(&[other]), wrong("/gifts/0/name", "required"));
        let festival = Present {
            occasion: GiftOccasion::Festival,
            ..satchel(&[10])
        };
        assert_eq!(fault(&[festival]), wrong("/gifts/0/years", "years_of_another_occasion"));
    }
}
