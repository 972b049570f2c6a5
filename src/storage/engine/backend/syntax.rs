//! The few clauses for which diesel asks each backend.

use diesel::backend::sql_dialect::on_conflict_clause::{
    PgLikeOnConflictClause, SupportsOnConflictClause, SupportsOnConflictClauseWhere,
};
use diesel::expression::{AppearsOnTable, Expression};
use diesel::insertable::{CanInsertInSingleQuery, ColumnInsertValue, DefaultableColumnInsertValue, InsertValues};
use diesel::internal::derives::multiconnection::{BatchInsert, NoFromClause, NoOffsetClause, OffsetClause};
use diesel::query_builder::{
    AstPass, BoxedLimitOffsetClause, IntoBoxedClause, LimitClause, LimitOffsetClause, NoLimitClause, QueryFragment,
    ValuesClause,
};
use diesel::query_source::Column;
use diesel::result::Error::QueryBuilderError;
use diesel::result::QueryResult;

use super::AnySql;

/// `ON CONFLICT …` as both databases write it.
#[derive(Clone, Copy, Debug)]
pub struct OnConflict;

impl SupportsOnConflictClause for OnConflict {}
impl SupportsOnConflictClauseWhere for OnConflict {}
impl PgLikeOnConflictClause for OnConflict {}

/// `None` in an insert is NULL and not the column's default: SQLite has no DEFAULT keyword, and one text serves every
/// row.
#[derive(Clone, Copy, Debug)]
pub struct NoneIsNull;

impl<E> QueryFragment<AnySql, NoneIsNull> for DefaultableColumnInsertValue<E>
where
    E: QueryFragment<AnySql>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        match self {
            Self::Expression(inner) => inner.walk_ast(out.reborrow())?,
            // Queries of this type can have another text too.
            Self::Default => {
                out.unsafe_to_cache_prepared();
                out.push_sql("NULL");
            }
        }
        Ok(())
    }
}

impl<C, E> InsertValues<AnySql, C::Table> for DefaultableColumnInsertValue<ColumnInsertValue<C, E>>
where
    C: Column,
    E: Expression<SqlType = C::SqlType> + AppearsOnTable<NoFromClause>,
    Self: QueryFragment<AnySql>,
{
    fn column_names(&self, mut out: AstPass<'_, '_, AnySql>) -> QueryResult<()> {
        out.push_identifier(C::NAME)
    }
}

/// `VALUES (…), (…)`.
#[derive(Clone, Copy, Debug)]
pub struct ManyRows;

impl<V, T, Q, const FIXED: bool> QueryFragment<AnySql, ManyRows> for BatchInsert<Vec<ValuesClause<V, T>>, T, Q, FIXED>
where
    ValuesClause<V, T>: QueryFragment<AnySql>,
    V: QueryFragment<AnySql>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        if !FIXED {
            out.unsafe_to_cache_prepared();
        }
        let mut rows = self.values.iter();
        if let Some(first) = rows.next() {
            first.walk_ast(out.reborrow())?;
        }
        for row in rows {
            out.push_sql(", (");
            row.values.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl<V, T, Q, const FIXED: bool> CanInsertInSingleQuery<AnySql> for BatchInsert<Vec<V>, T, Q, FIXED> {
    fn rows_to_insert(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

impl QueryFragment<AnySql> for LimitOffsetClause<NoLimitClause, NoOffsetClause> {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        Ok(())
    }
}

impl<L> QueryFragment<AnySql> for LimitOffsetClause<LimitClause<L>, NoOffsetClause>
where
    LimitClause<L>: QueryFragment<AnySql>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        self.limit_clause.walk_ast(out)
    }
}

/// Not implemented for an offset without a limit: SQLite has no such clause.
impl<L, O> QueryFragment<AnySql> for LimitOffsetClause<LimitClause<L>, OffsetClause<O>>
where
    LimitClause<L>: QueryFragment<AnySql>,
    OffsetClause<O>: QueryFragment<AnySql>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        self.limit_clause.walk_ast(out.reborrow())?;
        self.offset_clause.walk_ast(out)
    }
}

impl<'a> IntoBoxedClause<'a, AnySql> for LimitOffsetClause<NoLimitClause, NoOffsetClause> {
    type BoxedClause = BoxedLimitOffsetClause<'a, AnySql>;

    fn into_boxed(self) -> Self::BoxedClause {
        BoxedLimitOffsetClause { limit: None, offset: None }
    }
}

impl QueryFragment<AnySql> for BoxedLimitOffsetClause<'_, AnySql> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, AnySql>) -> QueryResult<()> {
        match (&self.limit, &self.offset) {
            (None, None) => Ok(()),
            (Some(limit), None) => limit.walk_ast(out),
            (Some(limit), Some(offset)) => {
                limit.walk_ast(out.reborrow())?;
                offset.walk_ast(out)
            }
            (None, Some(_)) => Err(QueryBuilderError("an offset needs a limit".into())),
        }
    }
}
