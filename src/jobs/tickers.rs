//! What each process does for itself again and again, whatever others do: it looks after what it has in memory, and
//! after its own files.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::fault::Fault;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::services::ServiceError;
use crate::services::operation::{clock_guard, decision_traces, events, health, keys, places};

/// How soon a rotation by another instance, or by the command line, is seen here: well within the time for which a key is
/// published before it signs.
const RELOAD_KEYS: Duration = Duration::from_secs(2);
/// How soon it is noticed that a database's files were removed although nobody asks it anything.
const TEND: Duration = Duration::from_secs(1);
/// How soon a clock that was set, or differs from the database's, is noticed.
const CLOCK: Duration = Duration::from_secs(10);
/// How soon what was committed has its number, and can be read.
const SEAL_EVENTS: Duration = Duration::from_secs(1);
/// Over how long events are counted that happen too often for a row each.
const COUNT_EVENTS: Duration = Duration::from_secs(60);
/// How soon it can be asked why a request was refused.
const KEEP_TRACES: Duration = Duration::from_secs(1);
/// How soon it is noticed that the database of places was replaced.
const RELOAD_PLACES: Duration = Duration::from_secs(60);
/// Memory goes back soon after its last use, while what is used again and again stays.
const RELEASE_MEMORY: Duration = Duration::from_secs(5);

/// Starts them all in `tasks`. Each of their steps is a transaction, so none can be left half done.
pub fn start(app: &App, tasks: &mut JoinSet<()>) {
    tasks.spawn(every(RELOAD_KEYS, "reload keys", app.clone(), async |app: &App| keys::reload(app).await.map(drop)));
    tasks.spawn(every(CLOCK, "look at the clock", app.clone(), async |app: &App| clock_guard::check(app).await));
    tasks.spawn(every(TEND, "tend the database", app.clone(), async |app: &App| health::tend(app).await));
    tasks.spawn(every(SEAL_EVENTS, "seal events", app.clone(), async |app: &App| events::seal(app).await.map(drop)));
    tasks.spawn(every(COUNT_EVENTS, "count events", app.clone(), count_events));
    tasks.spawn(every(KEEP_TRACES, "keep traces", app.clone(), keep_traces));
    tasks.spawn(every(RELOAD_PLACES, "reload places", app.clone(), async |app: &App| places::reload(app).await));
    tasks.spawn(every(RELEASE_MEMORY, "release memory", app.clone(), async |app: &App| {
        health::release_memory(app).await
    }));
}

async fn count_events(app: &App) -> Result<(), ServiceError> {
    events::flush(app, &Actor::system("count events")).await
}

async fn keep_traces(app: &App) -> Result<(), ServiceError> {
    decision_traces::flush(app).await
}

/// Writes the last of what was counted, when nothing more can happen: what could not be written before leaves again as it
/// was, and what has come since leaves after it.
///
/// # Errors
/// When the database does not answer.
pub async fn count_last_events(app: &App) -> Result<(), ServiceError> {
    count_events(app).await?;
    count_events(app).await
}

/// Writes down why the last requests were refused, in the same way.
///
/// # Errors
/// When the database does not answer.
pub async fn keep_last_traces(app: &App) -> Result<(), ServiceError> {
    keep_traces(app).await?;
    keep_traces(app).await
}

/// Does `work` now and then again and again. A panic is a failure like any other: a server whose tickers had ended would
/// still look healthy.
async fn every<F>(period: Duration, name: &'static str, app: App, work: F)
where
    F: AsyncFn(&App) -> Result<(), ServiceError>,
{
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut fault = Fault::new(name);
    loop {
        ticks.tick().await;
        let outcome = AssertUnwindSafe(work(&app)).catch_unwind().await;
        fault.note(&outcome.unwrap_or_else(|_| Err(ServiceError::internal("the job panicked"))));
    }
}
