//! The trend, month by month.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::id::OrganisationId;
use domain::statistics::suppression::Sum;
use domain::statistics::{Figure as F, Month, Period, Statistic, Table};

use super::conditions::{ADMITTED, VOID, arrived, departed, left, on_journey, staying};
use super::{About, Counts, Lines, Whole, by_part, put};
use crate::schema::{journeys, organisations, stays};
use crate::{StoreError, Tx};

/// By month, then by organisation: how many more, and how many less.
type Changes = BTreeMap<Month, Counts>;

pub(super) fn of(tx: &mut Tx<'_>, wholes: &[Whole], period: Period) -> Result<Vec<Lines>, StoreError> {
    let all = Statistic::Trend.figures();
    let mut before = Counts::new();
    at_the_beginning(tx, wholes, period, &mut before)?;
    let changes = changes(tx, wholes, period)?;
    let mut months = Vec::new();
    for month in period.months() {
        before = after(&before, changes.get(&month), all);
        months.push((month, before.clone()));
    }
    Ok(wholes.iter().map(|whole| lines(whole, &months)).collect())
}

/// The lines of an organisation's parts, and of all together, month by month.
fn lines(whole: &Whole, months: &[(Month, Counts)]) -> Lines {
    let all = Statistic::Trend.figures();
    let mut table = Table {
        figures: all,
        ..Table::default()
    };
    let mut about = Vec::new();
    // The lines of each part, month by month; those of all together.
    let mut of_part: BTreeMap<Option<(OrganisationId, bool)>, Vec<usize>> = BTreeMap::new();
    for (month, counts) in months {
        let (parts, lines, sum) = whole.lines(counts, all.len());
        let first = table.lines.len();
        table.sums.push(Sum {
            parts: sum.parts.iter().map(|at| first + at).collect(),
            whole: sum.whole.map(|at| first + at),
        });
        for (line, part) in (first..).zip(parts) {
            let key = part.as_ref().map(|part| (part.id, part.itself));
            of_part.entry(key).or_default().push(line);
            about.push(About {
                part,
                month: Some(*month),
                ..About::default()
            });
        }
        table.lines.extend(lines);
    }
    for lines in of_part.values() {
        table.ties.extend(ties(lines));
    }
    Lines {
        table,
        about,
        behind: Vec::new(),
    }
}

/// Which cells of one part's months tell of each other.
fn ties(lines: &[usize]) -> impl Iterator<Item = Vec<(usize, F)>> {
    let events = [F::Departures, F::Returns, F::Transfers, F::Arrivals, F::Leavings];
    // The months add up to what the overview says of the period.
    let year = events.map(|figure| lines.iter().map(|line| (*line, figure)).collect());
    // What there was, and what was added and went, tell what there is. What there was before the first month another
    // period tells.
    let before = [None].into_iter().chain(lines.iter().copied().map(Some));
    let months = before.zip(lines).map(|(before, line)| {
        let moves = [F::OnJourney, F::Departures, F::Returns, F::Transfers];
        let before = before.map(|before| (before, F::OnJourney));
        before.into_iter().chain(moves.map(|figure| (*line, figure))).collect()
    });
    year.into_iter().chain(months)
}

/// How many there were when the period began.
fn at_the_beginning(tx: &mut Tx<'_>, wholes: &[Whole], period: Period, counts: &mut Counts) -> Result<(), StoreError> {
    let (eve, all) = (period.eve(), Statistic::Trend.figures());
    let away: Vec<(_, i64)> = by_part!(tx, journeys, wholes, |rows, part| rows
        .filter(on_journey!(eve))
        .select((part, count_star())));
    put(
        counts,
        all,
        &[F::OnJourney],
        away.into_iter().map(|(part, found)| (part, vec![found])),
    );
    let here: Vec<(_, i64)> = by_part!(tx, stays, wholes, |rows, part| rows
        .filter(staying!(eve))
        .select((part, count_star())));
    put(
        counts,
        all,
        &[F::Staying],
        here.into_iter().map(|(part, found)| (part, vec![found])),
    );
    Ok(())
}

/// What happened in the months of the period. Days are gathered into months here: SQL knows none.
fn changes(tx: &mut Tx<'_>, wholes: &[Whole], period: Period) -> Result<Changes, StoreError> {
    let mut changes = Changes::new();
    let all = Statistic::Trend.figures();
    macro_rules! by_day {
        ($table:ident . $day:ident, $condition:expr, $figure:expr) => {{
            let rows: Vec<(_, (Option<NaiveDate>, i64))> = by_part!(tx, $table, wholes, |rows, part| rows
                .group_by((part, $table::$day))
                .filter($condition)
                .select((part, ($table::$day.nullable(), count_star()))));
            for (part, (day, found)) in rows {
                let month = Month::of(day.unwrap_or(period.to));
                put(
                    changes.entry(month).or_default(),
                    all,
                    &[$figure],
                    [(part, vec![found])],
                );
            }
        }};
    }
    by_day!(journeys.departed_on, departed!(period), F::Departures);
    by_day!(
        journeys.ended_on,
        super::conditions::ended!(period, "returned"),
        F::Returns
    );
    by_day!(
        journeys.ended_on,
        super::conditions::ended!(period, "transferred"),
        F::Transfers
    );
    by_day!(stays.arrived_on, arrived!(period), F::Arrivals);
    by_day!(stays.left_on, left!(period), F::Leavings);
    by_day!(
        stays.admitted_on,
        stays::admitted_on
            .between(period.from, period.to)
            .and(stays::state.eq_any(ADMITTED)),
        F::Staying
    );
    Ok(changes)
}

/// How many there are after a month: journeys and stays that go on, and what happened.
fn after(before: &Counts, change: Option<&Counts>, all: &[F]) -> Counts {
    let none = Counts::new();
    let change = change.unwrap_or(&none);
    let mut parts: Vec<OrganisationId> = before.keys().chain(change.keys()).copied().collect();
    parts.sort();
    parts.dedup();
    let of = |counts: &Counts, part: &OrganisationId, figure: F| {
        let at = all.iter().position(|one| *one == figure);
        let cell = counts.get(part).zip(at).and_then(|(line, at)| line.get(at));
        cell.copied().unwrap_or_default()
    };
    let line = |part: OrganisationId| {
        let new = |figure| of(change, &part, figure);
        let cell = |figure: &F| match figure {
            F::OnJourney => {
                let gone = new(F::Returns) + new(F::Transfers);
                (of(before, &part, F::OnJourney) + new(F::Departures)).saturating_sub(gone)
            }
            F::Staying => (of(before, &part, F::Staying) + new(F::Staying)).saturating_sub(new(F::Leavings)),
            event => new(*event),
        };
        (part, all.iter().map(cell).collect())
    };
    parts.into_iter().map(line).collect()
}
