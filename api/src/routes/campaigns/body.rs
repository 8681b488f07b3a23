//! Campaigns as they come in.
use chrono::NaiveDate;
use domain::calendar::Festival;
use domain::campaign::{Activity, Audience, Feast, Plan, Prompt, Window};
use domain::id::{CampaignId, OrganisationId};
use domain::journey::StateName;
use persistence::campaigns::NewCampaign;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::activity::ActivityBody;
use crate::extract::{Faults, Input};
use crate::routes::kite::said;

/// The first and the last day.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowBody {
    /// The first day, not after the festival.
    #[schema(example = "2027-01-07")]
    from: NaiveDate,
    /// The last day, not before the festival; at most 180 days in all.
    #[schema(example = "2027-02-26")]
    until: NaiveDate,
}

impl From<WindowBody> for Window {
    fn from(body: WindowBody) -> Self {
        Self {
            from: body.from,
            until: body.until,
        }
    }
}

impl From<Window> for WindowBody {
    fn from(window: Window) -> Self {
        Self {
            from: window.from,
            until: window.until,
        }
    }
}

/// Whom a campaign means, of the members of the organisation and of those below it with an open journey.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignAudienceBody {
    /// In which states their journeys are: `planned`, `away`, `home_visit`, `out_of_contact`; `away` and `home_visit` unless
    /// said. Prompts reach those who are away; figures count them also once they are home.
    #[schema(min_items = 1, max_items = 4, example = json!(["away", "home_visit"]))]
    states: Option<Vec<StateName>>,
    /// Two, four or six digits with which the division code of the destination begins; anywhere unless said.
    #[schema(max_items = 50, example = json!([]))]
    divisions: Option<Vec<String>>,
    /// Whether members abroad are meant; unless said, where no divisions are named.
    #[schema(example = true)]
    abroad: Option<bool>,
    /// Only members who have asked for help in hardship themselves, of an organisation that takes part, since a year before the
    /// festival; not unless said.
    #[schema(example = false)]
    hardship: Option<bool>,
    /// Only members who are written to in this language.
    #[schema(pattern = "^(zh-CN|en)$", example = json!(null))]
    language: Option<String>,
}

impl From<CampaignAudienceBody> for Audience {
    fn from(body: CampaignAudienceBody) -> Self {
        let usual = Self::default();
        let divisions = body.divisions.unwrap_or_default();
        Self {
            states: body.states.unwrap_or(usual.states),
            abroad: body.abroad.unwrap_or(divisions.is_empty()),
            divisions,
            hardship: body.hardship.unwrap_or(usual.hardship),
            language: body.language,
        }
    }
}

impl From<Audience> for CampaignAudienceBody {
    fn from(audience: Audience) -> Self {
        Self {
            states: Some(audience.states),
            divisions: Some(audience.divisions),
            abroad: Some(audience.abroad),
            hardship: Some(audience.hardship),
            language: audience.language,
        }
    }
}

/// A question whether members who are away come home.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromptBody {
    /// So many days before the festival, within the campaign's days.
    #[schema(minimum = 0, maximum = 180, example = 30)]
    days_before: u16,
    /// What is said besides, to those who read Chinese.
    #[schema(max_length = 500, example = "县里安排了返乡专车，名额找支部登记。")]
    zh: Option<String>,
    /// The same in English.
    #[schema(max_length = 500, example = json!(null))]
    en: Option<String>,
}

impl From<PromptBody> for Prompt {
    fn from(body: PromptBody) -> Self {
        Self {
            days_before: body.days_before,
            zh: said(body.zh),
            en: said(body.en),
        }
    }
}

/// A campaign to be planned. What is absent is as usual for the festival: its weeks, everybody who is away or visiting home,
/// prompts 30, 16 and 3 days before, and for the Spring Festival the organisation's list of activities, the *seven ones*
/// unless it has chosen others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignBody {
    /// The campaign's id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<CampaignId>,
    /// Whose campaign; the organisations below take part.
    organisation_id: OrganisationId,
    /// Around which festival.
    festival: Festival,
    /// The solar year of the festival's day.
    #[schema(minimum = 1850, maximum = 2200, example = 2027)]
    year: i32,
    /// Its name; year and festival unless said.
    #[schema(min_length = 1, max_length = 100, example = "2027年春节“七个一”")]
    title: Option<String>,
    /// Its days: from 30 days before the festival until 20 days after it unless said.
    window: Option<WindowBody>,
    /// Whom it means.
    audience: Option<CampaignAudienceBody>,
    /// When they are asked.
    #[schema(max_items = 10)]
    prompts: Option<Vec<PromptBody>>,
    /// What is to be done.
    #[schema(max_items = 20)]
    activities: Option<Vec<ActivityBody>>,
}

impl Input for CampaignBody {
    /// Without an id where the client chose none.
    type Meaning = (Option<CampaignId>, NewCampaign);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let feast = Feast::of(self.festival, self.year);
        if feast.is_none() {
            faults.add("/year", "no_such_year");
        }
        let new = NewCampaign {
            id: self.id.unwrap_or(CampaignId(uuid::Uuid::nil())),
            organisation: self.organisation_id,
            feast: feast?,
            title: said(self.title),
            window: self.window.map(Window::from),
            audience: self.audience.map(Audience::from),
            prompts: self.prompts.map(|list| list.into_iter().map(Prompt::from).collect()),
            activities: self
                .activities
                .map(|list| list.into_iter().map(Activity::from).collect()),
        };
        Some((self.id, new))
    }
}

/// A change of a campaign: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignChangeBody {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, example = "2027年春节“七个一”")]
    title: Option<String>,
    /// Its days.
    window: Option<WindowBody>,
    /// Whom it means, as a whole.
    audience: Option<CampaignAudienceBody>,
    /// When they are asked, as a whole.
    #[schema(max_items = 10)]
    prompts: Option<Vec<PromptBody>>,
    /// What is to be done, as a whole.
    #[schema(max_items = 20)]
    activities: Option<Vec<ActivityBody>>,
}

/// A change of a plan.
pub(crate) type PlanChange = Box<dyn FnOnce(Plan) -> Plan + Send>;

impl Input for CampaignChangeBody {
    type Meaning = PlanChange;

    fn read(self, _: &mut Faults) -> Option<PlanChange> {
        Some(Box::new(move |before: Plan| Plan {
            title: said(self.title).unwrap_or(before.title),
            window: self.window.map_or(before.window, Window::from),
            audience: self.audience.map_or(before.audience, Audience::from),
            prompts: match self.prompts {
                Some(list) => list.into_iter().map(Prompt::from).collect(),
                None => before.prompts,
            },
            activities: match self.activities {
                Some(list) => list.into_iter().map(Activity::from).collect(),
                None => before.activities,
            },
        }))
    }
}
