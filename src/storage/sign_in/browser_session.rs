//! What is stored for a browser's cookie.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::session::SessionRow;
use crate::domain::account::user::User;
use crate::domain::sign_in::session::Session;
use crate::foundation::{SecretHash, Timestamp, id::SessionId};
use crate::storage::account::user::UserRow;
use crate::storage::engine::schema::browser_sessions::{created_at, data, expires_at, hash, session_id, table};
use crate::storage::engine::schema::{sessions, users};
use crate::storage::{Conn, StoreError};

/// What is stored for a cookie: the data of a browser's session that has not expired, and the sign-in session of its
/// user, live or not.
pub struct Found {
    /// As it was written.
    pub data: String,
    /// Who signed in.
    pub signed_in: Option<(Session, User)>,
}

/// What is stored for `cookie`; `None` when it has expired.
pub async fn find(conn: &mut Conn, cookie: &SecretHash, now: Timestamp) -> Result<Option<Found>, StoreError> {
    let row: Option<(String, Option<SessionRow>, Option<UserRow>)> = table
        .left_join(sessions::table)
        // Not `left_join(sessions.inner_join(users))`: SQLite would read every session there is, for each request.
        .left_join(users::table.on(users::id.nullable().eq(sessions::user_id.nullable())))
        .filter(hash.eq(cookie).and(expires_at.gt(now)))
        .select((data, Option::<SessionRow>::as_select(), Option::<UserRow>::as_select()))
        .first(conn)
        .await
        .optional()?;
    let Some((json, session, user)) = row else {
        return Ok(None);
    };
    let signed_in = session.zip(user).map(|(session, user)| Ok::<_, StoreError>((session.into(), user.try_into()?)));
    Ok(Some(Found { data: json, signed_in: signed_in.transpose()? }))
}

/// Adds a session.
pub async fn insert(
    conn: &mut Conn,
    cookie: &SecretHash,
    json: &str,
    session: SessionId,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    let of = session_id.eq(session);
    let row = (hash.eq(cookie), data.eq(json), of, created_at.eq(now), expires_at.eq(until));
    diesel::insert_into(table).values(row).execute(conn).await?;
    Ok(())
}

/// Empties a session whose cookie was replaced: other data, nobody signed in, and an end at `until`.
pub async fn replaced(conn: &mut Conn, cookie: &SecretHash, json: &str, until: Timestamp) -> Result<(), StoreError> {
    let rest = (data.eq(json), session_id.eq(None::<SessionId>), expires_at.eq(until));
    diesel::update(table.find(cookie)).set(rest).execute(conn).await?;
    Ok(())
}

/// What is stored for `cookie`, which nobody else changes until the end of this transaction; `None` when it has expired.
pub async fn lock(conn: &mut Conn, cookie: &SecretHash, now: Timestamp) -> Result<Option<String>, StoreError> {
    let open = table.find(cookie).filter(expires_at.gt(now));
    Ok(diesel::update(open).set(expires_at.eq(expires_at)).returning(data).get_result(conn).await.optional()?)
}

/// Makes another session the one that is read along with `cookie`.
pub async fn go_on_with(
    conn: &mut Conn,
    cookie: &SecretHash,
    json: &str,
    session: SessionId,
) -> Result<(), StoreError> {
    diesel::update(table.find(cookie)).set((data.eq(json), session_id.eq(session))).execute(conn).await?;
    Ok(())
}

/// Lets a session end at `until`, unless it ends before.
pub async fn retire(conn: &mut Conn, cookie: &SecretHash, until: Timestamp) -> Result<(), StoreError> {
    diesel::update(table.find(cookie).filter(expires_at.gt(until))).set(expires_at.eq(until)).execute(conn).await?;
    Ok(())
}
