//! From a typed query to its text and its values, and from there to either database.

use std::any::TypeId;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use diesel::pg::{Pg, PgMetadataLookup};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;

use super::AnySql;
use super::pg_wire::NoOtherTypes;
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
    text: Arc<Text>,
    binds: Binds,
    /// Whether the type of the query always has this text.
    typed: bool,
}

/// The text of a query.
#[derive(Debug)]
pub struct Text {
    sql: String,
    /// Whether its prepared statement is worth keeping: there is a limited number of such texts.
    keep: bool,
    /// The names of the columns, once SQLite has told them.
    columns: OnceLock<Vec<String>>,
}

/// Texts that were written before, by diesel's id for the type of their query: writing one takes a good part of the
/// time that SQLite needs to run it.
static WRITTEN: LazyLock<RwLock<HashMap<TypeId, Arc<Text>>>> = LazyLock::new(RwLock::default);

impl Lowered {
    /// Reduces `query`.
    pub fn new<Q: QueryFragment<AnySql> + QueryId>(query: &Q) -> QueryResult<Self> {
        let mut binds = Binds::default();
        query.collect_binds(&mut binds, &mut (), &AnySql)?;
        // If diesel may find a prepared statement by the type of its query, that type always has the same text.
        let known = if query.is_safe_to_cache_prepared(&AnySql)? { Q::query_id() } else { None };
        let text = match known {
            Some(id) => Text::known(id, query)?,
            None => Arc::new(Text::write(query)?),
        };
        Ok(Self { text, binds, typed: known.is_some() })
    }

    /// A statement without values.
    pub fn statement(sql: &str) -> Self {
        let text = Text { sql: sql.to_owned(), keep: true, columns: OnceLock::new() };
        Self { text: Arc::new(text), binds: Binds::default(), typed: false }
    }

    /// Whether it changes nothing.
    pub fn only_reads(&self) -> bool {
        self.text.sql.starts_with("SELECT ")
    }

    /// This query with its original type `Q`, if that type always has the same text. diesel then finds the prepared
    /// statement by the type, and need not hash a kilobyte or two of text each time.
    pub fn typed<Q>(self) -> Result<Typed<Q>, Self> {
        if self.typed { Ok(Typed(self, PhantomData)) } else { Err(self) }
    }

    /// Its text.
    pub fn text(&self) -> Arc<Text> {
        Arc::clone(&self.text)
    }

    /// Its SQL.
    pub fn sql(&self) -> &str {
        &self.text.sql
    }

    /// Whether its prepared statement is worth keeping.
    pub fn is_cacheable(&self) -> bool {
        self.text.keep
    }

    /// Its values in PostgreSQL's binary format, and their types.
    pub fn to_pg(&self) -> QueryResult<RawBytesBindCollector<Pg>> {
        let mut collector = RawBytesBindCollector::new();
        let lookup: &mut dyn PgMetadataLookup = &mut NoOtherTypes;
        self.collect_binds(&mut collector, lookup, &Pg)?;
        Ok(collector)
    }
}

impl Text {
    fn known(id: TypeId, query: &impl QueryFragment<AnySql>) -> QueryResult<Arc<Self>> {
        let written = WRITTEN.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(text) = written {
            return Ok(text);
        }
        let text = Arc::new(Self::write(query)?);
        WRITTEN.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&text));
        Ok(text)
    }

    fn write(query: &impl QueryFragment<AnySql>) -> QueryResult<Self> {
        let mut builder = AnyQueryBuilder::default();
        query.to_sql(&mut builder, &AnySql)?;
        let sql = builder.finish();
        // diesel would keep no UPDATE and no upsert, because their types do not tell which columns they set; our texts
        // do. Not worth keeping are texts that differ with the number of their values.
        let keep = !sql.contains(" IN (") && !sql.contains("), (");
        Ok(Self { sql, keep, columns: OnceLock::new() })
    }

    /// Remembers the names of the columns.
    pub fn name_columns(&self, names: impl FnOnce() -> Vec<String>) {
        self.columns.get_or_init(names);
    }

    /// The names of the columns; none before there was a row.
    pub fn columns(&self) -> &[String] {
        self.columns.get().map(Vec::as_slice).unwrap_or_default()
    }
}

impl QueryFragment<Pg> for Lowered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.text.keep {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text.sql);
        self.binds.push_to_pg(&mut out)
    }
}

impl QueryFragment<Sqlite> for Lowered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.text.keep {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text.sql);
        self.binds.push_to_sqlite(&mut out)
    }
}

/// It has no id of its own, so diesel finds its statement by its text.
impl QueryId for Lowered {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Untyped: rows are read by the original query, which knows their type.
impl Query for Lowered {
    type SqlType = Untyped;
}

/// A [`Lowered`] query that was a `Q`.
pub struct Typed<Q>(Lowered, PhantomData<fn() -> Q>);

impl<Q> QueryFragment<Sqlite> for Typed<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<Q: QueryId> QueryId for Typed<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

/// As for [`Lowered`].
impl<Q> Query for Typed<Q> {
    type SqlType = Untyped;
}
