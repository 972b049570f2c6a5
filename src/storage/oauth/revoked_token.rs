//! Access tokens that were revoked before their time.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::Timestamp;
use crate::storage::engine::schema::revoked_tokens::{expires_at, id, revoked_at, table};
use crate::storage::{Conn, StoreError};

/// Revokes the token with this `jti`, which would have expired at `until`; `false` when it was revoked before.
pub async fn insert(conn: &mut Conn, jti: &str, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let row = (id.eq(jti), revoked_at.eq(now), expires_at.eq(until));
    Ok(diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn).await? == 1)
}

/// Whether the token with this `jti` was revoked. For a token under a grant, `grant::state_of_token` answers this and
/// the rest in one query.
pub async fn contains(conn: &mut Conn, jti: &str) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(table.find(jti))).get_result(conn).await?)
}
