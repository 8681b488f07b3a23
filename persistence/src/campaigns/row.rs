//! A campaign as a row, and back.
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::calendar::Festival;
use domain::campaign::{Campaign, Feast, Plan, State, StateName, Window};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CampaignRecord;
use crate::StoreError;
use crate::db::Engine;
use crate::schema::campaigns;
use crate::types::Id;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = campaigns, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(super) struct Row {
    id: Id,
    organisation_id: Id,
    path: String,
    festival: String,
    year: i32,
    festival_on: NaiveDate,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    title: String,
    audience: String,
    prompts: String,
    activities: String,
    state: String,
    opened_on: Option<NaiveDate>,
    settled_on: Option<NaiveDate>,
    reason: Option<String>,
    copied_from: Option<Id>,
    created_by: String,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// What a change may write: not where the campaign stands, nor what never changes.
#[derive(AsChangeset)]
#[diesel(table_name = campaigns, check_for_backend(Engine), treat_none_as_null = true)]
pub(super) struct Changed {
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    title: String,
    audience: String,
    prompts: String,
    activities: String,
    state: String,
    opened_on: Option<NaiveDate>,
    settled_on: Option<NaiveDate>,
    reason: Option<String>,
    version: i32,
    updated_at: NaiveDateTime,
}

pub(super) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::corrupt)
}

pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::corrupt)
}

impl Row {
    pub(super) fn of(record: &CampaignRecord) -> Result<Self, StoreError> {
        let Campaign { feast, plan, state, .. } = &record.campaign;
        let created_at = record.created_at.naive_utc();
        Ok(Self {
            id: Id::of(record.campaign.id),
            organisation_id: Id::of(record.campaign.organisation),
            path: record.path.to_string(),
            festival: feast.festival.to_string(),
            year: feast.year,
            festival_on: feast.on,
            starts_on: plan.window.from,
            ends_on: plan.window.until,
            title: plan.title.clone(),
            audience: json(&plan.audience)?,
            prompts: json(&plan.prompts)?,
            activities: json(&plan.activities)?,
            state: state.name().to_string(),
            opened_on: state.opened_on(),
            settled_on: state.settled_on(),
            reason: state.reason().map(ToOwned::to_owned),
            copied_from: record.campaign.copied_from.map(Id::of),
            created_by: record.created_by.clone(),
            version: record.campaign.version,
            created_at,
            updated_at: created_at,
        })
    }

    fn state(&self) -> Option<State> {
        Some(match self.state.parse().ok()? {
            StateName::Draft => State::Draft,
            StateName::Open => State::Open { on: self.opened_on? },
            StateName::Closed => State::Closed {
                opened_on: self.opened_on?,
                on: self.settled_on?,
            },
            StateName::Cancelled => State::Cancelled {
                opened_on: self.opened_on,
                on: self.settled_on?,
                reason: self.reason.clone()?,
            },
        })
    }
}

impl Changed {
    pub(super) fn of(campaign: &Campaign, updated_at: NaiveDateTime) -> Result<Self, StoreError> {
        let Campaign { plan, state, .. } = campaign;
        Ok(Self {
            starts_on: plan.window.from,
            ends_on: plan.window.until,
            title: plan.title.clone(),
            audience: json(&plan.audience)?,
            prompts: json(&plan.prompts)?,
            activities: json(&plan.activities)?,
            state: state.name().to_string(),
            opened_on: state.opened_on(),
            settled_on: state.settled_on(),
            reason: state.reason().map(ToOwned::to_owned),
            version: campaign.version,
            updated_at,
        })
    }
}

impl TryFrom<(Row, String)> for CampaignRecord {
    type Error = StoreError;
    fn try_from((row, organisation_name): (Row, String)) -> Result<Self, StoreError> {
        let festival: Festival = row.festival.parse().map_err(StoreError::corrupt)?;
        let state = row.state();
        let state = state.ok_or_else(|| StoreError::corrupt(format!("campaigns: {:?}: state", row.id)))?;
        let campaign = Campaign {
            id: row.id.to(),
            organisation: row.organisation_id.to(),
            feast: Feast {
                festival,
                year: row.year,
                on: row.festival_on,
            },
            plan: Plan {
                title: row.title,
                window: Window {
                    from: row.starts_on,
                    until: row.ends_on,
                },
                audience: read(&row.audience)?,
                prompts: read(&row.prompts)?,
                activities: read(&row.activities)?,
            },
            state,
            copied_from: row.copied_from.map(Id::to),
            version: row.version,
        };
        Ok(Self {
            campaign,
            organisation_name,
            path: row.path.parse().map_err(StoreError::corrupt)?,
            created_by: row.created_by,
            created_at: row.created_at.and_utc(),
        })
    }
}
