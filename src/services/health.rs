//! Whether this instance can serve.

use super::ServiceError;
use crate::app::App;

/// Asks the database whether it answers.
///
/// # Errors
/// When it does not.
pub async fn ready(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.ping().await?)
}

/// Looks after the database's files, where it has files of its own.
///
/// # Errors
/// When they were removed or replaced.
pub async fn tend(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.tend().await?)
}
