//! Authorization codes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::code_row::CodeRow;
use super::grant::{GrantRow, StateRow};
use super::refresh_token;
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::domain::oauth::grant::refresh_token::RefreshToken;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::account::user::UserRow;
use crate::storage::engine::schema::authorization_codes::{self, table};
use crate::storage::engine::schema::{grants, sessions, users};
use crate::storage::sign_in::session::SessionRow;
use crate::storage::{Conn, StoreError};

/// Adds a code.
pub async fn insert(conn: &mut Conn, code: &AuthorizationCode) -> Result<(), StoreError> {
    diesel::insert_into(table).values(CodeRow::from(code.clone())).execute(conn).await?;
    Ok(())
}

/// The code, used and expired ones included: a used one may be a replay.
pub async fn find(conn: &mut Conn, hash: &SecretHash) -> Result<Option<AuthorizationCode>, StoreError> {
    let row = table.find(hash).select(CodeRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(AuthorizationCode::from))
}

/// The code with its grant, and the grant's user and session as they are now, in one query.
pub async fn find_with_grant(
    conn: &mut Conn,
    hash: &SecretHash,
) -> Result<Option<(AuthorizationCode, GrantState)>, StoreError> {
    let row: Option<(CodeRow, StateRow)> = table
        .inner_join(grants::table)
        .inner_join(users::table.on(grants::user_id.eq(users::id)))
        .left_join(sessions::table.on(grants::session_id.eq(sessions::id.nullable())))
        .filter(authorization_codes::hash.eq(hash))
        .select((
            CodeRow::as_select(),
            (GrantRow::as_select(), UserRow::as_select(), Option::<SessionRow>::as_select()),
        ))
        .first(conn)
        .await
        .optional()?;
    row.map(|(code, state)| Ok((code.into(), state.try_into()?))).transpose()
}

/// Marks the code as used; `false` when it was used already or had expired at `judged_at`. Of any number of calls at
/// once, one gets `true`. `by` names this process.
pub async fn take(
    conn: &mut Conn,
    hash: &SecretHash,
    judged_at: Timestamp,
    now: Timestamp,
    by: i64,
) -> Result<bool, StoreError> {
    use authorization_codes::{expires_at, used_at, used_by};
    let unused = table.find(hash).filter(used_at.is_null().and(expires_at.gt(judged_at)));
    Ok(diesel::update(unused).set((used_at.eq(now), used_by.eq(by))).execute(conn).await? == 1)
}

/// As [`take`], and adds the first refresh token of its grant if the code was taken: on PostgreSQL in one statement.
pub async fn take_for(
    conn: &mut Conn,
    hash: &SecretHash,
    judged_at: Timestamp,
    now: Timestamp,
    by: i64,
    token: &RefreshToken,
) -> Result<bool, StoreError> {
    use authorization_codes::{expires_at, grant_id, used_at, used_by};
    if !conn.is_postgres() {
        return match take(conn, hash, judged_at, now, by).await? {
            true => refresh_token::insert(conn, token).await.map(|()| true),
            false => Ok(false),
        };
    }
    let unused = table.find(hash).filter(used_at.is_null().and(expires_at.gt(judged_at)));
    let taking = diesel::update(unused).set((used_at.eq(now), used_by.eq(by))).returning(grant_id);
    refresh_token::insert_where_taken(conn, taking, token).await
}
