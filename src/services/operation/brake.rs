//! How often something may be asked for within a window of time.

use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::ephemeral::Limit;
use crate::services::ServiceError;

/// Counts one more on each of `limits`; or, if one of them allows no more, on none, and tells how long to wait. Always pass
/// limits in the same order, or two transactions wait for each other.
///
/// # Errors
/// When the counters do not answer: nothing is to be had by breaking them.
pub async fn hit(app: &App, _: &Actor, limits: &[Limit], window: Duration) -> Result<Option<Duration>, ServiceError> {
    let now = app.clock.now();
    let hits = match app.ephemeral.hit_each_outside(limits, window, now).await {
        Some(hits) => hits,
        None => {
            app.store
                .transaction("count_what_is_asked", async |tx| app.ephemeral.hit_each_in(tx, limits, window, now).await)
                .await?
        }
    };
    Ok(hits.map(|hits| hits.resets_in))
}
