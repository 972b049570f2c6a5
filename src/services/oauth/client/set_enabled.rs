//! Switching a client off and on.

use super::{show, unknown};
use crate::app::App;
use crate::domain::oauth::client::{Client, ClientId};
use crate::services::ServiceError;
use crate::storage::oauth::client;

/// Disables a client or enables it again. A disabled one is refused everywhere, within a second on every instance: it
/// gets no codes and no tokens, and what it has is not active. Nothing is deleted: enabled again, it goes on with what
/// has not expired meanwhile.
///
/// # Errors
/// A refusal when there is no such client.
pub async fn set_enabled(app: &App, id: &ClientId, enabled: bool) -> Result<Client, ServiceError> {
    let now = app.clock.now();
    if !app.store.transaction(async |tx| client::set_enabled(tx, id, enabled, now).await).await? {
        return Err(unknown(id));
    }
    app.clients.forget(id);
    tracing::info!(client = %id, enabled, "client switched");
    show(app, id).await
}
