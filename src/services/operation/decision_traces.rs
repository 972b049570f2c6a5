//! Why requests were refused: kept for a day, for whoever has a request's id.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use crate::app::App;
use crate::domain::operation::decision_trace::{Recorded, Trace};
use crate::domain::sign_in::place::places;
use crate::foundation::RequestId;
use crate::runtime::decision_traces::Waiting;
use crate::services::ServiceError;
use crate::storage::operation::decision_trace::{self as stored, NewTrace};

/// How long a trace is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Traces that are kept of one source (a client in one network, refused for one reason) and of one network: the newest.
const OF_SOURCE: i64 = 50;
const OF_PLACE: i64 = 400;

/// A request that was refused, or could not be answered.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Its id.
    pub request: RequestId,
    /// The method.
    pub method: &'static str,
    /// The path, if it is one of ours.
    pub path: &'static str,
    /// Where it came from; not stored.
    pub address: IpAddr,
}

/// Notes why a request was refused. Writes nothing yet: that costs the same whether one is refused or a thousand.
pub fn keep(app: &App, asked: Asked, trace: Trace) {
    let network = places(asked.address).first().map(ToString::to_string).unwrap_or_default();
    let number = |parts: &[&[u8]]| {
        let [a, b, c, d, e, f, g, h, ..] = app.login_key.mac(parts);
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    };
    let client = trace.client.as_deref().unwrap_or_default();
    let place = number(&[b"decision trace/place", network.as_bytes()]);
    let what = trace.description.as_bytes();
    let source = number(&[b"decision trace/source", network.as_bytes(), client.as_bytes(), what]);
    let Asked { request, method, path, .. } = asked;
    let at = app.clock.now();
    let recorded = Recorded { request, at, endpoint: format!("{method} {path}"), trace };
    app.decision_traces.keep(Waiting { place, source, recorded });
}

/// Writes what was noted. What cannot be written now is kept, as far as there is room, and written the next time.
///
/// # Errors
/// When the database does not answer.
pub async fn flush(app: &App) -> Result<(), ServiceError> {
    let leaving = app.decision_traces.leaving();
    if leaving.is_empty() {
        return Ok(());
    }
    app.store
        .transaction("keep_traces", async |tx| {
            let rows: Vec<_> = leaving.iter().map(row).collect();
            stored::insert(tx, &rows).await?;
            // In one order, so that two instances do not wait for each other.
            for source in leaving.iter().map(|waiting| waiting.source).collect::<BTreeSet<_>>() {
                stored::trim_source(tx, source, OF_SOURCE).await?;
            }
            for place in leaving.iter().map(|waiting| waiting.place).collect::<BTreeSet<_>>() {
                stored::trim_place(tx, place, OF_PLACE).await?;
            }
            Ok(())
        })
        .await?;
    app.decision_traces.written();
    Ok(())
}

fn row(waiting: &Waiting) -> NewTrace<'_> {
    let Waiting { place, source, recorded } = waiting;
    NewTrace { recorded, place: *place, source: *source, expires_at: recorded.at.after(KEPT) }
}

/// Why a request was refused, on whichever instance; `None` when nothing is known of it, or no longer.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, request: RequestId) -> Result<Option<Recorded>, ServiceError> {
    let now = app.clock.now();
    Ok(app.store.read("find_trace", async |conn| stored::find(conn, request, now).await).await?)
}
