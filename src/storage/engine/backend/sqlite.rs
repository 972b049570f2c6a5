//! Runs SQLite on the calling thread: a statement takes some ten microseconds, less than the way to another thread and
//! back (docs/decisions/0011).
//!
//! A slow disk does not stop what needs no database: there are more threads than connections that read, and the one
//! that writes waits elsewhere (`storage/engine/writer.rs`).

use std::ops::Range;
use std::sync::Arc;

use diesel::connection::LoadConnection;
use diesel::deserialize::FromSqlRef;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::row::{Field, Row};
use diesel::sql_types::{Text as SqlText, Untyped};
use diesel::sqlite::{Sqlite, SqliteType};
use diesel::{Connection, SqliteConnection};

use super::query::{Lowered, Text};
use super::sqlite_value::SqliteValue;

/// Runs a query of type `Q` that returns rows.
pub fn load<Q: QueryId>(conn: &mut SqliteConnection, query: Lowered) -> QueryResult<Vec<SqliteRow>> {
    let text = query.text();
    match query.typed::<Q>() {
        Ok(query) => rows(conn, query, &text),
        Err(query) => rows(conn, query, &text),
    }
}

fn rows<Q>(conn: &mut SqliteConnection, query: Q, text: &Arc<Text>) -> QueryResult<Vec<SqliteRow>>
where
    Q: Query<SqlType = Untyped> + QueryFragment<Sqlite> + QueryId,
{
    let mut rows = Vec::new();
    for row in conn.load(query)? {
        rows.push(SqliteRow::copy(&row?, text)?);
    }
    Ok(rows)
}

/// Runs a statement of type `Q`, and returns how many rows it has changed.
pub fn execute<Q: QueryId>(conn: &mut SqliteConnection, query: Lowered) -> QueryResult<usize> {
    match query.typed::<Q>() {
        Ok(query) => conn.execute_returning_count(&query),
        Err(query) => conn.execute_returning_count(&query),
    }
}

/// Runs a statement that is no query.
pub fn run(conn: &mut SqliteConnection, statement: &str) -> QueryResult<()> {
    conn.execute_returning_count(&Lowered::statement(statement)).map(drop)
}

/// A row, copied out of the statement that returned it: a statement lives no longer than the call.
pub struct SqliteRow {
    cells: Vec<Cell>,
    texts: String,
    blobs: Vec<u8>,
    /// Knows the names of the columns.
    query: Arc<Text>,
}

/// A value, or where in its row it is.
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Range<usize>),
    Blob(Range<usize>),
}

impl SqliteRow {
    fn copy<'stmt>(row: &impl Row<'stmt, Sqlite>, query: &Arc<Text>) -> QueryResult<Self> {
        let count = row.field_count();
        query.name_columns(|| {
            (0..count)
                .map(|index| Some(row.get(index)?.field_name()?.to_owned()))
                .map(Option::unwrap_or_default)
                .collect()
        });
        let (cells, texts, blobs) = (Vec::with_capacity(count), String::new(), Vec::new());
        let mut copy = Self { cells, texts, blobs, query: Arc::clone(query) };
        for index in 0..count {
            let field = row.get(index);
            let Some(mut value) = field.as_ref().and_then(Field::value) else {
                copy.cells.push(Cell::Null);
                continue;
            };
            let cell = match value.value_type() {
                Some(SqliteType::Text) => {
                    let text: &str = FromSqlRef::<SqlText, Sqlite>::from_sql(&mut value)
                        .map_err(diesel::result::Error::DeserializationError)?;
                    Cell::Text(append(copy.texts.len(), text.len(), || copy.texts.push_str(text)))
                }
                Some(SqliteType::Binary) => {
                    let blob = value.read_blob();
                    Cell::Blob(append(copy.blobs.len(), blob.len(), || copy.blobs.extend_from_slice(blob)))
                }
                Some(SqliteType::Float | SqliteType::Double) => Cell::Real(value.read_double()),
                Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => Cell::Integer(value.read_long()),
                None => Cell::Null,
            };
            copy.cells.push(cell);
        }
        Ok(copy)
    }

    /// How many columns there are.
    pub fn count(&self) -> usize {
        self.cells.len()
    }

    /// The value in a column; `None` is NULL.
    pub fn value(&self, index: usize) -> Option<SqliteValue<'_>> {
        match self.cells.get(index)? {
            Cell::Null => None,
            Cell::Integer(number) => Some(SqliteValue::Integer(*number)),
            Cell::Real(number) => Some(SqliteValue::Real(*number)),
            Cell::Text(range) => self.texts.get(range.clone()).map(SqliteValue::Text),
            Cell::Blob(range) => self.blobs.get(range.clone()).map(SqliteValue::Blob),
        }
    }

    /// The name of a column.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.query.columns().get(index).map(String::as_str)
    }

    /// The column of this name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.query.columns().iter().position(|column| column == name)
    }
}

fn append(start: usize, length: usize, append: impl FnOnce()) -> Range<usize> {
    append();
    start..start + length
}
