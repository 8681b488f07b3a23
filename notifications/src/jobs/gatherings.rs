//! Gatherings (活动): whoever they mean is put on their lists and invited ten days before, and reminded the day before.
use persistence::gatherings;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "gatherings",
    zh: "活动：提前十天通知应到的党员，前一天提醒；此后才符合条件的，前一天补发通知",
    en: "Gatherings: invites whoever they mean ten days before, and those who came since the day before; reminds who is \
         expected",
    catches_up: false,
    plan: gatherings::invite_due,
};
