//! Statements that stay prepared.
//!
//! Diesel prepares a statement anew, which costs a round trip and a plan, each time that its SQL might differ from the
//! last time: every update, `eq_any` on SQLite and on [`crate::db::Db`], an insert with optional columns. Where the SQL
//! is in truth the same each time, [`Keep::kept`] says so; it is kept under its own text, so a change is never missed.
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// A statement with one SQL text, or a few.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<T>(T);

/// Says that a statement has one SQL text, or a few. What is executed rather than loaded goes through
/// `each!`: [`crate::db::Db`]'s own `execute` borrows the statement, and what was said is lost on the way.
pub(crate) trait Keep: Sized {
    /// The same statement, prepared once a connection.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<T: QueryId> Keep for T {}

impl<DB: Backend, T: QueryFragment<DB>> QueryFragment<DB> for Kept<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// No id of its own: diesel then knows the statement by its text.
impl<T> QueryId for Kept<T> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: Query> Query for Kept<T> {
    type SqlType = T::SqlType;
}

impl<T, Conn> RunQueryDsl<Conn> for Kept<T> {}
