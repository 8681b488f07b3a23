//! What a cell of a secretary's spreadsheet may mean: texts, dates, headers, names of organisations.
//!
//! Everything here is a pure function of the cell's text. Reading files is the importer's work.

mod columns;
mod date;
mod header;
mod kind;
mod organisation_name;
mod rows;
mod text;

pub use columns::{Column, Heading};
pub use date::{DateFault, PartialDate, Precision, parse_date, parse_date_number};
pub use header::normalise_header;
pub use kind::{ImportKind, ImportState};
pub use organisation_name::{organisation_key, place_of_organisation};
pub use rows::{InboundRow, MemberRow, OrganisationRow, OutboundRow, Place};
pub use text::{half_width, label, person_name, value};
