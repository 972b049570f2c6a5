//! Forgets what has expired.

use super::ServiceError;
use crate::app::App;
use crate::storage::prune;

/// Rows deleted at once: small enough that nobody waits for it.
const BATCH: i64 = 500;

/// Deletes one batch of expired rows; says how many there were, so that the caller knows when to stop.
///
/// # Errors
/// When the database does not answer.
pub async fn batch(app: &App) -> Result<usize, ServiceError> {
    let now = app.clock.now();
    Ok(app.store.transaction(async |tx| prune::expired(tx, now, BATCH).await).await?)
}
