//! The next contact (报到) is near or due.
use chrono::Days;
use domain::notification::CHECKIN_DUE_DAYS;
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "checkin_due",
    zh: "报到提醒：到期前 3 天和当天提醒在外党员",
    en: "3 days before the next contact is due, and on the day: to the member",
    catches_up: true,
    plan: |tx, scope, day| {
        let ahead = CHECKIN_DUE_DAYS.iter();
        ahead
            .map(|days| outbox::checkins_due(tx, scope, day, day + Days::new((*days).into())))
            .sum()
    },
};
