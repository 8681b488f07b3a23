//! The yearly tables of mobile members.
mod receiving;

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::access::{ReadMembers, ReadStatistics, Scope};
use domain::codes::JourneyReason;
use domain::division::DivisionCode;
use domain::id::{OrgPath, OrganisationId};
use domain::statistics::yearly::{Traits, YearlyTable, range};
use domain::statistics::{Period, Shown};
use domain::stay::Background;

use super::conditions::{ADMITTED, on_journey, staying};
use super::flows::Divisions;
use super::past::{changed, then, unless_since};
use super::{Asked, Parts, Whole, are_few, count, tally};
use crate::pages::ITSELF;
use crate::schema::{journeys, organisations, stay_backgrounds, stays};
use crate::types::Id;
use crate::{StoreError, Tx};

use receiving::tree;
pub use receiving::{ManagingUnit, Organisations};

/// The yearly tables, as their caller may see them.
#[derive(Debug, Clone)]
pub struct Yearly {
    /// The organisation, and its name.
    pub organisation: (OrganisationId, String),
    /// The year; what is counted is counted when its last day ends.
    pub period: Period,
    /// Whether the caller may read people's records there: then nothing is hidden, and there are lists.
    pub reads_people: bool,
    /// Table （一）.
    pub outflow: Shown,
    /// Table （二）.
    pub inflow: Shown,
    /// Its supplement, and that of table （一）.
    pub organisations: Organisations,
    /// 管理有外来流入党员的党组织情况.
    pub managing: Vec<ManagingUnit>,
}

/// People who are alike, and how many.
pub type YearlyCounts = Vec<(Traits, u64)>;

/// People who are alike, and how many, by where they belong to.
type ByPath = Vec<(OrgPath, (Traits, u64))>;

/// The yearly tables of an organisation. O(journeys and stays of the subtree); for who may not read people's records, of
/// the organisations above as well, as far up as the scope reaches.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn yearly(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
) -> Result<Yearly, StoreError> {
    let whole = Whole::find(tx, scope, reader, asked)?;
    let divisions = Divisions::above(tx, &OrgPath::root())?;
    let reach = Reach::of(&whole.path);
    let gone = YearlyTable::Outflow.count(&outflow(tx, &reach, asked.period, &divisions)?);
    let here = Inflow::read(tx, &reach, asked.period, &divisions)?;
    let came = YearlyTable::Inflow.count(&here.groups());
    let [dark_gone, dark_came] = if whole.reads_people {
        [Vec::new(), Vec::new()]
    } else {
        let [gone_above, came_above] = dark_above(tx, &whole, scope, asked.period, &divisions)?;
        [
            YearlyTable::Outflow.dark(&gone, &gone_above),
            YearlyTable::Inflow.dark(&came, &came_above),
        ]
    };
    let tree = tree(tx, &whole)?;
    let (organisations, managing) = here.organisations(tx, &whole, &tree, &divisions)?;
    Ok(Yearly {
        period: asked.period,
        reads_people: whole.reads_people,
        outflow: YearlyTable::Outflow.shown(&gone, &dark_gone),
        inflow: YearlyTable::Inflow.shown(&came, &dark_came),
        organisations,
        managing,
        organisation: (whole.id, whole.name),
    })
}

/// A range of paths.
struct Reach {
    low: String,
    end: String,
}

impl Reach {
    /// An organisation with those below it.
    fn of(path: &OrgPath) -> Self {
        Self {
            low: path.to_string(),
            end: path.end(),
        }
    }

    /// An organisation without those below it.
    fn of_itself(path: &OrgPath) -> Self {
        Self {
            low: path.to_string(),
            end: format!("{path}{ITSELF}"),
        }
    }
}

/// What of both tables is in the dark because the tables of the organisations above and of those beside it would tell it:
/// counted from the top of the scope down, one level after the other.
fn dark_above(
    tx: &mut Tx<'_>,
    whole: &Whole,
    scope: &Scope<ReadStatistics>,
    period: Period,
    divisions: &Divisions,
) -> Result<[Vec<bool>; 2], StoreError> {
    let above = whole.above(tx, scope)?;
    let mut dark = [Vec::new(), Vec::new()];
    let below: Vec<_> = above
        .iter()
        .skip(1)
        .chain([whole])
        .map(|one| one.path.clone())
        .collect();
    for (one, below) in above.iter().zip(below) {
        let tables = tables_of_parts(tx, one, period, divisions)?;
        // The whole is the first, the parts stand behind it.
        let part = one.paths.iter().skip(1).position(|path| *path == below);
        let part = part.map_or(0, |at| at + 2);
        for ((table, counts), dark) in YearlyTable::ALL.iter().zip(tables).zip(&mut dark) {
            let whole = together(&counts);
            let all: Vec<_> = [whole].into_iter().chain(counts).collect();
            *dark = table.dark_of_part(&all, dark, part);
        }
    }
    Ok(dark)
}

/// Both tables of an organisation without those below it, and of each one level down.
fn tables_of_parts(
    tx: &mut Tx<'_>,
    whole: &Whole,
    period: Period,
    divisions: &Divisions,
) -> Result<[Vec<Vec<Vec<u64>>>; 2], StoreError> {
    let mut tables = [Vec::new(), Vec::new()];
    let mut add = |gone: &YearlyCounts, came: &YearlyCounts| {
        tables[0].push(YearlyTable::Outflow.count(gone));
        tables[1].push(YearlyTable::Inflow.count(came));
    };
    if are_few(std::slice::from_ref(whole)) {
        let reach = Reach::of(&whole.path);
        let gone = outflow_by_path(tx, &reach, period, divisions)?;
        let came = Inflow::read(tx, &reach, period, divisions)?.by_path();
        let (mut gone, mut came) = (by_part(whole, gone), by_part(whole, came));
        for part in &whole.parts {
            let of = |of: &mut HashMap<_, YearlyCounts>| of.remove(&part.id).unwrap_or_default();
            add(&of(&mut gone), &of(&mut came));
        }
        return Ok(tables);
    }
    for (part, path) in whole.parts.iter().zip(&whole.paths) {
        let reach = if part.itself {
            Reach::of_itself(path)
        } else {
            Reach::of(path)
        };
        let gone = outflow(tx, &reach, period, divisions)?;
        add(&gone, &Inflow::read(tx, &reach, period, divisions)?.groups());
    }
    Ok(tables)
}

/// People by the organisation one level down that they belong to.
fn by_part(whole: &Whole, people: ByPath) -> HashMap<OrganisationId, YearlyCounts> {
    let parts = Parts::of(std::slice::from_ref(whole));
    let mut found: HashMap<_, YearlyCounts> = HashMap::new();
    for (path, alike) in people {
        if let Some(part) = parts.find(&path) {
            found.entry(part).or_default().push(alike);
        }
    }
    found
}

/// What tables come to, cell by cell.
fn together(tables: &[Vec<Vec<u64>>]) -> Vec<Vec<u64>> {
    let mut sum: Vec<Vec<u64>> = tables.first().cloned().unwrap_or_default();
    for table in tables.iter().skip(1) {
        for (sums, row) in sum.iter_mut().zip(table) {
            for (sum, cell) in sums.iter_mut().zip(row) {
                *sum += cell;
            }
        }
    }
    sum
}

/// Destination's division and country, reason, unit, former occupation.
type Journey = (Option<String>, Option<String>, String, Option<String>, Option<String>);

fn read<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: Option<&String>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(StoreError::corrupt)
}

/// The journeys of a reach that go on when the period ends.
macro_rules! journeys_of {
    ($reach:expr, $period:expr) => {
        journeys::table
            .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
            .filter(
                journeys::path
                    .ge($reach.low.as_str())
                    .and(journeys::path.lt($reach.end.as_str())),
            )
            .filter(on_journey!($period.to))
    };
}

/// The same, alike in what the tables ask, but for those that have changed since.
macro_rules! groups {
    ($tx:expr, $reach:expr, $period:expr, $from:expr $(, $origin:expr)?) => {
        journeys_of!($reach, $period)
            .filter(unless_since!($tx, $period, changed!(journeys::id, $period.to)))
            $(.filter($origin))?
            .group_by((
                $from,
                journeys::division_code,
                journeys::country,
                journeys::reason,
                journeys::unit_kind,
                journeys::former_occupation,
            ))
            .select((
                $from,
                (
                    journeys::division_code,
                    journeys::country,
                    journeys::reason,
                    journeys::unit_kind,
                    journeys::former_occupation,
                ),
                tally!(journeys::certificate_number.is_not_null()),
                count_star(),
            ))
    };
}

/// Those that have changed since: where each belongs, and what held when the period ended. O(such journeys).
fn changed_since(
    tx: &mut Tx<'_>,
    reach: &Reach,
    period: Period,
    divisions: &Divisions,
) -> Result<Vec<(OrgPath, Traits)>, StoreError> {
    if !period.is_over(tx.today()) {
        return Ok(Vec::new());
    }
    let rows: Vec<(Id, String, Journey, bool)> = journeys_of!(reach, period)
        .filter(changed!(journeys::id, period.to))
        .select((
            journeys::id,
            journeys::path,
            (
                journeys::division_code,
                journeys::country,
                journeys::reason,
                journeys::unit_kind,
                journeys::former_occupation,
            ),
            journeys::certificate_number.is_not_null(),
        ))
        .load(tx.db)?;
    let then = then(tx, &rows.iter().map(|row| row.0).collect::<Vec<_>>(), period.to)?;
    let one = |(id, path, mut journey, certified): (Id, String, Journey, bool)| {
        let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
        let then = then.get(&id);
        if let Some(place) = then.and_then(|then| then.place.as_ref()) {
            let to = &place.destination;
            journey.0 = to.division.map(|code| code.to_string());
            journey.1.clone_from(&to.country);
            journey.3 = to.unit.map(|unit| unit.to_string());
        }
        let certified = then.and_then(|then| then.certified).unwrap_or(certified);
        let of = traits(divisions.of(&path), &journey, certified)?;
        Ok((path, of))
    };
    rows.into_iter().map(one).collect()
}

/// Who has gone out, branch by branch.
fn outflow_by_path(
    tx: &mut Tx<'_>,
    reach: &Reach,
    period: Period,
    divisions: &Divisions,
) -> Result<ByPath, StoreError> {
    let rows: Vec<(String, Journey, i64, i64)> = groups!(tx, reach, period, journeys::path).load(tx.db)?;
    let mut found = Vec::new();
    for (path, journey, certified, people) in rows {
        let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
        let from = divisions.of(&path);
        for (certified, people) in apart(certified, people) {
            found.push((path.clone(), (traits(from, &journey, certified)?, people)));
        }
    }
    let changed = changed_since(tx, reach, period, divisions)?;
    found.extend(changed.into_iter().map(|(path, of)| (path, (of, 1))));
    Ok(found)
}

fn outflow(tx: &mut Tx<'_>, reach: &Reach, period: Period, divisions: &Divisions) -> Result<YearlyCounts, StoreError> {
    let mut groups: BTreeMap<Traits, u64> = BTreeMap::new();
    let mut add = |origin, journey: &Journey, certified, people| {
        for (certified, people) in apart(certified, people) {
            *groups.entry(traits(origin, journey, certified)?).or_default() += people;
        }
        Ok::<_, StoreError>(())
    };
    let rows: Vec<(Option<String>, Journey, i64, i64)> = groups!(
        tx,
        reach,
        period,
        organisations::division_code,
        organisations::division_code.is_not_null()
    )
    .load(tx.db)?;
    for (origin, journey, certified, people) in rows {
        add(read(origin.as_ref())?, &journey, certified, people)?;
    }
    let rows: Vec<(String, Journey, i64, i64)> = groups!(
        tx,
        reach,
        period,
        journeys::path,
        organisations::division_code.is_null()
    )
    .load(tx.db)?;
    for (path, journey, certified, people) in rows {
        let path = path.parse().map_err(StoreError::corrupt)?;
        add(divisions.of(&path), &journey, certified, people)?;
    }
    for (_, of) in changed_since(tx, reach, period, divisions)? {
        *groups.entry(of).or_default() += 1;
    }
    Ok(groups.into_iter().collect())
}

/// Of so many people those with a certificate, and those without.
fn apart(certified: i64, people: i64) -> impl Iterator<Item = (bool, u64)> {
    let both = [(true, count(certified)), (false, count(people - certified))];
    both.into_iter().filter(|(_, people)| *people > 0)
}

/// What the tables ask about a journey.
pub(crate) fn traits(
    origin: Option<DivisionCode>,
    (division, country, reason, unit, occupation): &Journey,
    certified: bool,
) -> Result<Traits, StoreError> {
    let reason: JourneyReason = reason.parse().map_err(StoreError::corrupt)?;
    Ok(Traits {
        range: range(origin, (read(division.as_ref())?, country.as_deref()), reason),
        certified,
        unit: read(unit.as_ref())?,
        occupation: read(occupation.as_ref())?,
    })
}

/// People who came in, alike.
struct Arrived {
    /// Where the host stands.
    host: OrgPath,
    /// What the tables ask.
    of: Traits,
    /// The home unit.
    unit: Option<OrganisationId>,
    /// Whether from the same province, where that is known.
    inside: Option<bool>,
    /// How many.
    people: u64,
}

/// Who came in.
struct Inflow(Vec<Arrived>);

/// Host, home unit and origin; what the journey tells, and what was said of the stay.
type ToldOfStay = (
    (String, Option<Id>, Option<String>),
    (Option<String>, Option<String>),
    (Option<String>, Option<String>, Option<String>),
);

/// People of whom the same is told: how many have a certificate, and how many they are.
type AlikeStays = (ToldOfStay, (i64, i64));

impl Arrived {
    /// So many of whom the same is told.
    fn of(
        (here, journey, said): &ToldOfStay,
        (certified, people): (bool, u64),
        divisions: &Divisions,
    ) -> Result<Self, StoreError> {
        let at: OrgPath = here.0.parse().map_err(StoreError::corrupt)?;
        let host = divisions.of(&at);
        let origin: Option<OrgPath> = read(here.2.as_ref())?;
        let said = Background {
            origin_division: read(said.0.as_ref())?,
            unit: read(said.1.as_ref().or(journey.0.as_ref()))?,
            former_occupation: read(said.2.as_ref().or(journey.1.as_ref()))?,
        };
        let origin = origin.and_then(|path| divisions.of(&path));
        let ends = origin.or(said.origin_division).zip(host);
        Ok(Self {
            of: Traits::of_stay(origin, host, said, certified),
            unit: here.1.map(Id::to),
            inside: ends.map(|(origin, host)| origin.province() == host.province()),
            host: at,
            people,
        })
    }
}

/// The stays of a reach that somebody is admitted by when the period ends.
macro_rules! stays_of {
    ($reach:expr, $period:expr) => {
        stays::table
            .left_join(organisations::table.on(organisations::id.nullable().eq(stays::origin_id)))
            .left_join(journeys::table.on(journeys::id.nullable().eq(stays::journey_id)))
            .left_join(stay_backgrounds::table.on(stay_backgrounds::stay_id.eq(stays::id)))
            .filter(
                stays::path
                    .ge($reach.low.as_str())
                    .and(stays::path.lt($reach.end.as_str())),
            )
            .filter(staying!($period.to))
    };
}

/// Host, home unit and origin; what the journey tells, and what was said of the stay.
macro_rules! told_of_stays {
    () => {
        (
            (stays::path, stays::home_unit_id, organisations::path.nullable()),
            (journeys::unit_kind.nullable(), journeys::former_occupation.nullable()),
            (
                stay_backgrounds::origin_division_code.nullable(),
                stay_backgrounds::unit_kind.nullable(),
                stay_backgrounds::former_occupation.nullable(),
            ),
        )
    };
}

/// Those whose journeys have changed since, with whether there was a certificate when the period ended, one by one.
/// O(such stays).
fn changed_stays(tx: &mut Tx<'_>, reach: &Reach, period: Period) -> Result<Vec<AlikeStays>, StoreError> {
    if !period.is_over(tx.today()) {
        return Ok(Vec::new());
    }
    let journey = stays::journey_id.assume_not_null();
    let rows: Vec<(Id, ToldOfStay, bool, Option<bool>)> = stays_of!(reach, period)
        .filter(changed!(journey, period.to))
        .select((
            journey,
            told_of_stays!(),
            journeys::certificate_number.nullable().is_not_null(),
            stays::verified_by.eq("certificate"),
        ))
        .load(tx.db)?;
    let then = then(tx, &rows.iter().map(|row| row.0).collect::<Vec<_>>(), period.to)?;
    let one = |(id, mut told, certified, by_certificate): (Id, ToldOfStay, bool, Option<bool>)| {
        let then = then.get(&id);
        if let Some(place) = then.and_then(|then| then.place.as_ref()) {
            told.1.0 = place.destination.unit.map(|unit| unit.to_string());
        }
        let certified = then.and_then(|then| then.certified).unwrap_or(certified);
        (told, (i64::from(certified || by_certificate == Some(true)), 1))
    };
    Ok(rows.into_iter().map(one).collect())
}

impl Inflow {
    fn read(tx: &mut Tx<'_>, reach: &Reach, period: Period, divisions: &Divisions) -> Result<Self, StoreError> {
        let certified = journeys::certificate_number
            .nullable()
            .is_not_null()
            .or(stays::verified_by.eq("certificate"));
        let rows: Vec<AlikeStays> = stays_of!(reach, period)
            .filter(unless_since!(
                tx,
                period,
                changed!(stays::journey_id.assume_not_null(), period.to)
            ))
            .group_by((
                stays::path,
                stays::home_unit_id,
                organisations::path,
                journeys::unit_kind,
                journeys::former_occupation,
                stay_backgrounds::origin_division_code,
                stay_backgrounds::unit_kind,
                stay_backgrounds::former_occupation,
            ))
            .select((told_of_stays!(), (tally!(certified), count_star())))
            .load(tx.db)?;
        let mut found = Vec::new();
        for (told, (certified, people)) in rows.into_iter().chain(changed_stays(tx, reach, period)?) {
            for (certified, people) in apart(certified, people) {
                found.push(Arrived::of(&told, (certified, people), divisions)?);
            }
        }
        Ok(Self(found))
    }

    fn groups(&self) -> YearlyCounts {
        let mut groups: BTreeMap<Traits, u64> = BTreeMap::new();
        for alike in &self.0 {
            *groups.entry(alike.of).or_default() += alike.people;
        }
        groups.into_iter().collect()
    }

    fn by_path(self) -> ByPath {
        let alike = self.0.into_iter().map(|one| (one.host, (one.of, one.people)));
        alike.collect()
    }
}
