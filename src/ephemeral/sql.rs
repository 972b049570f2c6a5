//! Counters in the database.

use std::time::Duration;

use super::limit::{Hits, Limit};
use crate::foundation::Timestamp;
use crate::storage::operation::counter;
use crate::storage::{Conn, Store, StoreError};

pub async fn hit(store: &Store, id: &str, window: Duration, now: Timestamp) -> Result<Hits, StoreError> {
    let (count, end) =
        store.transaction("count_attempt", async |tx: &mut Conn| counter::hit(tx, id, window, now).await).await?;
    Ok(Hits::until(count, end, window, now))
}

/// Counts one more hit on each in turn. If one goes beyond its limit, undoes the hits on those before it, and returns
/// its hits.
pub async fn hit_each(
    tx: &mut Conn,
    limits: &[Limit],
    window: Duration,
    now: Timestamp,
) -> Result<Option<Hits>, StoreError> {
    for (index, limit) in limits.iter().enumerate() {
        let (count, end) = counter::hit(tx, &limit.id, window, now).await?;
        if count > limit.most {
            forgive_each(tx, limits.get(..index).unwrap_or_default()).await?;
            return Ok(Some(Hits::until(count, end, window, now)));
        }
    }
    Ok(None)
}

pub async fn forgive_each(tx: &mut Conn, limits: &[Limit]) -> Result<(), StoreError> {
    for limit in limits {
        counter::forgive(tx, &limit.id).await?;
    }
    Ok(())
}

pub async fn forget_each(tx: &mut Conn, limits: &[Limit]) -> Result<(), StoreError> {
    for limit in limits {
        counter::forget(tx, &limit.id).await?;
    }
    Ok(())
}

#[cfg(test)]
pub async fn peek(store: &Store, id: &str, window: Duration, now: Timestamp) -> Result<Hits, StoreError> {
    let found = store.read("peek_attempts", async |conn: &mut Conn| counter::peek(conn, id, now).await).await?;
    let (count, end) = found.unwrap_or((0, now));
    Ok(Hits::until(count, end, window, now))
}
