//! A letter of introduction (组织关系介绍信) runs out without a receipt.
use chrono::Days;
use domain::notification::{TRANSFER_EXPIRED_DAYS, TRANSFER_EXPIRING_DAYS};
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "transfer_expiring",
    zh: "组织关系转接：介绍信到期前 14、3 天和到期次日提醒支部书记",
    en: "14 and 3 days before a letter of introduction runs out, and the day after: to the secretary",
    catches_up: true,
    plan: |tx, scope, day| {
        let ahead = TRANSFER_EXPIRING_DAYS
            .iter()
            .map(|days| day + Days::new((*days).into()));
        let ran_out = day - Days::new(TRANSFER_EXPIRED_DAYS.into());
        ahead
            .chain([ran_out])
            .map(|valid_until| outbox::transfers_expiring(tx, scope, day, valid_until))
            .sum()
    },
};
