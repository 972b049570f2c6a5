//! The end of sessions, however it comes about: with the grants that do not outlive them, and the clients are told. Nothing
//! else ends a session.

use crate::app::App;
use crate::foundation::id::{SessionId, UserId};
use crate::services::oauth::back_channel_logout;
use crate::storage::oauth::grant;
use crate::storage::sign_in::session;
use crate::storage::{Conn, StoreError};

/// Ends a session, and every grant that does not outlive it. Tells whether it had not ended before.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn end_in(app: &App, tx: &mut Conn, id: SessionId) -> Result<bool, StoreError> {
    let ended = session::end(tx, id, app.clock.now()).await?;
    follow(app, tx, id, ended).await
}

/// The same, if it is this user's.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn end_own_in(
    app: &App,
    tx: &mut Conn,
    user: UserId,
    id: SessionId,
) -> Result<bool, StoreError> {
    let ended = session::end_of(tx, user, id, app.clock.now()).await?;
    match ended {
        true => follow(app, tx, id, true).await,
        false => Ok(false),
    }
}

async fn follow(app: &App, tx: &mut Conn, id: SessionId, ended: bool) -> Result<bool, StoreError> {
    if ended {
        back_channel_logout::enqueue(app, tx, &[id]).await?;
    }
    grant::revoke_of_session(tx, id, app.clock.now()).await?;
    Ok(ended)
}

/// Ends every session of a user but one, with the grants that do not outlive them. Tells how many.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn end_others_in(
    app: &App,
    tx: &mut Conn,
    user: UserId,
    but: SessionId,
) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let ended = session::end_others(tx, user, but, now).await?;
    back_channel_logout::enqueue(app, tx, &ended).await?;
    grant::revoke_of_other_sessions(tx, user, but, now).await?;
    Ok(ended.len())
}

/// Ends every session of a user, and every grant. Tells how many.
///
/// # Errors
/// When the database does not answer.
pub(in crate::services) async fn end_all_in(
    app: &App,
    tx: &mut Conn,
    user: UserId,
) -> Result<(usize, usize), StoreError> {
    let now = app.clock.now();
    let ended = session::end_of_user(tx, user, now).await?;
    back_channel_logout::enqueue(app, tx, &ended).await?;
    Ok((ended.len(), grant::revoke_of_user(tx, user, now).await?))
}
