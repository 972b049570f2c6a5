//! How many mailed codes are looked at that come from one place: one count for all pages and applications.

use std::net::IpAddr;
use std::time::Duration;

use crate::app::App;
use crate::domain::sign_in::place::places;
use crate::services::ServiceError;

/// Codes that are looked at from one holder's address within [`WINDOW`].
const FROM_HERE: u32 = 30;
const WINDOW: Duration = Duration::from_secs(3600);

/// Counts a code that comes from `address`, before it is looked at; tells how long to wait if there were too many.
///
/// # Errors
/// When the counters do not answer: nothing is to be had by breaking them.
pub async fn hit(app: &App, address: IpAddr) -> Result<Option<Duration>, ServiceError> {
    let now = app.clock.now();
    for place in places(address) {
        let hits = app.ephemeral.hit(&format!("mailed_code/{place}"), WINDOW, now).await?;
        if hits.count > u64::from(FROM_HERE.saturating_mul(place.share)) {
            return Ok(Some(hits.resets_in));
        }
    }
    Ok(None)
}
