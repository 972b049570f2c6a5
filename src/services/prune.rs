//! Forgets what has expired.

use super::ServiceError;
use crate::app::App;
use crate::foundation::Timestamp;
use crate::storage::{login_throttle, prune};

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
    total = total.saturating_add(login_throttles(app, now).await?);
    if total > 0 {
        tracing::debug!(rows = total, "expired rows deleted");
    }
    Ok(())
}

/// Names that nobody has and that were tried: the most that are remembered, however many are tried (about 25 MB).
const STRANGERS: i64 = 100_000;

async fn login_throttles(app: &App, now: Timestamp) -> Result<usize, ServiceError> {
    let surplus = app.store.read(async |conn| login_throttle::surplus(conn, STRANGERS).await).await?;
    let mut total = 0_usize;
    loop {
        let expired = app.store.transaction(async |tx| login_throttle::prune(tx, now, BATCH).await).await?;
        let beyond = match surplus {
            Some(end) => {
                app.store.transaction(async |tx| login_throttle::prune_strangers(tx, end, BATCH).await).await?
            }
            None => 0,
        };
        total = total.saturating_add(expired).saturating_add(beyond);
        if expired == 0 && beyond == 0 {
            return Ok(total);
        }
        tokio::task::yield_now().await;
    }
}
