//! Campaigns as they go out.
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::Festival;
use domain::campaign::{StateName, Verb};
use domain::id::{CampaignId, OrganisationId};
use persistence::campaigns::CampaignRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::activity::ActivityBody;
use super::body::{CampaignAudienceBody, WindowBody};
use crate::answer::Versioned;
use crate::routes::kite::Named;

/// A question whether members who are away come home.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromptView {
    /// The day.
    #[schema(example = "2027-01-07")]
    on: NaiveDate,
    /// So many days before the festival.
    #[schema(example = 30)]
    days_before: u16,
    /// What is said besides, to those who read Chinese.
    #[schema(example = json!(null))]
    zh: Option<String>,
    /// The same in English.
    #[schema(example = json!(null))]
    en: Option<String>,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignView {
    /// Its id.
    id: CampaignId,
    /// Whose it is; the organisations below take part.
    organisation: Named<OrganisationId>,
    /// Around which festival.
    festival: Festival,
    /// The solar year of the festival's day.
    #[schema(example = 2027)]
    year: i32,
    /// The festival's day.
    #[schema(example = "2027-02-06")]
    festival_on: NaiveDate,
    /// Its name.
    #[schema(example = "2027年春节“七个一”")]
    title: String,
    /// Its days: what happens on them counts.
    window: WindowBody,
    /// Whom it means.
    audience: CampaignAudienceBody,
    /// When they are asked, the earliest first.
    prompts: Vec<PromptView>,
    /// What is to be done.
    activities: Vec<ActivityBody>,
    /// Where it stands.
    state: StateName,
    /// When it was opened; prompts go out from the next day on.
    #[schema(example = json!(null))]
    opened_on: Option<NaiveDate>,
    /// When it was closed or called off.
    #[schema(example = json!(null))]
    settled_on: Option<NaiveDate>,
    /// Why it was called off.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// The campaign that it was copied from.
    #[schema(example = json!(null))]
    copied_from: Option<CampaignId>,
    /// Who planned it.
    #[schema(example = "海安市委组织部")]
    created_by: String,
    /// When.
    created_at: DateTime<Utc>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// What this caller can do with it now.
    allowed: Vec<Verb>,
}

impl CampaignView {
    /// `leads` says whether the caller leads the campaign.
    pub(super) fn of(record: CampaignRecord, leads: bool) -> Self {
        let campaign = record.campaign;
        let prompts = campaign.prompts().into_iter().map(|due| PromptView {
            on: due.on,
            days_before: due.prompt.days_before,
            zh: due.prompt.zh.clone(),
            en: due.prompt.en.clone(),
        });
        let prompts = prompts.collect();
        let allowed = if leads { campaign.state.allowed() } else { &[] };
        Self {
            id: campaign.id,
            organisation: Named {
                id: campaign.organisation,
                name: record.organisation_name,
            },
            festival: campaign.feast.festival,
            year: campaign.feast.year,
            festival_on: campaign.feast.on,
            title: campaign.plan.title,
            window: campaign.plan.window.into(),
            audience: campaign.plan.audience.into(),
            prompts,
            activities: campaign.plan.activities.into_iter().map(ActivityBody::from).collect(),
            state: campaign.state.name(),
            opened_on: campaign.state.opened_on(),
            settled_on: campaign.state.settled_on(),
            reason: campaign.state.reason().map(ToOwned::to_owned),
            copied_from: campaign.copied_from,
            created_by: record.created_by,
            created_at: record.created_at,
            version: campaign.version,
            allowed: allowed.to_vec(),
        }
    }
}

impl Versioned for CampaignView {
    fn version(&self) -> i32 {
        self.version
    }
}
