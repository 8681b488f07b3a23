//! Rosters on their way out: which columns there are, what a cell says, and how a whole one is streamed.
mod columns;
mod csv;
mod export;
mod workbook;

pub(crate) use columns::{Column, KITE, MAGNET, REGISTER, Said, place, register, version};
pub(crate) use csv::{BYTE_ORDER_MARK, defused};
pub(crate) use export::{Exports, Kind, stream};
