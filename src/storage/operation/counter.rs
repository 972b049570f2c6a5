//! Counters of attempts in a window of time. They may be lost.

use std::time::Duration;

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::foundation::Timestamp;
use crate::storage::engine::schema::counters::{expires_at, hits, id, table};
use crate::storage::{Conn, StoreError};

/// How far the clocks of two instances may be apart.
const SKEW: Duration = Duration::from_secs(60);

/// Counts one more; returns how many there have been in the current window, and when it ends. The first count after
/// the end of a window begins another one, and so does one in a window that ends later than it can: whatever wrote that
/// had a wrong clock.
pub async fn hit(
    conn: &mut Conn,
    name: &str,
    window: Duration,
    now: Timestamp,
) -> Result<(u64, Timestamp), StoreError> {
    let over = || expires_at.le(now).or(expires_at.gt(now.after(window).after(SKEW)));
    let (count, until): (i64, Timestamp) = diesel::insert_into(table)
        .values((id.eq(name), hits.eq(1_i64), expires_at.eq(now.after(window))))
        .on_conflict(id)
        .do_update()
        .set((
            hits.eq(case_when(over(), excluded(hits)).otherwise(hits + 1_i64)),
            expires_at.eq(case_when(over(), excluded(expires_at)).otherwise(expires_at)),
        ))
        .returning((hits, expires_at))
        .get_result(conn)
        .await?;
    Ok((u64::try_from(count).unwrap_or(0), until))
}

/// How many there have been in the current window, and when it ends.
#[cfg(test)]
pub async fn peek(conn: &mut Conn, name: &str, now: Timestamp) -> Result<Option<(u64, Timestamp)>, StoreError> {
    let current = table.find(name).filter(expires_at.gt(now)).select((hits, expires_at));
    let found: Option<(i64, Timestamp)> = current.first(conn).await.optional()?;
    Ok(found.map(|(count, end)| (u64::try_from(count).unwrap_or(0), end)))
}

/// Takes one count back.
pub async fn forgive(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    diesel::update(table.find(name).filter(hits.gt(0))).set(hits.eq(hits - 1_i64)).execute(conn).await?;
    Ok(())
}

/// Starts from zero.
pub async fn forget(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    diesel::delete(table.find(name)).execute(conn).await?;
    Ok(())
}
