//! Whether this instance can serve.

use std::time::Duration;

use crate::app::App;
use crate::services::ServiceError;

/// A connection to a SQLite file is closed that was not used for this long.
const UNUSED: Duration = Duration::from_secs(10);

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

/// Gives back memory that has not been used for a while, and takes again what is needed when it is: that of passwords, and
/// the pages that SQLite's connections keep.
///
/// # Errors
/// When the process is stopping.
pub async fn release_memory(app: &App) -> Result<(), ServiceError> {
    let areas = app.passwords.release_unused();
    let connections = app.store.close_unused(UNUSED).await?;
    if areas + connections > 0 {
        tracing::debug!(areas, connections, "memory released");
    }
    Ok(())
}

/// Leaves everything in the database's own file, where it has one of its own.
///
/// # Errors
/// When something stays in its log.
pub async fn finish(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.finish().await?)
}
