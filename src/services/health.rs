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
