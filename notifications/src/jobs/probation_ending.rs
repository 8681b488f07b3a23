//! A probation (预备期) ends while the member is away.
use chrono::Days;
use domain::probation::REMINDED_DAYS;
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "probation_ending",
    zh: "预备期满前 60、30 天：提醒在外预备党员本人和支部书记，并请流入地党组织提供现实表现；期内才外出的，随即提醒",
    en: "60 and 30 days before the probation of a member who is away ends, or as soon as it is known: to the member, the \
         secretary and the host",
    catches_up: true,
    plan: |tx, scope, day| {
        let [first, last] = REMINDED_DAYS;
        let ahead = |days: u16| day + Days::new(days.into());
        let early = outbox::probations_ending(tx, scope, day, first, (ahead(last), ahead(first)))?;
        let late = outbox::probations_ending(tx, scope, day, last, (day, ahead(last)))?;
        Ok(early + late)
    },
};
