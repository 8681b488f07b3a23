//! What is said to whom on which occasion, and the keys that make each occasion happen once.
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::calendar::{Festival, ReturnPrompt};
use crate::words;

words! {
    /// Why something is said.
    pub enum Occasion {
        /// 生日: a greeting to the member.
        Birthday = "birthday",
        /// 政治生日: a greeting to the member.
        PoliticalBirthday = "political_birthday",
        /// 行前教育: the departure is near; to the member, and to the secretary with what is still open.
        PreDeparture = "pre_departure",
        /// The planned day has passed: has the member left?
        DepartureCheck = "departure_check",
        /// 返乡: a festival is near, will the member come home?
        ReturnHome = "return_home",
        /// 报到: the next contact is near or due.
        CheckinDue = "checkin_due",
        /// The contact is overdue; also to the secretary, and later to the office above.
        CheckinOverdue = "checkin_overdue",
        /// 对接: a host is told of a member who comes, or an origin is asked to confirm one.
        HandoverOffered = "handover_offered",
        /// The other side has answered, withdrawn or let lapse.
        HandoverAnswered = "handover_answered",
        /// 对接: the answer is not due yet, but half of the time is over; to the asked side.
        HandoverReminder = "handover_reminder",
        /// 对接: no answer when it was due; to the office above both.
        HandoverOverdue = "handover_overdue",
        /// 对接: the other side has written.
        HandoverMessage = "handover_message",
        /// A member who checked in asks for help.
        NeedsHelp = "needs_help",
        /// 报到: somebody has reported the own arrival; to the host.
        ArrivalReported = "arrival_reported",
        /// A host is told that the member has left for home or elsewhere.
        MemberLeft = "member_left",
        /// A host is asked for the new telephone number of a member who stays there.
        PhoneAsked = "phone_asked",
        /// 联系干部: a contact officer has handed the list over; to each member, and to the new officer once for all.
        OfficerChanged = "officer_changed",
        /// An origin is told that the member has left the host.
        StayEnded = "stay_ended",
        /// An origin is told that the member has left the host for home: the return is to be confirmed.
        ReturnProposed = "return_proposed",
        /// A host is told that the origin has not said in time where somebody is.
        WhereaboutsOverdue = "whereabouts_overdue",
        /// A member says that the journey is over: to be confirmed by the secretary.
        FinalReturn = "final_return",
        /// 申请: a member asks the branch to do something about the own record.
        RequestMade = "request_made",
        /// The branch has answered a member's request.
        RequestAnswered = "request_answered",
        /// 验证码: a new e-mail address is confirmed with a code that is mailed to it.
        EmailCode = "email_code",
        /// 失联: a branch proposes that a member is out of contact; to the committee above.
        OutOfContactProposed = "out_of_contact_proposed",
        /// 组织关系转接: a branch is offered a member's formal relation.
        TransferOffered = "transfer_offered",
        /// The receiving branch has accepted or declined.
        TransferAnswered = "transfer_answered",
        /// The letter runs out, or has; to the secretary.
        TransferExpiring = "transfer_expiring",
        /// 预备期满: the probation of a member who is away ends soon; to the member, and to the secretary.
        ProbationEnding = "probation_ending",
        /// 现实表现: the host is asked for its account of a member whose probation ends soon.
        ProbationAccount = "probation_account",
        /// An address of another system has failed for too long and is not told anything any more; to whoever set it up.
        WebhookDisabled = "webhook_disabled",
        /// 微心愿: the branch has published a wish, has not, or it can be claimed again; to the author.
        WishAnswered = "wish_answered",
        /// 认领: somebody has taken a wish on; to the author.
        WishClaimed = "wish_claimed",
        /// A wish has come true; to the author, with how to get what was wished for.
        WishFulfilled = "wish_fulfilled",
        /// Somebody has written about a wish; to the author.
        WishMessage = "wish_message",
        /// What others than the author hear of a wish; what its author did is told on the next morning.
        WishNews = "wish_news",
        /// 服务事项: somebody asks for a service, or asks again; to the organisation's staff.
        ServiceAsked = "service_asked",
        /// 交办: somebody is in charge of a service request; to who asks, and to whoever is in charge.
        ServiceAssigned = "service_assigned",
        /// 答复: a service request has an answer; to who asks.
        ServiceAnswered = "service_answered",
        /// The answer to a service request is due soon; to whoever is in charge.
        ServiceDue = "service_due",
        /// A service request that nobody answered in time has gone up; to the organisation above, to the one that was asked,
        /// and to who asks.
        ServiceEscalated = "service_escalated",
        /// 活动: a member is invited to a gathering.
        GatheringInvited = "gathering_invited",
        /// The gathering is near; to those who are still expected.
        GatheringReminder = "gathering_reminder",
        /// The gathering was moved; to those who were told of it.
        GatheringChanged = "gathering_changed",
        /// The gathering was called off; to those who were told of it.
        GatheringCancelled = "gathering_cancelled",
        /// 补课: a gathering was missed and may be made up; to the member, and to who leads the organisation.
        MakeUpProposed = "make_up_proposed",
    }
}

words! {
    /// How something is said.
    pub enum Channel {
        /// Inside the app.
        Inbox = "inbox",
        /// By e-mail.
        Email = "email",
    }
}

words! {
    /// Whom a recipient's id names.
    pub enum Audience {
        /// A member.
        Member = "member",
        /// The account of a secretary or an office.
        Staff = "staff",
    }
}

words! {
    /// How far a notification has come.
    pub enum DeliveryState {
        /// To be sent.
        Waiting = "waiting",
        /// Handed over.
        Sent = "sent",
        /// Given up; may be tried again by hand.
        Failed = "failed",
        /// Not said: too late, no longer true, or merged with a newer one.
        Dropped = "dropped",
    }
}

impl Occasion {
    /// Everything that a member is asked about a journey.
    pub const PROMPTS: &'static [Self] = &[
        Self::PreDeparture,
        Self::DepartureCheck,
        Self::ReturnHome,
        Self::CheckinDue,
        Self::CheckinOverdue,
    ];

    /// Whether it is a greeting: one that missed its day is not sent late, and the reader is asked for nothing.
    pub const fn is_greeting(self) -> bool {
        matches!(self, Self::Birthday | Self::PoliticalBirthday)
    }

    /// Whether it speaks of a wish, or of a service request.
    pub const fn is_of_service(self) -> bool {
        self.is_of_wish()
            || matches!(
                self,
                Self::ServiceAsked
                    | Self::ServiceAssigned
                    | Self::ServiceAnswered
                    | Self::ServiceDue
                    | Self::ServiceEscalated
            )
    }

    /// Whether it speaks of a wish. What is said of one to a member is shown to no operator: that somebody was told would
    /// say whose the wish is.
    pub const fn is_of_wish(self) -> bool {
        matches!(
            self,
            Self::WishAnswered | Self::WishClaimed | Self::WishFulfilled | Self::WishMessage | Self::WishNews
        )
    }

    /// The occasions whose prompts merge with this one: a newer one takes the place of an older that still waits.
    pub const fn merges_with(self) -> &'static [Self] {
        match self {
            Self::CheckinDue | Self::CheckinOverdue => &[Self::CheckinDue, Self::CheckinOverdue],
            Self::PreDeparture | Self::DepartureCheck => &[Self::PreDeparture, Self::DepartureCheck],
            Self::ReturnHome => &[Self::ReturnHome],
            _ => &[],
        }
    }
}

/// Days before the planned departure on which it is spoken of.
pub const PRE_DEPARTURE_DAYS: [u16; 3] = [14, 7, 1];
/// Days after the planned departure on which it is asked whether the member has left.
pub const DEPARTURE_CHECK_DAYS: u16 = 1;
/// Days before the next contact is due on which the member is reminded; 0 is the day itself.
pub const CHECKIN_DUE_DAYS: [u16; 2] = [3, 0];
/// Days of silence after which the secretary is told too.
pub const SECRETARY_TOLD_DAYS: u16 = 7;
/// Days of silence after which the office above the branch is told too.
pub const OFFICE_TOLD_DAYS: u16 = 30;

/// Days before a letter of introduction runs out on which the secretary is reminded.
pub const TRANSFER_EXPIRING_DAYS: [u16; 2] = [14, 3];
/// Days after which a secretary is asked about a letter that ran out without a receipt.
pub const TRANSFER_EXPIRED_DAYS: u16 = 1;

/// Which of an occasion's turns it is; with recipient, occasion and subject it makes the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Once a year.
    Year(i32),
    /// So many days before or after a date, as the occasion says.
    Near(NaiveDate, u16),
    /// So many days before a festival of a solar year.
    Festival(Festival, i32, u16),
    /// So many days before the festival of a campaign.
    Campaign(Uuid, u16),
    /// Once for a thing that happened: a check-in, a hand-over's answer.
    Thing(Uuid),
    /// Once for the subject.
    Once,
}

impl Period {
    /// The period of a return prompt.
    pub fn of_return(prompt: &ReturnPrompt) -> Self {
        Self::Festival(prompt.festival, prompt.year, prompt.days_before.into())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::Near(date, days) => write!(f, "{date}-{days}"),
            Self::Festival(festival, year, days) => write!(f, "{festival}-{year}-{days}"),
            Self::Campaign(id, days) => write!(f, "{id}-{days}"),
            Self::Thing(id) => id.fmt(f),
            Self::Once => f.write_str("once"),
        }
    }
}

/// The text is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no period of a notification")]
pub struct NotAPeriod;

impl FromStr for Period {
    type Err = NotAPeriod;
    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let thing = || text.parse().ok().map(Self::Thing);
        let year = || text.parse().ok().map(Self::Year);
        let near = || {
            let (date, days) = text.rsplit_once('-')?;
            Some(Self::Near(date.parse().ok()?, days.parse().ok()?))
        };
        let festival = || {
            let (rest, days) = text.rsplit_once('-')?;
            let (festival, year) = rest.rsplit_once('-')?;
            Some(Self::Festival(
                festival.parse().ok()?,
                year.parse().ok()?,
                days.parse().ok()?,
            ))
        };
        let campaign = || {
            let (id, days) = text.rsplit_once('-')?;
            Some(Self::Campaign(id.parse().ok()?, days.parse().ok()?))
        };
        let once = || (text == "once").then_some(Self::Once);
        once()
            .or_else(thing)
            .or_else(year)
            .or_else(near)
            .or_else(festival)
            .or_else(campaign)
            .ok_or(NotAPeriod)
    }
}

/// What makes a notification happen once. As text it is the notification's id in the API and in `Message-ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// A member's or an account's id.
    pub recipient: Uuid,
    /// Why.
    pub occasion: Occasion,
    /// The member, journey, hand-over or branch that it is about.
    pub subject: Uuid,
    /// Which turn.
    pub period: Period,
    /// How.
    pub channel: Channel,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            recipient,
            occasion,
            subject,
            period,
            channel,
        } = self;
        write!(
            f,
            "{}.{occasion}.{}.{period}.{channel}",
            recipient.simple(),
            subject.simple()
        )
    }
}

impl FromStr for Key {
    type Err = NotAPeriod;
    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(NotAPeriod);
        let key = Self {
            recipient: next()?.parse().map_err(|_text: uuid::Error| NotAPeriod)?,
            occasion: next()?.parse().map_err(|_word: words::UnknownWord| NotAPeriod)?,
            subject: next()?.parse().map_err(|_text: uuid::Error| NotAPeriod)?,
            period: next()?.parse()?,
            channel: next()?.parse().map_err(|_word: words::UnknownWord| NotAPeriod)?,
        };
        parts.next().is_none().then_some(key).ok_or(NotAPeriod)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_text() {
        let day = NaiveDate::from_ymd_opt(2027, 2, 22).unwrap();
        let periods = [
            (Period::Year(2027), "2027"),
            (Period::Near(day, 14), "2027-02-22-14"),
            (
                Period::Festival(Festival::SpringFestival, 2028, 30),
                "spring_festival-2028-30",
            ),
            (
                Period::Thing(Uuid::from_u128(7)),
                "00000000-0000-0000-0000-000000000007",
            ),
            (
                Period::Campaign(Uuid::from_u128(7), 30),
                "00000000-0000-0000-0000-000000000007-30",
            ),
            (Period::Once, "once"),
        ];
        for (period, text) in periods {
            assert_eq!(period.to_string(), text);
            let key = Key {
                recipient: Uuid::from_u128(1),
                occasion: Occasion::PreDeparture,
                subject: Uuid::from_u128(2),
                period,
                channel: Channel::Email,
            };
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!("2027-02-22".parse::<Period>(), Err(NotAPeriod));
        assert_eq!("x.y".parse::<Key>(), Err(NotAPeriod));
    }
}
