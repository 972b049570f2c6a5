//! `AnySql`: the SQL that SQLite and PostgreSQL share, as one diesel backend (docs/decisions/0003).
//!
//! A query is built and type-checked once, against [`AnySql`]. To run it, it is reduced to its text and its values
//! (`Lowered`), which our connection to either database then executes. One text serves both because SQLite accepts
//! `"identifiers"` and `$1` parameters.

mod any_sql;
mod connection;
mod doubt;
mod pg_server;
mod pg_wire;
mod postgres;
mod query;
mod row;
mod sqlite;
mod sqlite_time;
mod sqlite_value;
mod syntax;
mod types;
mod with;

use diesel::backend::{Backend, DieselReserveSpecialization, SqlDialect, TrustedBackend, sql_dialect as dialect};
use diesel::sql_types::TypeMetadata;

pub use any_sql::AnySql;
pub use connection::AnyConnection;
pub use doubt::Doubt;
pub use pg_server::{PostgresServer, PreparedStatements};
pub use types::Bind;
pub use with::{SkipLocked, With};

impl Backend for AnySql {
    type QueryBuilder = query::AnyQueryBuilder;
    type RawValue<'a> = types::AnyValue<'a>;
    type BindCollector<'a> = types::Binds;
}

impl TypeMetadata for AnySql {
    type TypeMetadata = types::Kind;
    type MetadataLookup = ();
}

impl SqlDialect for AnySql {
    type ReturningClause = dialect::returning_clause::PgLikeReturningClause;
    type OnConflictClause = syntax::OnConflict;
    type InsertWithDefaultKeyword = syntax::NoneIsNull;
    type BatchInsertSupport = syntax::ManyRows;
    type ConcatClause = dialect::concat_clause::ConcatWithPipesClause;
    type DefaultValueClauseForInsert = dialect::default_value_clause::AnsiDefaultValueClause;
    type EmptyFromClauseSyntax = dialect::from_clause_syntax::AnsiSqlFromClauseSyntax;
    type SelectStatementSyntax = dialect::select_statement_syntax::AnsiSqlSelectStatement;
    type ExistsSyntax = dialect::exists_syntax::AnsiSqlExistsSyntax;
    type ArrayComparison = dialect::array_comparison::AnsiSqlArrayComparison;
    type AliasSyntax = dialect::alias_syntax::AsAliasSyntax;
    type WindowFrameClauseGroupSupport = dialect::window_frame_clause_group_support::IsoGroupWindowFrameUnit;
    type WindowFrameExclusionSupport = dialect::window_frame_exclusion_support::FrameExclusionSupport;
    type AggregateFunctionExpressions =
        dialect::aggregate_function_expressions::PostgresLikeAggregateFunctionExpressions;
    type BuiltInWindowFunctionRequireOrder = dialect::built_in_window_function_require_order::NoOrderRequired;
}

// Both say: use diesel's generic query fragments, and we accept that they may change outside semver (Cargo.toml pins).
impl DieselReserveSpecialization for AnySql {}
impl TrustedBackend for AnySql {}
