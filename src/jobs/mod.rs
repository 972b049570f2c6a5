//! What happens without a request.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::services::ServiceError;
use crate::services::operation::{clock_guard, events, health, key_rotation, keys, prune};

/// How soon a rotation by another instance, or by the command line, is seen here: well within the time for which a key is
/// published before it signs.
const RELOAD_KEYS: Duration = Duration::from_secs(2);
const ROTATE_KEYS: Duration = Duration::from_secs(600);
/// How soon it is noticed that a database's files were removed although nobody asks it anything.
const TEND: Duration = Duration::from_secs(1);
/// How soon a clock that was set, or differs from the database's, is noticed.
const CLOCK: Duration = Duration::from_secs(10);
const PRUNE: Duration = Duration::from_secs(60);
/// How soon what was committed has its number, and can be read.
const SEAL_EVENTS: Duration = Duration::from_secs(1);
/// Over how long events are counted that happen too often for a row each.
const COUNT_EVENTS: Duration = Duration::from_secs(60);
/// Memory goes back soon after its last use, while what is used again and again stays.
const RELEASE_MEMORY: Duration = Duration::from_secs(5);

/// Starts every job; they end when the set is dropped. Each of their steps is a transaction, so none can be left half
/// done.
pub fn start(app: &App) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(every(RELOAD_KEYS, "reload keys", app.clone(), async |app: &App| keys::reload(app).await.map(drop)));
    jobs.spawn(every(ROTATE_KEYS, "rotate keys", app.clone(), async |app: &App| {
        key_rotation::rotate_due(app, &Actor::system("rotate keys")).await
    }));
    jobs.spawn(every(CLOCK, "look at the clock", app.clone(), async |app: &App| clock_guard::check(app).await));
    jobs.spawn(every(TEND, "tend the database", app.clone(), async |app: &App| health::tend(app).await));
    jobs.spawn(every(PRUNE, "prune", app.clone(), async |app: &App| {
        prune::all(app, &Actor::system("prune")).await.map(drop)
    }));
    jobs.spawn(every(SEAL_EVENTS, "seal events", app.clone(), async |app: &App| events::seal(app).await.map(drop)));
    jobs.spawn(every(COUNT_EVENTS, "count events", app.clone(), count_events));
    jobs.spawn(every(RELEASE_MEMORY, "release memory", app.clone(), async |app: &App| {
        health::release_memory(app).await
    }));
    jobs
}

/// Writes what was counted. Also the last thing that a server does, when nothing more can happen.
///
/// # Errors
/// When the database does not answer.
pub async fn count_events(app: &App) -> Result<(), ServiceError> {
    events::flush(app, &Actor::system("count events")).await
}

/// Does `work` now and then again and again. A failure is logged when it begins and when it ends, not each time. A panic
/// is a failure like any other: a server whose jobs had ended would still look healthy.
async fn every<F>(period: Duration, name: &'static str, app: App, work: F)
where
    F: AsyncFn(&App) -> Result<(), ServiceError>,
{
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        ticks.tick().await;
        let outcome = AssertUnwindSafe(work(&app)).catch_unwind().await;
        match outcome.unwrap_or_else(|_| Err(ServiceError::Internal("the job panicked".to_owned()))) {
            Ok(()) if failing => {
                failing = false;
                tracing::info!(job = name, "job works again");
            }
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(job = name, %error, "job failed and will be tried again");
            }
            Ok(()) | Err(_) => {}
        }
    }
}
