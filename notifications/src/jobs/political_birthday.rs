//! Political birthdays (政治生日): anniversaries of joining.
use domain::calendar;
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "political_birthday",
    zh: "政治生日祝福：入党周年",
    en: "Greetings on the anniversary of joining",
    catches_up: false,
    plan: |tx, scope, day| outbox::political_birthdays(tx, scope, day, calendar::greeted_on(day).solar),
};
