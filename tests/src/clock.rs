//! A clock that stands still until a story moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use domain::clock::Clock;

/// The story's time: an instant that everything in the server sees, to the microsecond.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that shows `instant`.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(AtomicI64::new(instant.timestamp_micros()))
    }

    /// Moves it on.
    ///
    /// # Panics
    /// When it would be moved by 290,000 years.
    pub fn advance(&self, by: TimeDelta) {
        let micros = by.num_microseconds().expect("less than 290,000 years");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Sets it, back too.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.store(instant.timestamp_micros(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).expect("an instant that was set")
    }
}
