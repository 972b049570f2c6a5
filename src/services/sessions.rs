//! Sign-in sessions.

use super::ServiceError;
use crate::app::App;
use crate::domain::account::user::{Status, User};
use crate::domain::session::Session;
use crate::foundation::{Timestamp, id::SessionId};
use crate::storage::{Conn, StoreError, grant, session};

/// The live session with this id and its user, who must be active. Notes that it was used.
///
/// # Errors
/// When the database does not answer.
pub async fn live(app: &App, id: Option<SessionId>) -> Result<Option<(Session, User)>, ServiceError> {
    let Some(id) = id else {
        return Ok(None);
    };
    let now = app.clock.now();
    let found = app.store.read(async |conn| session::find_with_user(conn, id).await).await?;
    let live = found.filter(|(session, user)| {
        session.is_live(now, app.settings.lifetimes.session_idle) && user.status == Status::Active
    });
    if live.as_ref().is_some_and(|(session, _)| session.is_stale(now)) {
        app.store.transaction(async |tx| session::touch(tx, id, now).await).await?;
    }
    Ok(live)
}

/// Begins a session for a user who has just proved who they are, in the transaction of that proof. If `current` is a live
/// session of the same user, that one goes on, with a later auth_time; any other ends.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(
    app: &App,
    tx: &mut Conn,
    current: Option<SessionId>,
    user: &User,
    methods: &[String],
) -> Result<SessionId, StoreError> {
    let now = app.clock.now();
    let expires_at = now.after(app.settings.lifetimes.session_absolute);
    let idle = app.settings.lifetimes.session_idle;
    if let Some(current) = current
        && let Some(old) = session::find(tx, current).await?
    {
        // One that was ended meanwhile, by a sign-out in another tab, does not go on.
        if old.user == user.id
            && old.is_live(now, idle)
            && session::reauthenticate(tx, current, methods, now, expires_at).await?
        {
            return Ok(current);
        }
        end_in(tx, current, now).await?;
    }
    let fresh = Session {
        id: SessionId::generate(&app.random, now),
        user: user.id,
        authenticated_at: now,
        methods: methods.to_vec(),
        created_at: now,
        seen_at: now,
        expires_at,
        ended_at: None,
    };
    session::insert(tx, &fresh).await?;
    Ok(fresh.id)
}

/// Ends a session, and every grant that does not outlive it.
///
/// # Errors
/// When the database does not answer: then nobody is told that they are signed out.
pub async fn end(app: &App, id: SessionId) -> Result<(), ServiceError> {
    let now = app.clock.now();
    app.store.transaction(async |tx| end_in(tx, id, now).await).await?;
    tracing::info!(session = %id, "session ended");
    Ok(())
}

async fn end_in(tx: &mut Conn, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    session::end(tx, id, now).await?;
    grant::revoke_of_session(tx, id, now).await?;
    Ok(())
}
