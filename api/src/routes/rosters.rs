//! Rosters (花名册) for any organisation of the scope with its subtree: JSON by pages, CSV whole.
use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{ManageJourneys, ReadRosters, Scope};
use domain::advice::Advice;
use domain::codes::{Gender, Standing};
use domain::division::is_prefix;
use domain::id::{JourneyId, MemberId, OrgPath, OrganisationId, PersonId, StayId};
use domain::journey::StateName;
use domain::phone::Phone;
use domain::roster::{Beyond, Roster};
use domain::statistics::Figure;
use domain::statistics::yearly::{YearlyColumn, YearlyRow};
use domain::stay;
use persistence::rosters::{self, Counted, Filter, KiteLine, MagnetLine};
use persistence::{Position, Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{CursorKey, Language, May, Page, PageQuery, Query, caller_of, cut};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};
use crate::rosters::{Column, Exports, KITE, Kind, MAGNET, Said, place, register, stream, version};
use crate::routes::statistics::{CountedQuery, roster_of};

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(pull).service(list_columns);
}

/// Which roster.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RosterPath {
    /// The roster's name.
    #[param(inline)]
    name: Roster,
}

/// In which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Pages.
    #[default]
    Json,
    /// Whole, UTF-8 with a byte-order mark, so that Excel opens it.
    Csv,
}

/// Which lines, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RosterQuery {
    /// Of this organisation and those below it; the whole scope unless said.
    organisation_id: Option<OrganisationId>,
    /// `outbound`: the journey's state; `inbound`: the stay's; `members`: the standing. Those that have not ended unless said.
    #[param(example = "away")]
    state: Option<String>,
    /// Two, four or six digits with which the destination's division code begins; `inbound`: the origin's.
    #[param(pattern = "^([0-9]{2}){1,3}$", example = "31")]
    division: Option<String>,
    /// Whose destination is abroad, or not recorded; `outbound` only.
    #[param(inline)]
    destination: Option<Beyond>,
    /// With this host.
    host_id: Option<OrganisationId>,
    /// Whose next contact is due before this day; not for `inbound`.
    due_before: Option<NaiveDate>,
    /// Whose next contact is due after this day; not for `inbound`.
    due_after: Option<NaiveDate>,
    /// Whose name contains this text.
    #[param(example = "王")]
    name: Option<String>,
    /// Of members with this standing; `outbound` and `overdue` only.
    #[param(inline)]
    standing: Option<Standing>,
    /// About whom this is advised; `outbound` only, and for who leads journeys (`ManageJourneys`).
    #[param(inline)]
    advice: Option<Advice>,
    /// Whom this figure of the statistics counts, whatever the state: `members` in the roster of members, `waiting`,
    /// `staying`, `arrivals` and `leavings` in the inbound one, the others in the outbound one.
    #[param(inline)]
    figure: Option<Figure>,
    /// With a figure that is a share of another: those of the other who are missing from it.
    missing: Option<bool>,
    /// With a figure: the period's first day, as for statistics.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// With a figure: its last day, as for statistics.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// Whom this column of the yearly tables counts; `outbound` and `inbound` only.
    #[param(inline)]
    column: Option<YearlyColumn>,
    /// Whom this row of the yearly tables counts; `outbound` and `inbound` only.
    #[param(inline)]
    row: Option<YearlyRow>,
    /// Of the named organisation itself, without those below it.
    itself: Option<bool>,
    /// `json` (pages) unless said; `csv` is always whole.
    #[param(inline)]
    format: Option<Format>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl RosterQuery {
    /// The filter, and the page in it; every fault at once.
    fn read(self, roster: Roster, today: NaiveDate) -> Result<(Filter, PageQuery), Failure> {
        let mut faults = Vec::new();
        let counted = self.counted(roster, today, &mut faults);
        let cell = (self.column.is_some() || self.row.is_some()).then_some((
            self.column.unwrap_or(YearlyColumn::Total),
            self.row.unwrap_or(YearlyRow::Total),
        ));
        faults.extend(self.faults(roster));
        if !faults.is_empty() {
            return Err(Failure::Invalid(faults));
        }
        let filter = Filter {
            organisation: self.organisation_id,
            state: self.state,
            division: self.division,
            beyond: self.destination,
            host: self.host_id,
            due_before: self.due_before,
            due_after: self.due_after,
            name: self.name.filter(|name| !name.is_empty()),
            standing: self.standing,
            advice: self.advice,
            counted,
            cell,
            itself: self.itself.unwrap_or(false),
        };
        let page = PageQuery {
            limit: self.limit,
            cursor: self.cursor,
        };
        Ok((filter, page))
    }
}

impl RosterQuery {
    /// Whom a figure counts, with what is wrong about asking so.
    fn counted(&self, roster: Roster, today: NaiveDate, faults: &mut Vec<Fault>) -> Option<Counted> {
        let counts = CountedQuery {
            organisation: self.organisation_id,
            itself: self.itself,
            figure: self.figure,
            missing: self.missing,
            from: self.from,
            to: self.to,
        };
        counts.read(|figure| roster_of(figure) == Some(roster), today, faults)
    }

    /// What cannot be asked of a roster, and what is no filter of it.
    fn faults(&self, roster: Roster) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(fault) = self.state.as_deref().and_then(|state| fault_of_state(roster, state)) {
            faults.push(fault);
        }
        if self.division.as_deref().is_some_and(|prefix| !is_prefix(prefix)) {
            faults.push(Fault::new("?division", "malformed", "31, 3101, 310115"));
        }
        let misplaced = [
            (
                "?standing",
                self.standing.is_some() && matches!(roster, Roster::Members | Roster::Inbound),
            ),
            (
                "?destination",
                self.destination.is_some() && (roster != Roster::Outbound || self.division.is_some()),
            ),
            ("?advice", self.advice.is_some() && roster != Roster::Outbound),
            (
                "?column",
                self.column.is_some() && !matches!(roster, Roster::Outbound | Roster::Inbound),
            ),
            (
                "?row",
                self.row.is_some() && !matches!(roster, Roster::Outbound | Roster::Inbound),
            ),
        ];
        let misplaced = misplaced.into_iter().filter(|(_, is)| *is);
        faults.extend(misplaced.map(|(name, _)| Fault::new(name, "not_a_filter", "")));
        if roster == Roster::Inbound {
            let due = [("?due_before", self.due_before), ("?due_after", self.due_after)];
            let asked = due.into_iter().filter(|(_, day)| day.is_some());
            faults.extend(asked.map(|(name, _)| Fault::new(name, "not_a_filter", "")));
        }
        faults
    }
}

fn fault_of_state(roster: Roster, state: &str) -> Option<Fault> {
    let all = |known: &[&str]| {
        let fault = || Fault::new("?state", "no_such_state", known.join(", "));
        (!known.contains(&state)).then(fault)
    };
    match roster {
        Roster::Members => all(&Standing::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()),
        Roster::Outbound => all(&StateName::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()),
        Roster::Inbound => all(&stay::StateName::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()),
        Roster::Overdue => Some(Fault::new("?state", "not_a_filter", "")),
    }
}

/// A line of a roster: of `members`, `outbound` and `overdue`, or of `inbound`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum RosterLine {
    /// A member, with the journey if there is one.
    Kite(Box<KiteLineView>),
    /// A stay.
    Magnet(Box<MagnetLineView>),
}

/// A member on a roster, with the journey if there is one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KiteLineView {
    /// The member.
    member_id: MemberId,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// 性别.
    gender: Option<Gender>,
    /// 手机号码, masked.
    #[schema(example = "199****0001")]
    phone: Option<String>,
    /// 人员类别.
    standing: Standing,
    /// The home branch, or the origin of the journey.
    #[schema(example = "三塘村党支部")]
    organisation: String,
    /// Where it stands.
    #[schema(value_type = String, example = "/320685/320685100/320685100201/")]
    organisation_path: OrgPath,
    /// The journey's state.
    state: Option<StateName>,
    /// Where to, in words.
    #[schema(example = "上海市浦东新区 建筑工地")]
    destination: Option<String>,
    /// GB/T 2260 code of the destination.
    #[schema(example = "310115")]
    division_code: Option<String>,
    /// The day of departure.
    #[schema(example = "2027-02-22")]
    departed_on: Option<NaiveDate>,
    /// The day on which the member means to be back.
    #[schema(example = "2027-12-20")]
    expected_return_on: Option<NaiveDate>,
    /// The host's name, once known here.
    #[schema(example = "浦东流动党员工作站")]
    host: Option<String>,
    /// When the member was last in contact.
    last_contact_at: Option<DateTime<Utc>>,
    /// The day by which contact is due.
    #[schema(example = "2027-03-24")]
    next_checkin_due: Option<NaiveDate>,
    /// Whether contact is overdue today.
    overdue: bool,
    /// The journey.
    journey_id: Option<JourneyId>,
    /// The journey's version; the member's when there is none.
    #[schema(example = 1)]
    version: i32,
}

impl KiteLineView {
    fn of(line: KiteLine, today: NaiveDate) -> Self {
        let version = version(&line);
        let journey = line.journey.as_ref();
        Self {
            member_id: line.member(),
            gender: line.person.gender,
            phone: line.person.phone.as_ref().map(Phone::masked),
            standing: line.standing,
            state: journey.map(|one| one.state),
            destination: journey.map(|one| place(&one.destination)),
            division_code: journey
                .and_then(|one| one.destination.division)
                .map(|code| code.to_string()),
            departed_on: journey.and_then(|one| one.departed_on),
            expected_return_on: journey.and_then(|one| one.expected_return_on),
            host: journey.and_then(|one| one.host.clone()),
            last_contact_at: journey.and_then(|one| one.last_contact_at),
            next_checkin_due: journey.and_then(|one| one.next_checkin_due),
            overdue: journey.is_some_and(|one| one.is_overdue(today)),
            journey_id: journey.map(|one| one.id),
            name: line.person.name,
            organisation: line.organisation,
            organisation_path: line.position.path,
            version,
        }
    }
}

/// A stay on a roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MagnetLineView {
    /// The stay.
    stay_id: StayId,
    /// The member, or the visitor.
    person_id: PersonId,
    /// The member, where it is one of this deployment.
    member_id: Option<MemberId>,
    /// 姓名.
    #[schema(example = "赵敏")]
    name: String,
    /// 性别.
    gender: Option<Gender>,
    /// 手机号码, masked.
    #[schema(example = "199****0002")]
    phone: Option<String>,
    /// The host.
    #[schema(example = "浦东流动党员工作站")]
    organisation: String,
    /// Where it stands.
    #[schema(value_type = String, example = "/320685/SH/PD/")]
    organisation_path: OrgPath,
    /// The stay's state.
    #[schema(example = "admitted")]
    state: String,
    /// Who told of it.
    #[schema(example = "handover")]
    source: String,
    /// The origin: the organisation's name here, or as it was declared.
    #[schema(example = "三塘村党支部")]
    origin: Option<String>,
    /// Day of arrival.
    arrived_on: NaiveDate,
    /// Local address.
    #[schema(example = "浦东新区张江路100号")]
    address: Option<String>,
    /// Employer.
    #[schema(example = "海安建工")]
    employer: Option<String>,
    /// The home unit.
    #[schema(example = "浦东临时党支部")]
    home_unit: Option<String>,
    /// The contact officer.
    #[schema(example = "陈干部")]
    contact_officer: Option<String>,
    /// Year and number in the host's register.
    #[schema(example = "2027-0012")]
    register_number: Option<String>,
    /// Day of leaving.
    #[schema(example = json!(null))]
    left_on: Option<NaiveDate>,
    /// Counts changes.
    #[schema(example = 1)]
    version: i32,
}

impl From<MagnetLine> for MagnetLineView {
    fn from(line: MagnetLine) -> Self {
        Self {
            stay_id: line.id,
            person_id: line.person.id,
            member_id: line.member,
            gender: line.person.gender,
            phone: line.person.phone.as_ref().map(Phone::masked),
            name: line.person.name,
            organisation: line.organisation,
            organisation_path: line.position.path,
            state: line.state,
            source: line.source,
            origin: line.origin,
            arrived_on: line.arrived_on,
            address: line.address,
            employer: line.employer,
            home_unit: line.home_unit,
            contact_officer: line.contact_officer,
            register_number: register(line.register),
            left_on: line.left_on,
            version: line.version,
        }
    }
}

/// Pull a roster.
///
/// JSON comes by pages, CSV whole; a whole roster leaves an entry in the audit trail.
#[utoipa::path(
    tag = "rosters",
    security(("token" = ["ReadRosters"])),
    params(RosterPath, RosterQuery),
    responses((status = 200, content((Page<RosterLine> = "application/json"), (String = "text/csv")))),
)]
#[get("/v1/rosters/{name}")]
#[expect(
    clippy::too_many_arguments,
    reason = "what a handler asks for stands in its signature"
)]
pub(crate) async fn pull(
    May(scope): May<ReadRosters>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    exports: Data<Exports>,
    path: Path<RosterPath>,
    Query(wanted): Query<RosterQuery>,
    language: Language,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (roster, format) = (path.name, wanted.format.unwrap_or_default());
    let (filter, page) = wanted.read(roster, store.today())?;
    if filter.advice.is_some() {
        // What is advised is for who leads journeys.
        caller_of(&request)?.0.scope::<ManageJourneys>()?;
    }
    match format {
        Format::Json => {
            let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
            let rows = lines(&store, scope, roster, filter, after, limit + 1).await?;
            let (rows, next_cursor) = cut(rows, limit, &cursors, |(position, _)| position.clone())?;
            let items = rows.into_iter().map(|(_, line)| line).collect();
            Ok(Page::<RosterLine> { items, next_cursor }.answer(&request))
        }
        Format::Csv => export(&store, &exports, scope, roster, filter, language).await,
    }
}

async fn lines(
    store: &Store,
    scope: Scope<ReadRosters>,
    roster: Roster,
    filter: Filter,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<(Position, RosterLine)>, StoreError> {
    store
        .glance(move |tx| {
            let (mut found, today, page) = (Vec::new(), tx.today(), (after.as_ref(), Some(limit)));
            if roster == Roster::Inbound {
                rosters::walk_magnet(tx, &scope, &filter, page, |line| {
                    found.push((line.position.clone(), RosterLine::Magnet(Box::new(line.into()))));
                    ControlFlow::Continue(())
                })?;
            } else {
                rosters::walk_kite(tx, &scope, roster, &filter, page, |line| {
                    let view = KiteLineView::of(line.clone(), today);
                    found.push((line.position, RosterLine::Kite(Box::new(view))));
                    ControlFlow::Continue(())
                })?;
            }
            Ok(found)
        })
        .await
}

/// The audit trail knows of it before the first line leaves.
async fn export(
    store: &Store,
    exports: &Exports,
    scope: Scope<ReadRosters>,
    roster: Roster,
    filter: Filter,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let seat = exports.place()?;
    let (noted, asked) = (scope.clone(), filter.clone());
    store
        .write(move |tx| rosters::note_export(tx, &noted, roster, &asked))
        .await?;
    let said = Said {
        language,
        today: store.today(),
        zone: store.zone(),
    };
    let (store, name) = (store.clone(), roster.as_str());
    Ok(if roster == Roster::Inbound {
        stream(store, seat, (name, Kind::Csv), MAGNET, said, move |tx, put| {
            rosters::walk_magnet(tx, &scope, &filter, (None, None), put)
        })
    } else {
        stream(store, seat, (name, Kind::Csv), KITE, said, move |tx, put| {
            rosters::walk_kite(tx, &scope, roster, &filter, (None, None), put)
        })
    })
}

/// A column of a roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnView {
    /// The key in JSON.
    #[schema(example = "name")]
    key: &'static str,
    /// The heading in CSV, in the caller's language.
    #[schema(example = "姓名")]
    heading: &'static str,
}

/// The columns of a roster's CSV, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnsView {
    /// The columns.
    items: Vec<ColumnView>,
}

fn headings<L>(columns: &[Column<L>], language: Language) -> ColumnsView {
    let view = |column: &Column<L>| ColumnView {
        key: column.key,
        heading: column.heading(language),
    };
    ColumnsView {
        items: columns.iter().map(view).collect(),
    }
}

/// List the columns of a roster.
#[utoipa::path(
    tag = "rosters",
    security(("token" = ["ReadRosters"])),
    params(RosterPath),
    responses((status = 200, body = ColumnsView)),
)]
#[get("/v1/rosters/{name}/columns")]
pub(crate) async fn list_columns(
    May(_scope): May<ReadRosters>,
    path: Path<RosterPath>,
    language: Language,
) -> HttpResponse {
    HttpResponse::Ok().json(match path.name {
        Roster::Inbound => headings(MAGNET, language),
        Roster::Members | Roster::Outbound | Roster::Overdue => headings(KITE, language),
    })
}
