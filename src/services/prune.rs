//! Forgets what has expired.

use super::ServiceError;
use crate::app::App;
use crate::storage::prune;

/// Rows deleted in one transaction: few enough that nobody waits for it.
const BATCH: i64 = 500;

/// Deletes expired rows, batch by batch, until none is left.
///
/// # Errors
/// When the database does not answer; what was deleted stays deleted.
pub async fn all(app: &App) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let mut total = 0_usize;
    loop {
        let deleted = app.store.transaction(async |tx| prune::expired(tx, now, BATCH).await).await?
            + app.store.transaction(async |tx| prune::counters(tx, now, BATCH).await).await?;
        total = total.saturating_add(deleted);
        if deleted == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    if total > 0 {
        tracing::debug!(rows = total, "expired rows deleted");
    }
    Ok(())
}
