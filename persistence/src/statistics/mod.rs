//! Statistics: counts of any organisation, cut by the organisations one level down.
//!
//! Each count is one grouped statement over a range of paths; nothing is counted person by person, and nothing but counts
//! leaves. Dates are compared, never computed, in SQL.
pub(crate) mod conditions;
mod coverage;
mod flows;
mod overview;
pub(crate) mod past;
mod trend;
mod yearly;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ReadMembers, ReadStatistics, Scope};
use domain::id::{OrgPath, OrganisationId};
use domain::settings::Wrong;
use domain::statistics::suppression::Sum;
use domain::statistics::{DarkLine, Figure, Month, Period, Place, Shown, Table};

use crate::organisations::Organisation;
use crate::schema::{journeys, organisations, stay_backgrounds, stays};
use crate::types::Id;
use crate::{StoreError, Tx};

pub(crate) use flows::Divisions;
pub use flows::{Flows, Origins, flows};
pub use yearly::{ManagingUnit, Organisations, Yearly, YearlyCounts, yearly};

/// Says which columns of two tables may stand in one `group by`.
macro_rules! grouped_together {
    ($($table:ident . $column:ident with $other:ident: $($more:ident),+;)+) => {
        $($(diesel::allow_columns_to_appear_in_same_group_by_clause!($table::$column, $other::$more);)+)+
    };
}
grouped_together! {
    organisations.id with journeys: departed_on, ended_on, division_code, country, reason;
    organisations.id with stays: arrived_on, admitted_on, left_on;
    organisations.division_code with journeys: division_code, country, reason, unit_kind, former_occupation;
    organisations.path with stays: path, home_unit_id;
    organisations.path with journeys: unit_kind, former_occupation;
    stays.path with journeys: unit_kind, former_occupation;
    stays.home_unit_id with journeys: unit_kind, former_occupation;
    organisations.path with stay_backgrounds: origin_division_code, unit_kind, former_occupation;
    stays.path with stay_backgrounds: origin_division_code, unit_kind, former_occupation;
    stays.home_unit_id with stay_backgrounds: origin_division_code, unit_kind, former_occupation;
    journeys.unit_kind with stay_backgrounds: origin_division_code, unit_kind, former_occupation;
    journeys.former_occupation with stay_backgrounds: origin_division_code, unit_kind, former_occupation;
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Which organisation, with those below it.
    pub organisation: OrganisationId,
    /// When.
    pub period: Period,
}

/// An organisation in a statistic.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Whether it is the organisation itself that is asked about, without those below it.
    pub itself: bool,
}

/// What a line is counted of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct About {
    /// Of one organisation; of all of them together where there is none.
    pub part: Option<Part>,
    /// Of one month.
    pub month: Option<Month>,
    /// Of who comes from there.
    pub origin: Option<Place>,
    /// Of who has gone there.
    pub destination: Option<Place>,
}

/// A statistic, as its caller may see it.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The organisation, and its name.
    pub organisation: (OrganisationId, String),
    /// When.
    pub period: Period,
    /// Whether the caller may read people's records there: then nothing is hidden, and there are lists.
    pub reads_people: bool,
    /// What is counted.
    pub figures: &'static [Figure],
    /// What each line is counted of.
    pub about: Vec<About>,
    /// The counts, line by line; nothing where a cell is too small to be shown.
    pub shown: Shown,
}

/// The organisation that is asked about, with those one level down.
struct Whole {
    id: OrganisationId,
    name: String,
    path: OrgPath,
    parts: Vec<Part>,
    /// Where the parts stand.
    paths: Vec<OrgPath>,
    /// How many organisations stand at and below it.
    size: u64,
    reads_people: bool,
}

/// A count for each figure, by the organisation.
type Counts = HashMap<OrganisationId, Vec<u64>>;

/// Of so many organisations at most, what they counted is read path by path.
const FEW: u64 = 5_000;

/// So many are named in one statement: of many more PostgreSQL would look at all of them for each row.
const NAMED: usize = 128;

/// Everything below an organisation lies before its path with this sign, as [`OrgPath::end`] says.
const BELOW: &str = "~";

/// Counts the rows of a table by the organisations one level down, and at the organisations themselves: the query is told
/// which rows there are, and what stands for the organisation.
///
/// Of few organisations everything is counted by its path, and put together here. Of many, those one level down are named
/// one by one: then SQLite knows how many there are, and walks the range of each instead of asking each row for its own;
/// and the range of all is said, for PostgreSQL to know what part of the table it is.
macro_rules! by_part {
    ($tx:expr, $table:ident, $wholes:expr, |$rows:ident, $part:ident| $query:expr) => {{
        let (low, high) = super::range($wholes);
        let all = $table::path.ge(low).and($table::path.lt(high));
        if super::are_few($wholes) {
            let $part = $table::path;
            let $rows = $table::table.filter(all).group_by($part);
            super::by_path($wholes, $query.load($tx.db)?)?
        } else {
            let $part = organisations::id;
            let end = diesel::dsl::case_when(
                organisations::id.eq_any(super::themselves($wholes)),
                crate::pages::ITSELF.into_sql::<diesel::sql_types::Text>(),
            )
            .otherwise(super::BELOW.into_sql::<diesel::sql_types::Text>());
            let inside = $table::path
                .ge(organisations::path)
                .and($table::path.lt(organisations::path.concat(end)));
            let $rows = $table::table
                .inner_join(organisations::table.on(inside))
                .filter(organisations::id.eq_any(super::ids($wholes)))
                .filter(all)
                .group_by($part);
            super::by_id($query.load($tx.db)?)
        }
    }};
}
pub(crate) use by_part;

/// How many rows a condition holds for.
macro_rules! tally {
    ($condition:expr) => {
        diesel::dsl::count(diesel::dsl::case_when(
            $condition,
            1.into_sql::<diesel::sql_types::Integer>(),
        ))
    };
}
pub(crate) use tally;

/// The organisations and those one level down.
fn ids(wholes: &[Whole]) -> Vec<Id> {
    let parts = wholes.iter().flat_map(|whole| &whole.parts);
    parts.map(|part| Id::of(part.id)).collect()
}

/// The organisations without those below them.
fn themselves(wholes: &[Whole]) -> Vec<Id> {
    wholes.iter().map(|whole| Id::of(whole.id)).collect()
}

/// Whether so few organisations stand at and below them that each path may be counted by itself.
fn are_few(wholes: &[Whole]) -> bool {
    wholes.iter().map(|whole| whole.size).sum::<u64>() <= FEW
}

/// From the first of the organisations to the last, with those below them: others may stand between.
fn range(wholes: &[Whole]) -> (String, String) {
    let paths = || wholes.iter().map(|whole| &whole.path);
    let low = paths().map(ToString::to_string).min();
    let end = paths().map(OrgPath::end).max();
    (low.unwrap_or_default(), end.unwrap_or_default())
}

/// What was counted at paths, by the organisations one level down: several rows of one have to be added up.
fn by_path<R>(wholes: &[Whole], rows: Vec<(String, R)>) -> Result<Vec<(OrganisationId, R)>, StoreError> {
    let parts = Parts::of(wholes);
    let of = |(path, row): (String, R)| {
        let path = path.parse().map_err(StoreError::corrupt)?;
        Ok(parts.find(&path).map(|part| (part, row)))
    };
    rows.into_iter().filter_map(|row| of(row).transpose()).collect()
}

/// Organisations one level down, and those above them, by where they stand.
struct Parts<'a>(HashMap<&'a OrgPath, &'a Part>);

impl<'a> Parts<'a> {
    fn of(wholes: &'a [Whole]) -> Self {
        let parts = wholes.iter().flat_map(|whole| whole.paths.iter().zip(&whole.parts));
        Self(parts.collect())
    }

    /// Which of them a path is of.
    fn find(&self, path: &OrgPath) -> Option<OrganisationId> {
        let mut above = std::iter::successors(Some(path.clone()), OrgPath::parent);
        let (at, part) = above.find_map(|above| Some((self.0.get(&above)?, above == *path)))?;
        (part || !at.itself).then_some(at.id)
    }
}

fn by_id<R>(rows: Vec<(Id, R)>) -> Vec<(OrganisationId, R)> {
    rows.into_iter().map(|(id, row)| (id.to(), row)).collect()
}

/// How many stand at and below each of some organisations.
fn sizes(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<OrganisationId, u64>, StoreError> {
    diesel::alias!(organisations as below: Below);
    let path = below.field(organisations::path);
    let inside = path
        .ge(organisations::path)
        .and(path.lt(organisations::path.concat(BELOW)));
    let rows: Vec<(Id, i64)> = organisations::table
        .inner_join(below.on(inside))
        .filter(organisations::id.eq_any(ids))
        .group_by(organisations::id)
        .select((organisations::id, diesel::dsl::count_star()))
        .load(tx.db)?;
    Ok(rows.into_iter().map(|(id, found)| (id.to(), count(found))).collect())
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl Whole {
    /// The organisation inside the scope, with those one level down in the order of the tree: whatever is counted begins here.
    fn find(
        tx: &mut Tx<'_>,
        scope: &Scope<ReadStatistics>,
        reader: Option<&Scope<ReadMembers>>,
        asked: Asked,
    ) -> Result<Self, StoreError> {
        tx.plan_for_values()?;
        let found = crate::organisations::by_id(tx, asked.organisation)?;
        if !scope.covers(&found.path) {
            return Err(StoreError::NotFound("organisation"));
        }
        let reads_people = reader.is_some_and(|reader| reader.covers(&found.path));
        if !reads_people {
            in_whole_months(asked.period, tx.today())?;
        }
        let mut found = Self::of(tx, vec![found])?;
        let found = found.pop().ok_or(StoreError::NotFound("organisation"))?;
        Ok(Self { reads_people, ..found })
    }

    /// The organisations, each with those one level down, for who may not read people's records.
    fn of(tx: &mut Tx<'_>, found: Vec<Organisation>) -> Result<Vec<Self>, StoreError> {
        let ids: Vec<_> = found.iter().map(|one| Id::of(one.id)).collect();
        let rows: Vec<(Option<Id>, Id, String, String)> = organisations::table
            .filter(organisations::parent_id.eq_any(&ids))
            .order(organisations::path)
            .select((
                organisations::parent_id,
                organisations::id,
                organisations::name,
                organisations::path,
            ))
            .load(tx.db)?;
        let sizes = sizes(tx, &ids)?;
        let alone = |one: Organisation| {
            let size = sizes.get(&one.id).copied().unwrap_or(1);
            Self::alone(one, size)
        };
        let mut wholes: Vec<Self> = found.into_iter().map(alone).collect();
        let at: HashMap<_, _> = (0..).zip(&wholes).map(|(at, whole)| (whole.id, at)).collect();
        for (above, id, name, path) in rows {
            let above = above.and_then(|above| at.get(&above.to()).copied());
            let Some(whole) = above.and_then(|at: usize| wholes.get_mut(at)) else {
                continue;
            };
            whole.parts.push(Part {
                id: id.to(),
                name,
                itself: false,
            });
            whole.paths.push(path.parse().map_err(StoreError::corrupt)?);
        }
        Ok(wholes)
    }

    fn alone(found: Organisation, size: u64) -> Self {
        let itself = Part {
            id: found.id,
            name: found.name.clone(),
            itself: true,
        };
        Self {
            id: found.id,
            name: found.name,
            paths: vec![found.path.clone()],
            path: found.path,
            parts: vec![itself],
            size,
            reads_people: false,
        }
    }

    /// The organisations above it that the scope reaches, from the top down: whose tables it has a line in.
    fn above(&self, tx: &mut Tx<'_>, scope: &Scope<ReadStatistics>) -> Result<Vec<Self>, StoreError> {
        let above = std::iter::successors(self.path.parent(), OrgPath::parent);
        let above = above.filter(|path| path.depth() > 0 && scope.covers(path));
        let paths: Vec<_> = above.map(|path| path.to_string()).collect();
        let above = crate::organisations::at(tx, &paths)?;
        Self::of(tx, above)
    }

    /// A line for each part, and one for the whole, of counts that add up. The organisation itself has a line where
    /// there is something at it, or nothing below it.
    fn lines(&self, counts: &Counts, figures: usize) -> (Vec<Option<Part>>, Vec<Vec<u64>>, Sum) {
        let none = vec![0; figures];
        let of = |part: &Part| counts.get(&part.id).unwrap_or(&none).clone();
        let parts = self.parts.iter().filter(|part| {
            let something = of(part).iter().any(|count| *count > 0);
            !part.itself || something || self.parts.len() == 1
        });
        let (mut about, mut lines) = (Vec::new(), Vec::new());
        for part in parts {
            about.push(Some(part.clone()));
            lines.push(of(part));
        }
        let total = (0..figures).map(|at| lines.iter().filter_map(|line| line.get(at)).sum());
        let total = total.collect();
        let sum = Sum {
            parts: (0..lines.len()).collect(),
            whole: Some(lines.len()),
        };
        about.push(None);
        lines.push(total);
        (about, lines, sum)
    }

    /// A table with a line for each part; figures of `tie` tell of each other on each line.
    fn by_part(&self, figures: &'static [Figure], counts: &Counts, tie: &[Figure]) -> Lines {
        let (about, lines, sum) = self.lines(counts, figures.len());
        let ties = (0..lines.len()).filter(|_| !tie.is_empty());
        let table = Table {
            figures,
            ties: ties
                .map(|line| tie.iter().map(|figure| (line, *figure)).collect())
                .collect(),
            sums: vec![sum],
            lines,
        };
        let about = about.into_iter().map(|part| About {
            part,
            ..About::default()
        });
        Lines {
            about: about.collect(),
            table,
            behind: Vec::new(),
        }
    }
}

/// A table, and what its lines are counted of.
struct Lines {
    table: Table,
    /// Of the lines that are shown.
    about: Vec<About>,
    /// Of lines behind them that nobody is shown: what the others add up to.
    behind: Vec<About>,
}

impl Lines {
    fn all(&self) -> impl Iterator<Item = (usize, &About)> {
        self.about.iter().chain(&self.behind).enumerate()
    }

    /// What is in the dark, where the lines of the whole are as dark as on the line of the table above.
    fn dark(&self, above: &HashMap<About, DarkLine>) -> Vec<DarkLine> {
        let dark = self.all().filter_map(|(line, about)| {
            let already = above.get(about)?;
            Some((line, already.clone()))
        });
        self.table.dark(&dark.collect::<Vec<_>>())
    }

    /// What is in the dark on the lines of an organisation one level down, as its own table calls them.
    fn dark_of(&self, below: OrganisationId, dark: &[DarkLine]) -> HashMap<About, DarkLine> {
        let lines = self.all().zip(dark).filter_map(|((_, about), dark)| {
            let part = about.part.as_ref().filter(|part| part.id == below && !part.itself);
            let whole = part.map(|_| About {
                part: None,
                ..about.clone()
            });
            Some((whole?, dark.clone()))
        });
        lines.collect()
    }
}

/// Counts organisations, all with the same statements: a table for each.
trait Count: Fn(&mut Tx<'_>, &[Whole], Period) -> Result<Vec<Lines>, StoreError> {}
impl<C: Fn(&mut Tx<'_>, &[Whole], Period) -> Result<Vec<Lines>, StoreError>> Count for C {}

fn one(tx: &mut Tx<'_>, whole: &Whole, period: Period, count: impl Count) -> Result<Lines, StoreError> {
    let mut tables = count(tx, std::slice::from_ref(whole), period)?;
    tables.pop().ok_or(StoreError::NotFound("organisation"))
}

/// A statistic as its caller may see it. Who may not read people's records is shown no more than on the organisation's
/// line in the tables above it, as far up as the scope reaches: those are counted first, from the top down, by `count_above`.
fn seen(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
    count: impl Count,
    count_above: impl Count,
) -> Result<Counted, StoreError> {
    let whole = Whole::find(tx, scope, reader, asked)?;
    let lines = one(tx, &whole, asked.period, count)?;
    let mut dark = Vec::new();
    if !whole.reads_people {
        let above = whole.above(tx, scope)?;
        let below = above.iter().skip(1).chain([&whole]).map(|one| one.id);
        let mut known = HashMap::new();
        for (higher, below) in above.iter().zip(below) {
            let lines = one(tx, higher, asked.period, &count_above)?;
            dark_below(tx, &lines, asked.period, &count_above, &mut known)?;
            known = lines.dark_of(below, &lines.dark(&known));
        }
        dark_below(tx, &lines, asked.period, &count_above, &mut known)?;
        dark = lines.dark(&known);
    }
    let mut shown = lines.table.shown(&dark);
    shown.truncate(lines.about.len());
    Ok(Counted {
        organisation: (whole.id, whole.name),
        period: asked.period,
        reads_people: whole.reads_people,
        figures: lines.table.figures,
        about: lines.about,
        shown,
    })
}

/// Adds what the organisations one level down cannot show of themselves, because their own parts would be told: three
/// branches with one each hide the three. It is looked for where a few people may be all of those of a part; of larger
/// numbers each part has its own.
fn dark_below(
    tx: &mut Tx<'_>,
    lines: &Lines,
    period: Period,
    count: impl Count,
    known: &mut HashMap<About, DarkLine>,
) -> Result<(), StoreError> {
    let mut fewest: HashMap<OrganisationId, u64> = HashMap::new();
    for ((_, about), counts) in lines.all().zip(&lines.table.lines) {
        let part = about.part.as_ref().filter(|part| !part.itself);
        let few = counts.iter().copied().filter(|count| *count > 0).min();
        if let Some((part, few)) = part.zip(few) {
            let fewest = fewest.entry(part.id).or_insert(few);
            *fewest = few.min(*fewest);
        }
    }
    let ids: Vec<_> = fewest.keys().copied().collect();
    let parts = crate::organisations::these(tx, &ids)?;
    let mut parts = Whole::of(tx, parts)?;
    parts.retain(|part| {
        let below = part.parts.len();
        let fewest = fewest.get(&part.id).copied().unwrap_or_default();
        below > 1 && usize::try_from(fewest).is_ok_and(|fewest| fewest <= 3 * below)
    });
    let mut counted = Vec::new();
    for together in together(parts) {
        let tables = count(tx, &together, period)?;
        counted.extend(together.into_iter().zip(tables));
    }
    for (part, lines) in counted {
        let dark = lines.dark(&HashMap::new());
        let of_all = lines.all().zip(dark).filter(|((_, about), _)| about.part.is_none());
        known.extend(of_all.map(|((_, about), dark)| {
            let of_part = About {
                part: Some(Part {
                    id: part.id,
                    name: part.name.clone(),
                    itself: false,
                }),
                ..about.clone()
            };
            (of_part, dark)
        }));
    }
    Ok(())
}

/// Organisations that are counted by the same statements: few; of many, as long as those one level down may be named.
fn together(wholes: Vec<Whole>) -> Vec<Vec<Whole>> {
    let mut groups: Vec<Vec<Whole>> = Vec::new();
    for whole in wholes {
        let fits = |group: &&mut Vec<Whole>| {
            let all = || group.iter().chain([&whole]);
            let parts: usize = all().map(|one| one.parts.len()).sum();
            let size: u64 = all().map(|one| one.size).sum();
            size <= FEW || all().all(|one| one.size > FEW) && parts <= NAMED
        };
        match groups.last_mut().filter(fits) {
            Some(group) => group.push(whole),
            None => groups.push(vec![whole]),
        }
    }
    groups
}

/// Refuses days that are no whole months.
fn in_whole_months(period: Period, today: NaiveDate) -> Result<(), StoreError> {
    let whole = period.in_whole_months(today);
    let ends = [("?from", period.from, whole.from), ("?to", period.to, whole.to)];
    let wrong = ends.into_iter().filter(|(_, given, right)| given != right);
    let wrong = wrong.map(|(at, _, right)| Wrong::new(at, "not_whole_months", right.to_string()));
    StoreError::unless_none(wrong.collect())
}

/// Puts the counts of some figures into the places that they have among all.
fn put(
    counts: &mut Counts,
    all: &[Figure],
    some: &[Figure],
    rows: impl IntoIterator<Item = (OrganisationId, Vec<i64>)>,
) {
    for (part, found) in rows {
        let line = counts.entry(part).or_insert_with(|| vec![0; all.len()]);
        for (figure, number) in some.iter().zip(found) {
            let place = all.iter().position(|one| one == figure);
            if let Some(cell) = place.and_then(|at| line.get_mut(at)) {
                *cell += count(number);
            }
        }
    }
}

/// The overview: how many there are today, come and go in the period, by the organisations one level down. O(people,
/// journeys and stays of the subtree), each read once from an index. For who may not read people's records, as for every
/// statistic, those of the organisations above are counted as well, as far up as the scope reaches.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope; [`StoreError::Faults`] where the period is not of whole
/// months and the caller may not read people's records.
pub fn overview(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
) -> Result<Counted, StoreError> {
    seen(tx, scope, reader, asked, overview::of, overview::of)
}

/// The trend: the same, month by month. O(journeys and stays of the subtree).
///
/// # Errors
/// As [`overview`].
pub fn trend(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
) -> Result<Counted, StoreError> {
    seen(tx, scope, reader, asked, trend::of, trend::of)
}

/// The coverage: what was done of what was to be done. O(open journeys, and journeys of the period).
///
/// # Errors
/// As [`overview`].
pub fn coverage(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
) -> Result<Counted, StoreError> {
    seen(tx, scope, reader, asked, coverage::of, coverage::of)
}
