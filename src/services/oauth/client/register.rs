//! Registering a client.

use super::check;
use super::secret::{NewSecret, given_or_new};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageClients};
use crate::domain::oauth::client::registration::complete;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::{Client, ClientId, Metadata};
use crate::domain::operation::audit_event::{Action, Change, NewEvent, Target};
use crate::foundation::SecretString;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::client;
use crate::storage::operation::audit_event;

/// What a new client is to be.
#[derive(Debug)]
pub struct Registration {
    /// `None`: one is made.
    pub id: Option<ClientId>,
    /// `None`: one is made, unless the client has none: it is public, or has a key of its own.
    pub secret: Option<SecretString>,
    /// What people are shown.
    pub name: String,
    /// Everything else; its `grant_types` and `scope` may be empty: then they take the usual values.
    pub metadata: Metadata,
}

/// A client just registered, with the secret that is shown this once.
pub struct Registered {
    /// The client.
    pub client: Client,
    /// `None` for a client that has none.
    pub secret: Option<SecretString>,
}

/// Registers a client.
///
/// # Errors
/// A refusal names what cannot be registered and why.
pub async fn register(app: &App, by: &Actor, registration: Registration) -> Result<Registered, ServiceError> {
    let may = by.may(ManageClients)?;
    let registered = prepare(app, registration).await?;
    let id = &registered.client.id;
    let told = told(app, &may, &registered.client);
    let stored = app
        .store
        .transaction("register_client", async |tx| {
            let stored = client::insert(tx, &registered.client).await?;
            audit_event::insert_if(tx, stored, &told).await
        })
        .await?;
    if !stored {
        return Err(RegistrationError::Taken { id: id.clone() }.into());
    }
    app.clients.forget(id);
    tracing::info!(client = %id, name = registered.client.name, "client registered");
    Ok(registered)
}

/// Registers a client, or replaces the one with the same id, and gives it a new secret: for the clients of `dev`.
///
/// # Errors
/// As [`register`].
pub async fn replace(app: &App, by: &Actor, registration: Registration) -> Result<Registered, ServiceError> {
    let may = by.may(ManageClients)?;
    let registered = prepare(app, registration).await?;
    let told = told(app, &may, &registered.client);
    app.store
        .transaction("register_client_again", async |tx| {
            client::upsert(tx, &registered.client).await?;
            audit_event::insert(tx, &told).await
        })
        .await?;
    Ok(registered)
}

fn told(app: &App, may: &Allowed<'_, ManageClients>, client: &Client) -> NewEvent {
    let told = event(app, may, Action::ClientRegistered).about(Target::client(&client.id));
    told.changed(Change::of_client(None, client))
}

async fn prepare(app: &App, registration: Registration) -> Result<Registered, ServiceError> {
    let now = app.clock.now();
    let Registration { id, secret, mut name, mut metadata } = registration;
    let id = match id {
        None => ClientId::generate(&app.random),
        Some(id) => ClientId::given(id.as_str(), &app.issuer).map_err(|why| RegistrationError::Id { id, why })?,
    };
    complete(&mut name, &mut metadata);
    check(app, None, &name, &metadata).await?;
    let method = metadata.token_endpoint_auth_method;
    let (secret, secret_hash, sealed_secret) = match (method.keeps_secret(), secret) {
        (false, None) => (None, None, None),
        (false, Some(_)) => return Err(RegistrationError::NoSecret { id: None }.into()),
        (true, given) => {
            let NewSecret { secret, hash, sealed } = given_or_new(app, &id, method, given)?;
            (Some(secret), Some(hash), sealed)
        }
    };
    let (enabled, created_at, updated_at) = (true, now, now);
    let registered_itself = false;
    let client =
        Client { id, name, enabled, secret_hash, sealed_secret, metadata, registered_itself, created_at, updated_at };
    Ok(Registered { client, secret })
}
