//! Conditions that stand in a statement word for word.
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use crate::db::Engine;

/// A condition as the partial index says it that serves the statement: SQLite chooses its indexes before it knows a bound
/// value. `diesel::dsl::sql` says the same, but has PostgreSQL plan the statement anew each time, for its text may be any;
/// this one is known when the program is compiled, so a connection keeps the statement prepared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verbatim(pub(crate) &'static str);

impl Expression for Verbatim {
    type SqlType = Bool;
}

impl QueryFragment<Engine> for Verbatim {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Engine>) -> QueryResult<()> {
        pass.push_sql("(");
        pass.push_sql(self.0);
        pass.push_sql(")");
        Ok(())
    }
}

/// The type does not say which words: statements are told apart by their whole text.
impl QueryId for Verbatim {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<GroupBy> ValidGrouping<GroupBy> for Verbatim {
    type IsAggregate = is_aggregate::Never;
}

impl<QS> AppearsOnTable<QS> for Verbatim {}
impl<QS> SelectableExpression<QS> for Verbatim {}
