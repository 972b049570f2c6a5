//! Giving a client another secret.

use super::secret::given_or_new;
use super::{show, unknown};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageClients;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::SecretString;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::client;
use crate::storage::operation::audit_event;

/// Gives a client a new secret, or the one that is `given`; the old one ends at once.
///
/// # Errors
/// A refusal when there is no such client, it has no secret, or the given one is weak.
pub async fn rotate_secret(
    app: &App,
    by: &Actor,
    id: &ClientId,
    given: Option<SecretString>,
) -> Result<SecretString, ServiceError> {
    let may = by.may(ManageClients)?;
    let now = app.clock.now();
    let method = show(app, id).await?.metadata.token_endpoint_auth_method;
    if !method.keeps_secret() {
        return Err(RegistrationError::NoSecret { id: Some(id.clone()) }.into());
    }
    let new = given_or_new(app, id, method, given)?;
    let rotated = event(app, &may, Action::ClientSecretRotated).about(Target::client(id));
    let rotated = rotated.changed([Change::hidden("client_secret")]);
    let done = app
        .store
        .transaction("rotate_client_secret", async |tx| {
            let done = client::set_secret(tx, id, &new.hash, new.sealed.as_deref(), now).await?;
            audit_event::insert_if(tx, done, &rotated).await
        })
        .await?;
    if !done {
        return Err(unknown(id));
    }
    app.clients.forget(id);
    tracing::info!(client = %id, "client secret rotated");
    Ok(new.secret)
}
