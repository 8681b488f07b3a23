//! Service requests (服务事项) that wait: a reminder before the answer is due; afterwards one organisation up, and once more.
use domain::id::ServiceRequestId;
use persistence::{outbox, service_requests};

use super::{Job, OneByOne};

pub(super) const JOB: Job = Job {
    name: "service_due",
    zh: "服务事项催办：到期前提醒承办人，逾期转上一级组织，再逾期转更上一级",
    en: "Service requests without an answer: reminds who is in charge before it is due, then tells the organisation above, \
         and later the one above that",
    catches_up: true,
    plan: outbox::services_due,
};

/// Each goes up in a transaction of its own, so that one that fails holds up no other.
pub(super) const ESCALATE: OneByOne = OneByOne {
    job: JOB.name,
    due: |tx, scope, day| {
        let ids = service_requests::escalating(tx, scope, day)?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    },
    carry_out: |tx, scope, id, day| service_requests::escalate(tx, scope, ServiceRequestId(id), day),
};
