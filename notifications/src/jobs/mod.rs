//! The jobs: one file an occasion, each planned for a day by set-based statements that may run twice.
//!
//! A job says when something is said and to whom; it takes no input but the day, and the outbox's key makes each
//! occasion happen once. To add one: a file with a `JOB`, its line in [`ALL`], and its templates.
mod birthday;
mod campaigns;
mod checkin_due;
mod checkin_overdue;
mod departure_check;
mod gatherings;
mod handover_due;
mod political_birthday;
mod pre_departure;
mod probation_ending;
mod return_home;
mod service_due;
mod transfer_expiring;
mod wish_news;

use chrono::NaiveDate;
use domain::access::{Operate, Scope};
use persistence::{StoreError, Tx};
use uuid::Uuid;

/// A job.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Its name in commands, routes and records.
    pub name: &'static str,
    /// What it does, in Chinese.
    pub zh: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// Whether days that were missed are made up for: greetings are not.
    pub catches_up: bool,
    plan: Plan,
}

type Plan = fn(&mut Tx<'_>, &Scope<Operate>, NaiveDate) -> Result<usize, StoreError>;

impl Job {
    /// Plans what is to be said for `day`; says how many notifications are new.
    pub(crate) fn plan(&self, tx: &mut Tx<'_>, scope: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
        (self.plan)(tx, scope, day)
    }
}

/// Every job, in the order in which they run.
pub const ALL: &[Job] = &[
    birthday::JOB,
    political_birthday::JOB,
    pre_departure::JOB,
    departure_check::JOB,
    return_home::JOB,
    campaigns::JOB,
    checkin_due::JOB,
    checkin_overdue::JOB,
    handover_due::JOB,
    transfer_expiring::JOB,
    probation_ending::JOB,
    wish_news::JOB,
    service_due::JOB,
    gatherings::JOB,
];

/// What a job does besides, to one thing after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneByOne {
    /// The job's name.
    pub(crate) job: &'static str,
    /// The ids of the things whose day has come.
    pub(crate) due: Due,
    /// Does it to one of them; to one that needs it no more, nothing.
    pub(crate) carry_out: CarryOut,
}

type Due = fn(&mut Tx<'_>, &Scope<Operate>, NaiveDate) -> Result<Vec<Uuid>, StoreError>;
type CarryOut = fn(&mut Tx<'_>, &Scope<Operate>, Uuid, NaiveDate) -> Result<(), StoreError>;

/// Everything that is done one by one, before the day's planning.
pub(crate) const ONE_BY_ONE: &[OneByOne] = &[handover_due::LAPSE, service_due::ESCALATE];

/// The job of that name.
pub fn find(name: &str) -> Option<&'static Job> {
    ALL.iter().find(|job| job.name == name)
}
