//! What the tests stand on: a world with a real server, people who speak to it, a clock, a mail server, a PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "support of tests: what goes wrong here must stop the test"
)]

pub mod mail;
pub mod postgres;
mod programs;
