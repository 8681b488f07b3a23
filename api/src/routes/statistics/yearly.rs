//! The yearly tables of mobile members.
use std::ops::ControlFlow;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{Datelike, NaiveDate};
use domain::access::{ReadRosters, ReadStatistics};
use domain::division::full_name;
use domain::id::OrganisationId;
use domain::roster::Roster;
use domain::statistics::yearly::{CentreLevel, YearlyColumn, YearlyRow, YearlyTable};
use domain::statistics::{Figure, Period, Shown};
use persistence::rosters::{self, Counted, Filter};
use persistence::statistics::{self, Asked, ManagingUnit, Yearly};
use persistence::{Store, StoreError, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::reader;
use super::tables::file;
use crate::extract::{Language, May, Query, caller_of};
use crate::problem::{Failure, Fault};
use crate::rosters::Exports;
use crate::routes::kite::Named;
use crate::statistics::{People, yearly_workbook};

/// In which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum YearlyFormat {
    /// With the address of each cell's list.
    #[default]
    Json,
    /// An Excel workbook in the layout of the form.
    Xlsx,
}

/// No year before the party's first has tables.
const FIRST_YEAR: i32 = 1921;

/// Whose tables of which year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct YearlyQuery {
    /// Of this organisation and those below it.
    organisation_id: OrganisationId,
    /// The year: who is counted is counted when its last day ends; this year until today, unless said.
    #[param(minimum = 1921, example = 2026)]
    year: Option<i32>,
    /// `json` unless said.
    #[param(inline)]
    format: Option<YearlyFormat>,
    /// Whether the workbook names the people behind its counts; for who pulls rosters (`ReadRosters`).
    people: Option<bool>,
}

/// The yearly tables of mobile members.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearlyView {
    /// Of whom.
    organisation: Named<OrganisationId>,
    /// The year.
    #[schema(example = 2026)]
    year: i32,
    /// The day on which people are counted, when it ends.
    #[schema(example = "2026-12-31")]
    as_of: NaiveDate,
    /// Whether small cells are hidden from this caller.
    suppressed: bool,
    /// 流动党员情况（一）（二）.
    tables: Vec<YearlyTableView>,
    /// 接收流动党员的党支部数.
    #[schema(example = 4)]
    receiving_branches: u64,
    /// 建立流动党员党组织数: committees.
    #[schema(example = 3)]
    mobile_committees: u64,
    /// The same, general branches: those with a branch of mobile members below them.
    #[schema(example = 1)]
    mobile_general_branches: u64,
    /// The same, branches.
    #[schema(example = 5)]
    mobile_branches: u64,
    /// 共接收流动党员名数.
    #[schema(example = 31)]
    in_mobile_organisations: Option<u64>,
    /// 党员服务中心（站、点）.
    service_centres: Vec<CentresView>,
    /// 管理有外来流入党员的党组织情况.
    managing: Vec<ManagingView>,
}

/// One of the two tables.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearlyTableView {
    /// Which.
    table: YearlyTable,
    /// Its title.
    #[schema(example = "流动党员情况（一）")]
    title: &'static str,
    /// Its rows: former occupations.
    rows: Vec<YearlyRowView>,
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearlyRowView {
    /// Which.
    row: YearlyRow,
    /// What it says at its head.
    #[schema(example = "农牧渔民")]
    heading: &'static str,
    /// What it is one of 其中.
    within: Option<YearlyRow>,
    /// Its cells.
    cells: Vec<YearlyCellView>,
}

/// A cell.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct YearlyCellView {
    /// The column.
    column: YearlyColumn,
    /// What the column says at its head.
    #[schema(example = "私营企业")]
    heading: &'static str,
    /// What the column is one of: a subtotal, or what it is 其中.
    within: Option<YearlyColumn>,
    /// How many people; nothing where it is hidden.
    #[schema(example = 12)]
    value: Option<u64>,
    /// Whether it is hidden.
    suppressed: bool,
    /// Where they are listed, for who may read their records.
    #[schema(
        example = "/v1/rosters/outbound?organisation_id=01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f&figure=on_journey&to=2026-12-31&column=private_enterprise&row=farmer"
    )]
    list: Option<String>,
}

/// Service centres of a level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CentresView {
    /// The level, as far as their names, those of the organisations above them and their divisions tell it.
    level: CentreLevel,
    /// How many.
    #[schema(example = 2)]
    centres: u64,
}

/// An organisation that manages members who have come in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManagingView {
    /// 党组织名称.
    organisation: Named<OrganisationId>,
    /// 从省内流入.
    #[schema(example = 5)]
    from_the_province: Option<u64>,
    /// 从省外流入.
    #[schema(example = 7)]
    from_other_provinces: Option<u64>,
    /// From where nobody has recorded.
    #[schema(example = 0)]
    from_unknown: Option<u64>,
    /// 负责人, for who may read people's records.
    #[schema(example = "李书记")]
    secretary: Option<String>,
    /// 负责人电话: that of the organisation.
    #[schema(example = "0513-88810000")]
    phone: Option<String>,
    /// 地址: its division.
    #[schema(example = "上海市浦东新区")]
    division: Option<String>,
    /// 隶属基层党委.
    #[schema(example = "驻沪流动党员联合党委")]
    committee: Option<String>,
}

impl From<ManagingUnit> for ManagingView {
    fn from(unit: ManagingUnit) -> Self {
        let (id, name) = unit.unit;
        let [inside, outside, unknown] = unit.from;
        Self {
            organisation: Named { id, name },
            from_the_province: inside,
            from_other_provinces: outside,
            from_unknown: unknown,
            secretary: unit.secretary,
            phone: unit.phone,
            division: unit.division.map(full_name),
            committee: unit.committee,
        }
    }
}

/// The year, until today.
fn period(year: i32, today: NaiveDate) -> Result<Period, Fault> {
    if year < FIRST_YEAR {
        return Err(Fault::new("?year", "too_small", FIRST_YEAR.to_string()));
    }
    Period::of_year(year, today).ok_or_else(|| Fault::new("?year", "period_future", today.year().to_string()))
}

/// Pull the yearly tables of mobile members (流动党员情况): who has gone out and who has come in, by how far, certificates,
/// kinds of unit and former occupations, and the organisations that receive them.
///
/// Everybody on a registered journey when the last day of the year ends is counted, those of less than six months as well;
/// where each has gone, the unit and the certificate are what held then. Each count has the
/// address of its list, for who may read people's records; for others small cells are hidden. A workbook with people in
/// it leaves an entry in the audit trail; of more people than a worksheet has lines there is none.
#[utoipa::path(
    tag = "statistics",
    security(("token" = ["ReadStatistics"])),
    params(YearlyQuery),
    responses((status = 200, content(
        (YearlyView = "application/json"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/statistics/yearly")]
pub(crate) async fn pull(
    May(scope): May<ReadStatistics>,
    store: Data<Store>,
    exports: Data<Exports>,
    Query(query): Query<YearlyQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let year = query.year.unwrap_or_else(|| store.today().year());
    let period = period(year, store.today()).map_err(|fault| Failure::Invalid(vec![fault]))?;
    let (reader, organisation) = (reader(&request)?, query.organisation_id);
    let asked = Asked { organisation, period };
    let workbook = query.format.unwrap_or_default() == YearlyFormat::Xlsx;
    if !workbook || query.people != Some(true) {
        let found = store
            .read(move |tx| statistics::yearly(tx, &scope, reader.as_ref(), asked))
            .await?;
        return Ok(if workbook {
            let book = yearly_workbook(
                &found,
                None,
                |table, column, row| cell(asked, table, column, row),
                language,
            )?;
            file(&format!("yearly-{year}"), "xlsx", language, book)
        } else {
            HttpResponse::Ok().json(YearlyView::of(found, year, asked, language))
        });
    }
    let lists = caller_of(&request)?.0.scope::<ReadRosters>()?;
    let counting = scope.clone();
    let reading = reader.clone();
    let counted = store.read(move |tx| statistics::yearly(tx, &counting, reading.as_ref(), asked));
    let counted = counted.await?;
    if [&counted.outflow, &counted.inflow].into_iter().any(more_than_a_sheet) {
        let most = MOST_PEOPLE.to_string();
        return Err(Failure::Invalid(vec![Fault::new("?people", "too_many_lines", most)]));
    }
    let _seat = exports.place()?;
    let noted = lists.clone();
    store
        .write(move |tx| {
            rosters::note_export(tx, &noted, Roster::Outbound, &whom(asked))?;
            rosters::note_export(tx, &noted, Roster::Inbound, &whom(asked))
        })
        .await?;
    let found = store.read(move |tx| {
        let yearly = statistics::yearly(tx, &scope, reader.as_ref(), asked)?;
        let people = people(tx, &lists, asked)?;
        Ok((yearly, people))
    });
    let (yearly, people) = found.await?;
    let book = yearly_workbook(
        &yearly,
        Some(&people),
        |table, column, row| cell(asked, table, column, row),
        language,
    )?;
    Ok(file(&format!("yearly-{year}"), "xlsx", language, book))
}

/// The lines of an Excel worksheet below its head.
const MOST_PEOPLE: u64 = 1_048_575;

/// Whether a table counts more people than a worksheet can name.
fn more_than_a_sheet(table: &Shown) -> bool {
    let total = table.first().and_then(|row| row.first()).copied().flatten();
    total.is_some_and(|people| people > MOST_PEOPLE)
}

/// Everybody whom the tables count.
fn whom(asked: Asked) -> Filter {
    Filter {
        organisation: Some(asked.organisation),
        cell: Some((YearlyColumn::Total, YearlyRow::Total)),
        ..Filter::default()
    }
}

fn people(tx: &mut Tx<'_>, scope: &domain::access::Scope<ReadRosters>, asked: Asked) -> Result<People, StoreError> {
    let of = |figure| Filter {
        counted: Some(Counted {
            figure,
            period: asked.period,
            missing: false,
        }),
        ..whom(asked)
    };
    let mut people = People::default();
    rosters::walk_kite(
        tx,
        scope,
        Roster::Outbound,
        &of(Figure::OnJourney),
        (None, None),
        |line| {
            people.gone.push(line);
            ControlFlow::Continue(())
        },
    )?;
    rosters::walk_magnet(tx, scope, &of(Figure::Staying), (None, None), |line| {
        people.here.push(line);
        ControlFlow::Continue(())
    })?;
    Ok(people)
}

/// The address of a cell's list.
fn cell(asked: Asked, table: YearlyTable, column: YearlyColumn, row: YearlyRow) -> String {
    let (roster, figure) = match table {
        YearlyTable::Outflow => (Roster::Outbound, Figure::OnJourney),
        YearlyTable::Inflow => (Roster::Inbound, Figure::Staying),
    };
    let (organisation, to) = (asked.organisation, asked.period.to);
    format!("/v1/rosters/{roster}?organisation_id={organisation}&figure={figure}&to={to}&column={column}&row={row}")
}

impl YearlyView {
    fn of(yearly: Yearly, year: i32, asked: Asked, language: Language) -> Self {
        let (id, name) = yearly.organisation;
        let table = |table: YearlyTable, shown: &Shown| {
            let rows = YearlyRow::ALL.iter().zip(shown).map(|(row, cells)| YearlyRowView {
                row: *row,
                heading: language.pick(row.zh(), row.en()),
                within: row.within(),
                cells: table
                    .columns()
                    .zip(cells)
                    .map(|(column, value)| YearlyCellView {
                        column,
                        heading: language.pick(column.zh(), column.en()),
                        within: column.within(),
                        value: *value,
                        suppressed: value.is_none(),
                        list: yearly.reads_people.then(|| cell(asked, table, column, *row)),
                    })
                    .collect(),
            });
            YearlyTableView {
                table,
                title: language.pick(table.zh(), table.en()),
                rows: rows.collect(),
            }
        };
        let of = &yearly.organisations;
        Self {
            organisation: Named { id, name },
            year,
            as_of: yearly.period.to,
            suppressed: !yearly.reads_people,
            tables: vec![
                table(YearlyTable::Outflow, &yearly.outflow),
                table(YearlyTable::Inflow, &yearly.inflow),
            ],
            receiving_branches: of.receiving_branches,
            mobile_committees: of.mobile_committees,
            mobile_general_branches: of.mobile_general_branches,
            mobile_branches: of.mobile_branches,
            in_mobile_organisations: of.in_mobile_organisations,
            service_centres: of
                .service_centres
                .iter()
                .map(|(level, centres)| CentresView {
                    level: *level,
                    centres: *centres,
                })
                .collect(),
            managing: yearly.managing.into_iter().map(ManagingView::from).collect(),
        }
    }
}
