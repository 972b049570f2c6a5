//! What a browser's cookie leads to.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::browser_sessions::{created_at, data, expires_at, hash, table};
use super::{Conn, StoreError};
use crate::foundation::{SecretHash, Timestamp};

/// The data of a session that has not expired.
pub async fn load(conn: &mut Conn, cookie: &SecretHash, now: Timestamp) -> Result<Option<String>, StoreError> {
    Ok(table.find(cookie).filter(expires_at.gt(now)).select(data).first(conn).await.optional()?)
}

/// Adds a session; `false` when there is one under this hash.
pub async fn insert(
    conn: &mut Conn,
    cookie: &SecretHash,
    json: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let row = (hash.eq(cookie), data.eq(json), created_at.eq(now), expires_at.eq(until));
    Ok(diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn).await? == 1)
}

/// Writes a session, new or not.
pub async fn save(
    conn: &mut Conn,
    cookie: &SecretHash,
    json: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(table)
        .values((hash.eq(cookie), data.eq(json), created_at.eq(now), expires_at.eq(until)))
        .on_conflict(hash)
        .do_update()
        .set((data.eq(json), expires_at.eq(until)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets a session end at `until`, unless it ends before.
pub async fn retire(conn: &mut Conn, cookie: &SecretHash, until: Timestamp) -> Result<(), StoreError> {
    diesel::update(table.find(cookie).filter(expires_at.gt(until))).set(expires_at.eq(until)).execute(conn).await?;
    Ok(())
}
