//! The work list (工作清单): what somebody should do next. It reminds; nothing follows from it by itself, and nobody is
//! counted or compared by it.
//!
//! Whoever leads a branch sees everything of the branch. An office sees what its own organisation has to do, and of those
//! below only what has waited for so long that it comes up. A contact officer sees those whom the officer looks after.
use chrono::{Days, NaiveDate};

use crate::access::{Actor, Role};
use crate::gift::Present;
use crate::id::OrgPath;
use crate::service::Kind as ServiceKind;
use crate::words;

words! {
    /// What there is to do, in the order in which the list puts it.
    pub enum TaskKind {
        /// 对接: another organisation waits for an answer.
        Handover = "handover",
        /// 求助: a member who is away says that help is needed.
        Help = "help",
        /// 报到: a member who is away, or somebody who stays here, has not been heard of in time.
        Overdue = "overdue",
        /// 返乡: a member says that the journey is over, and nobody has confirmed it yet.
        Return = "return",
        /// 行前教育: a member leaves soon, and the briefing is not finished.
        Briefing = "briefing",
        /// The planned day has passed: has the member left?
        Departure = "departure",
        /// 政治生日: a card, or what else the organisation gives, is to be handed over in the coming week, or was in the past one.
        Card = "card",
        /// 服务事项: somebody waits for an answer.
        ServiceRequest = "service_request",
        /// 微心愿: a wish waits to be published.
        Wish = "wish",
        /// 排查身份: somebody has reported to the host, and nobody knows yet who it is.
        Verify = "verify",
        /// 编入: a stay is verified, and the person has no home unit yet.
        Admit = "admit",
        /// 失联: a branch proposes that a member is out of contact.
        Declaration = "declaration",
    }
}

/// Tasks of a kind that the list shows; the rest are counted, and a link leads to most of them. So a week fits on one screen.
pub const SHOWN: usize = 5;
/// Tasks of a kind that are counted; beyond that the list only says that there are more.
pub const COUNTED: usize = 500;
/// Days ahead that are this week's: answers due, and political birthdays.
pub const WEEK_DAYS: u16 = 7;
/// Days before a departure from which on the open briefing is on the list: when the first reminder is sent.
pub const BRIEFING_DAYS: u16 = 14;
/// Days before a political birthday from which on a card counts for it.
pub const CARD_EARLY_DAYS: u16 = 60;
/// Days after a political birthday for which a card that was not given stays on the list.
pub const CARD_LATE_DAYS: u16 = 7;
/// Days after which what waits below comes up to the offices above.
pub const COMES_UP_DAYS: u16 = 30;

/// The first of the political birthdays that are on the list.
pub fn first_birthday(today: NaiveDate) -> NaiveDate {
    today - Days::new(CARD_LATE_DAYS.into())
}

/// From which day on what is given counts for a political birthday on a day.
pub fn given_for(birthday: NaiveDate) -> NaiveDate {
    birthday - Days::new(CARD_EARLY_DAYS.into())
}

impl TaskKind {
    /// The last day on which something must be due to be on the list of whose task it is; none: whatever the day.
    pub fn due_by(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Overdue | Self::Departure => today.pred_opt(),
            Self::Briefing => Some(today + Days::new(BRIEFING_DAYS.into())),
            Self::Card | Self::ServiceRequest => Some(today + Days::new(WEEK_DAYS.into())),
            Self::Handover
            | Self::Help
            | Self::Return
            | Self::Wish
            | Self::Verify
            | Self::Admit
            | Self::Declaration => None,
        }
    }

    /// The last day on which something below must have been due to come up to an office; none: it never does.
    ///
    /// Of those whom nobody has heard of, members come up; people who stay with a host stay with the host.
    /// An answer that is due may be given by those above both sides. A service request comes up by its own steps, and what
    /// only a branch can do stays with the branch.
    pub fn comes_up_by(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Handover => Some(today),
            Self::Overdue | Self::Verify | Self::Admit | Self::Declaration => {
                Some(today - Days::new(COMES_UP_DAYS.into()))
            }
            Self::Help
            | Self::Return
            | Self::Briefing
            | Self::Departure
            | Self::Card
            | Self::ServiceRequest
            | Self::Wish => None,
        }
    }
}

/// Where tasks are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At just this organisation.
    At(OrgPath),
    /// At this organisation and below.
    Within(OrgPath),
    /// Below this organisation.
    Below(OrgPath),
}

/// Tasks that are on somebody's list: those of a place that are due by a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Where.
    pub place: Place,
    /// Due on that day or before; none: whatever the day.
    pub due_by: Option<NaiveDate>,
}

/// What somebody leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desk {
    /// Branches, as their secretary.
    branches: Vec<OrgPath>,
    /// Organisations, as their office.
    offices: Vec<OrgPath>,
}

impl Desk {
    /// Of somebody with these roles.
    pub fn of(actor: &Actor) -> Self {
        let of_role = |role: Role| {
            let grants = actor.grants.iter().filter(|grant| grant.role == role);
            let mut paths: Vec<_> = grants.map(|grant| grant.path.clone()).collect();
            paths.sort();
            paths
        };
        let mut branches = of_role(Role::Secretary);
        branches.dedup_by(|inner, outer| outer.contains(inner));
        let mut offices = of_role(Role::Office);
        offices.dedup();
        // Where somebody is both, the secretary sees it all.
        offices.retain(|office| !branches.iter().any(|branch| branch.contains(office)));
        Self { branches, offices }
    }

    /// Where tasks of a kind are looked for.
    pub fn windows(&self, kind: TaskKind, today: NaiveDate) -> Vec<Window> {
        let due_by = kind.due_by(today);
        let own = |place| Window { place, due_by };
        // Whether a member is out of contact is the decision of the committee above, not of the branch.
        if kind == TaskKind::Declaration {
            let below = self.offices.iter().map(|office| own(Place::Below(office.clone())));
            return below.collect();
        }
        let of_branches = self.branches.iter().map(|branch| own(Place::Within(branch.clone())));
        let of_offices = self.offices.iter().map(|office| own(Place::At(office.clone())));
        // Of offices one below the other, the highest sees all that comes up.
        let mut highest = self.offices.clone();
        highest.dedup_by(|inner, outer| outer.contains(inner));
        let comes_up = kind.comes_up_by(today).into_iter().flat_map(|due_by| {
            let below = highest.iter().map(move |office| Window {
                place: Place::Below(office.clone()),
                due_by: Some(due_by),
            });
            below.collect::<Vec<_>>()
        });
        of_branches.chain(of_offices).chain(comes_up).collect()
    }

    /// The nearest organisation at or above a place that somebody leads.
    pub fn seat(&self, at: &OrgPath) -> Option<&OrgPath> {
        let above = self
            .branches
            .iter()
            .chain(&self.offices)
            .filter(|seat| seat.contains(at));
        above.max_by_key(|seat| seat.depth())
    }

    /// The organisations that somebody leads as their office.
    pub fn offices(&self) -> &[OrgPath] {
        &self.offices
    }

    /// Whether a branch's proposal that a member is out of contact is on the list: of the committee right above the
    /// branch at once, of those further up when it has waited.
    pub fn decides(&self, branch: &OrgPath, proposed_on: NaiveDate, today: NaiveDate) -> bool {
        let right_above = branch.parent().is_some_and(|above| self.offices.contains(&above));
        let come_up = TaskKind::Declaration
            .comes_up_by(today)
            .is_some_and(|by| proposed_on <= by);
        let below = self
            .offices
            .iter()
            .any(|office| office != branch && office.contains(branch));
        right_above || (come_up && below)
    }
}

/// What is to be done, as the link to it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Accept an offered member.
    Accept,
    /// Confirm that somebody is a member.
    Confirm,
    /// Say where somebody is.
    SayWhere,
    /// Record a contact with a member who is away.
    RecordContact,
    /// Record that a member is home for good, since the day that the member says.
    Return(NaiveDate),
    /// Record a visit to somebody who stays here.
    RecordVisit,
    /// Tick off this item of the briefing.
    Brief(String),
    /// Say that the member has left.
    Depart,
    /// Record that this was given.
    Give(Present),
    /// Answer a service request.
    AnswerRequest,
    /// Publish a wish.
    Publish,
    /// Ask the origin.
    AskOrigin,
    /// Record the call to an origin that is not here.
    ConfirmByCall,
    /// Admit to a home unit.
    Admit,
    /// Confirm that a member is out of contact.
    ConfirmOutOfContact,
}

/// Why something is on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// An organisation has told of a member who comes.
    Offered {
        /// Which.
        by: String,
    },
    /// An organisation asks whether somebody is a member.
    Asked {
        /// Which.
        by: String,
    },
    /// An organisation asks where somebody is.
    AskedWhere {
        /// Which.
        by: String,
    },
    /// A member who is away has asked for help.
    AskedForHelp {
        /// When.
        on: NaiveDate,
    },
    /// A member says that the journey is over.
    SaysReturned {
        /// When that was said.
        on: NaiveDate,
    },
    /// Nobody has heard of a person who is away, or stays here.
    Silent {
        /// The day by which somebody should have.
        due: NaiveDate,
        /// Whether the person stays with a host.
        stays: bool,
    },
    /// Items of the briefing are open.
    Unbriefed {
        /// The planned day of departure.
        leaves_on: Option<NaiveDate>,
        /// The first of them, in Chinese and English.
        next: (String, String),
        /// How many.
        open: usize,
    },
    /// The planned day has passed.
    Leaving {
        /// That day.
        on: NaiveDate,
    },
    /// A political birthday comes.
    PoliticalBirthday {
        /// The day.
        on: NaiveDate,
        /// The years since joining, on that day.
        years: u32,
        /// What is to be given, and not recorded yet.
        missing: Vec<Present>,
    },
    /// Somebody waits for an answer.
    Requested {
        /// What is asked for.
        kind: ServiceKind,
        /// When the answer is due.
        due: NaiveDate,
    },
    /// Somebody has written a wish; who, is not said here.
    Wished {
        /// When.
        on: NaiveDate,
    },
    /// Somebody has reported to the host.
    Reported {
        /// The day of arrival.
        on: NaiveDate,
    },
    /// The stay is verified.
    Verified {
        /// The day of arrival.
        on: NaiveDate,
    },
    /// A branch proposes that a member is out of contact.
    Declared {
        /// Which.
        by: String,
        /// When.
        on: NaiveDate,
    },
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

fn zh(day: NaiveDate) -> String {
    day.format("%-m月%-d日").to_string()
}

fn en(day: NaiveDate) -> String {
    day.format("%-d %B").to_string()
}

impl Why {
    /// Why `name` is on the list, in one sentence; of a wish nobody is named.
    pub fn says(&self, name: &str, today: NaiveDate) -> Sentence {
        let (zh, en) = match self {
            Self::Offered { by } => (
                format!("{by}告知，{name}同志将来到这里，请接收或退回"),
                format!("{by} tells of {name}, who is coming here: please accept or decline"),
            ),
            Self::Asked { by } => (
                format!("{by}请您核实，{name}是否为这里的党员"),
                format!("{by} asks whether {name} is a member here"),
            ),
            Self::AskedWhere { by } => (
                format!("{by}联系不上{name}同志，请告知去向"),
                format!("{by} hears nothing of {name}, and asks where the member is"),
            ),
            Self::AskedForHelp { on } => (
                format!("{name}同志{}报到时说需要帮助，请联系", zh(*on)),
                format!("{name} asked for help on {}: please get in touch", en(*on)),
            ),
            Self::SaysReturned { on } => (
                format!("{name}同志{}报告已结束流动返回，请确认", zh(*on)),
                format!("{name} says to be home for good since {}: please confirm", en(*on)),
            ),
            Self::Silent { due, stays } => silent(name, (today - *due).num_days(), *stays),
            Self::Unbriefed { leaves_on, next, open } => unbriefed(name, *leaves_on, next, *open),
            Self::Leaving { on } => (
                format!("{name}同志计划{}外出，请确认是否已出发", zh(*on)),
                format!(
                    "{name} meant to leave on {}: please say whether that has happened",
                    en(*on)
                ),
            ),
            Self::PoliticalBirthday { on, years, missing } => political_birthday(name, *on, *years, missing),
            Self::Requested { kind, due } => requested(name, *kind, *due, today),
            Self::Wished { on } => (
                format!("{}写下的一个微心愿还没有发布，请发布或说明原因", zh(*on)),
                format!("A wish of {} waits: please publish it, or say why not", en(*on)),
            ),
            Self::Reported { on } => (
                format!("{name}同志{}到达并登记，身份还没有核实", zh(*on)),
                format!("{name} arrived on {}, and nobody has verified who it is", en(*on)),
            ),
            Self::Verified { on } => (
                format!("{name}同志{}到达，身份已核实，还没有编入", zh(*on)),
                format!(
                    "{name} arrived on {} and is verified, and has no home unit yet",
                    en(*on)
                ),
            ),
            Self::Declared { by, on } => (
                format!("{by}{}提出{name}同志失联，请认定或退回", zh(*on)),
                format!(
                    "{by} proposed on {} that {name} is out of contact: please confirm or turn down",
                    en(*on)
                ),
            ),
        };
        Sentence { zh, en }
    }
}

fn silent(name: &str, days: i64, stays: bool) -> (String, String) {
    if stays {
        return (
            format!("该走访或联系{name}同志了，已过{days}天"),
            format!("{name}, who stays here, should have been visited or called {days} days ago"),
        );
    }
    (
        format!("{name}同志应报到而未报到，已过{days}天，请联系"),
        format!("{name} should have been heard of {days} days ago: please get in touch"),
    )
}

fn unbriefed(
    name: &str,
    leaves_on: Option<NaiveDate>,
    (next_zh, next_en): &(String, String),
    open: usize,
) -> (String, String) {
    let (when_zh, when_en) = match leaves_on {
        Some(on) => (format!("{}外出", zh(on)), format!("leaves on {}", en(on))),
        None => ("准备外出".to_owned(), "is about to leave".to_owned()),
    };
    (
        format!("{name}同志{when_zh}，行前教育还有{open}项，下一项：{next_zh}"),
        format!("{name} {when_en}; {open} items of the briefing are open, next: {next_en}"),
    )
}

fn political_birthday(name: &str, on: NaiveDate, years: u32, missing: &[Present]) -> (String, String) {
    let (what_zh, what_en): (Vec<_>, Vec<_>) = missing.iter().map(|one| (one.zh(), one.en())).unzip();
    (
        format!(
            "{}是{name}同志入党{years}周年，{}还没有登记",
            zh(on),
            what_zh.join("、")
        ),
        format!(
            "{name} joined {years} years ago on {}; no {} is recorded yet",
            en(on),
            what_en.join(" or ")
        ),
    )
}

fn requested(name: &str, kind: ServiceKind, due: NaiveDate, today: NaiveDate) -> (String, String) {
    let (what_zh, what_en) = match kind {
        ServiceKind::Employment => ("就业指导", "work"),
        ServiceKind::Schooling => ("子女入学", "a school"),
        ServiceKind::Policy => ("政策咨询", "a rule"),
        ServiceKind::Hardship => ("困难帮扶", "help in hardship"),
        ServiceKind::Legal => ("法律援助", "legal help"),
        ServiceKind::Other => ("其他事项", "something else"),
    };
    let late = (today - due).num_days();
    if late > 0 {
        return (
            format!("{name}同志的{what_zh}已超期{late}天，请尽快答复"),
            format!("{name} asks about {what_en}, and the answer is {late} days late"),
        );
    }
    (
        format!("{name}同志的{what_zh}请于{}前答复", zh(due)),
        format!("{name} asks about {what_en}: please answer by {}", en(due)),
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::Grant;
    use crate::id::AccountId;

    fn path(text: &str) -> OrgPath {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn desk(grants: &[(Role, &str)]) -> Desk {
        let grants = grants.iter().map(|(role, at)| Grant {
            role: *role,
            path: path(at),
        });
        Desk::of(&Actor {
            account: AccountId(Uuid::nil()),
            name: "李书记".to_owned(),
            member: None,
            grants: grants.collect(),
        })
    }

    fn places(desk: &Desk, kind: TaskKind) -> Vec<(Place, Option<NaiveDate>)> {
        let windows = desk.windows(kind, day("2027-01-11")).into_iter();
        windows.map(|window| (window.place, window.due_by)).collect()
    }

    #[test]
    fn a_secretary_sees_the_branch_and_an_office_its_own_and_what_comes_up() {
        let li = desk(&[(Role::Secretary, "/c/t/v/"), (Role::Secretary, "/c/t/v/w/")]);
        let yesterday = Some(day("2027-01-10"));
        assert_eq!(
            places(&li, TaskKind::Overdue),
            [(Place::Within(path("/c/t/v/")), yesterday)]
        );
        let office = desk(&[(Role::Office, "/c/t/"), (Role::Office, "/c/")]);
        assert_eq!(
            places(&office, TaskKind::Overdue),
            [
                (Place::At(path("/c/")), yesterday),
                (Place::At(path("/c/t/")), yesterday),
                (Place::Below(path("/c/")), Some(day("2026-12-12"))),
            ]
        );
        assert_eq!(
            places(&office, TaskKind::Card),
            [
                (Place::At(path("/c/")), Some(day("2027-01-18"))),
                (Place::At(path("/c/t/")), Some(day("2027-01-18"))),
            ],
            "what only a branch can do stays there"
        );
        assert_eq!(
            places(&li, TaskKind::Declaration),
            [],
            "a branch does not decide on its own proposal"
        );
        let both = desk(&[(Role::Office, "/c/t/v/"), (Role::Secretary, "/c/t/v/")]);
        assert_eq!(places(&both, TaskKind::Card).len(), 1, "once, where somebody is both");
        assert_eq!(
            desk(&[(Role::ContactOfficer, "/c/"), (Role::Member, "/c/")]),
            Desk::default()
        );
    }

    #[test]
    fn the_committee_right_above_decides_and_those_further_up_when_it_has_waited() {
        let (town, county) = (desk(&[(Role::Office, "/c/t/")]), desk(&[(Role::Office, "/c/")]));
        let (branch, today) = (path("/c/t/v/"), day("2027-02-11"));
        assert!(town.decides(&branch, day("2027-02-10"), today));
        assert!(!county.decides(&branch, day("2027-01-13"), today));
        assert!(county.decides(&branch, day("2027-01-12"), today));
        assert!(!town.decides(&path("/c/s/w/"), day("2026-01-12"), today));
        assert!(!town.decides(&path("/c/t/"), day("2026-01-12"), today), "not its own");
    }

    #[test]
    fn a_sentence_says_why_in_both_languages() {
        let why = Why::Unbriefed {
            leaves_on: Some(day("2027-01-14")),
            next: ("行前谈话".to_owned(), "A talk before leaving".to_owned()),
            open: 3,
        };
        let said = why.says("王芳", day("2027-01-11"));
        assert_eq!(said.zh, "王芳同志1月14日外出，行前教育还有3项，下一项：行前谈话");
        assert_eq!(
            said.en,
            "王芳 leaves on 14 January; 3 items of the briefing are open, next: A talk before leaving"
        );
        let late = Why::Requested {
            kind: ServiceKind::Schooling,
            due: day("2027-01-09"),
        };
        assert_eq!(
            late.says("王芳", day("2027-01-11")).zh,
            "王芳同志的子女入学已超期2天，请尽快答复"
        );
        for kind in TaskKind::ALL {
            assert!(
                kind.comes_up_by(day("2027-01-11"))
                    .is_none_or(|by| by <= day("2027-01-11")),
                "{kind}"
            );
        }
    }
}
