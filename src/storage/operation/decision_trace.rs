//! Why requests were refused, for a day.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::operation::decision_trace::{Recorded, Trace};
use crate::foundation::{RequestId, Timestamp};
use crate::storage::engine::backend::{SkipLocked, With};
use crate::storage::engine::json;
use crate::storage::engine::schema::decision_traces::{
    self, endpoint, expires_at, id, place, recorded_at, source, table, trace,
};
use crate::storage::operation::prune::picked::picked_texts;
use crate::storage::{Conn, StoreError};

/// A trace as it is stored.
pub struct NewTrace<'a> {
    /// What was recorded.
    pub recorded: &'a Recorded,
    /// A number for the network that the request came from.
    pub place: i64,
    /// A number for that with the client and what was refused.
    pub source: i64,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// How many traces are deleted at once to keep a bound: no fewer than are added at once.
const SURPLUS: i64 = 128;

/// Adds traces; one whose id is there already is left out.
pub async fn insert(conn: &mut Conn, traces: &[NewTrace<'_>]) -> Result<(), StoreError> {
    for new in traces {
        let Recorded { request, at, endpoint: asked, trace: why } = new.recorded;
        let row = (
            id.eq(request.as_str()),
            place.eq(new.place),
            source.eq(new.source),
            recorded_at.eq(*at),
            expires_at.eq(new.expires_at),
            endpoint.eq(asked),
            trace.eq(json::write(why)?),
        );
        diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn).await?;
    }
    Ok(())
}

/// The trace of a request, unless it has expired at `now`.
pub async fn find(conn: &mut Conn, request: RequestId, now: Timestamp) -> Result<Option<Recorded>, StoreError> {
    let row = table.find(request.as_str()).filter(expires_at.gt(now)).select((recorded_at, endpoint, trace));
    let found: Option<(Timestamp, String, String)> = row.first(conn).await.optional()?;
    let Some((at, asked, why)) = found else { return Ok(None) };
    let why: Trace = json::read(&why, "decision_traces.trace")?;
    Ok(Some(Recorded { request, at, endpoint: asked, trace: why }))
}

/// Deletes all but the `$most` newest of the traces whose `$column` is `$of`; what is over the bound by more than
/// [`SURPLUS`] goes the next time.
///
/// On PostgreSQL a row that another transaction deletes is left to it: to wait for it could end in a deadlock, for both
/// take them in whatever order they are found in.
macro_rules! trim {
    ($conn:expr, $column:ident, $of:expr, $most:expr) => {{
        let old = diesel::alias!(decision_traces as old);
        let surplus = old
            .filter(old.field($column).eq($of))
            .order(old.field(recorded_at).desc())
            .select(old.field(id))
            .offset($most)
            .limit(SURPLUS);
        match $conn.is_postgres() {
            true => {
                let first = SkipLocked(table.filter(id.eq_any(surplus)).select(id));
                let then = diesel::delete(table.filter(id.eq_any(picked_texts::table.select(picked_texts::id))));
                With { name: "picked_texts", first, then }.execute($conn).await?
            }
            false => diesel::delete(table.filter(id.eq_any(surplus))).execute($conn).await?,
        }
    }};
}

/// Deletes what is more than the `most` newest traces of a source.
pub async fn trim_source(conn: &mut Conn, of: i64, most: i64) -> Result<usize, StoreError> {
    Ok(trim!(conn, source, of, most))
}

/// Deletes what is more than the `most` newest traces of a place.
pub async fn trim_place(conn: &mut Conn, of: i64, most: i64) -> Result<usize, StoreError> {
    Ok(trim!(conn, place, of, most))
}

/// Up to which end traces must go so that `most` of them are left; `None` when there are no more.
pub async fn surplus(conn: &mut Conn, most: i64) -> Result<Option<Timestamp>, StoreError> {
    // Of all: with the filter the index is searched rather than read from its beginning.
    let all = table.filter(expires_at.gt(Timestamp::from_secs(0)));
    Ok(all.order(expires_at.desc()).select(expires_at).offset(most).first(conn).await.optional()?)
}
