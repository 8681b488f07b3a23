//! Files that people hand in: their bytes lie sealed in an object store, what they are stands in a row.
//!
//! The file is stored first and its row is written in the transaction that gives it its meaning, so that no row is
//! without its file. A file without a row is left over from a transaction that failed, and is swept after a day.
mod objects;
mod row;

pub use objects::{Files, Unfitting};
pub use row::{FileRecord, NewFile, all_own, known};
pub(crate) use row::{all, are_about, attach, attach_one_more, attached, by_id, newest, of_subject};
