//! Keys that stay the same for ever. They arrive sealed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::Timestamp;
use crate::storage::engine::schema::kept_keys::{self, table};
use crate::storage::{Conn, StoreError};

/// The key with this name.
pub async fn find(conn: &mut Conn, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(table.find(name).select(kept_keys::sealed).first(conn).await.optional()?)
}

/// Adds a key, unless there is one with this name; tells whether it did. Of any number of calls at once, one gets `true`.
pub async fn insert(conn: &mut Conn, name: &str, sealed: &[u8], now: Timestamp) -> Result<bool, StoreError> {
    let key = (kept_keys::name.eq(name), kept_keys::sealed.eq(sealed), kept_keys::created_at.eq(now));
    Ok(diesel::insert_into(table).values(key).on_conflict_do_nothing().execute(conn).await? == 1)
}
