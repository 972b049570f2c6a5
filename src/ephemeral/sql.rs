//! Counters in the database.

use std::time::Duration;

use super::Hits;
use crate::foundation::Timestamp;
use crate::storage::{Conn, Store, StoreError, counter};

pub async fn hit(store: &Store, id: &str, window: Duration, now: Timestamp) -> Result<Hits, StoreError> {
    let (count, end) = store.transaction(async |tx: &mut Conn| counter::hit(tx, id, window, now).await).await?;
    Ok(Hits::until(count, end, now))
}

pub async fn forgive(store: &Store, id: &str) -> Result<(), StoreError> {
    store.transaction(async |tx: &mut Conn| counter::forgive(tx, id).await).await
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
