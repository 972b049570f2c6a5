//! What a browser's cookie leads to: the records of tower-sessions, kept in our database under the hash of the cookie.

use super::ServiceError;
use crate::app::App;
use crate::foundation::{SecretHash, Timestamp};
use crate::storage::browser_session;

/// The record behind a cookie.
///
/// # Errors
/// When the database does not answer.
pub async fn load(app: &App, cookie: &SecretHash) -> Result<Option<String>, ServiceError> {
    let now = app.clock.now();
    Ok(app.store.read(async |conn| browser_session::load(conn, cookie, now).await).await?)
}

/// Stores a new record; `false` when the cookie is taken.
///
/// # Errors
/// When the database does not answer.
pub async fn create(app: &App, cookie: &SecretHash, data: &str) -> Result<bool, ServiceError> {
    let (now, expires_at) = span(app);
    Ok(app.store.transaction(async |tx| browser_session::insert(tx, cookie, data, now, expires_at).await).await?)
}

/// Stores a record again.
///
/// # Errors
/// When the database does not answer.
pub async fn save(app: &App, cookie: &SecretHash, data: &str) -> Result<(), ServiceError> {
    let (now, expires_at) = span(app);
    Ok(app.store.transaction(async |tx| browser_session::save(tx, cookie, data, now, expires_at).await).await?)
}

/// Forgets a record.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(app: &App, cookie: &SecretHash) -> Result<(), ServiceError> {
    app.store.transaction(async |tx| browser_session::delete(tx, cookie).await).await?;
    Ok(())
}

/// A record outlives whatever it leads to; that has limits of its own.
fn span(app: &App) -> (Timestamp, Timestamp) {
    let now = app.clock.now();
    let lifetimes = &app.settings.lifetimes;
    (now, now.after(lifetimes.session_absolute.max(lifetimes.authorization_request)))
}
