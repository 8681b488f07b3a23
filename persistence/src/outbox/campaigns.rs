//! The prompts of campaigns (节日活动): planned on their days, and what they speak of.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamp};
use domain::access::{Operate, Scope};
use domain::calendar::Festival;
use domain::campaign::{Prompt, StateName as CampaignState};
use domain::id::{JourneyId, MemberId};
use domain::journey::StateName;
use domain::notification::{Audience, Channel, DeliveryState as State, Key, Occasion, Period};

use super::claim::Claimed;
use super::plan::{Plan, channels_of_members, insert, supersede};
use crate::campaigns::{self, CampaignRecord, meant, reached, undecided_below};
use crate::db::each;
use crate::schema::{channels, journeys, members, outbox};
use crate::types::Id;
use crate::{StoreError, Tx};

/// The campaign whose prompt it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignFacts {
    /// Around which festival.
    pub festival: Festival,
    /// The festival's day.
    pub festival_on: NaiveDate,
    /// Whether it is open, and asks on that day, still.
    pub asks: bool,
    /// What the organisation says besides, in Chinese.
    pub zh: Option<String>,
    /// The same in English.
    pub en: Option<String>,
}

/// Plans the prompts that fall on `day`, of campaigns that were opened before it: for those whom each means and who are
/// away. O(those reached).
///
/// # Errors
/// When the store fails.
pub fn campaign_prompts(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let mut planned = 0;
    for record in campaigns::open(tx)? {
        if let Some(prompt) = record.campaign.prompt_on(day) {
            let plan = Plan {
                occasion: Occasion::ReturnHome,
                period: period_of(&record, prompt),
                day,
                expires_on: Some(record.campaign.feast.on),
            };
            let reached = reached!(&record, day).inner_join(channels_of_members!());
            planned += insert!(tx, plan, Member, reached, journeys::member_id, journeys::id);
            supersede(tx, &plan)?;
        }
    }
    Ok(planned)
}

fn period_of(record: &CampaignRecord, prompt: &Prompt) -> Period {
    Period::Campaign(record.campaign.id.0, prompt.days_before)
}

/// A prompt to somebody as it will be claimed on its day, to look before at what it says.
pub(crate) fn prompt_ahead(
    tx: &Tx<'_>,
    record: &CampaignRecord,
    prompt: &Prompt,
    (member, journey): (MemberId, JourneyId),
) -> Claimed {
    Claimed {
        key: Key {
            recipient: member.0,
            occasion: Occasion::ReturnHome,
            subject: journey.0,
            period: period_of(record, prompt),
            channel: Channel::Inbox,
        },
        audience: Audience::Member,
        attempts: 0,
        first_tried_at: tx.now(),
        expires_on: Some(record.campaign.feast.on),
    }
}

/// The campaign and the prompt that a notification is of.
pub(super) const fn campaign_of(claimed: &Claimed) -> Option<(Id, u16)> {
    match claimed.key.period {
        Period::Campaign(id, days_before) => Some((Id(id), days_before)),
        _ => None,
    }
}

/// What the prompts of campaigns speak of. One query.
pub(super) fn of(tx: &mut Tx<'_>, prompts: Vec<(Id, u16)>) -> Result<HashMap<(Id, u16), CampaignFacts>, StoreError> {
    if prompts.is_empty() {
        return Ok(HashMap::new());
    }
    let records = campaigns::by_ids(tx, prompts.iter().map(|(id, _)| *id).collect())?;
    let records: HashMap<Id, CampaignRecord> = records
        .into_iter()
        .map(|record| (Id::of(record.campaign.id), record))
        .collect();
    let one = |key: (Id, u16)| {
        let campaign = &records.get(&key.0)?.campaign;
        let prompt = campaign.plan.prompts.iter().find(|prompt| prompt.days_before == key.1);
        let facts = CampaignFacts {
            festival: campaign.feast.festival,
            festival_on: campaign.feast.on,
            asks: prompt.is_some() && campaign.state.name() == CampaignState::Open,
            zh: prompt.and_then(|prompt| prompt.zh.clone()),
            en: prompt.and_then(|prompt| prompt.en.clone()),
        };
        Some((key, facts))
    };
    Ok(prompts.into_iter().filter_map(one).collect())
}
