//! The day after a planned departure: has the member left?
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "departure_check",
    zh: "外出确认：计划外出日的次日询问是否已经出发",
    en: "The day after a planned departure: asks whether the member has left",
    catches_up: true,
    plan: outbox::departures_passed,
};
