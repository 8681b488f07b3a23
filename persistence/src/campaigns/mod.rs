//! Campaigns (节日活动) in the store. An office or a secretary plans them for an organisation of the scope; those below see
//! what was opened, since it concerns their members.
mod change;
mod facts;
mod meant;
mod preview;
mod report;
mod row;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::access::{ManageCampaigns, ReadCampaigns, Scope};
use domain::calendar::Festival;
use domain::campaign::{Campaign, StateName};
use domain::id::{CampaignId, OrgPath, OrganisationId};
use serde::{Deserialize, Serialize};

pub use change::{NewCampaign, apply, copy, create};
pub(crate) use meant::{beginning, meant, undecided_below};
pub(crate) use preview::reached;
pub use preview::{Ahead, Invited, Totals, preview, totals};
pub use report::{frozen, progress};
use row::Row;

use crate::schema::{campaigns, organisations};
use crate::scoped::{subtrees, within};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A campaign with what a screen shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRecord {
    /// The campaign.
    pub campaign: Campaign,
    /// The organisation's name.
    pub organisation_name: String,
    /// Where it stands.
    pub path: OrgPath,
    /// Who planned it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which campaigns.
#[derive(Debug, Clone, Default)]
pub struct CampaignFilter {
    /// Of this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// Around this festival.
    pub festival: Option<Festival>,
    /// In this solar year.
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<StateName>,
}

/// Where a campaign stands in the list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignPosition(CampaignId);

impl CampaignRecord {
    /// Where it stands in the list.
    pub const fn position(&self) -> CampaignPosition {
        CampaignPosition(self.campaign.id)
    }
}

const UNKNOWN: StoreError = StoreError::NotFound("campaign");

/// A campaign and the name of its organisation, whether or not the caller reaches it.
fn by_id(tx: &mut Tx<'_>, id: CampaignId) -> Result<CampaignRecord, StoreError> {
    let row: Option<(Row, String)> = campaigns::table
        .inner_join(organisations::table.on(organisations::id.eq(campaigns::organisation_id)))
        .filter(campaigns::id.eq(Id::of(id)))
        .select((Row::as_select(), organisations::name))
        .first(tx.db)
        .optional()?;
    row.ok_or(UNKNOWN)?.try_into()
}

/// A campaign of the scope, or one that an organisation above the scope has opened.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadCampaigns>, id: CampaignId) -> Result<CampaignRecord, StoreError> {
    let found = by_id(tx, id)?;
    let concerns = found.campaign.state.opened_on().is_some() && scope.is_near(&found.path);
    if concerns || scope.covers(&found.path) {
        Ok(found)
    } else {
        Err(UNKNOWN)
    }
}

/// A campaign that the caller leads.
fn led(tx: &mut Tx<'_>, scope: &Scope<ManageCampaigns>, id: CampaignId) -> Result<CampaignRecord, StoreError> {
    let found = by_id(tx, id)?;
    if scope.covers(&found.path) {
        Ok(found)
    } else {
        Err(UNKNOWN)
    }
}

/// The campaigns of the scope, and those that organisations above it have opened, newest first, after `after`, at most
/// `limit`. O(campaigns).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadCampaigns>,
    filter: &CampaignFilter,
    after: Option<CampaignPosition>,
    limit: i64,
) -> Result<Vec<CampaignRecord>, StoreError> {
    let narrow = crate::organisations::narrowed(tx, scope, filter.organisation)?;
    let mut above = Vec::new();
    if filter.organisation.is_none() {
        let mut next: Vec<_> = subtrees(scope).iter().filter_map(OrgPath::parent).collect();
        while let Some(path) = next.pop() {
            next.extend(path.parent());
            above.push(path.to_string());
        }
    }
    let opened_above = campaigns::path.eq_any(above).and(campaigns::opened_on.is_not_null());
    let mut query = campaigns::table
        .inner_join(organisations::table.on(organisations::id.eq(campaigns::organisation_id)))
        .select((Row::as_select(), organisations::name))
        .filter(within!(&narrow, campaigns::path).or(opened_above))
        .order(campaigns::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(CampaignPosition(after)) = after {
        query = query.filter(campaigns::id.lt(Id::of(after)));
    }
    if let Some(festival) = filter.festival {
        query = query.filter(campaigns::festival.eq(festival.as_str()));
    }
    if let Some(year) = filter.year {
        query = query.filter(campaigns::year.eq(year));
    }
    if let Some(state) = filter.state {
        query = query.filter(campaigns::state.eq(state.as_str()));
    }
    let rows: Vec<(Row, String)> = query.load(tx.db)?;
    rows.into_iter().map(CampaignRecord::try_from).collect()
}

/// Every campaign that is open, for the job that says their prompts.
pub(crate) fn open(tx: &mut Tx<'_>) -> Result<Vec<CampaignRecord>, StoreError> {
    let rows: Vec<(Row, String)> = campaigns::table
        .inner_join(organisations::table.on(organisations::id.eq(campaigns::organisation_id)))
        .filter(campaigns::state.eq(StateName::Open.as_str()))
        .order(campaigns::path)
        .select((Row::as_select(), organisations::name))
        .load(tx.db)?;
    rows.into_iter().map(CampaignRecord::try_from).collect()
}

/// Campaigns by their ids, whoever asks: for what notifications say.
pub(crate) fn by_ids(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<CampaignRecord>, StoreError> {
    let rows: Vec<(Row, String)> = campaigns::table
        .inner_join(organisations::table.on(organisations::id.eq(campaigns::organisation_id)))
        .filter(campaigns::id.eq_any(ids))
        .select((Row::as_select(), organisations::name))
        .load(tx.db)?;
    rows.into_iter().map(CampaignRecord::try_from).collect()
}
