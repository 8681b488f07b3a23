//! Statistics as pictures: SVG, light or dark, with a title and, for who cannot see it, its values in words.
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{ReadStatistics, Scope};
use domain::statistics::Statistic;
use persistence::Store;

use super::query::{FlowsPictureQuery, PictureQuery, Wanted, reader};
use crate::extract::{Language, May, Query};
use crate::problem::Failure;
use crate::statistics::{Picture, Said, Theme, behind as lagging};

/// Draw who is away, home for a visit and out of contact, by the organisations one level down.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(PictureQuery),
    responses((status = 200, body = String, content_type = "image/svg+xml")),
)]
#[get("/v1/statistics/overview.svg")]
pub(crate) async fn overview(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<PictureQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::picture(Statistic::Overview, &store, &query)?;
    draw(&store, scope, wanted, (query.theme, language), &request).await
}

/// Draw where members are and have gone, the places with the most first.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(FlowsPictureQuery),
    responses((status = 200, body = String, content_type = "image/svg+xml")),
)]
#[get("/v1/statistics/flows.svg")]
pub(crate) async fn flows(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<FlowsPictureQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::flows_picture(&store, &query)?;
    draw(&store, scope, wanted, (query.theme, language), &request).await
}

/// Draw what happened month by month, and how many were away at each month's end.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(PictureQuery),
    responses((status = 200, body = String, content_type = "image/svg+xml")),
)]
#[get("/v1/statistics/trend.svg")]
pub(crate) async fn trend(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<PictureQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::picture(Statistic::Trend, &store, &query)?;
    draw(&store, scope, wanted, (query.theme, language), &request).await
}

/// Draw what was done of what was to be done.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(PictureQuery),
    responses((status = 200, body = String, content_type = "image/svg+xml")),
)]
#[get("/v1/statistics/coverage.svg")]
pub(crate) async fn coverage(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<PictureQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::picture(Statistic::Coverage, &store, &query)?;
    draw(&store, scope, wanted, (query.theme, language), &request).await
}

/// Draw what is left to do in organisations that have done less than the whole.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(PictureQuery),
    responses((status = 200, body = String, content_type = "image/svg+xml")),
)]
#[get("/v1/statistics/behind.svg")]
pub(crate) async fn behind(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<PictureQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::picture(Statistic::Behind, &store, &query)?;
    draw(&store, scope, wanted, (query.theme, language), &request).await
}

async fn draw(
    store: &Store,
    scope: Scope<ReadStatistics>,
    wanted: Wanted,
    (theme, language): (Option<Theme>, Language),
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (reader, statistic) = (reader(request)?, wanted.statistic);
    let counted = store.read(move |tx| wanted.count(tx, &scope, reader.as_ref())).await?;
    let said = Said { statistic, language };
    let picture = match statistic {
        Statistic::Behind => Picture::of_behind(&lagging(&counted), &counted, said),
        _ => Picture::of(&counted, said),
    };
    let drawn = picture.svg(theme.unwrap_or_default())?;
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CONTENT_LANGUAGE, language.as_str()))
        .body(drawn))
}
