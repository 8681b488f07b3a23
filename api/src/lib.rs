//! Kiteline's HTTP API and command line.
mod answer;
mod auth;
mod extract;
pub mod imports;
pub mod openapi;
mod problem;
mod routes;
mod server;

pub use server::{Parts, server};
