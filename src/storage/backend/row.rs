//! Rows from either database.

use std::ops::Range;

use diesel::pg::Pg;
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};
use diesel::sqlite::Sqlite;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};

use super::AnySql;
use super::in_place::SqliteInPlace;
use super::types::AnyValue;

type PgRow = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;
type SqliteRow = <SqliteInPlace as AsyncConnectionCore>::Row<'static, 'static>;

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
            Self::Pg(row) => row.idx(index),
            Self::Sqlite(row) => row.idx(index),
        }
    }
}

impl<'a> RowIndex<&'a str> for AnyRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        match self {
            Self::Pg(row) => row.idx(name),
            Self::Sqlite(row) => row.idx(name),
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
            Self::Pg(row) => Row::<Pg>::field_count(row),
            Self::Sqlite(row) => Row::<Sqlite>::field_count(row),
        }
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        match self {
            Self::Pg(row) => Row::<Pg>::get(row, index).map(AnyField::Pg),
            Self::Sqlite(row) => Row::<Sqlite>::get(row, index).map(AnyField::Sqlite),
        }
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

/// A field of a row from either database.
pub enum AnyField<'f> {
    /// From PostgreSQL.
    Pg(<PgRow as Row<'f, Pg>>::Field<'f>),
    /// From SQLite.
    Sqlite(<SqliteRow as Row<'f, Sqlite>>::Field<'f>),
}

impl<'f> Field<'f, AnySql> for AnyField<'f> {
    fn field_name(&self) -> Option<&str> {
        match self {
            Self::Pg(field) => field.field_name(),
            Self::Sqlite(field) => field.field_name(),
        }
    }

    fn value(&self) -> Option<AnyValue<'_>> {
        match self {
            Self::Pg(field) => field.value().map(AnyValue::Pg),
            Self::Sqlite(field) => field.value().map(AnyValue::Sqlite),
        }
    }
}
