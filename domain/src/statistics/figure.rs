//! The figures: each with what it counts, said once.

macro_rules! figures {
    ($($variant:ident = $word:literal, $unit:ident $(of $of:ident)?, $zh:literal, $en:literal, $counts_zh:literal, $counts_en:literal;)+) => {
        crate::words! {
            /// Something that is counted.
            pub enum Figure {
                $(#[doc = $counts_en] $variant = $word,)+
            }
        }

        impl Figure {
            /// The Chinese label.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)+ }
            }

            /// The English label.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }

            /// What it counts, in Chinese.
            pub const fn counts_zh(self) -> &'static str {
                match self { $(Self::$variant => $counts_zh,)+ }
            }

            /// What it counts, in English.
            pub const fn counts_en(self) -> &'static str {
                match self { $(Self::$variant => $counts_en,)+ }
            }

            /// In what it is counted.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)+ }
            }

            /// The figure that this one is a share of.
            pub const fn of(self) -> Option<Self> {
                match self { $(Self::$variant => figures!(@of $($of)?),)+ }
            }
        }
    };
    (@of $of:ident) => { Some(Self::$of) };
    (@of) => { None };
}

figures! {
    Members = "members", People, "党员", "Members",
        "现有正式党员和预备党员", "Full and probationary members today";
    Planned = "planned", People, "拟外出", "Planning to leave",
        "目前已登记、尚未出发的流出", "Journeys registered and not yet begun today";
    Mobile = "mobile", People, "目前流动", "Mobile today",
        "目前在外、返乡在家或失联的党员", "Members away, home for a visit or out of contact today";
    Away = "away", People, "目前在外", "Away today",
        "目前在外的党员", "Members away today";
    HomeVisit = "home_visit", People, "返乡在家", "Home for a visit",
        "目前返乡、尚未返程的党员", "Members home for a visit today";
    OutOfContact = "out_of_contact", People, "失联", "Out of contact",
        "目前经上级确认失联的党员", "Members confirmed to be out of contact today";
    Overdue = "overdue", People of Away, "逾期未联系", "Contact overdue",
        "目前在外、已过应联系日期的党员", "Members away today whose contact was due before today";
    OnJourney = "on_journey", People, "期末流动", "Mobile at the end",
        "期间最后一日日终已离开、尚未结束的流出", "Journeys that had begun and not ended when the period's last day ended";
    Departures = "departures", Events, "本期外出", "Departures",
        "期间内出发的流出", "Journeys that began in the period";
    Returns = "returns", Events, "本期返回", "Returns",
        "期间内因返回而结束的流出", "Journeys that ended in the period with the member home for good";
    Transfers = "transfers", Events, "本期转出关系", "Transfers",
        "期间内因组织关系转出而结束的流出", "Journeys that ended in the period with the formal relation moved";
    Waiting = "waiting", People, "流入待编入", "Stays not admitted yet",
        "目前已报到、尚未编入的流入党员", "Stays reported, being verified or verified today, and not admitted";
    Staying = "staying", People, "期末在册流入", "Admitted at the end",
        "期间最后一日日终已编入、尚未离开的流入党员", "Stays admitted and not left when the period's last day ended";
    Arrivals = "arrivals", Events, "本期流入", "Arrivals",
        "期间内到达的流入（不含不予接收、撤回和合并的）", "Stays whose day of arrival is in the period, but for those rejected, withdrawn or merged";
    Leavings = "leavings", Events, "本期离开", "Leavings",
        "期间内离开的在册流入党员", "Stays that were admitted and left in the period";
    OnTime = "on_time", People of Away, "按时联系", "In contact on time",
        "目前在外、未过应联系日期的党员", "Members away today whose contact is not overdue";
    Gone30 = "gone_30", People, "离家满30天", "Gone for 30 days",
        "目前流动、离开满30天的党员", "Members mobile today who left 30 days ago or earlier";
    Reached30 = "reached_30", People of Gone30, "30天内联系到", "Reached in 30 days",
        "其中最近30天内联系到的党员", "Of these, who were in contact in the last 30 days";
    Gone90 = "gone_90", People, "离家满90天", "Gone for 90 days",
        "目前流动、离开满90天的党员", "Members mobile today who left 90 days ago or earlier";
    Reached90 = "reached_90", People of Gone90, "90天内联系到", "Reached in 90 days",
        "其中最近90天内联系到的党员", "Of these, who were in contact in the last 90 days";
    Gone180 = "gone_180", People, "离家满180天", "Gone for 180 days",
        "目前流动、离开满180天的党员", "Members mobile today who left 180 days ago or earlier";
    Reached180 = "reached_180", People of Gone180, "180天内联系到", "Reached in 180 days",
        "其中最近180天内联系到的党员", "Of these, who were in contact in the last 180 days";
    Briefed = "briefed", Events of Departures, "行前教育完成", "Briefed before leaving",
        "期间内出发、行前教育各项在出发当日或之前完成的流出", "Journeys that began in the period with every item of the briefing done by the day of departure";
    HandedOver = "handed_over", Events of Departures, "已向流入地推送", "Offered to a host",
        "期间内出发、向流入地党组织发出过对接的流出", "Journeys that began in the period and were offered to a host";
    Accepted = "accepted", Events of HandedOver, "流入地已接收", "Accepted by a host",
        "其中流入地党组织已接收的", "Of these, which a host accepted";
    Expected = "expected", Events, "应参加活动", "Meant to attend",
        "期间内活动名单上参加、缺席或已补课的（不含请假）", "Who was on the list of a gathering in the period and attended, missed it or made it up; not who was excused";
    Attended = "attended", Events of Expected, "已参加或补课", "Attended or made up",
        "其中参加了的或已补课的", "Of these, who attended or made it up";
    LearningMinutes = "learning_minutes", Minutes, "学习时长", "Time of learning",
        "期间内参加活动计入的学习分钟数", "The minutes of learning that count, of who attended gatherings in the period";
    Wishes = "wishes", Events, "微心愿", "Wishes",
        "期间内写下的微心愿（不含撤回和不予发布的）", "Wishes written in the period, but for those withdrawn or declined";
    WishesFulfilled = "wishes_fulfilled", Events of Wishes, "已实现微心愿", "Wishes fulfilled",
        "其中已实现的", "Of these, which were fulfilled";
    RequestsDue = "requests_due", Events, "应答复服务事项", "Requests due",
        "期间内提出、已答复或今天已过答复期限的服务事项（不含撤回的）", "Service requests of the period that were answered or were due before today, but for those withdrawn";
    AnsweredInTime = "answered_in_time", Events of RequestsDue, "按期答复服务事项", "Answered in time",
        "其中每次提出都在期限内答复的", "Of these, which were answered by the day they were due, each time they were asked";
}

crate::words! {
    /// In what a figure is counted.
    pub enum Unit as "FigureUnit" {
        /// People 人.
        People = "people",
        /// What happened to people, somebody perhaps more than once 人次.
        Events = "events",
        /// Minutes 分钟: hidden where it is hidden who spent them.
        Minutes = "minutes",
    }
}

impl Unit {
    /// The Chinese label.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::People => "人",
            Self::Events => "人次",
            Self::Minutes => "分钟",
        }
    }

    /// The English label.
    pub const fn en(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Events => "cases",
            Self::Minutes => "minutes",
        }
    }
}

impl Figure {
    /// Of the overview.
    pub(super) const OVERVIEW: &'static [Self] = &[
        Self::Members,
        Self::Planned,
        Self::Mobile,
        Self::Away,
        Self::HomeVisit,
        Self::OutOfContact,
        Self::Overdue,
        Self::OnJourney,
        Self::Departures,
        Self::Returns,
        Self::Transfers,
        Self::Waiting,
        Self::Staying,
        Self::Arrivals,
        Self::Leavings,
    ];
    /// Of the flows.
    pub(super) const FLOWS: &'static [Self] = &[Self::OnJourney, Self::Departures];
    /// Of the trend; the first two at the end of each month, the others in it.
    pub(super) const TREND: &'static [Self] = &[
        Self::OnJourney,
        Self::Staying,
        Self::Departures,
        Self::Returns,
        Self::Transfers,
        Self::Arrivals,
        Self::Leavings,
    ];
    /// Of the coverage.
    pub(super) const COVERAGE: &'static [Self] = &[
        Self::Away,
        Self::OnTime,
        Self::Gone30,
        Self::Reached30,
        Self::Gone90,
        Self::Reached90,
        Self::Gone180,
        Self::Reached180,
        Self::Departures,
        Self::Briefed,
        Self::HandedOver,
        Self::Accepted,
        Self::Expected,
        Self::Attended,
        Self::LearningMinutes,
        Self::Wishes,
        Self::WishesFulfilled,
        Self::RequestsDue,
        Self::AnsweredInTime,
    ];

    /// Figures of one line of a table that add up to another of it.
    pub const ADDS_UP: &'static [(&'static [Self], Self)] =
        &[(&[Self::Away, Self::HomeVisit, Self::OutOfContact], Self::Mobile)];
}
