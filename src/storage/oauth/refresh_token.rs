//! Refresh tokens.

use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{BigInt, Binary, Timestamptz};
use diesel_async::RunQueryDsl;

use super::grant::{GrantRow, StateRow};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::foundation::{SecretHash, Timestamp, id::GrantId};
use crate::storage::account::user::UserRow;
use crate::storage::engine::backend::{AnySql, With};
use crate::storage::engine::schema::refresh_tokens::{self, table};
use crate::storage::engine::schema::{grants, sessions, users};
use crate::storage::sign_in::session::SessionRow;
use crate::storage::{Conn, StoreError};

/// Adds a token.
///
/// # Errors
/// [`StoreError::Conflict`] when its grant has a token of this generation.
pub async fn insert(conn: &mut Conn, token: &RefreshToken) -> Result<(), StoreError> {
    diesel::insert_into(table).values(TokenRow::from(token.clone())).execute(conn).await?;
    Ok(())
}

/// The token, used and expired ones included: a used one may be a replay.
pub async fn find(conn: &mut Conn, hash: &SecretHash) -> Result<Option<RefreshToken>, StoreError> {
    let row = table.find(hash).select(TokenRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(RefreshToken::from))
}

/// The token with its grant, and the grant's user and session as they are now, in one query.
pub async fn find_with_grant(
    conn: &mut Conn,
    hash: &SecretHash,
) -> Result<Option<(RefreshToken, GrantState)>, StoreError> {
    let row: Option<(TokenRow, StateRow)> = table
        .inner_join(grants::table)
        .inner_join(users::table.on(grants::user_id.eq(users::id)))
        .left_join(sessions::table.on(grants::session_id.eq(sessions::id.nullable())))
        .filter(refresh_tokens::hash.eq(hash))
        .select((
            TokenRow::as_select(),
            (GrantRow::as_select(), UserRow::as_select(), Option::<SessionRow>::as_select()),
        ))
        .first(conn)
        .await
        .optional()?;
    row.map(|(token, state)| Ok((token.into(), state.try_into()?))).transpose()
}

/// The token of this generation in the family of a grant.
pub async fn generation(conn: &mut Conn, grant: GrantId, generation: i64) -> Result<Option<RefreshToken>, StoreError> {
    let token = table.filter(refresh_tokens::grant_id.eq(grant)).filter(refresh_tokens::generation.eq(generation));
    Ok(token.select(TokenRow::as_select()).first(conn).await.optional()?.map(RefreshToken::from))
}

/// Marks the token as used; `false` when it was used already or has expired. Of any number of calls at once, one gets
/// `true`. `by` names this process.
pub async fn take(conn: &mut Conn, hash: &SecretHash, now: Timestamp, by: i64) -> Result<bool, StoreError> {
    use refresh_tokens::{expires_at, used_at, used_by};
    let unused = table.find(hash).filter(used_at.is_null().and(expires_at.gt(now)));
    Ok(diesel::update(unused).set((used_at.eq(now), used_by.eq(by))).execute(conn).await? == 1)
}

/// As [`take`], and adds the successor if the token was taken: on PostgreSQL in one statement.
pub async fn rotate(
    conn: &mut Conn,
    hash: &SecretHash,
    now: Timestamp,
    by: i64,
    successor: &RefreshToken,
) -> Result<bool, StoreError> {
    use refresh_tokens::{expires_at, grant_id, used_at, used_by};
    if !conn.is_postgres() {
        return match take(conn, hash, now, by).await? {
            true => insert(conn, successor).await.map(|()| true),
            false => Ok(false),
        };
    }
    let unused = table.find(hash).filter(used_at.is_null().and(expires_at.gt(now)));
    let taking = diesel::update(unused).set((used_at.eq(now), used_by.eq(by))).returning(grant_id);
    insert_where_taken(conn, taking, successor).await
}

diesel::table! {
    /// What the first part of a statement returned.
    taken (grant_id) {
        /// The grant of the code or the token that was taken.
        grant_id -> Uuid,
    }
}

/// Adds a token if `taking`, which returns the id of its grant, changes a row; tells whether it did. On PostgreSQL only.
pub(super) async fn insert_where_taken(
    conn: &mut Conn,
    taking: impl QueryFragment<AnySql> + Send,
    token: &RefreshToken,
) -> Result<bool, StoreError> {
    use refresh_tokens::{created_at, expires_at, generation, grant_id, hash};
    let values = (
        token.hash.into_sql::<Binary>(),
        taken::grant_id,
        token.generation.into_sql::<BigInt>(),
        token.created_at.into_sql::<Timestamptz>(),
        token.expires_at.into_sql::<Timestamptz>(),
    );
    let adding = taken::table.select(values).insert_into(table);
    let adding = adding.into_columns((hash, grant_id, generation, created_at, expires_at));
    Ok(With { name: "taken", first: taking, then: adding }.execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    hash: SecretHash,
    grant_id: GrantId,
    generation: i64,
    created_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    used_by: Option<i64>,
}

impl From<RefreshToken> for TokenRow {
    fn from(token: RefreshToken) -> Self {
        Self {
            hash: token.hash,
            grant_id: token.grant,
            generation: token.generation,
            created_at: token.created_at,
            expires_at: token.expires_at,
            used_at: token.used_at,
            used_by: token.used_by,
        }
    }
}

impl From<TokenRow> for RefreshToken {
    fn from(row: TokenRow) -> Self {
        Self {
            hash: row.hash,
            grant: row.grant_id,
            generation: row.generation,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            used_by: row.used_by,
        }
    }
}
