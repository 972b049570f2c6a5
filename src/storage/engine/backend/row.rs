//! Rows from either database.

use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use diesel::result::QueryResult;
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};
use futures_util::Stream;
use futures_util::stream::BoxStream;
use tokio_postgres::Row as PgRow;

use super::AnySql;
use super::pg_wire::PgField;
use super::sqlite::SqliteRow;
use super::sqlite_value::SqliteValue;
use super::types::AnyValue;

/// A row from either database.
pub enum AnyRow {
    /// From PostgreSQL.
    Pg(PgRow),
    /// From SQLite.
    Sqlite(SqliteRow),
}

impl RowSealed for AnyRow {}

impl RowIndex<usize> for AnyRow {
    fn idx(&self, index: usize) -> Option<usize> {
        match self {
            Self::Pg(row) => (index < row.len()).then_some(index),
            Self::Sqlite(row) => (index < row.count()).then_some(index),
        }
    }
}

impl<'a> RowIndex<&'a str> for AnyRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        match self {
            Self::Pg(row) => row.columns().iter().position(|column| column.name() == name),
            Self::Sqlite(row) => row.index(name),
        }
    }
}

impl<'a> Row<'a, AnySql> for AnyRow {
    type Field<'f>
        = AnyField<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        match self {
            Self::Pg(row) => row.len(),
            Self::Sqlite(row) => row.count(),
        }
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        match self {
            Self::Pg(row) => PgField::new(row, index).map(AnyField::Pg),
            Self::Sqlite(row) => Some(AnyField::Sqlite { name: row.name(index), value: row.value(index) }),
        }
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

/// The rows that a query returned.
pub enum AnyRows {
    /// As they come from PostgreSQL.
    Pg(BoxStream<'static, QueryResult<AnyRow>>),
    /// All that SQLite returned.
    Sqlite(vec::IntoIter<SqliteRow>),
}

impl Stream for AnyRows {
    type Item = QueryResult<AnyRow>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.get_mut() {
            Self::Pg(rows) => rows.as_mut().poll_next(context),
            Self::Sqlite(rows) => Poll::Ready(rows.next().map(|row| Ok(AnyRow::Sqlite(row)))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Pg(rows) => rows.size_hint(),
            Self::Sqlite(rows) => rows.size_hint(),
        }
    }
}

/// A field of a row from either database.
pub enum AnyField<'f> {
    /// From PostgreSQL.
    Pg(PgField<'f>),
    /// From SQLite.
    Sqlite {
        /// The column's.
        name: Option<&'f str>,
        /// `None` is NULL.
        value: Option<SqliteValue<'f>>,
    },
}

impl<'f> Field<'f, AnySql> for AnyField<'f> {
    fn field_name(&self) -> Option<&str> {
        match self {
            Self::Pg(field) => field.name(),
            Self::Sqlite { name, .. } => *name,
        }
    }

    fn value(&self) -> Option<AnyValue<'_>> {
        match self {
            Self::Pg(field) => field.value().map(AnyValue::Pg),
            Self::Sqlite { value, .. } => value.map(AnyValue::Sqlite),
        }
    }
}
