//! What travels between diesel and tokio-postgres: parameters, fields and errors.

use std::error::Error as StdError;
use std::fmt;
use std::num::NonZeroU32;

use bytes::BytesMut;
use diesel::pg::{PgMetadataLookup, PgTypeMetadata, PgValue};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use tokio_postgres::Row;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

/// A parameter in PostgreSQL's binary format, `None` for NULL. `Debug` hides it: it may be a secret's hash.
pub struct Parameter(pub Option<Vec<u8>>);

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parameter")
    }
}

impl ToSql for Parameter {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match &self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    /// The type needs no check: it is the one that diesel names.
    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.to_sql(ty, out)
    }
}

/// No types are looked up: those that we use have the same number in every PostgreSQL.
pub struct NoOtherTypes;

impl PgMetadataLookup for NoOtherTypes {
    fn lookup_type(&mut self, _: &str, _: Option<&str>) -> PgTypeMetadata {
        PgTypeMetadata::new(0, 0)
    }
}

/// A field of a row.
pub struct PgField<'f> {
    row: &'f Row,
    index: usize,
    oid: NonZeroU32,
}

impl<'f> PgField<'f> {
    /// The field at `index`; `None` if there is none.
    pub fn new(row: &'f Row, index: usize) -> Option<Self> {
        let oid = NonZeroU32::new(row.columns().get(index)?.type_().oid())?;
        Some(Self { row, index, oid })
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        Some(self.row.columns().get(self.index)?.name())
    }

    /// Its value, `None` for NULL.
    pub fn value(&self) -> Option<PgValue<'_>> {
        let Raw(bytes) = self.row.try_get(self.index).ok()?;
        bytes.map(|bytes| PgValue::new(bytes, &self.oid))
    }
}

struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// An error in diesel's terms.
pub fn error(error: &tokio_postgres::Error) -> Error {
    use DatabaseErrorKind as Kind;
    let Some(told) = error.as_db_error() else {
        return Error::DatabaseError(Kind::UnableToSendCommand, Box::new(error.to_string()));
    };
    let kind = match *told.code() {
        SqlState::UNIQUE_VIOLATION => Kind::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION => Kind::ForeignKeyViolation,
        SqlState::NOT_NULL_VIOLATION => Kind::NotNullViolation,
        SqlState::CHECK_VIOLATION => Kind::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => Kind::SerializationFailure,
        SqlState::READ_ONLY_SQL_TRANSACTION => Kind::ReadOnlyTransaction,
        _ => Kind::Unknown,
    };
    Error::DatabaseError(kind, Box::new(Told(told.clone())))
}

/// The server's report of an error.
struct Told(DbError);

impl DatabaseErrorInformation for Told {
    fn message(&self) -> &str {
        self.0.message()
    }

    fn details(&self) -> Option<&str> {
        self.0.detail()
    }

    fn hint(&self) -> Option<&str> {
        self.0.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.0.table()
    }

    fn column_name(&self) -> Option<&str> {
        self.0.column()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.0.constraint()
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}
