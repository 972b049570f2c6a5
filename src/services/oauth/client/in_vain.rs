//! Clients that are registered for what the rules have taken away since.

use crate::app::App;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::registration::in_vain;
use crate::services::ServiceError;
use crate::storage::oauth::client;

/// How many clients a line of the log names.
const NAMED: usize = 10;

/// Warns, when a server starts, of clients that are refused what they are registered for, because the profile excludes it. Where
/// nothing is excluded nothing is read.
pub async fn warn_of_excluded(app: &App) {
    match left_behind(app).await {
        Ok(left) if left.is_empty() => {}
        Ok(left) => {
            let named = left.iter().take(NAMED).map(|client| client.id.as_str()).collect::<Vec<_>>().join(" ");
            tracing::warn!(
                client = named,
                rows = left.len(),
                "clients are refused what they are registered for: oauth.profile or oauth.response_types excludes it (latchkey \
                 clients list says what)"
            );
        }
        Err(error) => tracing::warn!(%error, "whether clients are registered for what is excluded could not be asked"),
    }
}

async fn left_behind(app: &App) -> Result<Vec<Client>, ServiceError> {
    let rules = app.settings.rules;
    if !rules.exclude_anything() {
        return Ok(Vec::new());
    }
    let mut clients = app.store.read("find_clients_in_vain", async |conn| client::list(conn).await).await?;
    clients.retain(|client| client.enabled && in_vain(client, rules).next().is_some());
    Ok(clients)
}
