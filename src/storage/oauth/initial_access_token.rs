//! Initial access tokens (RFC 7591 §3).

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::oauth::client::initial_access_token::InitialAccessToken;
use crate::foundation::id::InitialTokenId;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::engine::schema::initial_access_tokens;
use crate::storage::engine::schema::initial_access_tokens::table;
use crate::storage::{Conn, StoreError};

/// Keeps one under the hash of the token.
pub async fn insert(conn: &mut Conn, token: &InitialAccessToken, hash: &SecretHash) -> Result<(), StoreError> {
    let row = (TokenRow::from(token.clone()), initial_access_tokens::hash.eq(hash));
    diesel::insert_into(table).values(row).execute(conn).await?;
    Ok(())
}

/// Every one that has not expired, those that end last before the others.
pub async fn live(conn: &mut Conn, now: Timestamp) -> Result<Vec<InitialAccessToken>, StoreError> {
    let live = table.filter(initial_access_tokens::expires_at.gt(now));
    let rows: Vec<TokenRow> =
        live.order(initial_access_tokens::expires_at.desc()).select(TokenRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(InitialAccessToken::from).collect())
}

/// The token with this hash, if it can still be used. It is not used up.
pub async fn find(
    conn: &mut Conn,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Option<InitialAccessToken>, StoreError> {
    let open = table
        .filter(initial_access_tokens::hash.eq(hash))
        .filter(initial_access_tokens::uses_left.gt(0))
        .filter(initial_access_tokens::expires_at.gt(now));
    let row: Option<TokenRow> = open.select(TokenRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(InitialAccessToken::from))
}

/// Uses it once, in one statement; `false` when it has ended or is used up. Of many at once no more are told `true` than it has
/// uses.
pub async fn take(conn: &mut Conn, id: InitialTokenId, now: Timestamp) -> Result<bool, StoreError> {
    use initial_access_tokens::{expires_at, used, uses_left};
    let open = table.find(id).filter(uses_left.gt(0)).filter(expires_at.gt(now));
    let once = (uses_left.eq(uses_left - 1), used.eq(used + 1));
    Ok(diesel::update(open).set(once).execute(conn).await? == 1)
}

/// Ends one; tells whether there was one.
pub async fn delete(conn: &mut Conn, id: InitialTokenId) -> Result<bool, StoreError> {
    Ok(diesel::delete(table.find(id)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = initial_access_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: InitialTokenId,
    name: String,
    uses_left: i64,
    used: i64,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<InitialAccessToken> for TokenRow {
    fn from(token: InitialAccessToken) -> Self {
        let InitialAccessToken { id, name, uses_left, used, created_at, expires_at } = token;
        Self { id, name, uses_left, used, created_at, expires_at }
    }
}

impl From<TokenRow> for InitialAccessToken {
    fn from(row: TokenRow) -> Self {
        let TokenRow { id, name, uses_left, used, created_at, expires_at } = row;
        Self { id, name, uses_left, used, created_at, expires_at }
    }
}
