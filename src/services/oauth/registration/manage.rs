//! An application reads, changes or deletes its registration (RFC 7592 §2).

use std::time::Duration;

use super::{bad_token, bounds};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageRegistrationOf;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::sector::to_be_proven;
use crate::domain::oauth::client::self_registration::{self, check, check_own, described};
use crate::domain::oauth::client::{Client, ClientId, GrantType};
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::foundation::{SecretHash, SecretString};
use crate::services::ServiceError;
use crate::services::oauth::client::{check_servers, fit, remove};
use crate::services::operation::brake;
use crate::services::operation::events::event;
use crate::storage::oauth::{client, client_registration};
use crate::storage::operation::audit_event;

/// How often a change is tried again because another came first.
const ATTEMPTS: usize = 5;

/// So often within [`WINDOW`] the document at a client's `sector_identifier_uri` is fetched because it changes its registration: it
/// chooses whose server that is.
const MOST_DOCUMENTS: u64 = 20;
const WINDOW: Duration = Duration::from_secs(3600);

/// A client that has just changed its registration.
pub struct Changed {
    /// As it is now.
    pub client: Client,
    /// One that was public and is no longer gets a secret, shown this once.
    pub secret: Option<SecretString>,
}

/// The client whose registration access token this is.
///
/// # Errors
/// `invalid_token` when it is not, when there is no such client, when the operator registered it, and when it is switched off: the
/// answer is always the same (RFC 7592 §2).
pub async fn read(app: &App, id: &ClientId, token: &str) -> Result<Client, ServiceError> {
    // No id contains a NUL, and PostgreSQL would answer with an error.
    if id.as_str().contains('\0') {
        return Err(bad_token().into());
    }
    let presented = SecretHash::of(token);
    let found = app
        .store
        .read("find_own_registration", async |conn| {
            let Some(hash) = client_registration::token_of(conn, id).await? else { return Ok(None) };
            let found = client::find(conn, id).await?;
            Ok(found.filter(|client| hash.matches(&presented) && client.enabled))
        })
        .await?;
    found.ok_or_else(|| bad_token().into())
}

/// Replaces the registration of a client by what it sends: what that leaves out takes its default (RFC 7592 §2.2). What the operator
/// has said of it stays.
///
/// # Errors
/// As [`read`]; a refusal names what cannot be registered and why.
pub async fn replace(app: &App, by: &Actor, id: &ClientId, token: &str, json: &[u8]) -> Result<Changed, ServiceError> {
    let author = by.clone().authenticated(id.clone());
    for _ in 0..ATTEMPTS {
        let before = read(app, id, token).await?;
        let document = self_registration::read(json)?;
        check_own(&document, &before)?;
        let (name, metadata) =
            described(document.changes, Some(&before), id.as_str()).map_err(ServiceError::internal)?;
        // A token has let it in, or the operator has seen to it since.
        let credited = before.metadata.grant_types.contains(&GrantType::ClientCredentials);
        check(&name, &metadata, &bounds(app, credited))?;
        if to_be_proven(Some(&before.metadata), &metadata).is_some() {
            brake(app, by, id).await?;
        }
        check_servers(app, Some(&before), &metadata).await?;
        let mut client = Client { name, metadata, ..before.clone() };
        // Later than before whatever the clock says: it is what tells two changes apart.
        client.updated_at = app.clock.now().max(before.updated_at.after(Duration::from_micros(1)));
        let secret = fit(app, &mut client)?;
        let told = event(app, &author.may(ManageRegistrationOf(id))?, Action::ClientUpdated);
        let told = told.about(Target::client(id)).changed(Change::of_client(Some(&before), &client));
        let done = app
            .store
            .transaction("replace_own_registration", async |tx| {
                let done = client::replace(tx, &client, before.updated_at).await?;
                audit_event::insert_if(tx, done, &told).await
            })
            .await?;
        if done {
            app.clients.forget(id);
            tracing::info!(client = %id, "client changed its registration");
            return Ok(Changed { client, secret });
        }
    }
    Err(RegistrationError::Contended { id: id.clone() }.into())
}

/// Counts a document that is to be fetched.
async fn brake(app: &App, by: &Actor, id: &ClientId) -> Result<(), ServiceError> {
    let limits = [app.ephemeral.limit(&format!("sector_document/{id}"), MOST_DOCUMENTS)];
    match brake::hit(app, by, &limits, WINDOW).await? {
        Some(wait) => Err(RegistrationError::SectorTooOften { wait }.into()),
        None => Ok(()),
    }
}

/// Deletes a client at its own wish, with every grant, token and consent that it has (RFC 7592 §2.3).
///
/// # Errors
/// As [`read`].
pub async fn forget(app: &App, by: &Actor, id: &ClientId, token: &str) -> Result<(), ServiceError> {
    read(app, id, token).await?;
    let author = by.clone().authenticated(id.clone());
    remove(app, &author.may(ManageRegistrationOf(id))?, id).await
}
