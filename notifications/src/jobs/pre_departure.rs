//! Before a planned departure (行前教育): 14, 7 and 1 days.
use domain::notification::PRE_DEPARTURE_DAYS;
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "pre_departure",
    zh: "行前提醒：计划外出前 14、7、1 天提醒党员和支部书记",
    en: "14, 7 and 1 days before a planned departure: to the member and the secretary",
    catches_up: true,
    plan: |tx, scope, day| {
        let ahead = PRE_DEPARTURE_DAYS.iter();
        ahead.map(|days| outbox::departures_near(tx, scope, day, *days)).sum()
    },
};
