//! How far a campaign has come, and the report that is kept when it is closed.
use diesel::prelude::*;
use domain::access::{ReadCampaigns, Scope, Who};
use domain::campaign::{Report, empty_line, lines};
use domain::id::{CampaignId, OrgPath, OrganisationId};

use super::preview::places;
use super::row::{json, read};
use super::{CampaignRecord, UNKNOWN, facts, find};
use crate::db::each;
use crate::schema::campaign_reports as reports;
use crate::scoped::subtrees;
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// How far a campaign has come, counted from what is recorded now: of an organisation inside the scope, by those one level
/// below it; of the campaign's own, or of as much of it as the scope reaches, unless one is named. O(those whom it means
/// and what was recorded of them).
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, and for an organisation that does not take part.
pub fn progress(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadCampaigns>,
    id: CampaignId,
    of: Option<OrganisationId>,
) -> Result<Report, StoreError> {
    let record = find(tx, scope, id)?;
    let base = match of {
        Some(of) => organisations::by_id(tx, of)?.path,
        None if scope.covers(&record.path) => record.path.clone(),
        None => subtrees(&scope.within(&record.path)).first().cloned().ok_or(UNKNOWN)?,
    };
    if !scope.covers(&base) || !record.path.contains(&base) {
        return Err(StoreError::NotFound("organisation"));
    }
    drawn_up(tx, scope.who(), &record, &base)
}

fn drawn_up(tx: &mut Tx<'_>, who: &Who, record: &CampaignRecord, base: &OrgPath) -> Result<Report, StoreError> {
    let campaign = &record.campaign;
    let activities = &campaign.plan.activities;
    let people = facts::people(tx, record, base)?;
    let done: Result<Vec<_>, _> = activities
        .iter()
        .map(|activity| facts::of(tx, record, base, activity.kind))
        .collect();
    let (mut figures, total) = lines(base, activities, (&people.meant, &people.asked, &people.home), &done?);
    let places = places(tx, base)?;
    let organisation = places
        .iter()
        .find(|(path, _)| path == base)
        .map(|(_, place)| place.clone());
    let line = |(path, place): (OrgPath, _)| match figures.remove(&path) {
        Some(line) => Some((place, line)),
        None => (path != *base).then(|| (place, empty_line(activities))),
    };
    Ok(Report {
        campaign: campaign.id,
        title: campaign.plan.title.clone(),
        festival: campaign.feast.festival,
        festival_on: campaign.feast.on,
        window: campaign.plan.window,
        organisation: organisation.ok_or(UNKNOWN)?,
        activities: activities.clone(),
        lines: places.into_iter().filter_map(line).collect(),
        total,
        drawn_up_at: tx.now(),
        drawn_up_by: who.name.clone(),
    })
}

/// Keeps the report as it is now.
pub(super) fn freeze(tx: &mut Tx<'_>, who: &Who, record: &CampaignRecord) -> Result<(), StoreError> {
    let report = drawn_up(tx, who, record, &record.path)?;
    let row = (
        reports::campaign_id.eq(Id::of(record.campaign.id)),
        reports::report.eq(json(&report)?),
    );
    each!(tx.db, c => diesel::insert_into(reports::table).values(row).execute(c))?;
    Ok(())
}

/// The report of a closed campaign of the scope, as it was when it was closed.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, or where there is none yet.
pub fn frozen(tx: &mut Tx<'_>, scope: &Scope<ReadCampaigns>, id: CampaignId) -> Result<Report, StoreError> {
    let record = find(tx, scope, id)?;
    if !scope.covers(&record.path) {
        return Err(UNKNOWN);
    }
    let report: Option<String> = reports::table
        .find(Id::of(id))
        .select(reports::report)
        .first(tx.db)
        .optional()?;
    read(&report.ok_or(StoreError::NotFound("report"))?)
}
