//! One's own sessions: looked at, and ended.

use super::end_everything;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::operation::audit_event::{Action, Target};
use crate::domain::sign_in::session::Session;
use crate::foundation::id::{SessionId, UserId};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::services::sign_in::session_end;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::session::{self, OwnSession};

/// The most sessions that are shown.
const SHOWN: i64 = 100;

/// The live sessions of a person, the last used first.
///
/// # Errors
/// When the database does not answer.
pub async fn own_sessions(app: &App, user: UserId) -> Result<Vec<OwnSession>, ServiceError> {
    let now = app.clock.now();
    let used_after = now.before(app.settings.lifetimes.session_idle);
    let read = async |conn: &mut _| session::live_of_user(conn, user, now, used_after, SHOWN).await;
    Ok(app.store.read("list_own_sessions", read).await?)
}

/// Ends a session of the person of `own`, with the grants that do not outlive it. Tells whether it was theirs and had not
/// ended before.
///
/// # Errors
/// When the database does not answer.
pub async fn end_own_session(app: &App, by: &Actor, own: &Session, id: SessionId) -> Result<bool, ServiceError> {
    let may = by.may(ActOnSelf(own.user))?;
    let user = own.user;
    let ended = event(app, &may, Action::SessionEnded).about(Target::user(user)).about(Target::session(id));
    let ended = ended.because("its person ended it from another session");
    let done = app
        .store
        .transaction("end_own_session", async |tx| {
            let done = session_end::end_own_in(app, tx, user, id).await?;
            audit_event::insert_if(tx, done, &ended).await
        })
        .await?;
    if done {
        jobs::begin(app);
        tracing::info!(%user, session = %id, "session ended by its person");
    }
    Ok(done)
}

/// Ends every session of a person but `own`, with the grants that do not outlive them. Tells how many.
///
/// # Errors
/// When the database does not answer.
pub async fn end_other_sessions(app: &App, by: &Actor, own: &Session) -> Result<usize, ServiceError> {
    let may = by.may(ActOnSelf(own.user))?;
    let user = own.user;
    let ended = event(app, &may, Action::SessionEnded).about(Target::user(user));
    let ended = ended.because("its person ended all others");
    let done = app
        .store
        .transaction("end_other_sessions", async |tx| {
            let done = session_end::end_others_in(app, tx, user, own.id).await?;
            audit_event::insert_if(tx, done > 0, &ended.clone().times(done)).await?;
            Ok(done)
        })
        .await?;
    jobs::begin(app);
    tracing::info!(%user, sessions = done, "other sessions ended");
    Ok(done)
}

/// Ends every session and grant of a person, this session included.
///
/// # Errors
/// When the database does not answer: then nobody is told that they are signed out.
pub async fn sign_out_everywhere(app: &App, by: &Actor, own: &Session) -> Result<(), ServiceError> {
    let may = by.may(ActOnSelf(own.user))?;
    let user = own.user;
    let (sessions, grants) = app
        .store
        .transaction("sign_out_everywhere", async |tx| {
            end_everything(app, tx, &may, user, "its person signed out everywhere").await
        })
        .await?;
    jobs::begin(app);
    tracing::info!(%user, sessions, grants, "signed out everywhere");
    Ok(())
}
