//! Sign-in sessions.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::access::actor::{Origin, UserAgent};
use crate::domain::account::user::User;
use crate::domain::factor::proof::{Proof, Proofs};
use crate::domain::sign_in::session::Session;
use crate::foundation::{
    SecretHash, Timestamp,
    id::{SessionId, UserId},
};
use crate::storage::account::user::UserRow;
use crate::storage::engine::columns::Words;
use crate::storage::engine::schema::{sessions, users};
use crate::storage::{Conn, StoreError};

/// Adds a session.
pub async fn insert(conn: &mut Conn, session: &Session) -> Result<(), StoreError> {
    let upstream_session = sessions::upstream_session.eq(session.proofs.upstream_session());
    let row = (SessionRow::from(session.clone()), upstream_session);
    diesel::insert_into(sessions::table).values(row).execute(conn).await?;
    Ok(())
}

/// Remembers where its user signed in: in which browser, and from where.
pub async fn note_place(conn: &mut Conn, id: SessionId, from: &Origin) -> Result<(), StoreError> {
    let place = (
        sessions::user_agent.eq(from.user_agent.as_ref().map(UserAgent::as_str)),
        sessions::address.eq(from.address.map(|address| address.to_string())),
    );
    diesel::update(sessions::table.find(id)).set(place).execute(conn).await?;
    Ok(())
}

/// A session, as its own user sees it.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// The session.
    pub session: Session,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// From where.
    pub address: Option<String>,
}

/// At most `limit` sessions of a user that hold at `now` and were used after `used_after`, the last used first.
pub async fn live_of_user(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
    used_after: Timestamp,
    limit: i64,
) -> Result<Vec<OwnSession>, StoreError> {
    let rows: Vec<(SessionRow, Option<String>, Option<String>)> = sessions::table
        .filter(sessions::user_id.eq(user).and(sessions::ended_at.is_null()))
        .filter(sessions::expires_at.gt(now).and(sessions::seen_at.gt(used_after)))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .limit(limit)
        .select((SessionRow::as_select(), sessions::user_agent, sessions::address))
        .load(conn)
        .await?;
    let own = |(row, user_agent, address)| OwnSession { session: Session::from(row), user_agent, address };
    Ok(rows.into_iter().map(own).collect())
}

/// The session with this id, live or not.
pub async fn find(conn: &mut Conn, id: SessionId) -> Result<Option<Session>, StoreError> {
    let row = sessions::table.find(id).select(SessionRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(Session::from))
}

/// The session with this id, live or not, and its user.
pub async fn find_with_user(conn: &mut Conn, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
    let row: Option<(SessionRow, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .first(conn)
        .await
        .optional()?;
    row.map(|(session, user)| Ok((Session::from(session), User::try_from(user)?))).transpose()
}

/// Those of these sessions that there are, live or not, with their users, in whatever order.
pub async fn find_all_with_users(conn: &mut Conn, ids: &[SessionId]) -> Result<Vec<(Session, User)>, StoreError> {
    let rows: Vec<(SessionRow, UserRow)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq_any(ids))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .load(conn)
        .await?;
    rows.into_iter().map(|(session, user)| Ok((Session::from(session), User::try_from(user)?))).collect()
}

/// Remembers that the session was used. Never moves backwards.
pub async fn touch(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    let session = sessions::table.find(id).filter(sessions::seen_at.lt(now));
    diesel::update(session).set(sessions::seen_at.eq(now)).execute(conn).await?;
    Ok(())
}

/// Makes whoever would end a session wait for the end of this transaction; tells whether it has not ended yet.
pub async fn hold(conn: &mut Conn, id: SessionId) -> Result<bool, StoreError> {
    let open = sessions::table.find(id).filter(sessions::ended_at.is_null());
    Ok(diesel::update(open).set(sessions::seen_at.eq(sessions::seen_at)).execute(conn).await? == 1)
}

/// Remembers that the user has proven again who they are; tells whether the session still held. An ended one stays
/// ended.
pub async fn reauthenticate(conn: &mut Conn, renewed: &Session) -> Result<bool, StoreError> {
    let changes = (
        sessions::authenticated_at.eq(renewed.authenticated_at),
        sessions::methods.eq(Words(renewed.proofs.amr())),
        sessions::proofs.eq(&renewed.proofs),
        sessions::upstream_session.eq(renewed.proofs.upstream_session()),
        sessions::seen_at.eq(renewed.seen_at),
        sessions::expires_at.eq(renewed.expires_at),
        sessions::proved_in.eq(renewed.proved_in),
        sessions::chosen_in.eq(renewed.chosen_in),
    );
    let session = sessions::table.find(renewed.id).filter(sessions::ended_at.is_null());
    Ok(diesel::update(session).set(changes).execute(conn).await? == 1)
}

/// Uses up the proof that the user signed in for `flow`; `false` when there is none (any more).
pub async fn use_proof(conn: &mut Conn, id: SessionId, flow: &SecretHash) -> Result<bool, StoreError> {
    let session = sessions::table.find(id).filter(sessions::proved_in.eq(flow)).filter(sessions::ended_at.is_null());
    Ok(diesel::update(session).set(sessions::proved_in.eq(None::<SecretHash>)).execute(conn).await? == 1)
}

/// Remembers that the user chose the session in `flow`.
pub async fn choose(conn: &mut Conn, id: SessionId, flow: &SecretHash) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id)).set(sessions::chosen_in.eq(Some(*flow))).execute(conn).await?;
    Ok(())
}

/// Forgets of these sessions that they were chosen in `flow`, or their users signed in for it: another one is meant.
pub async fn forget_flow(conn: &mut Conn, ids: &[SessionId], flow: &SecretHash) -> Result<(), StoreError> {
    let none = None::<SecretHash>;
    let these = || sessions::table.filter(sessions::id.eq_any(ids));
    let chosen = these().filter(sessions::chosen_in.eq(flow));
    diesel::update(chosen).set(sessions::chosen_in.eq(none)).execute(conn).await?;
    let proved = these().filter(sessions::proved_in.eq(flow));
    diesel::update(proved).set(sessions::proved_in.eq(none)).execute(conn).await?;
    Ok(())
}

/// The sessions that have not ended and began in this session at an upstream provider, and whose they are.
pub async fn begun_in(conn: &mut Conn, there: &SecretHash) -> Result<Vec<(SessionId, UserId)>, StoreError> {
    let begun = sessions::table.filter(sessions::upstream_session.eq(there)).filter(sessions::ended_at.is_null());
    Ok(begun.select((sessions::id, sessions::user_id)).load(conn).await?)
}

/// The sessions of a user that have not ended, and what was proved in each.
pub async fn proved_of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(SessionId, Proofs)>, StoreError> {
    let live = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
    let rows: Vec<(SessionId, Option<Proofs>)> = live.select((sessions::id, sessions::proofs)).load(conn).await?;
    Ok(rows.into_iter().map(|(id, proofs)| (id, proofs.unwrap_or_default())).collect())
}

/// Ends a session; `false` when it had ended already or never existed.
pub async fn end(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let session = sessions::table.find(id).filter(sessions::ended_at.is_null());
    Ok(diesel::update(session).set(sessions::ended_at.eq(now)).execute(conn).await? == 1)
}

/// Ends every session of a user, and tells which.
pub async fn end_of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
    let live = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
    Ok(diesel::update(live).set(sessions::ended_at.eq(now)).returning(sessions::id).get_results(conn).await?)
}

/// Ends a session if it is this user's; `false` when it is not, or had ended already.
pub async fn end_of(conn: &mut Conn, user: UserId, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let own = sessions::table.find(id).filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
    Ok(diesel::update(own).set(sessions::ended_at.eq(now)).execute(conn).await? == 1)
}

/// Ends every session of a user but one, and tells which.
pub async fn end_others(
    conn: &mut Conn,
    user: UserId,
    but: SessionId,
    now: Timestamp,
) -> Result<Vec<SessionId>, StoreError> {
    let live = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
    let others = diesel::update(live.filter(sessions::id.ne(but))).set(sessions::ended_at.eq(now));
    Ok(others.returning(sessions::id).get_results(conn).await?)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(in crate::storage) struct SessionRow {
    id: SessionId,
    user_id: UserId,
    authenticated_at: Timestamp,
    methods: Words,
    created_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    proved_in: Option<SecretHash>,
    chosen_in: Option<SecretHash>,
    /// `None` in what the version before wrote.
    proofs: Option<Proofs>,
}

/// What a row of the version before proves, which has only the words of `amr`, and knew nothing but passwords.
fn proofs_of(words: &Words, at: Timestamp) -> Proofs {
    let password = words.0.iter().any(|word| word == "pwd").then(|| Proof::by_password(at));
    password.into_iter().collect()
}

impl From<Session> for SessionRow {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            user_id: session.user,
            authenticated_at: session.authenticated_at,
            methods: Words(session.proofs.amr()),
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at,
            ended_at: session.ended_at,
            proved_in: session.proved_in,
            chosen_in: session.chosen_in,
            proofs: Some(session.proofs),
        }
    }
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            authenticated_at: row.authenticated_at,
            proofs: row.proofs.unwrap_or_else(|| proofs_of(&row.methods, row.authenticated_at)),
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            proved_in: row.proved_in,
            chosen_in: row.chosen_in,
        }
    }
}
