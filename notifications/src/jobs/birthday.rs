//! Birthdays (生日), by the calendar that each member keeps.
use domain::calendar;
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "birthday",
    zh: "生日祝福：公历（含 2 月 29 日）和农历生日",
    en: "Birthday greetings by the solar (29 February included) and the lunar calendar",
    catches_up: false,
    plan: |tx, scope, day| outbox::birthdays(tx, scope, day, calendar::greeted_on(day)),
};
