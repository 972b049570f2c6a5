//! Switching a client off and on.

use super::{show, unknown};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageClients;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::operation::audit_event::{Action, Target};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::client;
use crate::storage::operation::audit_event;

/// Disables a client or enables it again. A disabled one is refused everywhere, within a second on every instance: it
/// gets no codes and no tokens, and what it has is not active. Nothing is deleted: enabled again, it goes on with what
/// has not expired meanwhile.
///
/// # Errors
/// A refusal when there is no such client.
pub async fn set_enabled(app: &App, by: &Actor, id: &ClientId, enabled: bool) -> Result<Client, ServiceError> {
    let may = by.may(ManageClients)?;
    let now = app.clock.now();
    let action = if enabled { Action::ClientEnabled } else { Action::ClientDisabled };
    let switched = event(app, &may, action).about(Target::client(id));
    let done = app
        .store
        .transaction("switch_client", async |tx| {
            let done = client::set_enabled(tx, id, enabled, now).await?;
            audit_event::insert_if(tx, done == Some(true), &switched).await?;
            Ok(done)
        })
        .await?;
    let Some(done) = done else { return Err(unknown(id)) };
    app.clients.forget(id);
    if done {
        tracing::info!(client = %id, enabled, "client switched");
    }
    show(app, id).await
}
