//! Hand-overs (对接) that nobody answers: the asked side is reminded, the office above both is told, in the end they lapse.
use domain::id::HandoverId;
use persistence::handovers;

use super::{Job, OneByOne};

pub(super) const JOB: Job = Job {
    name: "handover_due",
    zh: "对接催办：到期前提醒被询问的一方，到期告知双方共同的上级，逾期失效并告知双方",
    en: "Hand-overs without an answer: reminds who is asked, tells the office above both when due, lets them lapse",
    catches_up: true,
    plan: |tx, scope, day| Ok(handovers::remind(tx, scope, day)? + handovers::escalate(tx, scope, day)?),
};

/// Each lapses in a transaction of its own, so that one that fails holds up no other, and none waits for the answer to
/// another.
pub(super) const LAPSE: OneByOne = OneByOne {
    job: JOB.name,
    due: |tx, scope, day| {
        let ids = handovers::lapsing(tx, scope, day)?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    },
    carry_out: |tx, scope, id, day| handovers::lapse(tx, scope, HandoverId(id), day).map(drop),
};
