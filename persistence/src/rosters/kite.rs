//! The rosters of members and their journeys.
use std::ops::ControlFlow;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::access::{ReadRosters, Scope};
use domain::codes::JourneyReason;
use domain::journey::{Destination, StateName};
use domain::roster::Beyond;
use domain::statistics::Figure as F;

use super::{Asked, Filter, JourneyPart, KiteLine, Person, row_by_row};
use crate::db::Engine;
use crate::journeys::OPEN;
use crate::outbox::ACTIVE_STANDINGS;
use crate::pages::{self, Position, Range, replace};
use crate::schema::{handovers, journey_lines, journeys, members, organisations};
use crate::statistics::conditions::{
    MOBILE, When, accepted, briefed, departed, ended, gone, offered, on_journey, on_time, overdue, reached, unreached,
};
use crate::statistics::past::moved;
use crate::types::Id;
use crate::vault::Vault;
use crate::{StoreError, Tx, sealed};

diesel::alias! {
    const HOSTS: Alias<Hosts> = organisations as hosts;
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = members, check_for_backend(Engine))]
struct MemberColumns {
    id: Id,
    path: String,
    name: String,
    gender: String,
    phone_sealed: Option<Vec<u8>>,
    standing: String,
    version: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = journeys, check_for_backend(Engine))]
struct JourneyColumns {
    id: Id,
    path: String,
    state: String,
    division_code: Option<String>,
    country: Option<String>,
    place: Option<String>,
    employer: Option<String>,
    unit_kind: Option<String>,
    departed_on: Option<NaiveDate>,
    expected_return_on: Option<NaiveDate>,
    last_contact_at: Option<NaiveDateTime>,
    next_checkin_due: Option<NaiveDate>,
    version: i32,
    reason: String,
    former_occupation: Option<String>,
    certificate_number: Option<String>,
}

/// Member, organisation's name and division, journey, host's name.
type Row = (
    MemberColumns,
    (String, Option<String>),
    Option<JourneyColumns>,
    Option<String>,
);

/// A roster's query over one range: `$key` is the table whose (path, id) orders it.
macro_rules! query {
    ($from:expr, $key:ident, $filter:expr, $range:expr, $limit:expr) => {{
        let (filter, range): (&Filter, &Range<'_>) = ($filter, $range);
        let mut query = $from
            .select((
                MemberColumns::as_select(),
                (organisations::name, organisations::division_code),
                Option::<JourneyColumns>::as_select(),
                HOSTS.field(organisations::name).nullable(),
            ))
            .filter($key::path.ge(range.low).and($key::path.lt(range.end)))
            .order(($key::path, $key::id))
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter($key::path.gt(range.low).or($key::id.gt(Id(after))));
        }
        if let Some(name) = &filter.name {
            query = query.filter(replace(members::name, name, "").ne(members::name));
        }
        if let Some(standing) = filter.standing {
            query = query.filter(members::standing.eq(standing.as_str()));
        }
        if let Some(host) = filter.host {
            query = query.filter(journeys::host_id.eq(Id::of(host)));
        }
        if filter.itself {
            query = query.filter($key::path.lt(range.end_of_itself()));
        }
        if let Some(day) = filter.due_before {
            query = query.filter(journeys::next_checkin_due.lt(day));
        }
        if let Some(day) = filter.due_after {
            query = query.filter(journeys::next_checkin_due.gt(day));
        }
        if let Some(limit) = $limit {
            query = query.limit(limit);
        }
        query
    }};
}

/// Journeys to a division, as they tell it now.
macro_rules! leads_to {
    ($prefix:expr) => {
        journeys::division_code
            .ge($prefix)
            .and(journeys::division_code.lt(format!("{}~", $prefix)))
    };
}

/// The journeys that a figure counts, or those that are missing from it.
macro_rules! meant {
    ($query:expr, $counted:expr, $when:expr) => {{
        let (query, when) = ($query, $when);
        let state = |state: &'static str| journeys::state.eq(state);
        match ($counted.figure, $counted.missing) {
            (F::OnTime, false) | (F::Overdue, true) => query.filter(on_time!(when)),
            (F::OnTime, true) | (F::Overdue, false) => query.filter(overdue!(when)),
            (F::Reached30, false) => query.filter(reached!(when, 30)),
            (F::Reached30, true) => query.filter(unreached!(when, 30)),
            (F::Reached90, false) => query.filter(reached!(when, 90)),
            (F::Reached90, true) => query.filter(unreached!(when, 90)),
            (F::Reached180, false) => query.filter(reached!(when, 180)),
            (F::Reached180, true) => query.filter(unreached!(when, 180)),
            (F::Briefed, false) => query.filter(departed!(when.period)).filter(briefed!()),
            (F::Briefed, true) => query.filter(departed!(when.period)).filter(not(briefed!())),
            (F::HandedOver, false) => query.filter(departed!(when.period)).filter(offered!()),
            (F::HandedOver, true) => query.filter(departed!(when.period)).filter(not(offered!())),
            (F::Accepted, false) => query.filter(departed!(when.period)).filter(accepted!()),
            (F::Accepted, true) => {
                let offered = query.filter(departed!(when.period)).filter(offered!());
                offered.filter(not(accepted!()))
            }
            (F::Gone30, _) => query.filter(gone!(when, 30)),
            (F::Gone90, _) => query.filter(gone!(when, 90)),
            (F::Gone180, _) => query.filter(gone!(when, 180)),
            (F::Departures, _) => query.filter(departed!(when.period)),
            (F::Returns, _) => query.filter(ended!(when.period, "returned")),
            (F::Transfers, _) => query.filter(ended!(when.period, "transferred")),
            (F::OnJourney, _) => query.filter(on_journey!(when.period.to)),
            (F::Planned, _) => query.filter(state("planned")),
            (F::Away, _) => query.filter(state("away")),
            (F::HomeVisit, _) => query.filter(state("home_visit")),
            (F::OutOfContact, _) => query.filter(state("out_of_contact")),
            // What counts no journeys is refused as a filter of this roster.
            _ => query.filter(journeys::state.eq_any(MOBILE)),
        }
    }};
}

/// Members, each with the open journey.
pub(super) fn members(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    filter: &Filter,
    after: Option<&Position>,
    limit: Option<i64>,
    mut line: impl FnMut(KiteLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (vault, mut left) = (tx.vault, limit);
    pages::each_range(scope, after, |range| {
        let wanted = left;
        let tables = || {
            members::table
                .inner_join(organisations::table.on(organisations::id.eq(members::home_branch_id)))
                .left_join(journeys::table.on(journeys::member_id.eq(members::id).and(journeys::state.eq_any(OPEN))))
                .left_join(HOSTS.on(HOSTS.field(organisations::id).nullable().eq(journeys::host_id)))
        };
        macro_rules! whole {
            () => {{
                let query = query!(tables(), members, filter, &range, wanted);
                let query = match &filter.division {
                    Some(prefix) => query.filter(leads_to!(prefix)),
                    None => query,
                };
                match (&filter.state, filter.counted) {
                    (Some(standing), _) => query.filter(members::standing.eq(standing)),
                    (None, Some(_)) => query.filter(members::standing.eq_any(ACTIVE_STANDINGS)),
                    (None, None) => query,
                }
            }};
        }
        let mut hand_on = |row: Row| {
            left = left.map(|left| left - 1);
            let position = (row.0.path.clone(), row.0.id);
            Ok::<_, StoreError>(line(to_line(vault, position, row)?))
        };
        let goes_on = row_by_row!(&mut *tx.db, Row, whole!(), hand_on);
        Ok(goes_on && left.is_none_or(|left| left > 0))
    })
}

/// Journeys; with a day, those that are overdue on it. Where the places of a past day are meant, also those that have led
/// on since, wherever they led.
pub(super) fn outbound(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    filter: &Filter,
    overdue_on: Option<NaiveDate>,
    after: Option<&Position>,
    limit: Option<i64>,
    mut line: impl FnMut(KiteLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (vault, mut left) = (tx.vault, limit);
    let counted = filter.counted.map(|counted| (counted, When::of(tx, counted.period)));
    let past_day = filter.past_day(tx.today());
    pages::each_range(scope, after, |range| {
        let wanted = left;
        let tables = || {
            journeys::table
                .inner_join(members::table.on(members::id.eq(journeys::member_id)))
                .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
                .left_join(HOSTS.on(HOSTS.field(organisations::id).nullable().eq(journeys::host_id)))
        };
        macro_rules! whole {
            () => {{
                let query = query!(tables(), journeys, filter, &range, wanted);
                let query = match (&filter.state, filter.counted) {
                    (Some(state), _) => query.filter(journeys::state.eq(state)),
                    (None, Some(_)) => query,
                    (None, None) => query.filter(journeys::state.eq_any(OPEN)),
                };
                let query = match counted {
                    Some((counted, when)) => meant!(query, counted, when),
                    None => query,
                };
                let nowhere = || journeys::division_code.is_null();
                let abroad = || {
                    journeys::country
                        .is_not_null()
                        .or(journeys::reason.eq(JourneyReason::Abroad.as_str()))
                };
                let query = match (&filter.division, past_day) {
                    (Some(prefix), Some(day)) => query.filter(leads_to!(prefix).or(moved!(journeys::id, day))),
                    (Some(prefix), None) => query.filter(leads_to!(prefix)),
                    (None, _) => query,
                };
                let query = match (filter.beyond, past_day) {
                    (Some(_), Some(day)) => query.filter(nowhere().or(moved!(journeys::id, day))),
                    (Some(Beyond::Abroad), None) => query.filter(nowhere()).filter(abroad()),
                    (Some(Beyond::Unrecorded), None) => query.filter(nowhere()).filter(not(abroad())),
                    (None, _) => query,
                };
                match overdue_on {
                    Some(today) => query
                        .filter(journeys::state.eq(StateName::Away.as_str()))
                        .filter(journeys::next_checkin_due.lt(today)),
                    None => query,
                }
            }};
        }
        let mut hand_on = |row: Row| {
            left = left.map(|left| left - 1);
            let position = row.2.as_ref().map(|journey| (journey.path.clone(), journey.id));
            let position = position.ok_or_else(|| StoreError::corrupt("a journey without a journey"))?;
            Ok::<_, StoreError>(line(to_line(vault, position, row)?))
        };
        let goes_on = row_by_row!(&mut *tx.db, Row, whole!(), hand_on);
        Ok(goes_on && left.is_none_or(|left| left > 0))
    })
}

fn to_line(
    vault: &Vault,
    (path, id): (String, Id),
    (member, (organisation, division), journey, host): Row,
) -> Result<KiteLine, StoreError> {
    Ok(KiteLine {
        position: Position {
            path: path.parse().map_err(StoreError::corrupt)?,
            id: id.0,
        },
        person: Person {
            id: member.id.to(),
            name: member.name,
            gender: Some(member.gender.parse().map_err(StoreError::corrupt)?),
            phone: sealed::open(vault, member.id.0, member.phone_sealed.as_deref())?,
        },
        standing: member.standing.parse().map_err(StoreError::corrupt)?,
        organisation,
        journey: journey.map(|journey| journey.into_part(host, division)).transpose()?,
        member_version: member.version,
    })
}

impl JourneyColumns {
    fn into_part(self, host: Option<String>, from: Option<String>) -> Result<JourneyPart, StoreError> {
        let division = self.division_code.map(|code| code.parse()).transpose();
        let from = from.map(|code| code.parse()).transpose();
        let unit = self
            .unit_kind
            .map(|unit| unit.parse())
            .transpose()
            .map_err(StoreError::corrupt)?;
        let occupation = self.former_occupation.map(|one| one.parse()).transpose();
        let asked = Asked {
            reason: Some(self.reason.parse().map_err(StoreError::corrupt)?),
            from: from.map_err(StoreError::corrupt)?,
            origin: None,
            unit,
            occupation: occupation.map_err(StoreError::corrupt)?,
            certified: self.certificate_number.is_some(),
            range: None,
            of_journey: None,
        };
        Ok(JourneyPart {
            id: self.id.to(),
            state: self.state.parse().map_err(StoreError::corrupt)?,
            destination: Destination {
                division: division.map_err(StoreError::corrupt)?,
                country: self.country,
                place: self.place,
                employer: self.employer,
                unit,
            },
            host,
            departed_on: self.departed_on,
            expected_return_on: self.expected_return_on,
            last_contact_at: self.last_contact_at.map(|at| at.and_utc()),
            next_checkin_due: self.next_checkin_due,
            version: self.version,
            asked,
        })
    }
}
