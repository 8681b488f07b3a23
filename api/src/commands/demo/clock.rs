//! A clock that stands some days back, so that the demo's past has the dates of the past.
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};
use domain::clock::Clock;

use crate::SystemClock;

/// The machine's clock, set back by whole days.
#[derive(Default)]
pub(super) struct Backdated(AtomicI64);

impl Backdated {
    /// Sets it so many days back.
    pub(super) fn set(&self, days: i64) {
        self.0.store(days, Ordering::Relaxed);
    }
}

impl Clock for Backdated {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() - Duration::days(self.0.load(Ordering::Relaxed))
    }
}
