//! Invariants that need the calendar, the domain's own rules, or what is known of the jobs.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable};
use domain::contact::ContactOutcome;
use domain::declaration::DeclarationState;
use domain::silence::{Search, Silence};

use super::{Finds, Invariant, Jobs};
use crate::schema::{certificate_counters, certificates, contacts, declarations, job_runs, journeys, organisations};
use crate::types::Id;
use crate::{StoreError, Tx};

const fn computed(
    name: &'static str,
    says: &'static str,
    over: &'static str,
    find: fn(&mut Tx<'_>, &Jobs) -> Result<Vec<String>, StoreError>,
) -> Invariant {
    Invariant {
        name,
        says,
        over,
        finds: Finds::Computed(find),
    }
}

pub(super) const ALL: &[Invariant] = &[
    computed(
        "contact_is_due_after_the_last_one",
        "the next contact is due after the last one, and none lies in the future",
        "journeys",
        due_before_contact,
    ),
    computed(
        "out_of_contact_after_a_search",
        "nobody is said to be out of contact but after a silence and a search that are long enough",
        "declarations",
        declared_too_early,
    ),
    computed(
        "certificate_numbers_have_no_gaps",
        "the numbers of a committee's certificates run from 1 each year without a gap",
        "certificate_counters",
        gaps_in_certificates,
    ),
    computed(
        "jobs_ran_whole",
        "no job has failed, and none that makes up for days has left one out",
        "job_runs",
        days_left_out,
    ),
];

/// Only journeys whose due day is no later than the last contact's in UTC are loaded; the deployment's zone decides.
fn due_before_contact(tx: &mut Tx<'_>, _: &Jobs) -> Result<Vec<String>, StoreError> {
    type Row = (Id, Option<NaiveDate>, Option<NaiveDateTime>);
    let (now, tomorrow) = (tx.at(), tx.today() + Days::new(1));
    let doubtful: Vec<Row> = journeys::table
        .filter(journeys::last_contact_at.is_not_null())
        .filter(
            journeys::next_checkin_due
                .le(sql::<Nullable<Date>>("last_contact_at"))
                .or(journeys::last_contact_at.gt(now)),
        )
        .select((journeys::id, journeys::next_checkin_due, journeys::last_contact_at))
        .load(tx.db)?;
    let breaks = |(id, due, last): Row| {
        let on = tx.day_of(last?.and_utc());
        (on >= tomorrow || due.is_some_and(|due| due <= on)).then(|| id.0.to_string())
    };
    Ok(doubtful.into_iter().filter_map(breaks).collect())
}

/// What was tried before each declaration is held against the domain's rule once more. O(declarations and their contacts).
fn declared_too_early(tx: &mut Tx<'_>, _: &Jobs) -> Result<Vec<String>, StoreError> {
    type Row = (Id, Id, NaiveDate, String, NaiveDateTime);
    let open = DeclarationState::OPEN.iter().map(|state| state.as_str());
    let stand: Vec<Row> = declarations::table
        .filter(declarations::state.eq_any(open))
        .select((
            declarations::id,
            declarations::journey_id,
            declarations::silent_since,
            declarations::silence_source,
            declarations::proposed_at,
        ))
        .load(tx.db)?;
    let tried: Vec<(Id, String, NaiveDateTime)> = contacts::table
        .inner_join(declarations::table.on(declarations::journey_id.eq(contacts::journey_id)))
        .filter(declarations::state.eq_any(DeclarationState::OPEN.iter().map(|state| state.as_str())))
        .filter(contacts::outcome.ne(ContactOutcome::Reached.as_str()))
        .select((contacts::journey_id, contacts::means, contacts::contacted_at))
        .load(tx.db)?;
    let mut by_journey: HashMap<Id, Vec<(String, NaiveDateTime)>> = HashMap::new();
    for (journey, means, at) in tried {
        by_journey.entry(journey).or_default().push((means, at));
    }
    let mut broken = Vec::new();
    for (id, journey, since, source, proposed_at) in stand {
        let silence = Silence {
            since,
            source: source.parse().map_err(StoreError::corrupt)?,
        };
        let mut search = Search::none(tx.day_of(proposed_at.and_utc()));
        for (means, at) in by_journey.get(&journey).into_iter().flatten() {
            if *at <= proposed_at && tx.day_of(at.and_utc()) > since {
                search.failed.push(means.parse().map_err(StoreError::corrupt)?);
            }
        }
        if !search.missing(silence).is_empty() {
            broken.push(id.0.to_string());
        }
    }
    Ok(broken)
}

/// A query for each committee and year, by the index on the number: O(log certificates) and the certificates of the year.
fn gaps_in_certificates(tx: &mut Tx<'_>, _: &Jobs) -> Result<Vec<String>, StoreError> {
    let counters: Vec<(Id, String, i32, i32)> = certificate_counters::table
        .inner_join(organisations::table.on(organisations::id.eq(certificate_counters::issuer_id)))
        .select((
            certificate_counters::issuer_id,
            organisations::code,
            certificate_counters::year,
            certificate_counters::last_number,
        ))
        .load(tx.db)?;
    let (mut broken, mut counted) = (Vec::new(), 0);
    for (issuer, code, year, last) in counters {
        let number = |serial| {
            domain::certificate::Number {
                issuer: code.clone(),
                year,
                serial,
            }
            .to_string()
        };
        let of_the_year = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
        let Some((first_day, last_day)) = of_the_year else {
            broken.push(number(last));
            continue;
        };
        let issued: i64 = certificates::table
            .filter(certificates::issuer_id.eq(issuer))
            .filter(certificates::issued_on.between(first_day, last_day))
            .count()
            .get_result(tx.db)?;
        let ends: i64 = certificates::table
            .filter(certificates::issuer_id.eq(issuer))
            .filter(certificates::number.eq_any([number(1), number(last)]))
            .count()
            .get_result(tx.db)?;
        if issued != i64::from(last) || ends != i64::from(last.min(2)) {
            broken.push(number(last));
        }
        counted += issued;
    }
    let all: i64 = certificates::table.select(count_star()).first(tx.db)?;
    if all != counted && broken.is_empty() {
        broken.push("a certificate without a counter".to_owned());
    }
    Ok(broken)
}

/// The days on which a job has run well are those since its first, as far back as it made up for when it ran last.
fn days_left_out(tx: &mut Tx<'_>, jobs: &Jobs) -> Result<Vec<String>, StoreError> {
    let today = tx.today();
    let failed: Vec<(String, NaiveDate)> = job_runs::table
        .filter(job_runs::finished_at.is_null())
        .select((job_runs::job, job_runs::day))
        .load(tx.db)?;
    let mut broken: Vec<_> = failed.into_iter().map(|(job, day)| format!("{job} {day}")).collect();
    let ends: Vec<(String, Option<NaiveDate>, Option<NaiveDate>)> = job_runs::table
        .filter(job_runs::day.le(today))
        .group_by(job_runs::job)
        .select((job_runs::job, min(job_runs::day), max(job_runs::day)))
        .load(tx.db)?;
    let ends: BTreeMap<_, _> = ends
        .into_iter()
        .map(|(job, first, last)| (job, first.zip(last)))
        .collect();
    for job in &jobs.catching_up {
        let Some((first, last)) = ends.get(*job).copied().flatten() else {
            continue;
        };
        let from = first.max(last - Days::new(jobs.days));
        let ran: Vec<NaiveDate> = job_runs::table
            .filter(job_runs::job.eq(job))
            .filter(job_runs::day.between(from, last))
            .select(job_runs::day)
            .load(tx.db)?;
        let ran: HashSet<_> = ran.into_iter().collect();
        let left_out = from
            .iter_days()
            .take_while(|day| *day <= last)
            .filter(|day| !ran.contains(day));
        broken.extend(left_out.map(|day| format!("{job} {day}")));
    }
    Ok(broken)
}
