//! Gifts (红色书包、生日贺卡): what an organisation gave to whom, on which occasion. A record of a fact: one that was
//! recorded by mistake is taken back with a reason, and counts no more.
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
}
