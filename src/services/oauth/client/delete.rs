//! Deleting a client.

use super::unknown;
use crate::app::App;
use crate::domain::oauth::client::ClientId;
use crate::services::ServiceError;
use crate::storage::oauth::client;

/// How many rows of each kind one step deletes: nobody waits for the writer for longer than such a step takes.
const STEP: i64 = 200;

/// Deletes a client, and with it every grant, token and consent that it has. First it is disabled, so that nothing is
/// added meanwhile; then what it has goes in steps. One that was interrupted is finished by the next call.
///
/// # Errors
/// A refusal when there is no such client.
pub async fn delete(app: &App, id: &ClientId) -> Result<(), ServiceError> {
    let now = app.clock.now();
    if !app.store.transaction(async |tx| client::set_enabled(tx, id, false, now).await).await? {
        return Err(unknown(id));
    }
    app.clients.forget(id);
    while app.store.transaction(async |tx| client::delete_some_of(tx, id, STEP).await).await? > 0 {}
    app.store.transaction(async |tx| client::delete(tx, id).await).await?;
    tracing::info!(client = %id, "client deleted, with its grants, tokens and consents");
    Ok(())
}
