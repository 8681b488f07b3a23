//! A campaign (节日活动): what an organisation and those below it do around a festival for members who are away. Whom it
//! means, when they are asked whether they come home, what is to be done, and its states.
//!
//! An organisation that has opened a campaign has decided about that festival: the prompts that the house sends by
//! itself, and those of campaigns above, are not sent to its members, also after it was closed or called off.
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::festival::{self, Festival, RETURN_PROMPT_DAYS};
use crate::division::is_prefix;
use crate::id::{CampaignId, OrganisationId};
use crate::journey;
use crate::settings::Wrong;
use crate::words;

mod activity;
mod report;

pub use activity::{Activity, ActivityKind, MOST_ACTIVITIES, Target, fault_of_activities, seven_ones};
pub use report::{Figure, Line, Place, Report, Told, empty_line, lines};

/// The most days of a window.
pub const LONGEST_WINDOW: i64 = 180;
/// The most prompts of a campaign.
pub const MOST_PROMPTS: usize = 10;
/// The most destinations that an audience names.
pub const MOST_DIVISIONS: usize = 50;

/// Whom a campaign means, of the members of its subtree with an open journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// In which states their journeys are. Prompts reach those who are away.
    pub states: Vec<journey::StateName>,
    /// Two, four or six digits with which the division code of the destination begins; anywhere when there are none.
    pub divisions: Vec<String>,
    /// Whether members abroad are meant too.
    pub abroad: bool,
    /// Only those who have asked for help in hardship themselves, since a year before the festival.
    pub hardship: bool,
    /// Only those who are written to in this language.
    pub language: Option<String>,
}

impl Default for Audience {
    fn default() -> Self {
        Self {
            states: vec![journey::StateName::Away, journey::StateName::HomeVisit],
            divisions: Vec::new(),
            abroad: true,
            hardship: false,
            language: None,
        }
    }
}

/// The states that an audience may name: those of open journeys.
pub const AUDIENCE_STATES: [journey::StateName; 4] = [
    journey::StateName::Planned,
    journey::StateName::Away,
    journey::StateName::HomeVisit,
    journey::StateName::OutOfContact,
];

/// A question whether members who are away come home (返乡).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// So many days before the festival.
    pub days_before: u16,
    /// What the organisation says besides, to those who read Chinese.
    pub zh: Option<String>,
    /// The same in English.
    pub en: Option<String>,
}

/// The prompts of a campaign that names none: as the house asks by itself, as far as they fall into the window; none where
/// nobody who is away is meant.
pub fn usual_prompts(feast: Feast, window: Window, audience: &Audience) -> Vec<Prompt> {
    let is_possible =
        |prompt: &Prompt| audience.states.contains(&journey::StateName::Away) && day_of(feast, prompt) >= window.from;
    let prompts = RETURN_PROMPT_DAYS.into_iter().map(|days_before| Prompt {
        days_before: days_before.into(),
        zh: None,
        en: None,
    });
    prompts.filter(is_possible).collect()
}

/// The first and the last day of a campaign: what happens on them and between counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

/// A festival of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feast {
    /// Which.
    pub festival: Festival,
    /// The solar year of its day.
    pub year: i32,
    /// Its day.
    pub on: NaiveDate,
}

impl Feast {
    /// The festival in a solar year; none where the calendar ends.
    pub fn of(festival: Festival, year: i32) -> Option<Self> {
        let on = festival.date_in(year)?;
        Some(Self { festival, year, on })
    }

    /// The day since which a member has to have asked for help in hardship, to be meant as one in hardship.
    pub fn hardship_since(self) -> NaiveDate {
        self.on - Months::new(12)
    }

    /// The weeks around it in which members come home and leave again.
    pub fn window(self) -> Option<Window> {
        let usual = festival::Window::of(self.festival, self.year)?;
        Some(Window {
            from: usual.opens_on,
            until: usual.closes_on,
        })
    }
}

/// What a campaign means to do: what can be changed until it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub title: String,
    /// Its days.
    pub window: Window,
    /// Whom it means.
    pub audience: Audience,
    /// When they are asked whether they come home.
    pub prompts: Vec<Prompt>,
    /// What is to be done.
    pub activities: Vec<Activity>,
}

impl Plan {
    /// Everything in it that can't be, with the pointers of a request's body.
    pub fn faults(&self, feast: Feast) -> Vec<Wrong> {
        let mut faults = self.faults_of_window(feast);
        faults.extend(self.faults_of_audience());
        faults.extend(self.faults_of_prompts(feast));
        faults.extend(fault_of_activities(&self.activities));
        faults
    }

    fn faults_of_window(&self, feast: Feast) -> Vec<Wrong> {
        let Window { from, until } = self.window;
        let day = feast.on.to_string();
        let faults = [
            (from > feast.on, "/window/from", "window_without_festival", day.clone()),
            (until < feast.on, "/window/until", "window_without_festival", day),
            (
                (until - from).num_days() >= LONGEST_WINDOW,
                "/window/until",
                "window_too_long",
                LONGEST_WINDOW.to_string(),
            ),
        ];
        let wrong = faults.into_iter().filter(|(is, ..)| *is);
        wrong
            .map(|(_, at, code, expected)| Wrong::new(at, code, expected))
            .collect()
    }

    fn faults_of_audience(&self) -> Vec<Wrong> {
        let Audience { states, divisions, .. } = &self.audience;
        let mut faults = Vec::new();
        let known = AUDIENCE_STATES.map(journey::StateName::as_str).join(", ");
        for (at, _) in states
            .iter()
            .enumerate()
            .filter(|(_, state)| !AUDIENCE_STATES.contains(state))
        {
            faults.push(Wrong::new(format!("/audience/states/{at}"), "not_in_list", &known));
        }
        if states.is_empty() {
            faults.push(Wrong::new("/audience/states", "too_short", "1"));
        }
        for (at, _) in divisions.iter().enumerate().filter(|(_, prefix)| !is_prefix(prefix)) {
            let at = format!("/audience/divisions/{at}");
            faults.push(Wrong::new(at, "malformed", "31, 3101, 310115"));
        }
        faults
    }

    fn faults_of_prompts(&self, feast: Feast) -> Vec<Wrong> {
        let mut faults = Vec::new();
        if !self.prompts.is_empty() && !self.audience.states.contains(&journey::StateName::Away) {
            faults.push(Wrong::new("/prompts", "prompts_need_away", ""));
        }
        let most = (feast.on - self.window.from).num_days().max(0);
        for (at, prompt) in self.prompts.iter().enumerate() {
            let pointer = format!("/prompts/{at}/days_before");
            if i64::from(prompt.days_before) > most {
                faults.push(Wrong::new(&pointer, "prompt_outside_window", most.to_string()));
            }
            let before = self.prompts.iter().take(at);
            if before.clone().any(|other| other.days_before == prompt.days_before) {
                faults.push(Wrong::new(&pointer, "item_twice", ""));
            }
        }
        faults
    }
}

/// Where a campaign stands, with the data of that state only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is being planned: nobody is asked anything.
    Draft,
    /// Members are asked, and what is done is counted.
    Open {
        /// Since that day; prompts go out from the next day on.
        on: NaiveDate,
    },
    /// It is over, and its report is kept as it was.
    Closed {
        /// The day of the opening.
        opened_on: NaiveDate,
        /// The day.
        on: NaiveDate,
    },
    /// It was called off.
    Cancelled {
        /// The day of the opening, where it had been opened.
        opened_on: Option<NaiveDate>,
        /// The day.
        on: NaiveDate,
        /// Why.
        reason: String,
    },
}

words! {
    /// A state's word.
    pub enum StateName as "CampaignState" {
        /// It is being planned.
        Draft = "draft",
        /// Members are asked, and what is done is counted.
        Open = "open",
        /// It is over, and its report is kept as it was.
        Closed = "closed",
        /// It was called off.
        Cancelled = "cancelled",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "CampaignTransition" {
        /// Change what it means to do.
        Change = "change",
        /// Begin: from the next day on members are asked.
        Open = "open",
        /// End it, and keep its report.
        Close = "close",
        /// Call it off.
        Cancel = "cancel",
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Change what it means to do.
    Change(Plan),
    /// Begin on that day.
    Open(NaiveDate),
    /// End it on that day.
    Close(NaiveDate),
    /// Call it off.
    Cancel {
        /// The day.
        on: NaiveDate,
        /// Why.
        reason: String,
    },
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Note it in the audit trail, under the verb's word.
    Note(Verb),
    /// Keep the report as it is now.
    FreezeReport,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Whose it is; those below take part.
    pub organisation: OrganisationId,
    /// Around which festival.
    pub feast: Feast,
    /// What it means to do.
    pub plan: Plan,
    /// Where it stands.
    pub state: State,
    /// The campaign of an earlier year that it was copied from.
    pub copied_from: Option<CampaignId>,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The transition is not drawn from this state, or comes too late.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {state}")]
pub struct Refused {
    /// Where it stands.
    pub state: StateName,
    /// What was asked.
    pub verb: Verb,
    /// The last day of its window, where the transition is drawn but that day is over.
    pub over_since: Option<NaiveDate>,
}

/// A prompt with its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<'a> {
    /// The day.
    pub on: NaiveDate,
    /// Which.
    pub prompt: &'a Prompt,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Change(_) => Verb::Change,
            Self::Open(_) => Verb::Open,
            Self::Close(_) => Verb::Close,
            Self::Cancel { .. } => Verb::Cancel,
        }
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Draft => StateName::Draft,
            Self::Open { .. } => StateName::Open,
            Self::Closed { .. } => StateName::Closed,
            Self::Cancelled { .. } => StateName::Cancelled,
        }
    }

    /// The transitions that are drawn from here.
    pub const fn allowed(&self) -> &'static [Verb] {
        match self {
            Self::Draft => &[Verb::Change, Verb::Open, Verb::Cancel],
            Self::Open { .. } => &[Verb::Change, Verb::Close, Verb::Cancel],
            Self::Closed { .. } | Self::Cancelled { .. } => &[],
        }
    }

    /// The day of the opening, if it was ever opened.
    pub const fn opened_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Draft => None,
            Self::Open { on } => Some(*on),
            Self::Closed { opened_on, .. } => Some(*opened_on),
            Self::Cancelled { opened_on, .. } => *opened_on,
        }
    }

    /// The day on which it was closed or called off.
    pub const fn settled_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Draft | Self::Open { .. } => None,
            Self::Closed { on, .. } | Self::Cancelled { on, .. } => Some(*on),
        }
    }

    /// Why it was called off.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Cancelled { reason, .. } => Some(reason),
            Self::Draft | Self::Open { .. } | Self::Closed { .. } => None,
        }
    }
}

impl Campaign {
    /// Applies a command: the campaign after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn, or the window is over before it is opened.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        use Command as C;
        use State as S;
        let verb = command.verb();
        let refused = |state: &State, over_since| Refused {
            state: state.name(),
            verb,
            over_since,
        };
        let mut plan = self.plan;
        let state = match (self.state, command) {
            (state @ (S::Draft | S::Open { .. }), C::Change(new)) => {
                plan = new;
                state
            }
            (S::Draft, C::Open(on)) if on > plan.window.until => {
                return Err(refused(&S::Draft, Some(plan.window.until)));
            }
            (S::Draft, C::Open(on)) => S::Open { on },
            (S::Open { on: opened_on }, C::Close(on)) => S::Closed { opened_on, on },
            (state @ (S::Draft | S::Open { .. }), C::Cancel { on, reason }) => S::Cancelled {
                opened_on: state.opened_on(),
                on,
                reason,
            },
            (state, _) => return Err(refused(&state, None)),
        };
        let freeze = matches!(state, S::Closed { .. }).then_some(Effect::FreezeReport);
        let effects = [Some(Effect::Note(verb)), freeze].into_iter().flatten().collect();
        let after = Self {
            plan,
            state,
            version: self.version + 1,
            ..self
        };
        Ok((after, effects))
    }

    /// The prompts with their days, the earliest first.
    pub fn prompts(&self) -> Vec<Due<'_>> {
        let due = |prompt| Due {
            on: day_of(self.feast, prompt),
            prompt,
        };
        let mut all: Vec<_> = self.plan.prompts.iter().map(due).collect();
        all.sort_by_key(|due| due.on);
        all
    }

    /// The prompt of a day: only of a campaign that was opened on an earlier one.
    pub fn prompt_on(&self, day: NaiveDate) -> Option<&Prompt> {
        let State::Open { on } = self.state else { return None };
        let mut prompts = self.plan.prompts.iter();
        prompts.find(|prompt| on < day && day_of(self.feast, prompt) == day)
    }

    /// The prompts that are still to be said when it is looked at on `today`, as if a draft were opened now.
    pub fn prompts_ahead(&self, today: NaiveDate) -> Vec<Due<'_>> {
        let is_ahead = |due: &Due<'_>| match self.state {
            State::Draft => due.on > today,
            State::Open { on } => due.on > on && due.on >= today,
            State::Closed { .. } | State::Cancelled { .. } => false,
        };
        self.prompts().into_iter().filter(is_ahead).collect()
    }

    /// The same campaign for another year, to be planned: its days as far from the festival as they were, and its name
    /// with the new year in it. Nothing where the calendar ends.
    #[must_use]
    pub fn copied(&self, id: CampaignId, year: i32) -> Option<Self> {
        let feast = Feast::of(self.feast.festival, year)?;
        let moved = |day: NaiveDate| feast.on.checked_add_signed(day - self.feast.on);
        let title = self.plan.title.replace(&self.feast.year.to_string(), &year.to_string());
        Some(Self {
            id,
            organisation: self.organisation,
            plan: Plan {
                title,
                window: Window {
                    from: moved(self.plan.window.from)?,
                    until: moved(self.plan.window.until)?,
                },
                ..self.plan.clone()
            },
            feast,
            state: State::Draft,
            copied_from: Some(self.id),
            version: 1,
        })
    }
}

/// The day on which a prompt is said.
fn day_of(feast: Feast, prompt: &Prompt) -> NaiveDate {
    feast.on - Days::new(prompt.days_before.into())
}

#[cfg(test)]
pub(crate) mod tests;
