//! The brake on failures of client authentication. Secrets have 256 random bits, so it is not guessing that it slows down
//! but what failures cost: lines in the log, above all. A right secret never comes here and is always taken, so nobody can
//! lock a client out.

use std::net::IpAddr;
use std::time::Duration;

use crate::app::App;
use crate::domain::oauth::client::ClientId;

/// Counts a failed authentication of `client`, which need not exist, from `address`; or tells how long the failures from
/// there are not worth an answer of their own.
pub fn failed(app: &App, client: &ClientId, address: IpAddr) -> Option<Duration> {
    let login = &app.settings.login;
    let full = app.client_failures.count(client, address, login.client_attempts, login.window, app.clock.now())?;
    if full.is_new {
        tracing::warn!(%client, %address, wait_seconds = full.wait.as_secs(), "client authentication braked: too many failures");
    }
    Some(full.wait)
}
