//! The flows: from where to where.
use std::collections::BTreeMap;
use std::collections::HashMap;

use diesel::prelude::*;
use domain::access::{ReadMembers, ReadStatistics, Scope};
use domain::codes::JourneyReason;
use domain::division::DivisionCode;
use domain::id::OrgPath;
use domain::statistics::suppression::Sum;
use domain::statistics::{Grain, Period, Place, Statistic, Table};

use super::conditions::{departed, on_journey};
use super::{About, Asked, Counted, Part, Whole, by_part, count, tally};
use crate::schema::{journeys, organisations};
use crate::types::Id;
use crate::{StoreError, Tx};

/// What stands for where people come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origins {
    /// The division of the origin, at the grain.
    Divisions,
    /// The organisations one level down.
    Organisations,
}

/// How flows are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flows {
    /// By divisions of this grain.
    pub grain: Grain,
    /// What stands for where people come from.
    pub origins: Origins,
}

/// Where a group of journeys leads to: division, country, reason.
type To = (Option<String>, Option<String>, String);

/// The flows: how many are on a journey when the period ends, and how many left in it, from where to where. The
/// destination is the latest. O(journeys of the subtree).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn flows(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
    by: Flows,
) -> Result<Counted, StoreError> {
    let whole = Whole::find(tx, scope, reader, asked.organisation)?;
    let (period, figures) = (asked.period, Statistic::Flows.figures());
    let lines = match by.origins {
        Origins::Divisions => by_division(tx, &whole, period, by.grain)?,
        Origins::Organisations => by_organisation(tx, &whole, period, by.grain)?,
    };
    let (mut about, mut cells): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
    let total = (0..figures.len()).map(|at| cells.iter().filter_map(|line: &Vec<u64>| line.get(at)).sum());
    let total: Vec<u64> = total.collect();
    let sum = Sum {
        parts: (0..cells.len()).collect(),
        whole: Some(cells.len()),
    };
    about.push(About::default());
    cells.push(total);
    let table = Table {
        figures,
        lines: cells,
        sums: vec![sum],
        ties: Vec::new(),
    };
    Ok(whole.counted(period, &table, about))
}

type Lines = Vec<(About, Vec<u64>)>;

fn by_division(tx: &mut Tx<'_>, whole: &Whole, period: Period, grain: Grain) -> Result<Lines, StoreError> {
    let mut found = Found::new();
    of_those_that_say_one(tx, whole, period, grain, &mut found)?;
    of_those_that_say_none(tx, whole, period, grain, &mut found)?;
    let line = |((from, to), counts)| {
        let about = About {
            origin: Some(from),
            destination: Some(to),
            ..About::default()
        };
        (about, counts)
    };
    Ok(found.into_iter().map(line).collect())
}

/// Counts by where from and where to.
type Found = BTreeMap<(Place, Place), Vec<u64>>;

/// The journeys of a subtree that are counted.
macro_rules! counted {
    ($whole:expr, $period:expr) => {
        journeys::table
            .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
            .filter(journeys::path.ge($whole.path.as_str()))
            .filter(journeys::path.lt($whole.path.end()))
            .filter(on_journey!($period.to).or(departed!($period)))
    };
}

fn of_those_that_say_one(
    tx: &mut Tx<'_>,
    whole: &Whole,
    period: Period,
    grain: Grain,
    found: &mut Found,
) -> Result<(), StoreError> {
    let rows: Vec<(Option<String>, To, i64, i64)> = counted!(whole, period)
        .filter(organisations::division_code.is_not_null())
        .group_by((
            organisations::division_code,
            journeys::division_code,
            journeys::country,
            journeys::reason,
        ))
        .select((
            organisations::division_code,
            (journeys::division_code, journeys::country, journeys::reason),
            tally!(on_journey!(period.to)),
            tally!(departed!(period)),
        ))
        .load(tx.db)?;
    for (from, to, away, left) in rows {
        let from = from.map(|code| code.parse()).transpose().map_err(StoreError::corrupt)?;
        add(found, (Place::at(from, grain), to, grain), (away, left))?;
    }
    Ok(())
}

/// Of branches that say no division, that of the organisation above counts.
fn of_those_that_say_none(
    tx: &mut Tx<'_>,
    whole: &Whole,
    period: Period,
    grain: Grain,
    found: &mut Found,
) -> Result<(), StoreError> {
    let rows: Vec<(String, To, i64, i64)> = counted!(whole, period)
        .filter(organisations::division_code.is_null())
        .group_by((
            journeys::path,
            journeys::division_code,
            journeys::country,
            journeys::reason,
        ))
        .select((
            journeys::path,
            (journeys::division_code, journeys::country, journeys::reason),
            tally!(on_journey!(period.to)),
            tally!(departed!(period)),
        ))
        .load(tx.db)?;
    if rows.is_empty() {
        return Ok(());
    }
    let above = Divisions::above(tx, &whole.path)?;
    for (path, to, away, left) in rows {
        let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
        add(found, (Place::at(above.of(&path), grain), to, grain), (away, left))?;
    }
    Ok(())
}

fn add(found: &mut Found, (from, to, grain): (Place, To, Grain), (away, left): (i64, i64)) -> Result<(), StoreError> {
    let line = found.entry((from, place(&to, grain)?)).or_insert_with(|| vec![0, 0]);
    for (cell, more) in line.iter_mut().zip([away, left]) {
        *cell += count(more);
    }
    Ok(())
}

fn place((division, country, reason): &To, grain: Grain) -> Result<Place, StoreError> {
    let division = division.as_ref().map(|code| code.parse()).transpose();
    let reason: JourneyReason = reason.parse().map_err(StoreError::corrupt)?;
    let division: Option<DivisionCode> = division.map_err(StoreError::corrupt)?;
    Ok(Place::of_journey(division, country.as_deref(), reason, grain))
}

fn by_organisation(tx: &mut Tx<'_>, whole: &Whole, period: Period, grain: Grain) -> Result<Lines, StoreError> {
    let rows: Vec<(Id, To, i64, i64)> = by_part!(journeys, whole)
        .group_by((
            organisations::id,
            journeys::division_code,
            journeys::country,
            journeys::reason,
        ))
        .filter(on_journey!(period.to).or(departed!(period)))
        .select((
            organisations::id,
            (journeys::division_code, journeys::country, journeys::reason),
            tally!(on_journey!(period.to)),
            tally!(departed!(period)),
        ))
        .load(tx.db)?;
    let mut found: HashMap<Id, BTreeMap<Place, Vec<u64>>> = HashMap::new();
    for (part, to, away, left) in rows {
        let places = found.entry(part).or_default();
        let line = places.entry(place(&to, grain)?).or_insert_with(|| vec![0, 0]);
        for (cell, more) in line.iter_mut().zip([away, left]) {
            *cell += count(more);
        }
    }
    let lines = |part: &Part| {
        let places = found.remove(&Id::of(part.id)).unwrap_or_default();
        let part = part.clone();
        places.into_iter().map(move |(to, counts)| {
            let about = About {
                part: Some(part.clone()),
                destination: Some(to),
                ..About::default()
            };
            (about, counts)
        })
    };
    Ok(whole.parts.iter().flat_map(lines).collect())
}

/// The divisions of organisations that say one, by their paths.
pub(crate) struct Divisions(HashMap<OrgPath, DivisionCode>);

impl Divisions {
    pub(crate) fn none() -> Self {
        Self(HashMap::new())
    }

    /// Of the organisations at, below and above a path. O(organisations with a division).
    pub(crate) fn above(tx: &mut Tx<'_>, path: &OrgPath) -> Result<Self, StoreError> {
        let above = std::iter::successors(path.parent(), OrgPath::parent);
        let above: Vec<String> = above.map(|path| path.to_string()).collect();
        let inside = organisations::path
            .ge(path.as_str())
            .and(organisations::path.lt(path.end()));
        let rows: Vec<(String, Option<String>)> = organisations::table
            .filter(organisations::division_code.is_not_null())
            .filter(inside.or(organisations::path.eq_any(above)))
            .select((organisations::path, organisations::division_code))
            .load(tx.db)?;
        let read = |(path, code): (String, Option<String>)| {
            let path = path.parse().map_err(StoreError::corrupt)?;
            let code = code.unwrap_or_default().parse().map_err(StoreError::corrupt)?;
            Ok((path, code))
        };
        rows.into_iter().map(read).collect::<Result<_, StoreError>>().map(Self)
    }

    /// The division of an organisation, or of the nearest above that says one.
    pub(crate) fn of(&self, path: &OrgPath) -> Option<DivisionCode> {
        let above = std::iter::successors(Some(path.clone()), OrgPath::parent);
        above.into_iter().find_map(|path| self.0.get(&path).copied())
    }
}
