//! Counters in the database.

use std::time::Duration;

use super::Hits;
use crate::foundation::Timestamp;
use crate::storage::{Conn, Store, StoreError, counter};

pub async fn hit(store: &Store, id: &str, window: Duration, now: Timestamp) -> Result<Hits, StoreError> {
    let (count, end) = store.transaction(async |tx: &mut Conn| counter::hit(tx, id, window, now).await).await?;
    Ok(Hits::until(count, end, now))
}

/// In one transaction: a commit each would cost more than the hits.
pub async fn hit_each(
    store: &Store,
    limits: &[(String, u64)],
    window: Duration,
    now: Timestamp,
) -> Result<Option<Hits>, StoreError> {
    store
        .transaction(async |tx: &mut Conn| {
            for (id, limit) in limits {
                let (count, end) = counter::hit(tx, id, window, now).await?;
                if count > *limit {
                    return Ok(Some(Hits::until(count, end, now)));
                }
            }
            Ok(None)
        })
        .await
}

/// In one transaction, as [`hit_each`].
pub async fn forgive_each(store: &Store, ids: &[String]) -> Result<(), StoreError> {
    store
        .transaction(async |tx: &mut Conn| {
            for id in ids {
                counter::forgive(tx, id).await?;
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
pub async fn peek(store: &Store, id: &str, now: Timestamp) -> Result<Hits, StoreError> {
    let found = store.read(async |conn: &mut Conn| counter::peek(conn, id, now).await).await?;
    let (count, end) = found.unwrap_or((0, now));
    Ok(Hits::until(count, end, now))
}

pub async fn forget(store: &Store, id: &str) -> Result<(), StoreError> {
    store.transaction(async |tx: &mut Conn| counter::forget(tx, id).await).await
}
