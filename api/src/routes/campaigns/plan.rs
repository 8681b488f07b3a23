//! Campaigns are planned, looked at and changed.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use domain::access::{ManageCampaigns, ReadCampaigns};
use domain::calendar::Festival;
use domain::campaign::{Command, StateName};
use domain::id::{CampaignId, OrganisationId};
use persistence::Store;
use persistence::campaigns::{self, CampaignFilter, CampaignPosition, CampaignRecord, NewCampaign};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{CampaignBody, CampaignChangeBody};
use super::view::CampaignView;
use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, IfMatch, IfMatchHeader, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(create).service(show).service(change);
}

/// Which campaign.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct CampaignPath {
    /// The campaign's id.
    pub(super) id: CampaignId,
}

/// Which campaigns.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignsQuery {
    /// Of this organisation and those below it; unless said, of the whole scope, and those that organisations above it have
    /// opened.
    organisation_id: Option<OrganisationId>,
    /// Around this festival.
    #[param(inline)]
    festival: Option<Festival>,
    /// In this solar year.
    #[param(example = 2027)]
    year: Option<i32>,
    /// In this state.
    #[param(inline)]
    state: Option<StateName>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List campaigns, newest first: those of the scope, and those that organisations above it have opened.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ReadCampaigns"])),
    params(CampaignsQuery),
    responses((status = 200, body = Page<CampaignView>)),
)]
#[get("/v1/campaigns")]
pub(crate) async fn list(
    May(scope): May<ReadCampaigns>,
    leads: Option<May<ManageCampaigns>>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<CampaignsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let filter = CampaignFilter {
        organisation: query.organisation_id,
        festival: query.festival,
        year: query.year,
        state: query.state,
    };
    let (limit, after) = (page.limit()?, page.position::<CampaignPosition>(&cursors)?);
    let rows = store
        .read(move |tx| campaigns::list(tx, &scope, &filter, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, CampaignRecord::position)?;
    let items = rows.into_iter().map(|record| shown(record, leads.as_ref())).collect();
    Ok(Page::<CampaignView> { items, next_cursor }.answer(&request))
}

fn shown(record: CampaignRecord, leads: Option<&May<ManageCampaigns>>) -> CampaignView {
    let leads = leads.is_some_and(|May(scope)| scope.covers(&record.path));
    CampaignView::of(record, leads)
}

/// Plan a campaign: nobody is asked anything before it is opened.
///
/// The same `id` again answers the campaign that is there.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    request_body = CampaignBody,
    responses((status = 201, body = CampaignView)),
)]
#[post("/v1/campaigns")]
pub(crate) async fn create(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    Body((id, new)): Body<CampaignBody>,
) -> Result<Tagged<CampaignView>, Failure> {
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            campaigns::create(tx, &scope, NewCampaign { id, ..new })
        })
        .await?;
    Ok(Tagged::created(CampaignView::of(record, true)))
}

/// Show a campaign of the scope, or one that an organisation above it has opened.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ReadCampaigns"])),
    params(CampaignPath),
    responses((status = 200, body = CampaignView)),
)]
#[get("/v1/campaigns/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadCampaigns>,
    leads: Option<May<ManageCampaigns>>,
    store: Data<Store>,
    path: Path<CampaignPath>,
) -> Result<Tagged<CampaignView>, Failure> {
    let record = store.read(move |tx| campaigns::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(shown(record, leads.as_ref())))
}

/// Change what a campaign means to do, until it is over. What was said already stays said.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath, IfMatchHeader),
    request_body = CampaignChangeBody,
    responses((status = 200, body = CampaignView), (status = 409, description = "It is over")),
)]
#[patch("/v1/campaigns/{id}")]
pub(crate) async fn change(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<CampaignChangeBody>,
) -> Result<Tagged<CampaignView>, Failure> {
    let record = store
        .write(move |tx| {
            campaigns::apply(tx, &scope, (path.id, seen), |campaign, _| {
                Command::Change(change(campaign.plan.clone()))
            })
        })
        .await?;
    Ok(Tagged::ok(CampaignView::of(record, true)))
}
