//! What an organisation chooses for itself and, unless they choose otherwise, for all below it: the keys, their ranges
//! and defaults, and which of several choices holds.
use serde::{Deserialize, Deserializer, Serialize};

use crate::briefing::{Item, MOST_ITEMS, default_items, repeated};
use crate::campaign::{Activity, MOST_ACTIVITIES, fault_of_activities, seven_ones};
use crate::care::STAY_CONTACT_DAYS;
use crate::gift::{MOST_PRESENTS, Present, fault_of_presents, usual_presents};
use crate::handover::{DUE_DAYS, LAPSES_DAYS, REMINDED_DAYS, Terms};
use crate::journey::INTERVAL_DAYS;
use crate::organisation::DEFAULT_CONTACT_INTERVAL_DAYS;
use crate::{service, words};

words! {
    /// What can be chosen.
    pub enum Key as "SettingKey" {
        /// Days after which who is asked in a hand-over is reminded.
        HandoverRemindedDays = "handover_reminded_days",
        /// Days within which a hand-over is to be answered.
        HandoverDueDays = "handover_due_days",
        /// Days after which an unanswered hand-over lapses.
        HandoverLapsesDays = "handover_lapses_days",
        /// Days between contacts with members who are away.
        ContactIntervalDays = "contact_interval_days",
        /// Days between a host's contacts with people who stay there.
        StayContactDays = "stay_contact_days",
        /// What is talked through before a member leaves.
        BriefingItems = "briefing_items",
        /// What is to be done in a campaign around the Spring Festival.
        CampaignActivities = "campaign_activities",
        /// What is given on which occasion.
        GiftOccasions = "gift_occasions",
        /// Days within which a service request about work is answered.
        ServiceEmploymentDays = "service_employment_days",
        /// Days within which a service request about a school is answered.
        ServiceSchoolingDays = "service_schooling_days",
        /// Days within which a service request about a rule is answered.
        ServicePolicyDays = "service_policy_days",
        /// Days within which a service request in hardship is answered.
        ServiceHardshipDays = "service_hardship_days",
        /// Days within which a service request about the law is answered.
        ServiceLegalDays = "service_legal_days",
        /// Days within which any other service request is answered.
        ServiceOtherDays = "service_other_days",
    }
}

words! {
    /// Of which type a value is: the word is also the name of the field in which it stands.
    pub enum Type as "SettingType" {
        /// A number of days.
        Days = "days",
        /// A list of briefing items.
        Items = "items",
        /// A list of activities of a campaign.
        Activities = "activities",
        /// A list of what is given on which occasion.
        Gifts = "gifts",
    }
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number of days.
    Days {
        /// At least.
        least: u16,
        /// At most.
        most: u16,
        /// Where nobody has chosen.
        default: u16,
    },
    /// A list of briefing items; where nobody has chosen, [`default_items`].
    Items,
    /// A list of activities; where nobody has chosen, [`seven_ones`].
    Activities,
    /// A list of what is given on which occasion; where nobody has chosen, [`usual_presents`].
    Gifts,
}

/// A key's line in the table.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Which.
    pub key: Key,
    /// What it takes.
    pub kind: Kind,
    /// What it is for, in Chinese.
    pub zh: &'static str,
    /// What it is for, in English.
    pub en: &'static str,
}

impl Kind {
    /// Of which type its values are.
    pub const fn of_type(self) -> Type {
        match self {
            Self::Days { .. } => Type::Days,
            Self::Items => Type::Items,
            Self::Activities => Type::Activities,
            Self::Gifts => Type::Gifts,
        }
    }

    /// The least and the most it takes: days, or entries of a list.
    pub const fn range(self) -> (u16, u16) {
        match self {
            Self::Days { least, most, .. } => (least, most),
            Self::Items => (1, MOST_ITEMS),
            Self::Activities => (1, MOST_ACTIVITIES),
            Self::Gifts => (0, MOST_PRESENTS),
        }
    }
}

const fn days(least: u16, most: u16, default: u16) -> Kind {
    Kind::Days { least, most, default }
}

/// The longest term of a service request, days.
const LONGEST_TERM: u16 = 90;

/// The whole table.
pub const ALL: &[Definition] = &[
    Definition {
        key: Key::HandoverRemindedDays,
        kind: days(1, 60, REMINDED_DAYS),
        zh: "对接提出后第几天提醒对方；须早于答复期限",
        en: "Days after which who is asked in a hand-over is reminded; before an answer is due",
    },
    Definition {
        key: Key::HandoverDueDays,
        kind: days(1, 60, DUE_DAYS),
        zh: "对接须在几天内答复，逾期告知双方共同的上级；询问去向的，逾期后对方可按去向不明办理离开",
        en: "Days within which a hand-over is to be answered; then the organisation above both is told, and a host that asked \
             where somebody is may let go",
    },
    Definition {
        key: Key::HandoverLapsesDays,
        kind: days(2, 366, LAPSES_DAYS),
        zh: "对接几天仍未答复即失效；须晚于答复期限",
        en: "Days after which an unanswered hand-over lapses; after an answer is due",
    },
    Definition {
        key: Key::ContactIntervalDays,
        kind: days(
            *INTERVAL_DAYS.start(),
            *INTERVAL_DAYS.end(),
            DEFAULT_CONTACT_INTERVAL_DAYS,
        ),
        zh: "与外出党员两次联系之间的天数，用于新的外出登记",
        en: "Days between contacts with members who are away, for new journeys",
    },
    Definition {
        key: Key::StayContactDays,
        kind: days(*INTERVAL_DAYS.start(), *INTERVAL_DAYS.end(), STAY_CONTACT_DAYS),
        zh: "与流入党员两次联系（走访）之间的天数",
        en: "Days between contacts with people who stay here: visits, and what their home hears of them",
    },
    Definition {
        key: Key::BriefingItems,
        kind: Kind::Items,
        zh: "行前教育清单，用于新的外出登记",
        en: "What is talked through before a member leaves, for new journeys",
    },
    Definition {
        key: Key::CampaignActivities,
        kind: Kind::Activities,
        zh: "春节活动清单（默认为“七个一”），用于新的春节活动",
        en: "What is to be done around the Spring Festival (the seven ones unless chosen), for new campaigns",
    },
    Definition {
        key: Key::GiftOccasions,
        kind: Kind::Gifts,
        zh: "什么情形送什么（默认政治生日送贺卡），可为空；政治生日该送而未登记的，列入工作清单",
        en: "What is given on which occasion (a card on a political birthday unless chosen), nothing if the list is empty; what \
             is not recorded yet of a political birthday is on the work list",
    },
    Definition {
        key: Key::ServiceEmploymentDays,
        kind: days(1, LONGEST_TERM, service::Terms::DEFAULT.employment),
        zh: "就业指导类服务事项须在几天内答复，逾期转上级；用于新的事项",
        en: "Days within which a service request about work is to be answered, for new ones; then the organisation above is \
             told",
    },
    Definition {
        key: Key::ServiceSchoolingDays,
        kind: days(1, LONGEST_TERM, service::Terms::DEFAULT.schooling),
        zh: "子女入学类服务事项须在几天内答复，逾期转上级；用于新的事项",
        en: "Days within which a service request about a school is to be answered, for new ones; then the organisation above is \
             told",
    },
    Definition {
        key: Key::ServicePolicyDays,
        kind: days(1, LONGEST_TERM, service::Terms::DEFAULT.policy),
        zh: "政策咨询类服务事项须在几天内答复，逾期转上级；用于新的事项",
        en: "Days within which a service request about a rule is to be answered, for new ones; then the organisation above is \
             told",
    },
    Definition {
        key: Key::ServiceHardshipDays,
        kind: days(1, LONGEST_TERM, service::Terms::DEFAULT.hardship),
        zh: "困难帮扶类服务事项须在几天内答复，逾期转上级；用于新的事项",
        en: "Days within which a service request about hardship is to be answered, for new ones; then the organisation above is \
             told",
    },
    Definition {
        key: Key::ServiceLegalDays,
        kind: days(1, LONGEST_TERM, service::Terms::DEFAULT.legal),
        zh: "法律援助类服务事项须在几天内答复，逾期转上级；用于新的事项",
        en: "Days within which a service request about the law is to be answered, for new ones; then the organisation above is \
             told",
    },
    Definition {
        key: Key::ServiceOtherDays,
        kind: days(1, LONGEST_TERM, service::Terms::DEFAULT.other),
        zh: "其他类服务事项须在几天内答复，逾期转上级；用于新的事项",
        en: "Days within which a service request about anything else is to be answered, for new ones; then the organisation above is \
             told",
    },
];

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// So many days.
    Days(u16),
    /// These items, in this order.
    Items(Vec<Item>),
    /// These activities, in this order.
    Activities(Vec<Activity>),
    /// These presents, in this order.
    Gifts(Vec<Present>),
}

impl Value {
    /// Of which type it is.
    pub const fn of_type(&self) -> Type {
        match self {
            Self::Days(_) => Type::Days,
            Self::Items(_) => Type::Items,
            Self::Activities(_) => Type::Activities,
            Self::Gifts(_) => Type::Gifts,
        }
    }

    /// Reads a value of a type, as it was written.
    ///
    /// # Errors
    /// When it is of another.
    pub fn read<'de, D: Deserializer<'de>>(of_type: Type, from: D) -> Result<Self, D::Error> {
        match of_type {
            Type::Days => u16::deserialize(from).map(Self::Days),
            Type::Items => Vec::deserialize(from).map(Self::Items),
            Type::Activities => Vec::deserialize(from).map(Self::Activities),
            Type::Gifts => Vec::deserialize(from).map(Self::Gifts),
        }
    }

    /// How many days, or how many entries.
    fn size(&self) -> usize {
        match self {
            Self::Days(days) => usize::from(*days),
            Self::Items(list) => list.len(),
            Self::Activities(list) => list.len(),
            Self::Gifts(list) => list.len(),
        }
    }
}

/// Why a value can't be taken: a stable word, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {code}: {expected}")]
pub struct Wrong {
    /// Where in the value, as a JSON pointer.
    pub at: String,
    /// The word.
    pub code: &'static str,
    /// What would be right.
    pub expected: String,
}

impl Wrong {
    /// At a JSON pointer, with the word and what would be right.
    pub fn new(at: impl Into<String>, code: &'static str, expected: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            code,
            expected: expected.into(),
        }
    }
}

impl Definition {
    /// The key's line.
    pub fn of(key: Key) -> Option<&'static Self> {
        ALL.iter().find(|line| line.key == key)
    }

    /// What holds where nobody has chosen.
    pub fn default(&self) -> Value {
        match self.kind {
            Kind::Days { default, .. } => Value::Days(default),
            Kind::Items => Value::Items(default_items()),
            Kind::Activities => Value::Activities(seven_ones()),
            Kind::Gifts => Value::Gifts(usual_presents()),
        }
    }

    /// Whether the key takes the value.
    ///
    /// # Errors
    /// [`Wrong`] for a value of another kind or out of its range, and for an item that stands twice.
    pub fn check(&self, value: &Value) -> Result<(), Wrong> {
        let (field, (least, most)) = (self.kind.of_type(), self.kind.range());
        let at = format!("/{field}");
        if value.of_type() != field {
            return Err(Wrong::new(at, "required", field.as_str()));
        }
        let (small, big) = match field {
            Type::Days => ("too_small", "too_big"),
            Type::Items | Type::Activities | Type::Gifts => ("too_short", "too_long"),
        };
        if value.size() < usize::from(least) {
            return Err(Wrong::new(at, small, least.to_string()));
        }
        if value.size() > usize::from(most) {
            return Err(Wrong::new(at, big, most.to_string()));
        }
        let fault = match value {
            Value::Days(_) => None,
            Value::Items(list) => repeated(list).map(|at| Wrong::new(format!("/items/{at}/item"), "item_twice", "")),
            Value::Activities(list) => fault_of_activities(list),
            Value::Gifts(list) => fault_of_presents(list),
        };
        fault.map_or(Ok(()), Err)
    }
}

/// What holds for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// When an unanswered hand-over is spoken of, and when it lapses.
    pub handover: Terms,
    /// Days between contacts.
    pub contact_interval_days: u16,
    /// Days between a host's contacts with people who stay there.
    pub stay_contact_days: u16,
    /// What is talked through before a member leaves.
    pub briefing_items: Vec<Item>,
    /// What is to be done in a campaign around the Spring Festival.
    pub campaign_activities: Vec<Activity>,
    /// Days within which service requests are answered.
    pub service: service::Terms,
}

impl Settings {
    /// What follows from the choices that hold, each key at most once: a key that nobody chose has its default.
    pub fn of(chosen: impl Fn(Key) -> Option<Value>) -> Self {
        let days = |key, default| match chosen(key) {
            Some(Value::Days(days)) => days,
            _ => default,
        };
        Self {
            handover: Terms {
                reminded: days(Key::HandoverRemindedDays, REMINDED_DAYS),
                due: days(Key::HandoverDueDays, DUE_DAYS),
                lapses: days(Key::HandoverLapsesDays, LAPSES_DAYS),
            },
            contact_interval_days: days(Key::ContactIntervalDays, DEFAULT_CONTACT_INTERVAL_DAYS),
            stay_contact_days: days(Key::StayContactDays, STAY_CONTACT_DAYS),
            briefing_items: match chosen(Key::BriefingItems) {
                Some(Value::Items(items)) => items,
                _ => default_items(),
            },
            campaign_activities: match chosen(Key::CampaignActivities) {
                Some(Value::Activities(activities)) => activities,
                _ => seven_ones(),
            },
            service: service::Terms {
                employment: days(Key::ServiceEmploymentDays, service::Terms::DEFAULT.employment),
                schooling: days(Key::ServiceSchoolingDays, service::Terms::DEFAULT.schooling),
                policy: days(Key::ServicePolicyDays, service::Terms::DEFAULT.policy),
                hardship: days(Key::ServiceHardshipDays, service::Terms::DEFAULT.hardship),
                legal: days(Key::ServiceLegalDays, service::Terms::DEFAULT.legal),
                other: days(Key::ServiceOtherDays, service::Terms::DEFAULT.other),
            },
        }
    }

    /// What contradicts itself, as a stable word.
    pub const fn contradiction(&self) -> Option<&'static str> {
        let Terms { reminded, due, lapses } = self.handover;
        if reminded >= due {
            Some("reminder_not_before_due")
        } else if due >= lapses {
            Some("lapse_not_after_due")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_once_and_takes_its_own_default() {
        let keys: Vec<_> = ALL.iter().map(|line| line.key).collect();
        assert_eq!(keys, Key::ALL);
        for line in ALL {
            assert_eq!(line.check(&line.default()), Ok(()), "{}", line.key);
            let written = serde_json::to_string(&line.default()).unwrap();
            let mut written = serde_json::Deserializer::from_str(&written);
            assert_eq!(
                Value::read(line.kind.of_type(), &mut written).unwrap(),
                line.default(),
                "{}",
                line.key
            );
            assert!(!line.zh.is_empty() && !line.en.is_empty());
        }
        assert_eq!(Settings::of(|_| None).contradiction(), None);
        assert_eq!(
            Settings::of(|key| Some(Definition::of(key)?.default())),
            Settings::of(|_| None)
        );
    }

    #[test]
    fn a_value_out_of_range_or_of_another_kind_is_refused_with_what_would_be_right() {
        let due = Definition::of(Key::HandoverDueDays).unwrap();
        assert_eq!(due.check(&Value::Days(0)), Err(Wrong::new("/days", "too_small", "1")));
        assert_eq!(due.check(&Value::Days(61)), Err(Wrong::new("/days", "too_big", "60")));
        assert_eq!(
            due.check(&Value::Items(vec![])),
            Err(Wrong::new("/days", "required", "days"))
        );
        let list = Definition::of(Key::BriefingItems).unwrap();
        let mut items = default_items();
        items.extend(default_items().first().cloned());
        assert_eq!(
            list.check(&Value::Items(items)),
            Err(Wrong::new("/items/6/item", "item_twice", ""))
        );
        assert_eq!(
            list.check(&Value::Items(vec![])),
            Err(Wrong::new("/items", "too_short", "1"))
        );
    }

    #[test]
    fn a_reminder_comes_before_the_due_day_and_the_lapse_after_it() {
        let with = |key, days| Settings::of(move |asked| (asked == key).then_some(Value::Days(days))).contradiction();
        assert_eq!(with(Key::HandoverRemindedDays, 10), Some("reminder_not_before_due"));
        assert_eq!(with(Key::HandoverRemindedDays, 9), None);
        assert_eq!(with(Key::HandoverDueDays, 30), Some("lapse_not_after_due"));
        assert_eq!(with(Key::HandoverLapsesDays, 11), None);
    }
}
