//! Rosters on their way out: which columns there are, what a cell says, and how a whole one is streamed.
mod columns;
mod csv;
mod export;

pub(crate) use columns::{Column, KITE, MAGNET, Said, place, register, version};
use csv::Table;
pub(crate) use export::{Exports, stream};
