//! Grants: what users allowed clients, each time.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::code_row::CodeRow;
use crate::domain::account::user::User;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::grant::authorization_code::AuthorizationCode;
use crate::domain::oauth::grant::{Grant, GrantState};
use crate::domain::oauth::logout::back_channel::Told;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::operation::audit_event::NewEvent;
use crate::domain::sign_in::session::Session;
use crate::foundation::{
    Timestamp,
    id::{GrantId, SessionId, UserId},
};
use crate::storage::account::user::UserRow;
use crate::storage::engine::backend::With;
use crate::storage::engine::columns::Words;
use crate::storage::engine::json;
use crate::storage::engine::schema::{authorization_codes, grants, refresh_tokens, revoked_tokens, sessions, users};
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session::SessionRow;
use crate::storage::{Conn, StoreError};

/// Adds a grant.
pub async fn insert(conn: &mut Conn, grant: &Grant) -> Result<(), StoreError> {
    diesel::insert_into(grants::table).values(GrantRow::new(grant)?).execute(conn).await?;
    Ok(())
}

/// Adds a grant and the code that stands for it: on PostgreSQL in one statement.
pub async fn insert_with_code(conn: &mut Conn, grant: &Grant, code: &AuthorizationCode) -> Result<(), StoreError> {
    let grant = diesel::insert_into(grants::table).values(GrantRow::new(grant)?);
    let code = diesel::insert_into(authorization_codes::table).values(CodeRow::from(code.clone()));
    if conn.is_postgres() {
        With { name: "granted", first: grant, then: code }.execute(conn).await?;
    } else {
        grant.execute(conn).await?;
        code.execute(conn).await?;
    }
    Ok(())
}

/// The grant with its user and its session, as they are now, in one query.
#[cfg(test)]
pub async fn state(conn: &mut Conn, id: GrantId) -> Result<Option<GrantState>, StoreError> {
    let row: Option<StateRow> = grants::table
        .inner_join(users::table)
        .left_join(sessions::table.on(grants::session_id.eq(sessions::id.nullable())))
        .filter(grants::id.eq(id))
        .select((GrantRow::as_select(), UserRow::as_select(), Option::<SessionRow>::as_select()))
        .first(conn)
        .await
        .optional()?;
    row.map(GrantState::try_from).transpose()
}

/// As [`state`], and whether the access token `jti` has been revoked: all about a user's token in one query.
pub async fn state_of_token(conn: &mut Conn, id: GrantId, jti: &str) -> Result<Option<(GrantState, bool)>, StoreError> {
    let row: Option<(GrantRow, UserRow, Option<SessionRow>, bool)> = grants::table
        .inner_join(users::table)
        .left_join(sessions::table.on(grants::session_id.eq(sessions::id.nullable())))
        .filter(grants::id.eq(id))
        .select((
            GrantRow::as_select(),
            UserRow::as_select(),
            Option::<SessionRow>::as_select(),
            exists(revoked_tokens::table.find(jti)),
        ))
        .first(conn)
        .await
        .optional()?;
    row.map(|(grant, user, session, revoked)| Ok((GrantState::try_from((grant, user, session))?, revoked))).transpose()
}

/// Revokes a grant, and with it everything that points to it; `false` when it was revoked before or never existed.
pub async fn revoke(conn: &mut Conn, id: GrantId, now: Timestamp) -> Result<bool, StoreError> {
    let grant = grants::table.find(id).filter(grants::revoked_at.is_null());
    Ok(diesel::update(grant).set(grants::revoked_at.eq(now)).execute(conn).await? == 1)
}

/// As [`revoke`], and writes `event`: on PostgreSQL in one statement. For a grant that was revoked before it writes
/// none, so a token that is replayed many times leaves one event.
pub async fn revoke_with(conn: &mut Conn, id: GrantId, now: Timestamp, event: &NewEvent) -> Result<bool, StoreError> {
    if !conn.is_postgres() {
        let revoked = revoke(conn, id, now).await?;
        return audit_event::insert_if(conn, revoked, event).await;
    }
    let grant = grants::table.find(id).filter(grants::revoked_at.is_null());
    let revoking = diesel::update(grant).set(grants::revoked_at.eq(now)).returning(grants::id);
    audit_event::insert_where_changed(conn, revoking, event).await
}

/// Revokes the grants that end with the session, and tells how many: all but those for offline access.
pub async fn revoke_of_session(conn: &mut Conn, session: SessionId, now: Timestamp) -> Result<usize, StoreError> {
    let ends = grants::session_id.eq(session).and(grants::offline.eq(false)).and(grants::revoked_at.is_null());
    Ok(diesel::update(grants::table.filter(ends)).set(grants::revoked_at.eq(now)).execute(conn).await?)
}

/// The clients that were signed in to in these sessions, with whose session it was: each once, or once for each `sub` by which it
/// got to know the person in it. A grant that was revoked counts: what became of the client's own session is for the client to know.
pub async fn clients_of_sessions(conn: &mut Conn, sessions: &[SessionId]) -> Result<Vec<Told>, StoreError> {
    let made = grants::table.filter(grants::session_id.eq_any(sessions));
    let session = grants::session_id.assume_not_null();
    let of_each = (session, grants::user_id, grants::client_id, grants::pairwise_sub);
    let rows: Vec<(SessionId, UserId, ClientId, Option<String>)> = made.select(of_each).distinct().load(conn).await?;
    let told = rows.into_iter().map(|(session, user, client, sub)| Told {
        client,
        session,
        user,
        pairwise_sub: sub.map(PairwiseSub::from_stored),
    });
    Ok(told.collect())
}

/// The user whom a client calls so, as long as there is a grant that says it.
pub async fn user_of_sub(conn: &mut Conn, sub: &PairwiseSub) -> Result<Option<User>, StoreError> {
    let named = grants::table.inner_join(users::table).filter(grants::pairwise_sub.eq(sub.as_str()));
    let row: Option<UserRow> = named.select(UserRow::as_select()).first(conn).await.optional()?;
    row.map(User::try_from).transpose()
}

/// Revokes every grant of a user, and tells how many: all their tokens end.
pub async fn revoke_of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<usize, StoreError> {
    let live = grants::table.filter(grants::user_id.eq(user)).filter(grants::revoked_at.is_null());
    Ok(diesel::update(live).set(grants::revoked_at.eq(now)).execute(conn).await?)
}

/// Revokes the grants of a user that end with sessions other than `but`, and tells how many.
pub async fn revoke_of_other_sessions(
    conn: &mut Conn,
    user: UserId,
    but: SessionId,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let live = grants::user_id.eq(user).and(grants::offline.eq(false)).and(grants::revoked_at.is_null());
    let ends = grants::table.filter(live).filter(grants::session_id.ne(but));
    Ok(diesel::update(ends).set(grants::revoked_at.eq(now)).execute(conn).await?)
}

/// Revokes what a user allowed a client, and tells how many grants that were.
pub async fn revoke_of_client(
    conn: &mut Conn,
    user: UserId,
    client: &ClientId,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let live = grants::table.filter(grants::user_id.eq(user)).filter(grants::revoked_at.is_null());
    let of_client = live.filter(grants::client_id.eq(client));
    Ok(diesel::update(of_client).set(grants::revoked_at.eq(now)).execute(conn).await?)
}

/// At most `limit` grants of a user that hold at `now`, the last made first, each with when its last refresh token was made.
pub async fn live_of_user(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(Grant, Option<Timestamp>)>, StoreError> {
    let family = refresh_tokens::table.filter(refresh_tokens::grant_id.eq(grants::id));
    let last = family.order(refresh_tokens::generation.desc()).select(refresh_tokens::created_at).limit(1);
    let live = grants::table.filter(grants::user_id.eq(user)).filter(grants::revoked_at.is_null());
    let live = live.filter(grants::expires_at.gt(now)).order(grants::created_at.desc()).limit(limit);
    let rows: Vec<(GrantRow, Option<Timestamp>)> =
        live.select((GrantRow::as_select(), last.single_value())).load(conn).await?;
    rows.into_iter().map(|(row, refreshed)| Ok((Grant::try_from(row)?, refreshed))).collect()
}

/// What a [`GrantState`] is read from.
pub(super) type StateRow = (GrantRow, UserRow, Option<SessionRow>);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub(super) struct GrantRow {
    id: GrantId,
    client_id: ClientId,
    user_id: UserId,
    pairwise_sub: Option<String>,
    session_id: Option<SessionId>,
    offline: bool,
    scope: Scope,
    claims: Option<String>,
    authenticated_at: Timestamp,
    methods: Words,
    acr: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    resources: Words,
}

impl GrantRow {
    fn new(grant: &Grant) -> Result<Self, StoreError> {
        let claims = if grant.claims.is_empty() { None } else { Some(json::write(&grant.claims)?) };
        Ok(Self {
            id: grant.id,
            client_id: grant.client.clone(),
            user_id: grant.user,
            pairwise_sub: grant.pairwise_sub.as_ref().map(ToString::to_string),
            session_id: grant.session,
            offline: grant.offline,
            scope: grant.scope.clone(),
            claims,
            authenticated_at: grant.authenticated_at,
            methods: Words(grant.methods.clone()),
            acr: grant.acr.clone(),
            created_at: grant.created_at,
            expires_at: grant.expires_at,
            revoked_at: grant.revoked_at,
            resources: Words(grant.resources.clone()),
        })
    }
}

impl TryFrom<GrantRow> for Grant {
    type Error = StoreError;

    fn try_from(row: GrantRow) -> Result<Self, StoreError> {
        let claims = row.claims.map(|claims| json::read(&claims, "grants.claims")).transpose()?;
        Ok(Self {
            id: row.id,
            client: row.client_id,
            user: row.user_id,
            pairwise_sub: row.pairwise_sub.map(PairwiseSub::from_stored),
            session: row.session_id,
            offline: row.offline,
            scope: row.scope,
            claims: claims.unwrap_or_default(),
            authenticated_at: row.authenticated_at,
            methods: row.methods.0,
            acr: row.acr,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            resources: row.resources.0,
        })
    }
}

impl TryFrom<StateRow> for GrantState {
    type Error = StoreError;

    fn try_from((grant, user, session): StateRow) -> Result<Self, StoreError> {
        Ok(Self { grant: grant.try_into()?, user: User::try_from(user)?, session: session.map(Session::from) })
    }
}
