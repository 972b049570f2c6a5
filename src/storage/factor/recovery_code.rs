//! Recovery codes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::foundation::{SecretHash, Timestamp, id::UserId};
use crate::storage::engine::schema::recovery_codes::{created_at, hash, table, used_at, user_id};
use crate::storage::{Conn, StoreError};

/// Gives a user these codes; any others that they had are gone.
pub async fn replace(conn: &mut Conn, user: UserId, hashes: &[SecretHash], now: Timestamp) -> Result<(), StoreError> {
    diesel::delete(table.filter(user_id.eq(user))).execute(conn).await?;
    let rows: Vec<_> = hashes.iter().map(|code| (hash.eq(code), user_id.eq(user), created_at.eq(now))).collect();
    if !rows.is_empty() {
        diesel::insert_into(table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// Takes the codes away from a user that were made then or later.
pub async fn remove_since(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<(), StoreError> {
    diesel::delete(table.filter(user_id.eq(user)).filter(created_at.ge(at))).execute(conn).await?;
    Ok(())
}

/// Whether a user has this code, unused.
pub async fn is_unused(conn: &mut Conn, user: UserId, code: &SecretHash) -> Result<bool, StoreError> {
    let unused = table.find(code).filter(user_id.eq(user)).filter(used_at.is_null());
    Ok(unused.select(hash).first::<SecretHash>(conn).await.optional()?.is_some())
}

/// Takes a code; `false` when its user does not have it, or it was taken before. Of twenty at once one is.
pub async fn take(conn: &mut Conn, user: UserId, code: &SecretHash, now: Timestamp) -> Result<bool, StoreError> {
    let unused = table.find(code).filter(user_id.eq(user)).filter(used_at.is_null());
    Ok(diesel::update(unused).set(used_at.eq(now)).execute(conn).await? == 1)
}

/// How many codes a user has left, and when they were made; `None` when they never had any.
pub async fn left(conn: &mut Conn, user: UserId) -> Result<Option<(usize, Timestamp)>, StoreError> {
    let own = table.filter(user_id.eq(user)).select((used_at, created_at));
    let rows: Vec<(Option<Timestamp>, Timestamp)> = own.load(conn).await?;
    let unused = rows.iter().filter(|(used, _)| used.is_none()).count();
    Ok(rows.as_slice().first().map(|(_, made)| (unused, *made)))
}
