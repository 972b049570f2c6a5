//! Deleting what nobody needs any more.

use std::time::Duration;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::{
    access_tokens, authorization_codes, authorization_requests, browser_sessions, counters, grants, refresh_tokens,
    revoked_tokens, sessions,
};
use super::{Conn, StoreError};
use crate::foundation::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Deletes at most `limit` rows of `$table` that had expired at `$before`, and adds their number to `$count`. The limit
/// keeps the transaction, and thus everybody's wait for the writer of SQLite, short.
macro_rules! prune {
    ($conn:ident, $limit:ident, $count:ident, $table:ident, $key:ident, $before:expr) => {{
        let old = diesel::alias!($table as old);
        let batch = old
            .filter(old.field($table::expires_at).le($before))
            .select(old.field($table::$key))
            .order(old.field($table::expires_at))
            .limit($limit);
        $count += diesel::delete($table::table.filter($table::$key.eq_any(batch))).execute($conn).await?;
    }};
}

/// Deletes what has expired, at most `limit` rows of each kind, and returns how many. Call it again, in another
/// transaction, while it returns something.
///
/// What shows that a token was used is kept for a day longer than the token lives, and a grant for as long as anything
/// points to it: so a replay is recognised to the end, and no deletion pulls thousands of rows along.
pub async fn expired(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let day = now.before(DAY);
    let mut count = 0;
    prune!(conn, limit, count, browser_sessions, hash, now);
    prune!(conn, limit, count, access_tokens, hash, now);
    prune!(conn, limit, count, revoked_tokens, id, now);
    prune!(conn, limit, count, authorization_requests, hash, now);
    prune!(conn, limit, count, authorization_codes, hash, day);
    prune!(conn, limit, count, refresh_tokens, hash, day);
    prune!(conn, limit, count, sessions, id, day);
    Ok(count + grants(conn, limit, day).await?)
}

/// Deletes counters whose window is over. In a transaction of its own: a sign-in locks several of them, in an order that
/// is not ours, and must not wait for us for long.
pub async fn counters(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let mut count = 0;
    prune!(conn, limit, count, counters, id, now);
    Ok(count)
}

/// Deletes grants that had expired at `before` and that no code and no refresh token points to.
async fn grants(conn: &mut Conn, limit: i64, before: Timestamp) -> Result<usize, StoreError> {
    let old = diesel::alias!(grants as old);
    let id = || old.field(grants::id);
    let batch = old
        .filter(old.field(grants::expires_at).le(before))
        .filter(not(exists(authorization_codes::table.filter(authorization_codes::grant_id.eq(id())))))
        .filter(not(exists(refresh_tokens::table.filter(refresh_tokens::grant_id.eq(id())))))
        .select(id())
        .order(old.field(grants::expires_at))
        .limit(limit);
    Ok(diesel::delete(grants::table.filter(grants::id.eq_any(batch))).execute(conn).await?)
}
