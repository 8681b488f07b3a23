//! The coverage.
use diesel::dsl::{count_star, exists, sum};
use diesel::prelude::*;
use domain::statistics::{Figure as F, Period, Statistic};

use super::conditions::{
    MOBILE, When, accepted, briefed, departed, due, expected, fulfilled, gone, in_time, missed, offered, on_time,
    reached, wished,
};
use super::{Counts, Lines, Whole, by_part, put, tally};
use crate::schema::{attendances, handovers, journey_lines, journeys, organisations, service_requests, wishes};
use crate::{StoreError, Tx};

pub(super) fn of(tx: &mut Tx<'_>, wholes: &[Whole], period: Period) -> Result<Vec<Lines>, StoreError> {
    let when = When::of(tx, period);
    let all = Statistic::Coverage.figures();
    let mut counts = Counts::new();
    contacts(tx, wholes, &when, &mut counts)?;
    macro_rules! departures {
        ($figure:expr $(, $condition:expr)?) => {{
            let rows: Vec<(_, i64)> = by_part!(tx, journeys, wholes, |rows, part| rows
                .filter(departed!(period))
                $(.filter($condition))?
                .select((part, count_star())));
            let rows = rows.into_iter().map(|(part, found)| (part, vec![found]));
            put(&mut counts, all, &[$figure], rows);
        }};
    }
    departures!(F::Departures);
    departures!(F::Briefed, briefed!());
    departures!(F::HandedOver, offered!());
    departures!(F::Accepted, accepted!());
    care(tx, wholes, &when, &mut counts)?;
    let lines = wholes.iter().map(|whole| whole.by_part(all, &counts, &[]));
    Ok(lines.collect())
}

/// What an organisation does for people besides keeping in touch.
fn care(tx: &mut Tx<'_>, wholes: &[Whole], when: &When, counts: &mut Counts) -> Result<(), StoreError> {
    let period = when.period;
    let all = Statistic::Coverage.figures();
    let rows: Vec<(_, (i64, i64, Option<i64>))> = by_part!(tx, attendances, wholes, |rows, part| rows
        .filter(expected!(period))
        .select((
            part,
            (
                count_star(),
                tally!(diesel::dsl::not(missed!())),
                sum(attendances::minutes),
            ),
        )));
    let rows = rows
        .into_iter()
        .map(|(part, (a, b, c))| (part, vec![a, b, c.unwrap_or_default()]));
    put(counts, all, &[F::Expected, F::Attended, F::LearningMinutes], rows);
    let rows: Vec<(_, (i64, i64))> = by_part!(tx, wishes, wholes, |rows, part| rows
        .filter(wished!(period))
        .select((part, (count_star(), tally!(fulfilled!())))));
    put(
        counts,
        all,
        &[F::Wishes, F::WishesFulfilled],
        rows.into_iter().map(|(part, (a, b))| (part, vec![a, b])),
    );
    let rows: Vec<(_, (i64, i64))> = by_part!(tx, service_requests, wholes, |rows, part| rows
        .filter(due!(when))
        .select((part, (count_star(), tally!(in_time!())))));
    put(
        counts,
        all,
        &[F::RequestsDue, F::AnsweredInTime],
        rows.into_iter().map(|(part, (a, b))| (part, vec![a, b])),
    );
    Ok(())
}

/// Of the journeys that go on.
fn contacts(tx: &mut Tx<'_>, wholes: &[Whole], when: &When, counts: &mut Counts) -> Result<(), StoreError> {
    type Row = ((i64, i64), (i64, i64, i64, i64, i64, i64));
    let rows: Vec<(_, Row)> = by_part!(tx, journeys, wholes, |rows, part| rows
        .filter(journeys::state.eq_any(MOBILE))
        .select((
            part,
            (
                (tally!(journeys::state.eq("away")), tally!(on_time!(when))),
                (
                    tally!(gone!(when, 30)),
                    tally!(reached!(when, 30)),
                    tally!(gone!(when, 90)),
                    tally!(reached!(when, 90)),
                    tally!(gone!(when, 180)),
                    tally!(reached!(when, 180)),
                ),
            ),
        )));
    let some = [
        F::Away,
        F::OnTime,
        F::Gone30,
        F::Reached30,
        F::Gone90,
        F::Reached90,
        F::Gone180,
        F::Reached180,
    ];
    let rows = rows
        .into_iter()
        .map(|(part, ((a, b), (c, d, e, f, g, h)))| (part, vec![a, b, c, d, e, f, g, h]));
    put(counts, Statistic::Coverage.figures(), &some, rows);
    Ok(())
}
