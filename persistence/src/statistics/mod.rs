//! Statistics: counts of any organisation, cut by the organisations one level down.
//!
//! Each count is one grouped statement over a range of paths; nothing is counted person by person, and nothing but counts
//! leaves. Dates are compared, never computed, in SQL.
pub(crate) mod conditions;
mod coverage;
mod flows;
mod overview;
mod trend;
mod yearly;

use std::collections::HashMap;

use diesel::prelude::*;
use domain::access::{ReadMembers, ReadStatistics, Scope};
use domain::id::{OrgPath, OrganisationId};
use domain::statistics::suppression::Sum;
use domain::statistics::{Figure, Month, Period, Place, Shown, Table};

use crate::schema::{journeys, organisations, stays};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Whether it is the organisation itself that is asked about, without those below it.
    pub itself: bool,
}

/// What a line is counted of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    reads_people: bool,
}

/// A count for each figure, by the organisation.
type Counts = HashMap<OrganisationId, Vec<u64>>;

/// Everything at an organisation itself lies before this sign, everything below it after: codes hold none as low.
const ITSELF: &str = "!";
/// And everything below it before this one.
const BELOW: &str = "~";

/// The rows of a table by the organisations one level down, and the organisation itself. They are named one by one:
/// then SQLite knows how many there are, and walks the range of each instead of asking each row for its own.
macro_rules! by_part {
    ($table:ident, $whole:expr) => {{
        let id = crate::types::Id::of($whole.id);
        let end = diesel::dsl::case_when(
            organisations::id.eq(id),
            super::ITSELF.into_sql::<diesel::sql_types::Text>(),
        )
        .otherwise(super::BELOW.into_sql::<diesel::sql_types::Text>());
        let inside = $table::path
            .ge(organisations::path)
            .and($table::path.lt(organisations::path.concat(end)));
        $table::table
            .inner_join(organisations::table.on(inside))
            .filter(organisations::id.eq_any($whole.ids()))
            .group_by(organisations::id)
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

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl Whole {
    /// The organisation and those one level down.
    fn ids(&self) -> Vec<Id> {
        self.parts.iter().map(|part| Id::of(part.id)).collect()
    }

    /// The organisation inside the scope, with those one level down in the order of the tree.
    fn find(
        tx: &mut Tx<'_>,
        scope: &Scope<ReadStatistics>,
        reader: Option<&Scope<ReadMembers>>,
        id: OrganisationId,
    ) -> Result<Self, StoreError> {
        let found = crate::organisations::by_id(tx, id)?;
        if !scope.covers(&found.path) {
            return Err(StoreError::NotFound("organisation"));
        }
        let below: Vec<(Id, String)> = organisations::table
            .filter(organisations::parent_id.eq(Id::of(id)))
            .order(organisations::path)
            .select((organisations::id, organisations::name))
            .load(tx.db)?;
        let itself = Part {
            id,
            name: found.name.clone(),
            itself: true,
        };
        let below = below.into_iter().map(|(id, name)| Part {
            id: id.to(),
            name,
            itself: false,
        });
        Ok(Self {
            id,
            name: found.name,
            reads_people: reader.is_some_and(|reader| reader.covers(&found.path)),
            path: found.path,
            parts: [itself].into_iter().chain(below).collect(),
        })
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

    fn counted(self, period: Period, table: &Table, about: Vec<About>) -> Counted {
        Counted {
            organisation: (self.id, self.name),
            period,
            reads_people: self.reads_people,
            figures: table.figures,
            shown: table.shown(self.reads_people),
            about,
        }
    }

    /// A statistic with a line for each part.
    fn by_part(self, period: Period, figures: &'static [Figure], counts: &Counts, tie: &[Figure]) -> Counted {
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
        self.counted(period, &table, about.collect())
    }
}

/// Puts the counts of some figures into the places that they have among all.
fn put(counts: &mut Counts, all: &[Figure], some: &[Figure], rows: impl IntoIterator<Item = (Id, Vec<i64>)>) {
    for (part, found) in rows {
        let line = counts.entry(part.to()).or_insert_with(|| vec![0; all.len()]);
        for (figure, number) in some.iter().zip(found) {
            let place = all.iter().position(|one| one == figure);
            if let Some(cell) = place.and_then(|at| line.get_mut(at)) {
                *cell += count(number);
            }
        }
    }
}

/// The overview: how many there are today, come and go in the period, by the organisations one level down. O(people,
/// journeys and stays of the subtree), each read once from an index.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn overview(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
) -> Result<Counted, StoreError> {
    let whole = Whole::find(tx, scope, reader, asked.organisation)?;
    overview::of(tx, whole, asked.period)
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
    let whole = Whole::find(tx, scope, reader, asked.organisation)?;
    trend::of(tx, whole, asked.period)
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
    let whole = Whole::find(tx, scope, reader, asked.organisation)?;
    coverage::of(tx, whole, asked.period)
}
