//! The roster of stays.
use std::ops::ControlFlow;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ReadRosters, Scope};
use domain::id::OrganisationId;
use domain::statistics::Figure;
use domain::stay::Background;

use super::{Asked, Counted, Filter, Leaving, MagnetLine, OfJourney, Person, row_by_row};
use crate::db::Engine;
use crate::pages::{self, Position, Range, replace};
use crate::schema::{accounts, journeys, members, organisations, stay_backgrounds, stay_reports, stays, visitors};
use crate::statistics::conditions::{ADMITTED, VOID, WAITING, arrived, left, staying};
use crate::stays::{BackgroundRow, is_known, is_vouched};
use crate::types::Id;
use crate::vault::Vault;
use crate::{StoreError, Tx, sealed};

/// The states in which a stay has not ended, as the index of open stays words them.
const OPEN: [&str; 4] = ["reported", "verifying", "verified", "admitted"];

diesel::alias! {
    const ORIGINS: Alias<Origins> = organisations as origins;
    const UNITS: Alias<Units> = organisations as units;
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = stays, check_for_backend(Engine))]
struct StayColumns {
    id: Id,
    path: String,
    person_id: Id,
    member_id: Option<Id>,
    state: String,
    source: String,
    origin_name: Option<String>,
    arrived_on: NaiveDate,
    address: Option<String>,
    employer: Option<String>,
    contact_officer_name: Option<String>,
    register_year: Option<i32>,
    register_number: Option<i32>,
    admitted_on: Option<NaiveDate>,
    reason: Option<String>,
    left_on: Option<NaiveDate>,
    next_place: Option<String>,
    next_division_code: Option<String>,
    verified_by: Option<String>,
    version: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = journeys, check_for_backend(Engine))]
struct JourneyColumns {
    id: Id,
    unit_kind: Option<String>,
    former_occupation: Option<String>,
    certificate_number: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = members, check_for_backend(Engine))]
struct MemberColumns {
    name: String,
    gender: String,
    phone_sealed: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = visitors, check_for_backend(Engine))]
struct VisitorColumns {
    name: String,
    gender: Option<String>,
    phone_sealed: Option<Vec<u8>>,
}

/// Stay, host's name, member or visitor, the names of the origin, of the home unit and of an officer with an account, the
/// report that began it at the door, where the origin stands, the journey that led here, and what was said of the
/// stay besides.
type Row = (
    StayColumns,
    String,
    Option<MemberColumns>,
    Option<VisitorColumns>,
    (Option<String>, Option<String>, Option<String>),
    (Option<Id>, Option<Vec<u8>>),
    (Option<String>, Option<JourneyColumns>, Option<BackgroundRow>),
);

/// Every line, before it is known which are wanted.
macro_rules! lines {
    () => {
        stays::table
            .inner_join(organisations::table.on(organisations::id.eq(stays::host_id)))
            .left_join(members::table.on(members::id.nullable().eq(stays::member_id)))
            .left_join(visitors::table.on(visitors::id.eq(stays::person_id)))
            .left_join(ORIGINS.on(ORIGINS.field(organisations::id).nullable().eq(stays::origin_id)))
            .left_join(stay_reports::table.on(stay_reports::id.eq(stays::id)))
            .left_join(UNITS.on(UNITS.field(organisations::id).nullable().eq(stays::home_unit_id)))
            .left_join(accounts::table.on(accounts::id.nullable().eq(stays::contact_officer_id)))
            .left_join(journeys::table.on(journeys::id.nullable().eq(stays::journey_id)))
            .left_join(stay_backgrounds::table.on(stay_backgrounds::stay_id.eq(stays::id)))
            .select((
                StayColumns::as_select(),
                organisations::name,
                Option::<MemberColumns>::as_select(),
                Option::<VisitorColumns>::as_select(),
                (
                    ORIGINS.field(organisations::name).nullable(),
                    UNITS.field(organisations::name).nullable(),
                    accounts::name.nullable(),
                ),
                (stay_reports::id.nullable(), stay_reports::phone_sealed.nullable()),
                (
                    ORIGINS.field(organisations::path).nullable(),
                    Option::<JourneyColumns>::as_select(),
                    Option::<BackgroundRow>::as_select(),
                ),
            ))
    };
}

macro_rules! query {
    ($filter:expr, $range:expr, $limit:expr) => {{
        let (filter, range): (&Filter, &Range<'_>) = ($filter, $range);
        let mut query = lines!()
            .filter(stays::path.ge(range.low).and(stays::path.lt(range.end)))
            .order((stays::path, stays::id))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(stays::path.gt(range.low).or(stays::id.gt(Id(after))));
        }
        query = match (&filter.state, filter.counted) {
            (Some(state), _) => query.filter(stays::state.eq(state)),
            (None, Some(_)) => query,
            (None, None) => query.filter(stays::state.eq_any(OPEN)),
        };
        if let Some(Counted { figure, period, .. }) = filter.counted {
            query = match figure {
                Figure::Staying => query.filter(staying!(period.to)),
                Figure::Arrivals => query.filter(arrived!(period)),
                Figure::Leavings => query.filter(left!(period)),
                _ => query.filter(stays::state.eq_any(WAITING)),
            };
        }
        if filter.itself {
            query = query.filter(stays::path.lt(range.end_of_itself()));
        }
        if let Some(name) = &filter.name {
            let member = replace(members::name, name, "").ne(members::name);
            let visitor = replace(visitors::name, name, "").ne(visitors::name);
            query = query.filter(member.nullable().or(visitor.nullable()));
        }
        if let Some(host) = filter.host {
            query = query.filter(stays::host_id.eq(Id::of(host)));
        }
        if let Some(prefix) = &filter.division {
            let end = format!("{prefix}~");
            let code = || ORIGINS.field(organisations::division_code);
            let said = || stay_backgrounds::origin_division_code;
            let here = code().ge(prefix).and(code().lt(end.clone()));
            let elsewhere = said().ge(prefix).and(said().lt(end));
            query = query.filter(
                here.nullable()
                    .or(stays::origin_id.is_null().and(elsewhere.nullable()).nullable()),
            );
        }
        if let Some(limit) = $limit {
            query = query.limit(limit);
        }
        query
    }};
}

/// Stays, of members of this deployment and of visitors.
pub(super) fn inbound(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    filter: &Filter,
    after: Option<&Position>,
    limit: Option<i64>,
    mut line: impl FnMut(MagnetLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (vault, mut left) = (tx.vault, limit);
    pages::each_range(scope, after, |range| {
        let wanted = left;
        let mut hand_on = |row: Row| {
            left = left.map(|left| left - 1);
            Ok::<_, StoreError>(line(to_line(vault, row)?))
        };
        let goes_on = row_by_row!(&mut *tx.db, Row, query!(filter, &range, wanted), hand_on);
        Ok(goes_on && left.is_none_or(|left| left > 0))
    })
}

/// The register of a host for a year, in the order of its numbers.
pub(super) fn register(
    tx: &mut Tx<'_>,
    host: OrganisationId,
    year: i32,
    mut line: impl FnMut(MagnetLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let vault = tx.vault;
    let mut hand_on = |row: Row| Ok::<_, StoreError>(line(to_line(vault, row)?));
    row_by_row!(
        &mut *tx.db,
        Row,
        lines!()
            .filter(stays::host_id.eq(Id::of(host)))
            .filter(stays::register_year.eq(year))
            .order(stays::register_number),
        hand_on
    );
    Ok(())
}

fn to_line(
    vault: &Vault,
    (stay, organisation, member, visitor, (origin, home_unit, officer), (report, declared), facts): Row,
) -> Result<MagnetLine, StoreError> {
    let (name, gender, phone) = match (member, visitor) {
        (Some(member), _) => (member.name, Some(member.gender), member.phone_sealed),
        (None, Some(visitor)) => (visitor.name, visitor.gender, visitor.phone_sealed),
        (None, None) => return Err(StoreError::corrupt("a stay of nobody")),
    };
    let gender = gender.map(|gender| gender.parse()).transpose();
    let vouched = is_vouched(&stay.source, report.is_some());
    let known = is_known(stay.member_id.is_some(), vouched, stay.verified_by.is_some());
    // Of somebody who is not known yet only what was declared is shown, under the stay's own id.
    let (person, phone) = if known {
        (stay.person_id, phone)
    } else {
        (stay.id, declared)
    };
    let division = stay.next_division_code.map(|code| code.parse()).transpose();
    let certified = stay.verified_by.as_deref() == Some("certificate");
    let asked = asked(facts, certified)?;
    let leaving = Leaving {
        reason: stay.reason.filter(|_| stay.left_on.is_some()),
        next: stay.next_place,
        division: division.map_err(StoreError::corrupt)?,
    };
    Ok(MagnetLine {
        position: Position {
            path: stay.path.parse().map_err(StoreError::corrupt)?,
            id: stay.id.0,
        },
        id: stay.id.to(),
        person: Person {
            id: person.to(),
            name,
            gender: gender.map_err(StoreError::corrupt)?,
            phone: sealed::open(vault, person.0, phone.as_deref())?,
        },
        member: stay.member_id.filter(|_| known).map(Id::to),
        organisation,
        state: stay.state,
        source: stay.source,
        origin: origin.or(stay.origin_name),
        arrived_on: stay.arrived_on,
        address: stay.address,
        employer: stay.employer,
        home_unit,
        contact_officer: stay.contact_officer_name.or(officer),
        register: stay.register_year.zip(stay.register_number),
        admitted_on: stay.admitted_on,
        left_on: stay.left_on,
        leaving,
        version: stay.version,
        asked,
    })
}

fn asked(
    (origin, journey, said): (Option<String>, Option<JourneyColumns>, Option<BackgroundRow>),
    certified: bool,
) -> Result<Asked, StoreError> {
    let origin = origin.map(|path| path.parse()).transpose();
    let said = said.map(Background::try_from).transpose()?.unwrap_or_default();
    let (id, told_there, number) = match journey {
        Some(journey) => (
            Some(journey.id),
            told(journey.unit_kind, journey.former_occupation)?,
            journey.certificate_number,
        ),
        None => (None, Background::default(), None),
    };
    let of_journey = id.map(|id| OfJourney {
        id,
        unit: said.unit.is_none(),
        certificate: !certified,
    });
    let of = said.or(told_there);
    Ok(Asked {
        origin: origin.map_err(StoreError::corrupt)?,
        from: of.origin_division,
        unit: of.unit,
        occupation: of.former_occupation,
        certified: certified || number.is_some(),
        of_journey,
        ..Asked::default()
    })
}

/// What a journey tells of who stays.
fn told(unit: Option<String>, occupation: Option<String>) -> Result<Background, StoreError> {
    let unit = unit.map(|unit| unit.parse()).transpose();
    let occupation = occupation.map(|one| one.parse()).transpose();
    Ok(Background {
        origin_division: None,
        unit: unit.map_err(StoreError::corrupt)?,
        former_occupation: occupation.map_err(StoreError::corrupt)?,
    })
}
