//! Whether this instance can serve.

use crate::app::App;
use crate::services::ServiceError;

/// Asks the database whether it answers and can be written.
///
/// # Errors
/// When it does not.
pub async fn ready(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.ready().await?)
}

/// Warns of settings of the database with which what was answered can be lost. That it cannot be asked is no reason not
/// to start.
pub async fn warn_of_unsafe_settings(app: &App) {
    match app.store.unsafe_settings().await {
        Ok(found) => found.iter().for_each(|setting| tracing::warn!("{setting}")),
        Err(error) => tracing::warn!(%error, "whether PostgreSQL keeps what it commits could not be asked"),
    }
}

/// Looks after the database's files, where it has files of its own.
///
/// # Errors
/// When they were removed or replaced.
pub async fn tend(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.tend().await?)
}

/// Leaves everything in the database's own file, where it has one of its own.
///
/// # Errors
/// When something stays in its log.
pub async fn finish(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.finish().await?)
}
