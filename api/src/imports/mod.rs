//! The secretaries' spreadsheets: files to rows, rows to facts, and what cannot be taken to faults.
//!
//! A file passes three doors: [`reader`] (bytes to cells), `table` (cells to rows under known headers) and one module a
//! kind (rows to typed facts and faults). Nothing here touches the database.

pub mod reader;
pub mod fault;
pub mod lookup;
pub mod table;
