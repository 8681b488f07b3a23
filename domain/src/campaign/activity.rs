//! What is to be done in a campaign: each kind is counted from recorded facts, by one definition.
use serde::{Deserialize, Serialize};

use crate::settings::Wrong;
use crate::words;

/// The most activities of a campaign.
pub const MOST_ACTIVITIES: u16 = 20;

words! {
    /// A kind of activity, and the facts from which it is counted: of members whom the campaign means, within its window.
    pub enum ActivityKind as "CampaignActivityKind" {
        /// 走访: a contact, a check-in that the branch recorded or a host's visit, in person, that reached the member.
        Visit = "visit",
        /// 慰问信: a contact by letter; that it was sent counts, whatever came of it.
        Letter = "letter",
        /// 谈心谈话: the same by telephone or video.
        Talk = "talk",
        /// 集中补课、党课: a lesson, a make-up lesson or one of lecturers on tour that the member attended.
        Lesson = "lesson",
        /// 支部会议: a branch meeting that the member attended.
        Meeting = "meeting",
        /// 困难帮扶: a service request about hardship that was resolved, or a gift in hardship.
        Help = "help",
        /// 通报家乡情况: a study session that the member attended; at home it is the meeting at which the year is told of.
        Report = "report",
        /// 慰问品: a gift that was given to the member.
        Gift = "gift",
        /// 服务事项: a service request of any kind that was resolved.
        Service = "service",
    }
}

impl ActivityKind {
    /// From what it is counted, in Chinese.
    pub const fn counted_zh(self) -> &'static str {
        match self {
            Self::Visit => "走访：见面联系到本人的联系记录和走访记录",
            Self::Letter => "慰问信：以书信方式的联系记录，寄出即算",
            Self::Talk => "谈心谈话：电话、视频联系到本人的联系记录和走访记录",
            Self::Lesson => "补课：本人参加的党课、集中补课、送课活动",
            Self::Meeting => "支部会议：本人参加的支部会议",
            Self::Help => "帮扶：已办结的困难帮扶事项和困难慰问",
            Self::Report => "情况通报：本人参加的学习会",
            Self::Gift => "慰问品：已登记的慰问和赠送",
            Self::Service => "服务事项：已办结的各类事项",
        }
    }

    /// From what it is counted, in English.
    pub const fn counted_en(self) -> &'static str {
        match self {
            Self::Visit => "visit: contacts and visits in person that reached the member",
            Self::Letter => "letter: contacts by letter, as sent",
            Self::Talk => "talk: contacts and visits by telephone or video that reached the member",
            Self::Lesson => "lesson: lessons, make-up lessons and lecturers' tours attended",
            Self::Meeting => "meeting: branch meetings attended",
            Self::Help => "help: requests about hardship that were resolved, and gifts in hardship",
            Self::Report => "report: study sessions attended",
            Self::Gift => "gift: gifts that were recorded",
            Self::Service => "service: requests of any kind that were resolved",
        }
    }
}

/// How much of it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "per", rename_all = "snake_case")]
pub enum Target {
    /// Once for each member whom the campaign means.
    Member,
    /// Once for each branch with such members.
    Branch,
    /// So often in all.
    Total {
        /// How often, from 1.
        number: u32,
    },
}

/// Something that is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// What, which says how it is counted; each kind stands once in a campaign.
    pub kind: ActivityKind,
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// How much of it.
    pub target: Target,
}

/// The *seven ones* (七个一) of a Spring Festival, unless an organisation chooses others. The county's own list is not
/// published: this one is ours, made after those of its neighbours (field-notes 5).
pub fn seven_ones() -> Vec<Activity> {
    use ActivityKind as K;
    let activity = |kind, zh: &str, en: &str, target| Activity {
        kind,
        zh: zh.to_owned(),
        en: en.to_owned(),
        target,
    };
    vec![
        activity(K::Visit, "一次走访", "One visit", Target::Member),
        activity(K::Letter, "一封慰问信", "One letter", Target::Member),
        activity(K::Talk, "一次谈心谈话", "One talk", Target::Member),
        activity(K::Lesson, "一次集中补课", "One make-up lesson", Target::Member),
        activity(K::Meeting, "一次支部会议", "One branch meeting", Target::Branch),
        activity(
            K::Help,
            "一次健康体检或困难帮扶",
            "One health check or help for hardship",
            Target::Branch,
        ),
        activity(
            K::Report,
            "一次家乡情况通报",
            "One report on the home town's year",
            Target::Branch,
        ),
    ]
}

/// What in a list of activities can't be: a kind that stands twice. Pointers begin with `/activities`.
pub fn fault_of_activities(activities: &[Activity]) -> Option<Wrong> {
    let before = |at: usize, kind| activities.iter().take(at).any(|other| other.kind == kind);
    let twice = activities.iter().enumerate().find(|(at, one)| before(*at, one.kind));
    twice.map(|(at, _)| Wrong::new(format!("/activities/{at}/kind"), "item_twice", ""))
}
