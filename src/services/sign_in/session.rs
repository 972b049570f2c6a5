//! Sign-in sessions.

use super::session_end::end_in;
use crate::app::App;
use crate::domain::access::permission::{ActOnSelf, Allowed, SignIn};
use crate::domain::account::user::{Status, User};
use crate::domain::factor::proof::Proofs;
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::session::Session;
use crate::foundation::{Timestamp, id::SessionId};
use crate::services::ServiceError;
use crate::services::operation::clock_guard;
use crate::services::operation::events::event;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session;
use crate::storage::{Conn, StoreError};

/// What was found behind the browser's cookie, if it is a live session and its user is active. Notes that it was used.
///
/// # Errors
/// When the database does not answer.
pub async fn live(app: &App, found: Option<(Session, User)>) -> Result<Option<(Session, User)>, ServiceError> {
    let now = app.clock.now();
    let live = found.filter(|(session, user)| is_live(app, session, user));
    if let Some((session, _)) = live.as_ref().filter(|(session, _)| session.is_stale(now)) {
        app.store.transaction("touch_session", async |tx| session::touch(tx, session.id, now).await).await?;
    }
    Ok(live)
}

/// Whether a session holds now, and its user is active.
pub fn is_live(app: &App, session: &Session, user: &User) -> bool {
    session.is_live(app.clock.now(), app.settings.lifetimes.session_idle)
        && user.status == Status::Active
        && !clock_guard::is_ahead(app, session.authenticated_at)
}

/// What a sign-in makes, before it is stored: if `current` is a live session of the same user, that one goes on, with a
/// auth_time of `at`; otherwise another one begins. Either holds these proofs alone.
pub fn proven(app: &App, current: Option<&(Session, User)>, user: &User, proofs: Proofs, at: Timestamp) -> Session {
    let now = app.clock.now();
    let current = current.filter(|(_, owner)| owner.id == user.id).map(|(session, _)| session);
    // What makes a session stronger makes it no longer.
    let stays = current.filter(|session| session.authenticated_at == at);
    Session {
        id: current.map_or_else(|| SessionId::generate(&app.random, now), |session| session.id),
        user: user.id,
        authenticated_at: at,
        proofs,
        created_at: current.map_or(now, |session| session.created_at),
        seen_at: now,
        expires_at: stays.map_or(now.after(app.settings.lifetimes.session_absolute), |session| session.expires_at),
        ended_at: None,
        proved_in: None,
        chosen_in: None,
    }
}

/// What a sign-in has begun.
pub struct Begun {
    /// The session.
    pub session: Session,
    /// Who stays signed in beside it in the same browser.
    pub others: Vec<SessionId>,
}

/// Stores what [`proven`] made, in the sign-in's transaction. `held` are the sessions of its browser, the current one first:
/// one of the same user goes on, and as many others stay as a browser holds; the rest ends. What it tells of is done by
/// `by`, who has just proved to be the user.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, SignIn>,
    held: &[SessionId],
    proven: Session,
) -> Result<Begun, StoreError> {
    let told = |action, session: &Session| {
        let by = may.by().clone().signed_in(session.user, session.id);
        event(app, may, action).by(by).about(Target::user(session.user)).about(Target::session(session.id))
    };
    let from = &may.by().origin;
    let held = find_in_order(tx, held).await?;
    // One that has only expired goes on: no end is written because of a clock that may be wrong.
    for (own, _) in held.iter().filter(|(session, _)| session.user == proven.user) {
        let again = Session { id: own.id, created_at: own.created_at, ..proven.clone() };
        if session::reauthenticate(tx, &again).await? {
            session::note_place(tx, again.id, from).await?;
            audit_event::insert(tx, &told(Action::SessionRenewed, &again)).await?;
            let others = keep(app, tx, may, held, again.id).await?;
            return Ok(Begun { session: again, others });
        }
    }
    // One that was ended meanwhile, by a sign-out in another tab, does not go on.
    let goes_on = held.iter().any(|(session, _)| session.id == proven.id);
    let id = if goes_on { SessionId::generate(&app.random, proven.seen_at) } else { proven.id };
    let fresh = Session { id, created_at: proven.seen_at, ..proven };
    let others = keep(app, tx, may, held, fresh.id).await?;
    session::insert(tx, &fresh).await?;
    session::note_place(tx, fresh.id, from).await?;
    audit_event::insert(tx, &told(Action::SessionStarted, &fresh)).await?;
    Ok(Begun { session: fresh, others })
}

/// Those who stay signed in beside the session `but`: as many as a browser holds, and rather those whose session is live. The
/// others end.
async fn keep(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, SignIn>,
    held: Vec<(Session, User)>,
    but: SessionId,
) -> Result<Vec<SessionId>, StoreError> {
    let mut others: Vec<_> =
        held.into_iter().filter(|(session, _)| session.id != but && session.ended_at.is_none()).collect();
    others.sort_by_key(|(session, user)| !is_live(app, session, user));
    let room = app.settings.login.most_others();
    let why = match room {
        0 => "another began in its browser",
        _ => "its browser held too many",
    };
    for (session, _) in others.iter().skip(room) {
        if end_in(app, tx, session.id).await? {
            let ended = event(app, may, Action::SessionEnded).about(Target::user(session.user));
            audit_event::insert(tx, &ended.about(Target::session(session.id)).because(why)).await?;
        }
    }
    Ok(others.iter().take(room).map(|(session, _)| session.id).collect())
}

/// Those of these sessions that there are, live or not, with their users.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn find_in_order(conn: &mut Conn, ids: &[SessionId]) -> Result<Vec<(Session, User)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = session::find_all_with_users(conn, ids).await?;
    found.sort_by_key(|(session, _)| ids.iter().position(|id| *id == session.id));
    Ok(found)
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
