//! The flows: from where to where.
use std::collections::BTreeMap;
use std::collections::HashMap;

use diesel::prelude::*;
use domain::access::{ReadMembers, ReadStatistics, Scope};
use domain::codes::JourneyReason;
use domain::division::DivisionCode;
use domain::id::{OrgPath, OrganisationId};
use domain::statistics::suppression::Sum;
use domain::statistics::{Grain, Period, Place, Statistic, Table};

use super::conditions::{departed, on_journey};
use super::past::{moved, then, unless_since};
use super::{About, Asked, Counted, Lines, Part, Parts, Whole, by_part, count, tally};
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
/// destination is that of the period's last day. O(journeys of the subtree).
///
/// # Errors
/// As [`super::overview`].
pub fn flows(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
    by: Flows,
) -> Result<Counted, StoreError> {
    let of_organisations = |tx: &mut Tx<'_>, wholes: &[Whole], period: Period| {
        let found = by_organisation(tx, wholes, period, by.grain)?;
        Ok(found.into_iter().map(|flows| with_sums(flows, by.grain)).collect())
    };
    let of_divisions = |tx: &mut Tx<'_>, wholes: &[Whole], period: Period| {
        let found = wholes.iter().map(|whole| by_division(tx, whole, period, by.grain));
        found.map(|flows| Ok(with_sums(flows?, by.grain))).collect()
    };
    match by.origins {
        Origins::Divisions => super::seen(tx, scope, reader, asked, of_divisions, of_organisations),
        Origins::Organisations => super::seen(tx, scope, reader, asked, of_organisations, of_organisations),
    }
}

/// What several lines are counted of together.
type Together = fn(&About) -> About;

/// The table of the flows, with the total. Behind it stands what the lines add up to for who asks otherwise: to each
/// destination, and from each origin; at the coarser grains the sums are taken for known.
fn with_sums(flows: Flowing, grain: Grain) -> Lines {
    let figures = Statistic::Flows.figures();
    let (mut about, mut lines): (Vec<_>, Vec<_>) = flows.into_iter().unzip();
    let to: Together = |one| About {
        destination: one.destination,
        ..About::default()
    };
    let from: Together = |one| About {
        destination: None,
        ..one.clone()
    };
    let whole = |of: &[usize], lines: &[Vec<u64>]| -> Vec<u64> {
        let cell = |at: usize| of.iter().filter_map(|line| lines.get(*line)?.get(at)).sum();
        (0..figures.len()).map(cell).collect()
    };
    let total = [(About::default(), (0..lines.len()).collect())];
    let finest = [to, from].into_iter().flat_map(|together| groups(&about, together));
    let (mut sums, mut behind) = (Vec::new(), Vec::new());
    for (of, parts) in total.into_iter().chain(finest) {
        let line = whole(&parts, &lines);
        sums.push(Sum {
            parts,
            whole: Some(lines.len()),
        });
        lines.push(line);
        behind.push(of);
    }
    for coarser in Grain::ALL.iter().copied().filter(|one| *one < grain) {
        let at = |place: Option<Place>| place.map(|place| place.at(coarser));
        for together in [Clone::clone, to, from] {
            let groups = groups(&about, |one| {
                together(&About {
                    origin: at(one.origin),
                    destination: at(one.destination),
                    ..one.clone()
                })
            });
            sums.extend(groups.into_iter().map(|(_, parts)| Sum { parts, whole: None }));
        }
    }
    // What is hidden for the sake of a small sum often does for a large one.
    sums.sort_by_key(|sum| sum.parts.len());
    about.push(behind.remove(0));
    Lines {
        table: Table {
            figures,
            lines,
            sums,
            ties: Vec::new(),
        },
        about,
        behind,
    }
}

/// Lines that are counted together, in the order of the first of each.
fn groups(lines: &[About], together: impl Fn(&About) -> About) -> Vec<(About, Vec<usize>)> {
    let mut places: HashMap<About, usize> = HashMap::new();
    let mut groups: Vec<(About, Vec<usize>)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let of = together(line);
        let place = *places.entry(of.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, members)) => members.push(at),
            None => groups.push((of, vec![at])),
        }
    }
    groups
}

type Flowing = Vec<(About, Vec<u64>)>;

fn by_division(tx: &mut Tx<'_>, whole: &Whole, period: Period, grain: Grain) -> Result<Flowing, StoreError> {
    let mut found = Found::new();
    of_those_that_say_one(tx, whole, period, grain, &mut found)?;
    of_those_that_say_none(tx, whole, period, grain, &mut found)?;
    let gone_on = gone_on(tx, std::slice::from_ref(whole), period)?;
    if !gone_on.is_empty() {
        let above = Divisions::above(tx, &whole.path)?;
        for (path, to, counts) in gone_on {
            add(&mut found, (Place::of(above.of(&path), grain), to, grain), counts)?;
        }
    }
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

/// The journeys of a subtree that are counted, but for those of members who have gone on since.
macro_rules! counted {
    ($tx:expr, $whole:expr, $period:expr) => {
        journeys::table
            .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
            .filter(journeys::path.ge($whole.path.as_str()))
            .filter(journeys::path.lt($whole.path.end()))
            .filter(on_journey!($period.to).or(departed!($period)))
            .filter(unless_since!($tx, $period, moved!(journeys::id, $period.to)))
    };
}

/// Where a journey belongs, where the member was, and in which counts it is: of those on a journey, and of those who left.
type Was = (OrgPath, To, (i64, i64));

/// A journey, its path, where it leads to now, and whether it is in these counts.
type GoneOn = (Id, String, To, Option<bool>, Option<bool>);

/// The journeys that are counted at and below some organisations, of members who have gone on since the period ended.
/// O(such journeys).
fn gone_on(tx: &mut Tx<'_>, wholes: &[Whole], period: Period) -> Result<Vec<Was>, StoreError> {
    if !period.is_over(tx.today()) {
        return Ok(Vec::new());
    }
    let (low, high) = super::range(wholes);
    let rows: Vec<GoneOn> = journeys::table
        .filter(journeys::path.ge(low).and(journeys::path.lt(high)))
        .filter(on_journey!(period.to).or(departed!(period)))
        .filter(moved!(journeys::id, period.to))
        .select((
            journeys::id,
            journeys::path,
            (journeys::division_code, journeys::country, journeys::reason),
            on_journey!(period.to),
            departed!(period),
        ))
        .load(tx.db)?;
    let then = then(tx, &rows.iter().map(|row| row.0).collect::<Vec<_>>(), period.to)?;
    let was_at = |(id, path, to, away, left): GoneOn| {
        let to = match then.get(&id).and_then(|then| then.place.as_ref()) {
            Some(place) => {
                let division = place.destination.division.map(|code| code.to_string());
                (division, place.destination.country.clone(), to.2)
            }
            None => to,
        };
        let one = |counted: Option<bool>| i64::from(counted.unwrap_or(false));
        Ok((path.parse().map_err(StoreError::corrupt)?, to, (one(away), one(left))))
    };
    rows.into_iter().map(was_at).collect()
}

fn of_those_that_say_one(
    tx: &mut Tx<'_>,
    whole: &Whole,
    period: Period,
    grain: Grain,
    found: &mut Found,
) -> Result<(), StoreError> {
    let rows: Vec<(Option<String>, To, i64, i64)> = counted!(tx, whole, period)
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
        add(found, (Place::of(from, grain), to, grain), (away, left))?;
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
    let rows: Vec<(String, To, i64, i64)> = counted!(tx, whole, period)
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
        add(found, (Place::of(above.of(&path), grain), to, grain), (away, left))?;
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

/// The flows of each.
fn by_organisation(
    tx: &mut Tx<'_>,
    wholes: &[Whole],
    period: Period,
    grain: Grain,
) -> Result<Vec<Flowing>, StoreError> {
    let rows: Vec<(_, (To, i64, i64))> = by_part!(tx, journeys, wholes, |rows, part| rows
        .group_by((part, journeys::division_code, journeys::country, journeys::reason))
        .filter(on_journey!(period.to).or(departed!(period)))
        .filter(unless_since!(tx, period, moved!(journeys::id, period.to)))
        .select((
            part,
            (
                (journeys::division_code, journeys::country, journeys::reason),
                tally!(on_journey!(period.to)),
                tally!(departed!(period)),
            ),
        )));
    let parts = Parts::of(wholes);
    let gone_on = gone_on(tx, wholes, period)?.into_iter();
    let gone_on = gone_on.filter_map(|(path, to, (away, left))| Some((parts.find(&path)?, (to, away, left))));
    let mut found: HashMap<OrganisationId, BTreeMap<Place, Vec<u64>>> = HashMap::new();
    for (part, (to, away, left)) in rows.into_iter().chain(gone_on) {
        let places = found.entry(part).or_default();
        let line = places.entry(place(&to, grain)?).or_insert_with(|| vec![0, 0]);
        for (cell, more) in line.iter_mut().zip([away, left]) {
            *cell += count(more);
        }
    }
    let mut lines = |part: &Part| {
        let places = found.remove(&part.id).unwrap_or_default();
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
    let mut flows = |whole: &Whole| whole.parts.iter().flat_map(&mut lines).collect();
    Ok(wholes.iter().map(&mut flows).collect())
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

#[cfg(test)]
mod tests {
    use domain::id::OrganisationId;
    use uuid::Uuid;

    use super::*;

    fn line(part: u128, to: &str, people: u64) -> (About, Vec<u64>) {
        let about = About {
            part: Some(Part {
                id: OrganisationId(Uuid::from_u128(part)),
                name: String::new(),
                itself: false,
            }),
            destination: Some(Place::Division(to.parse().unwrap())),
            ..About::default()
        };
        (about, vec![people, people])
    }

    fn seen(flows: Flowing, grain: Grain) -> Vec<Option<u64>> {
        let lines = with_sums(flows, grain);
        let shown = lines.table.shown(&lines.dark(&HashMap::new()));
        shown.iter().take(lines.about.len()).map(|line| line[0]).collect()
    }

    #[test]
    fn what_a_part_and_a_destination_come_to_tells_nothing() {
        let flows = vec![
            line(1, "310000", 5),
            line(1, "320000", 1),
            line(2, "310000", 4),
            line(2, "320000", 6),
            line(2, "330000", 9),
        ];
        // The other of the part, the other of the destination, and what these would tell.
        assert_eq!(
            seen(flows, Grain::Province),
            [None, None, None, None, Some(9), Some(25)]
        );
    }

    #[test]
    fn coarser_grains_are_known() {
        let flows = vec![
            line(1, "310101", 7),
            line(1, "310115", 1),
            line(1, "320583", 4),
            line(1, "320685", 5),
        ];
        // Both of Shanghai: together they are a line at the coarser grain. Those of Jiangsu tell nothing.
        assert_eq!(seen(flows, Grain::County), [None, None, Some(4), Some(5), Some(17)]);
    }
}
