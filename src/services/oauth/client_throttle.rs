//! The brake on failures of client authentication. Secrets have 256 random bits, so it is not guessing that it slows down
//! but what failures cost: lines in the log, above all. A right secret never comes here and is always taken, so nobody can
//! lock a client out.

use std::time::Duration;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::oauth::client::ClientId;
use crate::domain::operation::audit_event::Action;
use crate::services::operation::events;

/// Counts a failed authentication of `client`, which exists or not (`known`), by whoever it is; or tells how long the
/// failures from there are not worth an answer of their own.
pub fn failed(app: &App, by: &Actor, client: &ClientId, known: bool) -> Option<Duration> {
    events::count_refused(app, Action::ClientAuthenticationFailed, known.then_some(client), by.origin.address);
    let address = by.origin.address?;
    let login = &app.settings.login;
    let full = app.client_failures.count(client, address, login.client_attempts, login.window, app.clock.now())?;
    if full.is_new {
        tracing::warn!(%client, %address, wait_seconds = full.wait.as_secs(), "client authentication braked: too many failures");
    }
    Some(full.wait)
}
