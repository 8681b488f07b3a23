//! The real clock; tests bring their own.
use chrono::{DateTime, Utc};
use domain::clock::Clock;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock that everything else is given")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
