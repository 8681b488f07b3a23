//! What a handler may ask for: who calls, with which permission, the body, the page, the version seen, the language.
pub(crate) mod body;
pub(crate) mod form;
mod if_match;
mod language;
mod may;
mod page;
mod patch;
mod query;
mod trace;

pub(crate) use body::{Body, Faults, Input, LARGEST_BODY};
pub(crate) use if_match::{IfMatch, IfMatchHeader};
pub(crate) use language::Language;
pub(crate) use may::{Caller, InSession, May, caller_of, identify};
pub(crate) use page::{CursorKey, Page, PageQuery, cut};
pub(crate) use patch::{Clearable, clearable};
pub(crate) use query::Query;
pub(crate) use trace::TraceId;
