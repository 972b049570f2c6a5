//! Changing a client.

use super::secret::fit;
use super::{check, show};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageClients;
use crate::domain::oauth::client::changes::Changes;
use crate::domain::oauth::client::registration::complete;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::SecretString;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::client;
use crate::storage::operation::audit_event;

/// How often a change is tried again because another came first.
const ATTEMPTS: usize = 5;

/// A client just changed, with the secret that is shown this once.
pub struct Updated {
    /// As it is now.
    pub client: Client,
    /// A client that had none gets one, and so does one that begins to sign with it: of the old one only a hash is known.
    pub secret: Option<SecretString>,
}

/// Changes a client. The whole result has to be what could be registered: a change cannot bring in what registration
/// would have refused (CVE-2026-15572). Two changes at once are both made, one after the other.
///
/// # Errors
/// A refusal when there is no such client, or names what cannot be registered and why.
pub async fn update(app: &App, by: &Actor, id: &ClientId, changes: Changes) -> Result<Updated, ServiceError> {
    let may = by.may(ManageClients)?;
    for _ in 0..ATTEMPTS {
        let before = show(app, id).await?;
        let seen = before.updated_at;
        let Updated { client, secret } = changed(app, &before, changes.clone()).await?;
        let updated = event(app, &may, Action::ClientUpdated).about(Target::client(id));
        let updated = updated.changed(Change::of_client(Some(&before), &client));
        let done = app
            .store
            .transaction("update_client", async |tx| {
                let done = client::replace(tx, &client, seen).await?;
                audit_event::insert_if(tx, done, &updated).await
            })
            .await?;
        if done {
            app.clients.forget(id);
            tracing::info!(client = %id, "client changed");
            return Ok(Updated { client, secret });
        }
    }
    // Unless it is gone meanwhile.
    show(app, id).await?;
    Err(RegistrationError::Contended { id: id.clone() }.into())
}

async fn changed(app: &App, before: &Client, changes: Changes) -> Result<Updated, ServiceError> {
    let mut client = before.clone();
    changes.apply(&mut client.name, &mut client.metadata);
    complete(&mut client.name, &mut client.metadata);
    check(app, Some(before), &client.name, &client.metadata).await?;
    // Later than before whatever the clock says: it is what tells two changes apart.
    client.updated_at = app.clock.now().max(client.updated_at.after(std::time::Duration::from_micros(1)));
    let secret = fit(app, &mut client)?;
    Ok(Updated { client, secret })
}
