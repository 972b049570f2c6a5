//! What a browser's cookie leads to: the records of tower-sessions, kept in our database under the hash of the cookie.

use std::time::Duration;

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

/// How long a cookie that was replaced still leads to its record: for requests that were under way with it, such as the
/// second of two clicks, and for a browser that left before the new cookie arrived. It signs nobody in: a sign-in takes the
/// session out of it first, and a sign-out ends the session.
const RETIRED: Duration = Duration::from_secs(10);

/// Lets a record end soon.
///
/// # Errors
/// When the database does not answer.
pub async fn retire(app: &App, cookie: &SecretHash) -> Result<(), ServiceError> {
    let until = app.clock.now().after(RETIRED);
    app.store.transaction(async |tx| browser_session::retire(tx, cookie, until).await).await?;
    Ok(())
}

/// A record outlives whatever it leads to; that has limits of its own.
fn span(app: &App) -> (Timestamp, Timestamp) {
    let now = app.clock.now();
    let lifetimes = &app.settings.lifetimes;
    (now, now.after(lifetimes.session_absolute.max(lifetimes.authorization_request)))
}
