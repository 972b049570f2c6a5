//! Opaque access tokens. JWTs are not stored.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::token::access_token::Claims;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::json;
use crate::storage::engine::schema::access_tokens::{self, table};
use crate::storage::{Conn, StoreError};

/// Stores the claims of the token with this hash.
pub async fn insert(
    conn: &mut Conn,
    hash: &SecretHash,
    claims: &Claims,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        access_tokens::hash.eq(hash),
        access_tokens::id.eq(&claims.jti),
        access_tokens::client_id.eq(&claims.client_id),
        access_tokens::claims.eq(json::write(claims)?),
        access_tokens::created_at.eq(now),
        access_tokens::expires_at.eq(expires_at),
    );
    diesel::insert_into(table).values(row).execute(conn).await?;
    Ok(())
}

/// The claims of the token, even if it has expired: the caller looks at `exp`.
pub async fn find(conn: &mut Conn, hash: &SecretHash) -> Result<Option<Claims>, StoreError> {
    let claims: Option<String> = table.find(hash).select(access_tokens::claims).first(conn).await.optional()?;
    claims.map(|claims| json::read(&claims, "access_tokens.claims")).transpose()
}

/// Forgets the token; tells whether there was one.
pub async fn delete(conn: &mut Conn, hash: &SecretHash) -> Result<bool, StoreError> {
    Ok(diesel::delete(table.find(hash)).execute(conn).await? == 1)
}
