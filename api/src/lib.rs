//! Kiteline's HTTP API and command line.
mod answer;
pub mod auth;
mod clock;
pub mod commands;
pub mod config;
mod conventions;
mod extract;
mod form;
pub mod imports;
pub mod openapi;
mod pace;
mod picture;
mod problem;
mod rosters;
mod routes;
mod server;
mod statistics;

pub use clock::SystemClock;
pub use server::{Parts, server};
