//! Those who say to have lost every second factor.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::factor::lost_factors::LostFactors;
use crate::foundation::{Timestamp, id::UserId};
use crate::storage::engine::schema::lost_factors;
use crate::storage::engine::schema::lost_factors::table;
use crate::storage::{Conn, StoreError};

/// Keeps what a person has said, instead of what they had said before. Only in a transaction that holds the account's row.
pub async fn replace(conn: &mut Conn, lost: &LostFactors) -> Result<(), StoreError> {
    diesel::delete(table.find(lost.user)).execute(conn).await?;
    diesel::insert_into(table).values(LostRow::from(lost.clone())).execute(conn).await?;
    Ok(())
}

/// What a person has said, void or not.
pub async fn find(conn: &mut Conn, user: UserId) -> Result<Option<LostFactors>, StoreError> {
    let row: Option<LostRow> = table.find(user).select(LostRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(LostFactors::from))
}

/// Uses it up, if its delay is over at `now` and the account has not changed since `seen_at`. Of many at once one is told
/// `true`.
pub async fn take(conn: &mut Conn, user: UserId, seen_at: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
    let due = table
        .find(user)
        .filter(lost_factors::user_seen_at.eq(seen_at))
        .filter(lost_factors::effective_at.le(now))
        .filter(lost_factors::expires_at.gt(now));
    Ok(diesel::delete(due).execute(conn).await? == 1)
}

/// It is not so; `false` when nothing was said.
pub async fn end(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    Ok(diesel::delete(table.find(user)).execute(conn).await? == 1)
}

/// At most `limit` people who are to be told again at `now`, the longest due first.
pub async fn to_remind(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<UserId>, StoreError> {
    let due = table.filter(lost_factors::remind_at.le(now)).order(lost_factors::remind_at);
    Ok(due.select(lost_factors::user_id).limit(limit).load(conn).await?)
}

/// Notes that a person was told again; `false` when that was noted before, or nothing is to be told.
pub async fn reminded(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let due = table.find(user).filter(lost_factors::remind_at.le(now));
    Ok(diesel::update(due).set(lost_factors::remind_at.eq(None::<Timestamp>)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lost_factors, treat_none_as_default_value = false)]
struct LostRow {
    user_id: UserId,
    user_seen_at: Timestamp,
    requested_at: Timestamp,
    effective_at: Timestamp,
    remind_at: Option<Timestamp>,
    expires_at: Timestamp,
}

impl From<LostFactors> for LostRow {
    fn from(lost: LostFactors) -> Self {
        Self {
            user_id: lost.user,
            user_seen_at: lost.user_seen_at,
            requested_at: lost.requested_at,
            effective_at: lost.effective_at,
            remind_at: lost.remind_at,
            expires_at: lost.expires_at,
        }
    }
}

impl From<LostRow> for LostFactors {
    fn from(row: LostRow) -> Self {
        Self {
            user: row.user_id,
            user_seen_at: row.user_seen_at,
            requested_at: row.requested_at,
            effective_at: row.effective_at,
            remind_at: row.remind_at,
            expires_at: row.expires_at,
        }
    }
}
