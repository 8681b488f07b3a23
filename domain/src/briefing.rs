//! What is talked through before a member leaves (行前教育): the default list, and what an organisation's own may hold.
use serde::{Deserialize, Serialize};

/// The items of the default list, with their Chinese and English names.
pub const DEFAULT_ITEMS: &[(&str, &str, &str)] = &[
    ("talk", "行前谈话", "A talk before leaving"),
    (
        "duties",
        "说明义务（报告、党费、学习）",
        "Duties explained: report, dues, learning",
    ),
    (
        "host_contact",
        "告知流入地党组织及电话",
        "The host organisation and its phone given",
    ),
    ("certificate", "发放流动党员活动证", "Certificate issued"),
    ("contact_details", "核对联系方式", "Contact details confirmed"),
    ("family_contact", "登记家属联系方式", "Family contact noted"),
];

/// Items of the default list that the member can tick without the branch.
pub const BY_MEMBER: &[&str] = &["contact_details", "family_contact"];

/// How many items a list holds at most.
pub const MOST_ITEMS: u16 = 30;

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its stable word, unique in the list.
    pub item: String,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// Whether the member can tick it without the branch.
    pub by_member: bool,
}

/// The list of an organisation that has chosen none.
pub fn default_items() -> Vec<Item> {
    let item = |(word, zh, en): &(&str, &str, &str)| Item {
        item: (*word).to_owned(),
        zh: (*zh).to_owned(),
        en: (*en).to_owned(),
        by_member: BY_MEMBER.contains(word),
    };
    DEFAULT_ITEMS.iter().map(item).collect()
}

/// The Chinese and the English name of an item that was laid out before names were kept; the word itself for one that is
/// not of the default list.
pub fn names(word: &str) -> (&str, &str) {
    let known = DEFAULT_ITEMS.iter().find(|(item, ..)| *item == word);
    known.map_or((word, word), |(_, zh, en)| (zh, en))
}

/// Where a word stands for the second time, counted from 0.
pub fn repeated(items: &[Item]) -> Option<usize> {
    let before = |at: usize, item: &Item| items.iter().take(at).any(|other| other.item == item.item);
    items
        .iter()
        .enumerate()
        .find(|(at, item)| before(*at, item))
        .map(|(at, _)| at)
}
