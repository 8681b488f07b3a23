//! What the tests stand on: a world with a real server, people who speak to it, a clock, a mail server, a PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "support of tests: what goes wrong here must stop the test"
)]

use std::time::Duration;

/// How long a test waits for what must come before it calls it lost: long enough for the slowest machine.
pub const PATIENCE: Duration = Duration::from_mins(3);

pub mod campaign;
pub mod certificate;
pub mod client;
pub mod clock;
pub mod contract;
pub mod county;
pub mod engine;
pub mod gatherings;
pub mod held;
pub mod hooks;
pub mod kite;
pub mod life;
pub mod line;
pub mod magnet;
pub mod mail;
pub mod people;
pub mod postgres;
pub mod program;
mod programs;
pub mod services;
pub mod settings;
pub mod walk;
pub mod world;
