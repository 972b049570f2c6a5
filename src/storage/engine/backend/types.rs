//! The types of columns that both databases have, and how a value of each travels to and from either.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRef};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::{AstPass, BindCollector};
use diesel::result::Error::SerializationError;
use diesel::result::QueryResult;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self as sql, HasSqlType, Nullable};
use diesel::sqlite::Sqlite;

use super::AnySql;
use super::sqlite_time;
use super::sqlite_value::SqliteValue;

/// A value as one of the two databases returned it.
pub enum AnyValue<'a> {
    /// PostgreSQL's binary format.
    Pg(PgValue<'a>),
    /// SQLite's own value, copied out of its statement.
    Sqlite(SqliteValue<'a>),
}

/// The values of a query, in the order of its parameters.
#[derive(Debug, Default)]
pub struct Binds(Vec<Bind>);

impl Binds {
    /// Pushes the values, one for each parameter in the text of the query.
    pub fn push_to_pg<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.iter().try_for_each(|bind| bind.push_to_pg(out))
    }

    /// As [`Binds::push_to_pg`], for SQLite.
    pub fn push_to_sqlite<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.iter().try_for_each(|bind| bind.push_to_sqlite(out))
    }
}

/// Where a `ToSql` implementation leaves its value.
#[derive(Default)]
pub struct Slot(Option<Bind>);

impl From<Bind> for Slot {
    fn from(bind: Bind) -> Self {
        Self(Some(bind))
    }
}

impl<'a> BindCollector<'a, AnySql> for Binds {
    type Buffer = Slot;

    fn push_bound_value<T, U>(&mut self, bind: &'a U, lookup: &mut ()) -> QueryResult<()>
    where
        AnySql: HasSqlType<T>,
        U: ToSql<T, AnySql> + ?Sized + 'a,
    {
        let mut output = Output::new(Slot::default(), lookup);
        let is_null = bind.to_sql(&mut output).map_err(SerializationError)?;
        let slot = output.into_inner();
        self.0.push(match (is_null, slot.0) {
            (IsNull::No, Some(bind)) => bind,
            (IsNull::No, None) => return Err(SerializationError("a value was not written".into())),
            (IsNull::Yes, _) => Bind::Null(AnySql::metadata(lookup)),
        });
        Ok(())
    }

    fn push_null_value(&mut self, kind: Kind) -> QueryResult<()> {
        self.0.push(Bind::Null(kind));
        Ok(())
    }
}

/// Declares the types: SQL type, Rust type, SQL type in PostgreSQL, SQL type in SQLite.
macro_rules! sql_types {
    ($($name:ident: $rust:ty, pg $pg:ty, sqlite $sqlite:ty;)*) => {
        /// The type of a parameter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = concat!("SQL `", stringify!($name), "`.")] $name,)*
        }

        /// A value for a parameter.
        #[derive(Clone, Debug)]
        pub enum Bind {
            /// NULL of this type, which PostgreSQL must be told.
            Null(Kind),
            $(#[doc = concat!("SQL `", stringify!($name), "`.")] $name($rust),)*
        }

        impl Bind {
            fn push_to_pg<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                match self {
                    $(
                        Self::Null(Kind::$name) => out.push_bind_param_value_only::<Nullable<$pg>, Option<$rust>>(&None),
                        Self::$name(value) => out.push_bind_param_value_only::<$pg, $rust>(value),
                    )*
                }
            }

            fn push_to_sqlite<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                match self {
                    $(
                        Self::Null(Kind::$name) => {
                            out.push_bind_param_value_only::<Nullable<$sqlite>, Option<$rust>>(&None)
                        }
                        Self::$name(value) => out.push_bind_param_value_only::<$sqlite, $rust>(value),
                    )*
                }
            }
        }

        $(
            impl HasSqlType<sql::$name> for AnySql {
                fn metadata(_: &mut ()) -> Kind {
                    Kind::$name
                }
            }
        )*
    };
}

sql_types! {
    SmallInt: i16, pg sql::SmallInt, sqlite sql::SmallInt;
    Integer: i32, pg sql::Integer, sqlite sql::Integer;
    BigInt: i64, pg sql::BigInt, sqlite sql::BigInt;
    Float: f32, pg sql::Float, sqlite sql::Float;
    Double: f64, pg sql::Double, sqlite sql::Double;
    Bool: bool, pg sql::Bool, sqlite sql::Bool;
    Text: String, pg sql::Text, sqlite sql::Text;
    Binary: Vec<u8>, pg sql::Binary, sqlite sql::Binary;
    Date: NaiveDate, pg sql::Date, sqlite sql::Date;
    Time: NaiveTime, pg sql::Time, sqlite sql::Time;
    Timestamp: NaiveDateTime, pg sql::Timestamp, sqlite sql::Timestamp;
    Timestamptz: TimeBind, pg sql::Timestamptz, sqlite sql::Text;
    Uuid: UuidBind, pg sql::Uuid, sqlite sql::Binary;
}

/// PostgreSQL cannot hold a NUL character and SQLite can, so both refuse it: a request ends in the same way on either.
impl TryFrom<String> for Bind {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.contains('\0') { Err("text contains a NUL character") } else { Ok(Self::Text(text)) }
    }
}

impl From<Vec<u8>> for Bind {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

impl From<uuid::Uuid> for Bind {
    fn from(uuid: uuid::Uuid) -> Self {
        Self::Uuid(UuidBind(uuid))
    }
}

impl From<DateTime<Utc>> for Bind {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Timestamptz(TimeBind(time))
    }
}

/// Declares how a Rust type is written and read, for types that PostgreSQL knows under the same name. The last part reads
/// SQLite's value.
macro_rules! values {
    ($($name:ident: $rust:ty, |$value:ident| $read:expr;)*) => {
        $(
            impl ToSql<sql::$name, AnySql> for $rust {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, AnySql>) -> serialize::Result {
                    out.set_value(Bind::$name(*self));
                    Ok(IsNull::No)
                }
            }

            impl FromSql<sql::$name, AnySql> for $rust {
                fn from_sql(value: AnyValue<'_>) -> deserialize::Result<Self> {
                    match value {
                        AnyValue::Pg(value) => FromSql::<sql::$name, Pg>::from_sql(value),
                        AnyValue::Sqlite($value) => $read,
                    }
                }
            }
        )*
    };
}

values! {
    SmallInt: i16, |value| Ok(value.integer()?.try_into()?);
    Integer: i32, |value| Ok(value.integer()?.try_into()?);
    BigInt: i64, |value| value.integer();
    Double: f64, |value| value.real();
    Bool: bool, |value| Ok(value.integer()? != 0);
}

impl ToSql<sql::Timestamptz, AnySql> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, AnySql>) -> serialize::Result {
        out.set_value(Bind::from(*self));
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Timestamptz, AnySql> for DateTime<Utc> {
    fn from_sql(value: AnyValue<'_>) -> deserialize::Result<Self> {
        match value {
            AnyValue::Pg(value) => FromSql::<sql::Timestamptz, Pg>::from_sql(value),
            AnyValue::Sqlite(value) => Ok(sqlite_time::read(value.text()?)?),
        }
    }
}

/// A time on its way to either database: PostgreSQL has the type, SQLite keeps text.
#[derive(Clone, Copy, Debug)]
pub struct TimeBind(DateTime<Utc>);

impl ToSql<sql::Timestamptz, Pg> for TimeBind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql::Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl ToSql<sql::Text, Sqlite> for TimeBind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(sqlite_time::write(&self.0));
        Ok(IsNull::No)
    }
}

impl ToSql<sql::Text, AnySql> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, AnySql>) -> serialize::Result {
        out.set_value(Bind::try_from(self.to_owned())?);
        Ok(IsNull::No)
    }
}

/// `String` reads itself through this.
impl<'a> FromSqlRef<'a, sql::Text, AnySql> for &'a str {
    fn from_sql(value: &'a mut AnyValue<'_>) -> deserialize::Result<Self> {
        match value {
            AnyValue::Pg(value) => FromSqlRef::<'_, sql::Text, Pg>::from_sql(value),
            AnyValue::Sqlite(value) => value.text(),
        }
    }
}

impl ToSql<sql::Binary, AnySql> for [u8] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, AnySql>) -> serialize::Result {
        out.set_value(Bind::Binary(self.to_vec()));
        Ok(IsNull::No)
    }
}

/// `Vec<u8>` reads itself through this.
impl<'a> FromSqlRef<'a, sql::Binary, AnySql> for &'a [u8] {
    fn from_sql(value: &'a mut AnyValue<'_>) -> deserialize::Result<Self> {
        match value {
            AnyValue::Pg(value) => FromSqlRef::<'_, sql::Binary, Pg>::from_sql(value),
            AnyValue::Sqlite(value) => value.blob(),
        }
    }
}

/// A UUID on its way to either database: PostgreSQL has the type, SQLite keeps 16 bytes.
#[derive(Clone, Copy, Debug)]
pub struct UuidBind(uuid::Uuid);

impl ToSql<sql::Uuid, Pg> for UuidBind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql::Uuid, Pg>::to_sql(&self.0, out)
    }
}

impl ToSql<sql::Binary, Sqlite> for UuidBind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        ToSql::<sql::Binary, Sqlite>::to_sql(self.0.as_bytes().as_slice(), out)
    }
}

impl ToSql<sql::Uuid, AnySql> for uuid::Uuid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, AnySql>) -> serialize::Result {
        out.set_value(Bind::Uuid(UuidBind(*self)));
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Uuid, AnySql> for uuid::Uuid {
    fn from_sql(value: AnyValue<'_>) -> deserialize::Result<Self> {
        match value {
            AnyValue::Pg(value) => FromSql::<sql::Uuid, Pg>::from_sql(value),
            AnyValue::Sqlite(value) => Ok(Self::from_slice(value.blob()?)?),
        }
    }
}
