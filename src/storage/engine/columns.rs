//! Our own types as columns, so that rows and queries use them directly. The types themselves know no database.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Text, Timestamptz, Uuid};

use crate::crypto::jwe::KeyManagement;
use crate::crypto::jwt::Algorithm;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::user::Status;
use crate::domain::factor::proof::Proofs;
use crate::domain::factor::second_factor;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::operation::job;
use crate::foundation::id::{CredentialId, EventId, GrantId, InitialTokenId, JobId, SessionId, UserId};
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::proofs;

/// Makes `$type` a column of SQL type `$sql`. `$to` returns the raw value to write; `$from` reads a `$raw`, and returns
/// `None` for a value that makes no sense.
macro_rules! column {
    ($type:ty: $sql:ty as $raw:ty, |$value:ident| $to:expr, |$stored:ident| $from:expr) => {
        impl diesel::serialize::ToSql<$sql, $crate::storage::engine::backend::AnySql> for $type {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $crate::storage::engine::backend::AnySql>,
            ) -> diesel::serialize::Result {
                let $value = self;
                out.set_value($crate::storage::engine::backend::Bind::try_from($to)?);
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$sql, $crate::storage::engine::backend::AnySql> for $type {
            fn from_sql(
                value: <$crate::storage::engine::backend::AnySql as diesel::backend::Backend>::RawValue<'_>,
            ) -> diesel::deserialize::Result<Self> {
                type Stored = $raw;
                let $stored: Stored =
                    diesel::deserialize::FromSql::<$sql, $crate::storage::engine::backend::AnySql>::from_sql(value)?;
                let read: Option<Self> = $from;
                read.ok_or_else(|| concat!("not a ", stringify!($type)).into())
            }
        }

        /// Lets a nullable column be compared with a value.
        impl diesel::serialize::ToSql<diesel::sql_types::Nullable<$sql>, $crate::storage::engine::backend::AnySql> for $type {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $crate::storage::engine::backend::AnySql>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<$sql, $crate::storage::engine::backend::AnySql>::to_sql(self, out)
            }
        }

        impl<DB, ST> diesel::deserialize::Queryable<ST, DB> for $type
        where
            DB: diesel::backend::Backend,
            ST: diesel::sql_types::SingleValue,
            Self: diesel::deserialize::FromSql<ST, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }

        column!(expression $type: $sql);
        column!(expression $type: diesel::sql_types::Nullable<$sql>);
    };
    (expression $type:ty: $sql:ty) => {
        impl diesel::expression::AsExpression<$sql> for $type {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;

            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }

        impl<'a> diesel::expression::AsExpression<$sql> for &'a $type {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;

            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
    };
}
column!(Timestamp: Timestamptz as DateTime<Utc>, |time| to_date_time(*time), |stored| Some(from_date_time(stored)));
column!(UserId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(GrantId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(SessionId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(InitialTokenId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(CredentialId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(JobId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(EventId: Uuid as uuid::Uuid, |id| id.as_uuid(), |stored| Some(Self::from_uuid(stored)));
column!(SecretHash: Binary as Vec<u8>, |hash| hash.as_bytes().to_vec(), |stored| Self::from_stored(&stored));
column!(ClientId: Text as String, |id| id.as_str().to_owned(), |stored| Some(Self::new(stored)));
column!(Purpose: Text as String, |purpose| purpose.as_str().to_owned(), |stored| Self::parse(&stored));
column!(Status: Text as String, |status| status.as_str().to_owned(), |stored| Self::parse(&stored));
column!(job::State: Text as String, |state| state.as_str().to_owned(), |stored| Self::parse(&stored));
column!(job::Kind: Text as String, |kind| kind.as_str().to_owned(), |stored| Self::parse(&stored));
column!(second_factor::Kind: Text as String, |kind| kind.as_str().to_owned(), |stored| Self::parse(&stored));
column!(Algorithm: Text as String, |algorithm| algorithm.name().to_owned(), |stored| stored.parse().ok());
column!(KeyManagement: Text as String, |algorithm| algorithm.name().to_owned(), |stored| stored.parse().ok());
column!(LoginIdentifier: Text as String, |name| name.as_str().to_owned(), |stored| Self::typed(&stored).ok());
column!(Scope: Text as String, |scope| scope.to_string(), |stored| Self::from_stored(&stored));
column!(Proofs: Text as String, |held| proofs::write(held)?, |stored| proofs::read(&stored));
column!(Words: Text as String, |words| words.0.join(" "), |stored| Some(Self::split(&stored)));

/// Words without spaces in them, kept in one column with spaces between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(pub Vec<String>);

impl Words {
    fn split(text: &str) -> Self {
        Self(text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }
}

/// The last microsecond of the year 9999. Beyond it, times would not sort in SQLite, which keeps them as text; "the end
/// of time" of [`Timestamp::after`] is stored as this.
const LAST: i64 = 253_402_300_799_999_999;
/// The first microsecond of the year 1.
const FIRST: i64 = -62_135_596_800_000_000;

fn to_date_time(time: Timestamp) -> DateTime<Utc> {
    // Never the default: chrono knows every time within the bounds.
    DateTime::from_timestamp_micros(time.as_micros().clamp(FIRST, LAST)).unwrap_or_default()
}

fn from_date_time(stored: DateTime<Utc>) -> Timestamp {
    Timestamp::from_micros(stored.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_are_no_words() {
        assert_eq!(Words::split(""), Words(Vec::new()));
        assert_eq!(Words::split("pwd otp"), Words(vec!["pwd".into(), "otp".into()]));
    }

    #[test]
    fn times_that_no_database_can_sort_become_the_first_or_the_last_one() {
        assert_eq!(to_date_time(Timestamp::from_micros(i64::MAX)).to_string(), "9999-12-31 23:59:59.999999 UTC");
        assert_eq!(to_date_time(Timestamp::from_micros(i64::MIN)).to_string(), "0001-01-01 00:00:00 UTC");
        let now = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(from_date_time(to_date_time(now)), now);
    }
}
