//! Statistics as tables.
use actix_web::http::header::{self, DispositionParam, DispositionType};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{ReadStatistics, Scope};
use domain::statistics::Statistic;
use persistence::Store;

use super::query::{FlowsQuery, StatisticFormat, TableQuery, Wanted, reader};
use super::view::{BehindListView, StatisticView};
use crate::extract::{Language, May, Query};
use crate::problem::Failure;
use crate::statistics::{Picture, Said, Sheet, behind as lagging, table_workbook};

/// How many members there are, are away, come and go, by the organisations one level down.
///
/// For callers who may not read people's records, cells of fewer than three people are hidden, and those by which they
/// could be found; what is hidden in the table of an organisation above is hidden here, too, and periods are of whole
/// months. For who may read them, cells that count members, journeys, stays or service requests have the address of their
/// list.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(TableQuery),
    responses((status = 200, content(
        (StatisticView = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/statistics/overview")]
pub(crate) async fn overview(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<TableQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::table(Statistic::Overview, &store, &query)?;
    answer(&store, scope, wanted, (query.format, language), &request).await
}

/// From which divisions to which members have gone, at the grain of provinces, cities or counties: how many are on a
/// journey when the period ends, and how many left in it. Where each has gone is what held when its last day ended.
///
/// Small cells are hidden as in the overview.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(FlowsQuery),
    responses((status = 200, content(
        (StatisticView = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/statistics/flows")]
pub(crate) async fn flows(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<FlowsQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::flows(&store, &query)?;
    answer(&store, scope, wanted, (query.format, language), &request).await
}

/// Month by month: how many were away and how many here when it ended, and how many left, returned, arrived and went.
///
/// Small cells are hidden as in the overview.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(TableQuery),
    responses((status = 200, content(
        (StatisticView = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/statistics/trend")]
pub(crate) async fn trend(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<TableQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::table(Statistic::Trend, &store, &query)?;
    answer(&store, scope, wanted, (query.format, language), &request).await
}

/// How far the line holds, by the organisations one level down: what was done, and of how much.
///
/// Small cells are hidden as in the overview, and so is what is left to a small rest.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(TableQuery),
    responses((status = 200, content(
        (StatisticView = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/statistics/coverage")]
pub(crate) async fn coverage(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<TableQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::table(Statistic::Coverage, &store, &query)?;
    answer(&store, scope, wanted, (query.format, language), &request).await
}

/// Which organisations one level down have done less than the whole of what the coverage counts, with the address of the
/// list of those for whom it is left to do. In the order of the tree: nobody is ranked.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(TableQuery),
    responses((status = 200, content(
        (BehindListView = "application/json"),
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/statistics/behind")]
pub(crate) async fn behind(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    Query(query): Query<TableQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let wanted = Wanted::table(Statistic::Behind, &store, &query)?;
    answer(&store, scope, wanted, (query.format, language), &request).await
}

async fn answer(
    store: &Store,
    scope: Scope<ReadStatistics>,
    wanted: Wanted,
    (format, language): (Option<StatisticFormat>, Language),
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (reader, statistic, grain) = (reader(request)?, wanted.statistic, wanted.grain());
    let counted = store.read(move |tx| wanted.count(tx, &scope, reader.as_ref())).await?;
    let said = Said { statistic, language };
    let lagging = (statistic == Statistic::Behind).then(|| lagging(&counted));
    let format = format.unwrap_or_default();
    if format == StatisticFormat::Json {
        let today = store.today();
        return Ok(match lagging {
            Some(lagging) => HttpResponse::Ok().json(BehindListView::of(lagging, &counted, today, language)),
            None => HttpResponse::Ok().json(StatisticView::of(&counted, (statistic, grain), today, language)),
        });
    }
    let sheet = match &lagging {
        Some(lagging) => Sheet::of_behind(lagging, &counted, said),
        None => Sheet::of(&counted, said),
    };
    if format == StatisticFormat::Csv {
        return Ok(file(statistic.as_str(), "csv", language, sheet.csv(language)?));
    }
    let picture = match &lagging {
        Some(lagging) => Picture::of_behind(lagging, &counted, said),
        None => Picture::of(&counted, said),
    };
    let book = table_workbook(&sheet, &picture, language)?;
    Ok(file(statistic.as_str(), "xlsx", language, book))
}

/// A file of that name.
pub(super) fn file(name: &str, extension: &str, language: Language, bytes: Vec<u8>) -> HttpResponse {
    let disposition = header::ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(format!("{name}.{extension}"))],
    };
    let media_type = match extension {
        "csv" => "text/csv; charset=utf-8",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(disposition)
        .insert_header((header::CONTENT_LANGUAGE, language.as_str()))
        .body(bytes)
}
