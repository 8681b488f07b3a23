//! Rosters (花名册): lists of people for any organisation with its subtree, by pages or walked whole in constant memory.
//!
//! Every roster is ordered by (path, id) and reads one range of the index for each subtree of the scope. A page of a
//! roster without filters costs O(limit); a filter may read O(rows of the subtree).
mod kite;
mod magnet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{ReadRosters, Scope};
use domain::advice::Advice;
use domain::codes::{DestinationUnit, FormerOccupation, Gender, JourneyReason, Standing};
use domain::division::{DivisionCode, FlowRange};
use domain::id::{JourneyId, MemberId, OrgPath, OrganisationId, PersonId, StayId};
use domain::journey::{Destination, StateName};
use domain::phone::Phone;
use domain::roster::{Beyond, Roster};
use domain::statistics::yearly::{Traits, YearlyColumn, YearlyRow, YearlyTable, range};
use domain::statistics::{Figure, Grain, Period, Place};
use domain::stay::Background;

use crate::pages::Position;
use crate::statistics::Divisions;
use crate::statistics::past::{Then, then};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// Which lines of a roster.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this organisation and those below it.
    pub organisation: Option<OrganisationId>,
    /// In this state: a journey's, or a stay's; a member's standing in the roster of members.
    pub state: Option<String>,
    /// Whose destination's code begins with this; in the inbound roster, that of the origin here.
    pub division: Option<String>,
    /// Whose destination is no division; in the outbound roster only.
    pub beyond: Option<Beyond>,
    /// With this host.
    pub host: Option<OrganisationId>,
    /// Whose next contact is due before this day.
    pub due_before: Option<NaiveDate>,
    /// Whose next contact is due after this day.
    pub due_after: Option<NaiveDate>,
    /// Whose name contains this text.
    pub name: Option<String>,
    /// Of members with this standing; the roster of members has `state` for it.
    pub standing: Option<Standing>,
    /// About whom this is advised; in the outbound roster only.
    pub advice: Option<Advice>,
    /// Whom a figure of the statistics counts.
    pub counted: Option<Counted>,
    /// Whom a cell of the yearly tables counts: in the outbound roster of who has gone out, in the inbound one of who has
    /// come in.
    pub cell: Option<(YearlyColumn, YearlyRow)>,
    /// Of the organisation itself, without those below it.
    pub itself: bool,
}

impl Filter {
    /// The last day of a period that is over, where it is meant who was on the way or here in it: then lines tell what held
    /// when that day ended.
    fn past_day(&self, today: NaiveDate) -> Option<NaiveDate> {
        let counted = self.counted?;
        let tells = matches!(counted.figure, Figure::OnJourney | Figure::Departures | Figure::Staying);
        (tells && counted.period.is_over(today)).then_some(counted.period.to)
    }
}

/// Whom a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Which figure.
    pub figure: Figure,
    /// In which period.
    pub period: Period,
    /// Whether those are meant who are missing from it: of what it is a share of.
    pub missing: bool,
}

/// Who stands on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The member, or the visitor.
    pub id: PersonId,
    /// 姓名.
    pub name: String,
    /// 性别.
    pub gender: Option<Gender>,
    /// 手机号码: to be masked by whoever shows it.
    pub phone: Option<Phone>,
}

/// The journey on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyPart {
    /// Its id.
    pub id: JourneyId,
    /// Where it stands.
    pub state: StateName,
    /// Where to.
    pub destination: Destination,
    /// The host's name, once known here.
    pub host: Option<String>,
    /// The day of departure.
    pub departed_on: Option<NaiveDate>,
    /// The day on which the member means to be back.
    pub expected_return_on: Option<NaiveDate>,
    /// When the member was last in contact.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// The day by which contact is due, while away.
    pub next_checkin_due: Option<NaiveDate>,
    /// Counts changes.
    pub version: i32,
    /// What the yearly tables ask about it.
    pub asked: Asked,
}

/// What the yearly tables ask, besides the place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Of the outbound roster: why the member is away.
    pub reason: Option<JourneyReason>,
    /// The division of the origin, where it says one; in the inbound roster, where it was said of the stay.
    pub from: Option<DivisionCode>,
    /// Where the origin stands, in the inbound roster.
    pub origin: Option<OrgPath>,
    /// The kind of unit.
    pub unit: Option<DestinationUnit>,
    /// The former occupation.
    pub occupation: Option<FormerOccupation>,
    /// Whether there is a certificate.
    pub certified: bool,
    /// How far it is; found out where a cell of the yearly tables is asked about.
    pub range: Option<FlowRange>,
    /// What of it the journey tells, in the inbound roster.
    of_journey: Option<OfJourney>,
}

/// What a journey tells of who stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OfJourney {
    id: Id,
    /// The kind of unit: nothing else was said of the stay.
    unit: bool,
    /// The certificate: nobody has seen it here.
    certificate: bool,
}

impl Asked {
    /// Tells what held once.
    fn tell(&mut self, of_journey: OfJourney, then: &Then) {
        if let Some(place) = then.place.as_ref().filter(|_| of_journey.unit) {
            self.unit = place.destination.unit;
        }
        if let Some(certified) = then.certified.filter(|_| of_journey.certificate) {
            self.certified = certified;
        }
    }
}

impl JourneyPart {
    /// Whether contact is overdue on `today`.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state == StateName::Away && self.next_checkin_due.is_some_and(|due| due < today)
    }
}

/// A line of the members', outbound and overdue rosters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KiteLine {
    /// Where it stands in the roster.
    pub position: Position,
    /// Who.
    pub person: Person,
    /// The member's standing.
    pub standing: Standing,
    /// The organisation: the home branch, or the origin of the journey.
    pub organisation: String,
    /// The journey; in the members' roster, the open one if there is one.
    pub journey: Option<JourneyPart>,
    /// The member's version.
    pub member_version: i32,
}

impl KiteLine {
    /// The member.
    pub const fn member(&self) -> MemberId {
        MemberId(self.person.id.0)
    }

    /// The organisation's path.
    pub const fn path(&self) -> &OrgPath {
        &self.position.path
    }
}

/// A line of the inbound roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MagnetLine {
    /// Where it stands in the roster.
    pub position: Position,
    /// The stay.
    pub id: StayId,
    /// Who: a member of this deployment, or a visitor.
    pub person: Person,
    /// The member, where it is one of this deployment.
    pub member: Option<MemberId>,
    /// The host.
    pub organisation: String,
    /// Where it stands, a stable word.
    pub state: String,
    /// Who told of it, a stable word.
    pub source: String,
    /// The origin: the organisation's name here, or as it was declared.
    pub origin: Option<String>,
    /// Day of arrival.
    pub arrived_on: NaiveDate,
    /// Local address.
    pub address: Option<String>,
    /// Employer.
    pub employer: Option<String>,
    /// The home unit's name.
    pub home_unit: Option<String>,
    /// The contact officer's name.
    pub contact_officer: Option<String>,
    /// Year and number in the host's register.
    pub register: Option<(i32, i32)>,
    /// Day of admission.
    pub admitted_on: Option<NaiveDate>,
    /// Day of leaving.
    pub left_on: Option<NaiveDate>,
    /// Why and where to, of who has left.
    pub leaving: Leaving,
    /// Counts changes.
    pub version: i32,
    /// What the yearly tables ask about it.
    pub asked: Asked,
}

/// What is known of a leaving besides its day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Why.
    pub reason: Option<String>,
    /// Where to, a stable word.
    pub next: Option<String>,
    /// The division of the next place.
    pub division: Option<DivisionCode>,
}

/// Whether whoever walks a roster wants the next line.
pub use std::ops::ControlFlow;

/// Calls `line` for each line of the members', outbound or overdue roster after `after`, at most `limit`, row by row:
/// constant memory. The inbound roster has lines of its own and none here.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn walk_kite(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    roster: Roster,
    filter: &Filter,
    (after, limit): (Option<&Position>, Option<i64>),
    line: impl FnMut(KiteLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    match roster {
        Roster::Members => kite::members(tx, &scope, filter, after, limit, line),
        Roster::Outbound
            if filter.advice.is_some() || filter.cell.is_some() || filter.past_day(tx.today()).is_some() =>
        {
            sifted_kite(tx, &scope, filter, (after, limit), line)
        }
        Roster::Outbound => kite::outbound(tx, &scope, filter, None, after, limit, line),
        Roster::Overdue => {
            let today = tx.today();
            kite::outbound(tx, &scope, filter, Some(today), after, limit, line)
        }
        Roster::Inbound => Ok(()),
    }
}

/// At most so many lines are looked at before those are picked that are meant.
const LOOKED_AT: i64 = 500;

/// The lines of a roster that are picked out of those looked at. O(lines that are passed over), in constant memory.
fn sifted<L>(
    tx: &mut Tx<'_>,
    (after, limit): (Option<&Position>, Option<i64>),
    position: fn(&L) -> &Position,
    mut look: impl FnMut(&mut Tx<'_>, Option<&Position>, &mut Vec<L>) -> Result<(), StoreError>,
    mut pick: impl FnMut(&mut Tx<'_>, &mut Vec<L>) -> Result<(), StoreError>,
    mut line: impl FnMut(L) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (mut after, mut left) = (after.cloned(), limit.unwrap_or(i64::MAX));
    loop {
        let mut lines = Vec::new();
        look(tx, after.as_ref(), &mut lines)?;
        let Some(last) = lines.last() else { return Ok(()) };
        after = Some(position(last).clone());
        pick(tx, &mut lines)?;
        for one in lines {
            left -= 1;
            if line(one).is_break() || left == 0 {
                return Ok(());
            }
        }
    }
}

/// The lines of the outbound roster about which something is advised, or that a cell of the yearly table counts; of a past
/// day, as it was then.
fn sifted_kite(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    filter: &Filter,
    page: (Option<&Position>, Option<i64>),
    line: impl FnMut(KiteLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let divisions = divisions(tx, filter)?;
    let past_day = filter.past_day(tx.today());
    let look = |tx: &mut Tx<'_>, after: Option<&Position>, lines: &mut Vec<KiteLine>| {
        kite::outbound(tx, scope, filter, None, after, Some(LOOKED_AT), |one| {
            lines.push(one);
            ControlFlow::Continue(())
        })
    };
    let pick = |tx: &mut Tx<'_>, lines: &mut Vec<KiteLine>| {
        if let Some(day) = past_day {
            let ids: Vec<Id> = lines.iter().map(|one| Id(one.position.id)).collect();
            let mut then = then(tx, &ids, day)?;
            for line in lines.iter_mut() {
                if let (Some(journey), Some(then)) = (&mut line.journey, then.remove(&Id(line.position.id))) {
                    journey.tell(then);
                }
            }
            lines.retain(|one| one.journey.as_ref().is_some_and(|journey| journey.leads(filter)));
        }
        if let Some(wanted) = filter.advice {
            let ids: Vec<Id> = lines.iter().map(|one| Id(one.position.id)).collect();
            let advice = crate::advice::of(tx, &ids)?;
            lines.retain(|one| {
                advice
                    .get(&Id(one.position.id))
                    .is_some_and(|about| about.contains(&wanted))
            });
        }
        if let Some(cell) = filter.cell {
            lines.retain_mut(|one| {
                let origin = one.position.path.clone();
                let Some(journey) = &mut one.journey else { return false };
                let of = journey.traits(&origin, &divisions);
                journey.asked.range = of.range;
                is_in(YearlyTable::Outflow, cell, of)
            });
        }
        Ok(())
    };
    sifted(tx, page, |one: &KiteLine| &one.position, look, pick, line)
}

fn is_in(table: YearlyTable, (column, row): (YearlyColumn, YearlyRow), of: Traits) -> bool {
    table.has(column, &of) && row.counts(&of)
}

/// What organisations stand for that say no division, where it is asked about.
fn divisions(tx: &mut Tx<'_>, filter: &Filter) -> Result<Divisions, StoreError> {
    match filter.cell {
        Some(_) => Divisions::above(tx, &OrgPath::root()),
        None => Ok(Divisions::none()),
    }
}

impl JourneyPart {
    /// Tells what held once.
    fn tell(&mut self, then: Then) {
        if let Some(place) = then.place {
            self.asked.unit = place.destination.unit;
            self.destination = place.destination;
            self.host = place.host_name;
        }
        self.asked.certified = then.certified.unwrap_or(self.asked.certified);
    }

    /// Whether it leads to where the filter says.
    fn leads(&self, filter: &Filter) -> bool {
        let division = self.destination.division.map(|code| code.to_string());
        let inside = |prefix: &String| division.as_ref().is_some_and(|code| code.starts_with(prefix));
        let (to, reason) = (&self.destination, self.asked.reason.unwrap_or(JourneyReason::Other));
        let place = Place::of_journey(to.division, to.country.as_deref(), reason, Grain::County);
        filter.division.as_ref().is_none_or(inside)
            && filter.beyond.is_none_or(|beyond| match beyond {
                Beyond::Abroad => place == Place::Abroad,
                Beyond::Unrecorded => place == Place::Unknown,
            })
    }

    fn traits(&self, origin: &OrgPath, divisions: &Divisions) -> Traits {
        let from = self.asked.from.or_else(|| divisions.of(origin));
        let to = (self.destination.division, self.destination.country.as_deref());
        Traits {
            range: self.asked.reason.and_then(|reason| range(from, to, reason)),
            certified: self.asked.certified,
            unit: self.asked.unit,
            occupation: self.asked.occupation,
        }
    }
}

impl MagnetLine {
    fn traits(&self, divisions: &Divisions) -> Traits {
        let origin = self.asked.origin.as_ref().and_then(|origin| divisions.of(origin));
        let said = Background {
            origin_division: self.asked.from,
            unit: self.asked.unit,
            former_occupation: self.asked.occupation,
        };
        Traits::of_stay(origin, divisions.of(&self.position.path), said, self.asked.certified)
    }
}

/// Calls `line` for each line of the inbound roster, as [`walk_kite`].
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn walk_magnet(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    filter: &Filter,
    (after, limit): (Option<&Position>, Option<i64>),
    line: impl FnMut(MagnetLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let scope = organisations::narrowed(tx, scope, filter.organisation)?;
    let Some(cell) = filter.cell else {
        return magnet::inbound(tx, &scope, filter, after, limit, line);
    };
    let divisions = divisions(tx, filter)?;
    let look = |tx: &mut Tx<'_>, after: Option<&Position>, lines: &mut Vec<MagnetLine>| {
        magnet::inbound(tx, &scope, filter, after, Some(LOOKED_AT), |one| {
            lines.push(one);
            ControlFlow::Continue(())
        })
    };
    let past_day = filter.past_day(tx.today());
    let pick = |tx: &mut Tx<'_>, lines: &mut Vec<MagnetLine>| {
        if let Some(day) = past_day {
            let journeys = lines.iter().filter_map(|one| Some(one.asked.of_journey?.id));
            let then = then(tx, &journeys.collect::<Vec<_>>(), day)?;
            for asked in lines.iter_mut().map(|one| &mut one.asked) {
                if let Some((of_journey, then)) = asked.of_journey.and_then(|of| Some((of, then.get(&of.id)?))) {
                    asked.tell(of_journey, then);
                }
            }
        }
        lines.retain_mut(|one| {
            let of = one.traits(&divisions);
            one.asked.range = of.range;
            is_in(YearlyTable::Inflow, cell, of)
        });
        Ok(())
    };
    sifted(tx, (after, limit), |one: &MagnetLine| &one.position, look, pick, line)
}

/// Calls `line` for each line of a host's register (登记册) of a year, in the order of its numbers, as [`walk_kite`].
///
/// # Errors
/// [`StoreError::NotFound`] for a host outside the scope.
pub fn walk_register(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    (host, year): (OrganisationId, i32),
    line: impl FnMut(MagnetLine) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    organisations::narrowed(tx, scope, Some(host))?;
    magnet::register(tx, host, year, line)
}

/// Notes in the audit trail that a host's register leaves the house, before it does.
///
/// # Errors
/// [`StoreError::NotFound`] for a host outside the scope.
pub fn note_register(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    (host, year): (OrganisationId, i32),
) -> Result<(), StoreError> {
    organisations::narrowed(tx, scope, Some(host))?;
    let path = organisations::by_id(tx, host)?.path;
    let audit = NewAudit {
        action: "register_exported",
        subject: Some(host.0),
        path: Some(&path),
        detail: Some(serde_json::json!({ "year": year })),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)
}

/// Notes in the audit trail that a whole roster leaves the house, before it does.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn note_export(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    roster: Roster,
    filter: &Filter,
) -> Result<(), StoreError> {
    let path = match filter.organisation {
        Some(id) => Some(organisations::by_id(tx, id)?.path),
        None => crate::scoped::subtrees(scope).first().cloned(),
    };
    if path.as_ref().is_some_and(|path| !scope.covers(path)) {
        return Err(StoreError::NotFound("organisation"));
    }
    let detail = serde_json::json!({
        "roster": roster, "state": filter.state, "division": filter.division, "destination": filter.beyond, "host": filter.host,
        "due_before": filter.due_before, "due_after": filter.due_after, "by_name": filter.name.is_some(),
        "advice": filter.advice, "standing": filter.standing,
        "figure": filter.counted.map(|counted| counted.figure), "cell": filter.cell,
    });
    let audit = NewAudit {
        action: "roster_exported",
        subject: filter.organisation.map(|id| id.0),
        path: path.as_ref(),
        detail: Some(detail),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)
}

/// Runs one query row by row on either engine; `$line` turns a row into a line and hands it on. Evaluates to whether the
/// walk goes on. `PgConnection`'s own way of loading would read the whole result first.
macro_rules! row_by_row {
    ($db:expr, $row:ty, $query:expr, $line:expr) => {{
        let mut goes_on = true;
        match $db {
            $crate::db::Db::Pg(c) => {
                for row in $query.load_iter::<$row, diesel::pg::PgRowByRowLoadingMode>(c)? {
                    if $line(row?)?.is_break() {
                        goes_on = false;
                        break;
                    }
                }
            }
            $crate::db::Db::Lite(c) => {
                for row in $query.load_iter::<$row, diesel::connection::DefaultLoadingMode>(c)? {
                    if $line(row?)?.is_break() {
                        goes_on = false;
                        break;
                    }
                }
            }
        }
        goes_on
    }};
}
pub(crate) use row_by_row;
