//! The overview.
use diesel::prelude::*;
use domain::statistics::{Figure as F, Period, Statistic};

use super::conditions::{ADMITTED, MOBILE, VOID, WAITING, When, arrived, departed, ended, left, on_journey, staying};
use super::{Counts, Lines, Whole, by_part, put, tally};
use crate::outbox::ACTIVE_STANDINGS;
use crate::schema::{journeys, members, organisations, stays};
use crate::{StoreError, Tx};

pub(super) fn of(tx: &mut Tx<'_>, wholes: &[Whole], period: Period) -> Result<Vec<Lines>, StoreError> {
    let when = When::of(tx, period);
    let all = Statistic::Overview.figures();
    let mut counts = Counts::new();
    let rows: Vec<(_, i64)> = by_part!(tx, members, wholes, |rows, part| rows
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((part, diesel::dsl::count_star())));
    let rows = rows.into_iter().map(|(part, members)| (part, vec![members]));
    put(&mut counts, all, &[F::Members], rows);
    journeys(tx, wholes, &when, &mut counts)?;
    overdue(tx, wholes, &when, &mut counts)?;
    stays(tx, wholes, &when, &mut counts)?;
    // Today's journeys are the same by their states and by their days.
    let tie: &[F] = if period.to == when.today {
        &[F::Mobile, F::OnJourney]
    } else {
        &[]
    };
    let lines = wholes.iter().map(|whole| whole.by_part(all, &counts, tie));
    Ok(lines.collect())
}

fn journeys(tx: &mut Tx<'_>, wholes: &[Whole], when: &When, counts: &mut Counts) -> Result<(), StoreError> {
    type Row = ((i64, i64, i64, i64, i64), (i64, i64, i64, i64));
    let period = when.period;
    let state = |state: &'static str| tally!(journeys::state.eq(state));
    let rows: Vec<(_, Row)> = by_part!(tx, journeys, wholes, |rows, part| rows.select((
        part,
        (
            (
                state("planned"),
                tally!(journeys::state.eq_any(MOBILE)),
                state("away"),
                state("home_visit"),
                state("out_of_contact"),
            ),
            (
                tally!(on_journey!(period.to)),
                tally!(departed!(period)),
                tally!(ended!(period, "returned")),
                tally!(ended!(period, "transferred")),
            ),
        ),
    )));
    let some = [
        F::Planned,
        F::Mobile,
        F::Away,
        F::HomeVisit,
        F::OutOfContact,
        F::OnJourney,
        F::Departures,
        F::Returns,
        F::Transfers,
    ];
    let rows = rows
        .into_iter()
        .map(|(part, ((a, b, c, d, e), (f, g, h, i)))| (part, vec![a, b, c, d, e, f, g, h, i]));
    put(counts, Statistic::Overview.figures(), &some, rows);
    Ok(())
}

/// Apart from the others, because the day on which contact is due stands in no index: it changes with each contact.
fn overdue(tx: &mut Tx<'_>, wholes: &[Whole], when: &When, counts: &mut Counts) -> Result<(), StoreError> {
    let rows: Vec<(_, i64)> = by_part!(tx, journeys, wholes, |rows, part| rows
        .filter(super::conditions::overdue!(when))
        .select((part, diesel::dsl::count_star())));
    let rows = rows.into_iter().map(|(part, overdue)| (part, vec![overdue]));
    put(counts, Statistic::Overview.figures(), &[F::Overdue], rows);
    Ok(())
}

fn stays(tx: &mut Tx<'_>, wholes: &[Whole], when: &When, counts: &mut Counts) -> Result<(), StoreError> {
    let period = when.period;
    let rows: Vec<(_, (i64, i64, i64, i64))> = by_part!(tx, stays, wholes, |rows, part| rows.select((
        part,
        (
            tally!(stays::state.eq_any(WAITING)),
            tally!(staying!(period.to)),
            tally!(arrived!(period)),
            tally!(left!(period)),
        ),
    )));
    let some = [F::Waiting, F::Staying, F::Arrivals, F::Leavings];
    let rows = rows.into_iter().map(|(part, (a, b, c, d))| (part, vec![a, b, c, d]));
    put(counts, Statistic::Overview.figures(), &some, rows);
    Ok(())
}
