//! The contact is overdue: the member is asked again, the secretary and later the office above are told.
use chrono::Days;
use domain::notification::{OFFICE_TOLD_DAYS, SECRETARY_TOLD_DAYS};
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "checkin_overdue",
    zh: "逾期未报到：逾期 7 天同时告知支部书记，30 天同时告知上级党委",
    en: "7 days after a contact was due, also to the secretary; 30 days after, also to the office above",
    catches_up: true,
    plan: |tx, scope, day| {
        let since = [SECRETARY_TOLD_DAYS, OFFICE_TOLD_DAYS];
        since
            .iter()
            .map(|days| outbox::checkins_due(tx, scope, day, day - Days::new((*days).into())))
            .sum()
    },
};
