//! What only PostgreSQL has: two statements that run as one, and skipping rows that another transaction has locked.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::AnySql;

/// `WITH name AS (first) then`: a statement that changes rows may stand in it, on PostgreSQL only. What `first` returns
/// is the table `name` for `then`.
pub struct With<A, B> {
    /// The table's name.
    pub name: &'static str,
    /// Done in any case.
    pub first: A,
    /// The statement whose rows are returned.
    pub then: B,
}

impl<A: QueryFragment<AnySql>, B: QueryFragment<AnySql>> QueryFragment<AnySql> for With<A, B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        out.push_sql("WITH ");
        out.push_identifier(self.name)?;
        out.push_sql(" AS (");
        self.first.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        self.then.walk_ast(out)
    }
}

/// Found by its text.
impl<A, B> QueryId for With<A, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Returns the rows of the second statement.
impl<A, B: Query> Query for With<A, B> {
    type SqlType = B::SqlType;
}

/// `… FOR UPDATE SKIP LOCKED`: locks and returns the rows of a query that no other transaction has locked.
pub struct SkipLocked<Q>(pub Q);

impl<Q: QueryFragment<AnySql>> QueryFragment<AnySql> for SkipLocked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" FOR UPDATE SKIP LOCKED");
        Ok(())
    }
}
