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

/// Adds a session.
pub async fn insert(
    conn: &mut Conn,
    cookie: &SecretHash,
    json: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    let row = (hash.eq(cookie), data.eq(json), created_at.eq(now), expires_at.eq(until));
    diesel::insert_into(table).values(row).execute(conn).await?;
    Ok(())
}

/// What is left of a session under a cookie that was replaced: other data, and an end at `until`.
pub async fn replaced(conn: &mut Conn, cookie: &SecretHash, json: &str, until: Timestamp) -> Result<(), StoreError> {
    diesel::update(table.find(cookie)).set((data.eq(json), expires_at.eq(until))).execute(conn).await?;
    Ok(())
}

/// Lets a session end at `until`, unless it ends before.
pub async fn retire(conn: &mut Conn, cookie: &SecretHash, until: Timestamp) -> Result<(), StoreError> {
    diesel::update(table.find(cookie).filter(expires_at.gt(until))).set(expires_at.eq(until)).execute(conn).await?;
    Ok(())
}
