//! From a typed query to its text and its values, and from there to either database.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;

use super::AnySql;
use super::types::Binds;

/// Writes SQL that both databases read: `"identifiers"` and `$1`.
#[derive(Debug, Default)]
pub struct AnyQueryBuilder {
    sql: String,
    parameters: usize,
}

impl QueryBuilder<AnySql> for AnyQueryBuilder {
    fn push_sql(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn push_identifier(&mut self, identifier: &str) -> QueryResult<()> {
        self.sql.push('"');
        self.sql.push_str(&identifier.replace('"', "\"\""));
        self.sql.push('"');
        Ok(())
    }

    fn push_bind_param(&mut self) {
        self.push_bind_param_value_only();
        self.sql.push('$');
        self.sql.push_str(&self.parameters.to_string());
    }

    fn push_bind_param_value_only(&mut self) {
        self.parameters += 1;
    }

    fn finish(self) -> String {
        self.sql
    }
}

/// A query reduced to its text and its values. It is not generic, so the code that runs it is compiled once and not
/// once for each query.
#[derive(Debug)]
pub struct Lowered {
    sql: String,
    binds: Binds,
    /// Whether the text is the same for every value, so that its prepared statement is worth keeping.
    cacheable: bool,
}

impl Lowered {
    /// Reduces `query`.
    pub fn new(query: &impl QueryFragment<AnySql>) -> QueryResult<Self> {
        let mut builder = AnyQueryBuilder::default();
        query.to_sql(&mut builder, &AnySql)?;
        let mut binds = Binds::default();
        query.collect_binds(&mut binds, &mut (), &AnySql)?;
        Ok(Self { sql: builder.finish(), binds, cacheable: query.is_safe_to_cache_prepared(&AnySql)? })
    }
}

impl QueryFragment<Pg> for Lowered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.cacheable {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.sql);
        self.binds.push_to_pg(&mut out)
    }
}

impl QueryFragment<Sqlite> for Lowered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.cacheable {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.sql);
        self.binds.push_to_sqlite(&mut out)
    }
}

/// The statement caches find it by its text.
impl QueryId for Lowered {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Rows are read by the query that was reduced, which knows their type.
impl Query for Lowered {
    type SqlType = Untyped;
}
