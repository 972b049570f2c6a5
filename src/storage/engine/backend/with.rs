//! Two statements that PostgreSQL runs as one.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::AnySql;

/// `WITH name AS (first) then`: a statement that changes rows may stand in it, on PostgreSQL only. What `first` returns
/// is the table `name` for `then`.
pub struct With<A, B> {
    /// The table's name.
    pub name: &'static str,
    /// Done in any case.
    pub first: A,
    /// The one whose rows count.
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
