//! Campaigns are opened, closed, called off, and planned anew for another year.
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use domain::access::{ManageCampaigns, Scope};
use domain::campaign::Command;
use domain::id::CampaignId;
use persistence::Store;
use persistence::campaigns;
use serde::Deserialize;
use utoipa::ToSchema;

use super::plan::CampaignPath;
use super::view::CampaignView;
use crate::answer::Tagged;
use crate::extract::{Body, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::reason_in;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(open).service(close).service(cancel).service(copy);
}

async fn apply(
    store: &Store,
    scope: Scope<ManageCampaigns>,
    seen: (CampaignId, i32),
    command: impl FnOnce(NaiveDate) -> Command + Send + 'static,
) -> Result<Tagged<CampaignView>, Failure> {
    let record = store
        .write(move |tx| campaigns::apply(tx, &scope, seen, |_, today| command(today)))
        .await?;
    Ok(Tagged::ok(CampaignView::of(record, true)))
}

/// Open a campaign: from the next day on its members are asked, and what is done is counted.
///
/// It takes the place of the prompts that the house sends by itself, and of those of campaigns above, for this festival: also
/// after it is closed or called off. An organisation has one open campaign for a festival of a year.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath, IfMatchHeader),
    responses((status = 200, body = CampaignView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/campaigns/{id}/open")]
pub(crate) async fn open(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<CampaignView>, Failure> {
    apply(&store, scope, (path.id, seen), Command::Open).await
}

/// Close a campaign: nobody is asked any more, and its report is kept as it is now.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath, IfMatchHeader),
    responses((status = 200, body = CampaignView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/campaigns/{id}/close")]
pub(crate) async fn close(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<CampaignView>, Failure> {
    apply(&store, scope, (path.id, seen), Command::Close).await
}

/// Why a campaign is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignCancellationBody {
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "今年倡导就地过年")]
    reason: String,
}

impl Input for CampaignCancellationBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// Call a campaign off, with a reason: nobody is asked any more, nor by the house itself when it had been opened.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath, IfMatchHeader),
    request_body = CampaignCancellationBody,
    responses((status = 200, body = CampaignView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/campaigns/{id}/cancel")]
pub(crate) async fn cancel(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<CampaignCancellationBody>,
) -> Result<Tagged<CampaignView>, Failure> {
    let command = move |on| Command::Cancel { on, reason };
    apply(&store, scope, (path.id, seen), command).await
}

/// For which year a campaign is planned anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignCopyBody {
    /// The new campaign's id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<CampaignId>,
    /// The solar year of the festival's day; the year after that of the campaign unless said.
    #[schema(minimum = 1850, maximum = 2200, example = 2028)]
    year: Option<i32>,
}

impl Input for CampaignCopyBody {
    type Meaning = (Option<CampaignId>, Option<i32>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.id, self.year))
    }
}

/// Plan a campaign anew for another year: its days lie as far from the festival as they did.
///
/// The same `id` again answers the campaign that is there.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath),
    request_body = CampaignCopyBody,
    responses((status = 201, body = CampaignView)),
)]
#[post("/v1/campaigns/{id}/copy")]
pub(crate) async fn copy(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    Body((id, year)): Body<CampaignCopyBody>,
) -> Result<Tagged<CampaignView>, Failure> {
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            campaigns::copy(tx, &scope, path.id, (id, year))
        })
        .await?;
    Ok(Tagged::created(CampaignView::of(record, true)))
}
