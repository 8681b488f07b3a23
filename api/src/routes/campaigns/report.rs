//! How far a campaign has come, and the report that is kept when it is closed: JSON, a workbook, and a PDF.
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::ReadCampaigns;
use domain::calendar::Festival;
use domain::campaign::{Activity, ActivityKind, Line, Place, Report};
use domain::id::{CampaignId, OrganisationId};
use persistence::{Store, campaigns};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::activity::ActivityBody;
use super::body::WindowBody;
use super::plan::CampaignPath;
use super::workbook;
use crate::extract::{Language, May, Query};
use crate::form;
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::rosters::Said;
use crate::routes::kite::Named;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(progress)
        .service(show_report)
        .service(as_workbook)
        .service(as_pdf);
}

/// How far an activity has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityFigureView {
    /// Which activity.
    kind: ActivityKind,
    /// Members or branches with at least one such fact, or how many facts, as the target says.
    #[schema(example = 12)]
    done: u32,
    /// How many are meant; null in a line where the target is of the whole campaign.
    #[schema(example = 15)]
    wanted: Option<u32>,
}

/// The figures of one organisation with those below it, or of all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FiguresView {
    /// Members whom the campaign means: with journeys that are open in a state that it names, or ended within its days.
    #[schema(example = 15)]
    members: u32,
    /// Of them, those who were asked whether they come home.
    #[schema(example = 14)]
    asked: u32,
    /// Of them, those who came home within its days.
    #[schema(example = 9)]
    came_home: u32,
    /// Each activity, in the campaign's order.
    activities: Vec<ActivityFigureView>,
}

/// The figures of an organisation one level down.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignLineView {
    /// Which, with those below it.
    organisation: Named<OrganisationId>,
    /// Its figures.
    figures: FiguresView,
}

/// How far a campaign has come, by the organisations one level down; never by person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// Which campaign.
    campaign_id: CampaignId,
    /// Its name.
    #[schema(example = "2027年春节“七个一”")]
    title: String,
    /// Around which festival.
    festival: Festival,
    /// The festival's day.
    #[schema(example = "2027-02-06")]
    festival_on: NaiveDate,
    /// The days that count.
    window: WindowBody,
    /// The organisation that it is about with those below it.
    organisation: Named<OrganisationId>,
    /// What was to be done.
    activities: Vec<ActivityBody>,
    /// The organisations one level down, in the order of the tree, and the organisation itself where it has members of its
    /// own.
    lines: Vec<CampaignLineView>,
    /// All together.
    total: FiguresView,
    /// When the report was frozen; null while figures still change.
    #[schema(example = json!(null))]
    frozen_at: Option<DateTime<Utc>>,
    /// Who closed the campaign; null while figures still change.
    #[schema(example = json!(null))]
    frozen_by: Option<String>,
}

fn named(place: Place) -> Named<OrganisationId> {
    Named {
        id: place.id,
        name: place.name,
    }
}

fn figures(line: Line, activities: &[Activity]) -> FiguresView {
    let figure = |(activity, figure): (&Activity, domain::campaign::Figure)| ActivityFigureView {
        kind: activity.kind,
        done: figure.done,
        wanted: figure.wanted,
    };
    FiguresView {
        members: line.members,
        asked: line.asked,
        came_home: line.home,
        activities: activities.iter().zip(line.activities).map(figure).collect(),
    }
}

impl ReportView {
    fn of(report: Report, frozen: bool) -> Self {
        let activities = &report.activities;
        let lines = report.lines.into_iter().map(|(place, line)| CampaignLineView {
            organisation: named(place),
            figures: figures(line, activities),
        });
        Self {
            campaign_id: report.campaign,
            title: report.title,
            festival: report.festival,
            festival_on: report.festival_on,
            window: report.window.into(),
            organisation: named(report.organisation),
            lines: lines.collect(),
            total: figures(report.total, activities),
            activities: report.activities.into_iter().map(ActivityBody::from).collect(),
            frozen_at: frozen.then_some(report.drawn_up_at),
            frozen_by: frozen.then_some(report.drawn_up_by),
        }
    }
}

/// Of which organisation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgressQuery {
    /// Of this organisation, which takes part; unless said, of the campaign's own, or of as much of it as the caller reaches.
    organisation_id: Option<OrganisationId>,
}

/// Show how far a campaign has come, counted from what is recorded now, by the organisations one level down.
///
/// Only facts about members whom the campaign means count, and only those of its days.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ReadCampaigns"])),
    params(CampaignPath, ProgressQuery),
    responses((status = 200, body = ReportView)),
)]
#[get("/v1/campaigns/{id}/progress")]
pub(crate) async fn progress(
    May(scope): May<ReadCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    Query(query): Query<ProgressQuery>,
) -> Result<HttpResponse, Failure> {
    let report = store
        .read(move |tx| campaigns::progress(tx, &scope, path.id, query.organisation_id))
        .await?;
    Ok(HttpResponse::Ok().json(ReportView::of(report, false)))
}

/// Show the report of a closed campaign, as it was when it was closed.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ReadCampaigns"])),
    params(CampaignPath),
    responses((status = 200, body = ReportView)),
)]
#[get("/v1/campaigns/{id}/report")]
pub(crate) async fn show_report(
    May(scope): May<ReadCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
) -> Result<HttpResponse, Failure> {
    let report = store.read(move |tx| campaigns::frozen(tx, &scope, path.id)).await?;
    Ok(HttpResponse::Ok().json(ReportView::of(report, true)))
}

fn speech(store: &Store, language: Language) -> Said {
    Said {
        language,
        today: store.today(),
        zone: store.zone(),
    }
}

fn file(bytes: Vec<u8>, (name, media_type): (&str, &str), language: Language) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name.to_owned())],
    };
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(disposition)
        .insert_header((header::CONTENT_LANGUAGE, language.as_str()))
        .body(bytes)
}

/// Fetch the report of a closed campaign as an Excel workbook.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ReadCampaigns"])),
    params(CampaignPath),
    responses((
        status = 200,
        body = String,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )),
)]
#[get("/v1/campaigns/{id}/report.xlsx")]
pub(crate) async fn as_workbook(
    May(scope): May<ReadCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let report = store.read(move |tx| campaigns::frozen(tx, &scope, path.id)).await?;
    let bytes = workbook::of(&report, speech(&store, language))
        .map_err(|error| Failure::Internal(format!("a campaign's workbook: {error}")))?;
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file(bytes, ("campaign-report.xlsx", media_type), language))
}

/// Fetch the report of a closed campaign as a PDF.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ReadCampaigns"])),
    params(CampaignPath),
    responses((status = 200, body = String, content_type = "application/pdf")),
)]
#[get("/v1/campaigns/{id}/report.pdf")]
pub(crate) async fn as_pdf(
    May(scope): May<ReadCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let report = store.read(move |tx| campaigns::frozen(tx, &scope, path.id)).await?;
    let bytes = form::pdf(&form::of_campaign(&report, speech(&store, language)))?;
    Ok(file(bytes, ("campaign-report.pdf", "application/pdf"), language))
}
