//! How many assertions of clients that nobody has looked at are taken: each leaves a row for an hour.

use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::oauth::client::Client;
use crate::services::ServiceError;
use crate::services::operation::brake;

/// For so long is counted.
const WINDOW: Duration = Duration::from_secs(300);
/// Of one client within it: one each second.
const MOST: u64 = 300;
/// Of all of them: some forty thousand rows within the hour that each is kept, of a hundred bytes.
const MOST_OF_ALL: u64 = 3_000;

/// Counts one more assertion of `client`, or tells how long it has to wait. Clients that somebody has looked at are not counted.
///
/// Only what has proven itself comes here, so nobody but its holder uses up a client's room, or whoever copied an assertion on its
/// way.
///
/// # Errors
/// When the counters do not answer.
pub async fn taken(app: &App, client: &Client) -> Result<Option<Duration>, ServiceError> {
    if client.is_vetted() {
        return Ok(None);
    }
    let limits = [
        app.ephemeral.limit(&format!("assertions/of/{}", client.id), MOST),
        app.ephemeral.limit("assertions/of strangers", MOST_OF_ALL),
    ];
    brake::hit(app, &Actor::system("assertions"), &limits, WINDOW).await
}
