//! Deleting a client.

use super::unknown;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageClients};
use crate::domain::oauth::client::ClientId;
use crate::domain::operation::audit_event::{Action, Target};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::client;
use crate::storage::operation::audit_event;

/// How many rows of each kind one step deletes: nobody waits for the writer for longer than such a step takes.
const STEP: i64 = 200;

/// Deletes a client, and with it every grant, token and consent that it has. First it is disabled, so that nothing is
/// added meanwhile; then what it has goes in steps. One that was interrupted is finished by the next call.
///
/// # Errors
/// A refusal when there is no such client.
pub async fn delete(app: &App, by: &Actor, id: &ClientId) -> Result<(), ServiceError> {
    remove(app, &by.may(ManageClients)?, id).await
}

/// The same by whoever may do it to this client.
///
/// # Errors
/// As [`delete`].
pub async fn remove<P>(app: &App, may: &Allowed<'_, P>, id: &ClientId) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let disabled = event(app, may, Action::ClientDisabled).about(Target::client(id));
    let disabled = disabled.because("it is about to be deleted");
    let found = app
        .store
        .transaction("disable_client_to_delete", async |tx| {
            let done = client::set_enabled(tx, id, false, now).await?;
            audit_event::insert_if(tx, done == Some(true), &disabled).await?;
            Ok(done)
        })
        .await?;
    if found.is_none() {
        return Err(unknown(id));
    }
    erase(app, may, id).await
}

/// Deletes one that is disabled already.
///
/// # Errors
/// When the database does not answer.
pub async fn erase<P>(app: &App, may: &Allowed<'_, P>, id: &ClientId) -> Result<(), ServiceError> {
    app.clients.forget(id);
    while app
        .store
        .transaction("delete_grants_of_client", async |tx| client::delete_some_of(tx, id, STEP).await)
        .await?
        > 0
    {}
    let deleted = event(app, may, Action::ClientDeleted).about(Target::client(id));
    app.store
        .transaction("delete_client", async |tx| {
            // If another call was faster, it has told of it.
            let done = client::delete(tx, id).await?;
            audit_event::insert_if(tx, done, &deleted).await
        })
        .await?;
    tracing::info!(client = %id, "client deleted, with its grants, tokens and consents");
    Ok(())
}
