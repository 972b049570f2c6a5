//! Sign-in sessions.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{ActOnSelf, Allowed, SignIn};
use crate::domain::account::user::{Status, User};
use crate::domain::factor::proof::Proofs;
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::session::Session;
use crate::foundation::{Timestamp, id::SessionId};
use crate::services::ServiceError;
use crate::services::operation::clock_guard;
use crate::services::operation::events::event;
use crate::storage::oauth::grant;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session;
use crate::storage::{Conn, StoreError};

/// What was found behind the browser's cookie, if it is a live session and its user is active. Notes that it was used.
///
/// # Errors
/// When the database does not answer.
pub async fn live(app: &App, found: Option<(Session, User)>) -> Result<Option<(Session, User)>, ServiceError> {
    let now = app.clock.now();
    let live = found.filter(|(session, user)| {
        session.is_live(now, app.settings.lifetimes.session_idle)
            && user.status == Status::Active
            && !clock_guard::is_ahead(app, session.authenticated_at)
    });
    if let Some((session, _)) = live.as_ref().filter(|(session, _)| session.is_stale(now)) {
        app.store.transaction("touch_session", async |tx| session::touch(tx, session.id, now).await).await?;
    }
    Ok(live)
}

/// What a sign-in makes, before it is stored: if `current` is a live session of the same user, that one goes on, with a
/// auth_time of `at`; otherwise another one begins. Either holds these proofs alone.
pub fn proven(app: &App, current: Option<&(Session, User)>, user: &User, proofs: Proofs, at: Timestamp) -> Session {
    let now = app.clock.now();
    let current = current.filter(|(_, owner)| owner.id == user.id).map(|(session, _)| session);
    Session {
        id: current.map_or_else(|| SessionId::generate(&app.random, now), |session| session.id),
        user: user.id,
        authenticated_at: at,
        proofs,
        created_at: current.map_or(now, |session| session.created_at),
        seen_at: now,
        expires_at: at.after(app.settings.lifetimes.session_absolute),
        ended_at: None,
        proved_in: None,
        chosen_in: None,
    }
}

/// Stores what [`proven`] made, in the sign-in's transaction, and ends whatever else the browser was signed in with
/// (`current`). What it tells of is done by `by`, who has just proved to be the user.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, SignIn>,
    current: Option<SessionId>,
    proven: Session,
) -> Result<Session, StoreError> {
    let now = proven.seen_at;
    let told = |action, session: &Session| {
        let by = may.by().clone().signed_in(session.user, session.id);
        event(app, may, action).by(by).about(Target::user(session.user)).about(Target::session(session.id))
    };
    let goes_on = current == Some(proven.id);
    let from = &may.by().origin;
    if goes_on && session::reauthenticate(tx, &proven).await? {
        session::note_place(tx, proven.id, from).await?;
        audit_event::insert(tx, &told(Action::SessionRenewed, &proven)).await?;
        return Ok(proven);
    }
    if let Some(current) = current {
        // One of the same user that has only expired goes on: no end is written because of a clock that may be wrong.
        let old = session::find(tx, current).await?.filter(|old| !goes_on && old.user == proven.user);
        if let Some(old) = old {
            let again = Session { id: old.id, created_at: old.created_at, ..proven.clone() };
            if session::reauthenticate(tx, &again).await? {
                session::note_place(tx, again.id, from).await?;
                audit_event::insert(tx, &told(Action::SessionRenewed, &again)).await?;
                return Ok(again);
            }
        }
        if end_in(tx, current, now).await? {
            let ended = event(app, may, Action::SessionEnded).about(Target::session(current));
            audit_event::insert(tx, &ended.because("another began in its browser")).await?;
        }
    }
    // One that was ended meanwhile, by a sign-out in another tab, does not go on.
    let id = if goes_on { SessionId::generate(&app.random, now) } else { proven.id };
    let fresh = Session { id, created_at: now, ..proven };
    session::insert(tx, &fresh).await?;
    session::note_place(tx, fresh.id, from).await?;
    audit_event::insert(tx, &told(Action::SessionStarted, &fresh)).await?;
    Ok(fresh)
}

/// Adds proofs to a session that is still there, in the transaction of whatever was proved; `None` when it has ended: then
/// what was proved in it holds no more.
///
/// # Errors
/// When the database does not answer.
pub async fn step_up(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, ActOnSelf>,
    proven: Session,
) -> Result<Option<Session>, StoreError> {
    if !session::reauthenticate(tx, &proven).await? {
        return Ok(None);
    }
    let renewed = event(app, may, Action::SessionRenewed).about(Target::user(proven.user));
    audit_event::insert(tx, &renewed.about(Target::session(proven.id))).await?;
    Ok(Some(proven))
}

/// Ends a session, and every grant that does not outlive it.
///
/// # Errors
/// When the database does not answer: then nobody is told that they are signed out.
pub async fn end(app: &App, by: &Actor, session: &Session) -> Result<(), ServiceError> {
    let may = by.may(ActOnSelf(session.user))?;
    let (id, now) = (session.id, app.clock.now());
    let ended = event(app, &may, Action::SessionEnded).about(Target::user(session.user)).about(Target::session(id));
    app.store
        .transaction("end_session", async |tx| match end_in(tx, id, now).await? {
            true => audit_event::insert(tx, &ended).await,
            false => Ok(()),
        })
        .await?;
    tracing::info!(session = %id, "session ended");
    Ok(())
}

/// Tells whether it had not ended before.
async fn end_in(tx: &mut Conn, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let ended = session::end(tx, id, now).await?;
    grant::revoke_of_session(tx, id, now).await?;
    Ok(ended)
}
