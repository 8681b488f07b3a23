//! Time comes in by the door: the rules take a day or an instant, and whoever needs one asks a [`Clock`].
use chrono::{DateTime, Utc};

/// Tells the time; the server's own, or a test's.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}
