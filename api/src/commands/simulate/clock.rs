//! A clock that stands until the simulation moves it on.
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use domain::clock::Clock;

/// An instant of the simulated time, to the microsecond.
#[derive(Debug, Default)]
pub(super) struct Standing(AtomicI64);

impl Standing {
    /// Sets it to a time of a day in a zone; a time that a change of the clocks leaves out is the day's end.
    pub(super) fn set(&self, day: NaiveDate, time: NaiveTime, zone: Tz) {
        let local = day.and_time(time).and_local_timezone(zone);
        let instant = local
            .earliest()
            .map_or_else(|| day.and_time(time).and_utc(), |at| at.to_utc());
        self.0.store(instant.timestamp_micros(), Ordering::SeqCst);
    }
}

impl Clock for Standing {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}
