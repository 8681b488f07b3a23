//! The secretaries' spreadsheets: files to rows, rows to facts, and what cannot be taken to faults.
//!
//! A file passes three doors: [`reader`] (bytes to cells), [`table`] (cells to rows under known headers) and one module a
//! kind (rows to typed facts and faults). None of them touches the database.

pub mod fault;
pub mod inbound;
mod line;
pub mod lookup;
pub mod members;
pub mod organisations;
pub mod outbound;
pub mod reader;
mod reading;
pub mod report;
pub mod table;
pub mod taking;

pub use line::Source;
pub use reading::Reading;

#[cfg(test)]
mod tests;
