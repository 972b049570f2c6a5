//! How many mailed codes are looked at that come from one place: one count for all pages and applications.

use std::net::IpAddr;
use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::sign_in::place::{Place, places};
use crate::services::ServiceError;
use crate::services::operation::brake;

/// Codes that are looked at from one holder's address within [`WINDOW`].
const FROM_HERE: u32 = 30;
const WINDOW: Duration = Duration::from_secs(3600);

/// Counts a code that comes from `address`, before it is looked at; tells how long to wait if there were too many.
///
/// # Errors
/// When the counters do not answer: nothing is to be had by breaking them.
pub async fn hit(app: &App, by: &Actor, address: IpAddr) -> Result<Option<Duration>, ServiceError> {
    let limit = |place: &Place| {
        let most = FROM_HERE.saturating_mul(place.share);
        app.ephemeral.limit(&format!("mailed_code/{place}"), u64::from(most))
    };
    let limits: Vec<_> = places(address).iter().map(limit).collect();
    brake::hit(app, by, &limits, WINDOW).await
}
