//! An application reads, changes or deletes its registration (RFC 7592 §2).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{bad_token, bounds_of};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageRegistrationOf;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::sector::to_be_proven;
use crate::domain::oauth::client::self_registration::{self, check, check_own, described, told};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::operation::audit_event::{Action, Change, Target};
use crate::domain::sign_in::place::{Place, places};
use crate::foundation::{SecretHash, SecretString, Timestamp};
use crate::services::ServiceError;
use crate::services::oauth::client::{check_servers, erase, fit};
use crate::services::operation::brake;
use crate::services::operation::events::event;
use crate::storage::oauth::{client, client_registration};
use crate::storage::operation::audit_event;

/// How often a change is tried again because another came first.
const ATTEMPTS: usize = 5;
/// The window within which changes are counted: each leaves an event that is kept for long.
const WINDOW: Duration = Duration::from_secs(3600);
/// How often one client may change its registration within the window.
const CHANGES: u64 = 60;
/// How often all clients together may from one holder's address.
const CHANGES_OF_PLACE: u64 = 300;
/// So often within the window the document at a client's `sector_identifier_uri` is fetched because it changes its registration: it
/// chooses whose server that is.
const MOST_DOCUMENTS: u64 = 20;

/// What comes of a change.
pub enum Replaced {
    /// It is as it was to be.
    Changed(Box<Changed>),
    /// There were too many; how long to wait.
    Wait(Duration),
}

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

/// The same, of one that may change. An application that the operator has made their own asks nobody for consent: whoever holds its
/// token, a stranger perhaps, could have its codes sent elsewhere. What is decided here holds until the client is changed.
async fn changeable(app: &App, id: &ClientId, token: &str) -> Result<Client, ServiceError> {
    let client = read(app, id, token).await?;
    match client.is_vetted() {
        true => Err(RegistrationError::OperatorsOwn { id: id.clone() }.into()),
        false => Ok(client),
    }
}

/// Replaces the registration of a client by what it sends: what that leaves out takes its default (RFC 7592 §2.2). What the operator
/// has said of it stays. If nothing is different then, nothing is stored.
///
/// # Errors
/// As [`read`]; a refusal when it is the operator's to change, or names what cannot be registered and why.
pub async fn replace(app: &App, by: &Actor, id: &ClientId, token: &str, json: &[u8]) -> Result<Replaced, ServiceError> {
    let author = by.clone().authenticated(id.clone());
    let mut counted = false;
    for _ in 0..ATTEMPTS {
        let before = changeable(app, id, token).await?;
        let document = self_registration::read(json)?;
        check_own(&document, &before)?;
        let (name, metadata) =
            described(document.changes, Some(&before), id.as_str()).map_err(ServiceError::internal)?;
        check(&name, &metadata, &bounds_of(app, &before))?;
        if to_be_proven(Some(&before.metadata), &metadata).is_some() {
            brake_documents(app, by, id).await?;
        }
        check_servers(app, Some(&before), &metadata).await?;
        let mut client = Client { name, metadata, updated_at: after(app, &before), ..before.clone() };
        let secret = fit(app, &mut client)?;
        if is_same(&client, &before) {
            return Ok(Replaced::Changed(Box::new(Changed { client: before, secret: None })));
        }
        if !counted && let Some(wait) = brake_changes(app, by, id).await? {
            return Ok(Replaced::Wait(wait));
        }
        counted = true;
        let updated = event(app, &author.may(ManageRegistrationOf(id))?, Action::ClientUpdated);
        let updated = updated.about(Target::client(id)).changed(Change::of_client(Some(&before), &client));
        let done = app
            .store
            .transaction("replace_own_registration", async |tx| {
                let done = client::replace(tx, &client, before.updated_at).await?;
                audit_event::insert_if(tx, done, &updated).await
            })
            .await?;
        if done {
            app.clients.forget(id);
            tracing::info!(client = %id, "client changed its registration");
            return Ok(Replaced::Changed(Box::new(Changed { client, secret })));
        }
    }
    Err(RegistrationError::Contended { id: id.clone() }.into())
}

/// Later than before whatever the clock says: it is what tells two changes apart.
fn after(app: &App, before: &Client) -> Timestamp {
    app.clock.now().max(before.updated_at.after(Duration::from_micros(1)))
}

/// Whether a read would tell the same of both: a default that is sent back is no change.
fn is_same(client: &Client, before: &Client) -> bool {
    told(client) == told(before)
        && client.secret_hash == before.secret_hash
        && client.sealed_secret == before.sealed_secret
}

/// Counts a document that is to be fetched.
async fn brake_documents(app: &App, by: &Actor, id: &ClientId) -> Result<(), ServiceError> {
    let limits = [app.ephemeral.limit(&format!("sector_document/{id}"), MOST_DOCUMENTS)];
    match brake::hit(app, by, &limits, WINDOW).await? {
        Some(wait) => Err(RegistrationError::SectorTooOften { wait }.into()),
        None => Ok(()),
    }
}

async fn brake_changes(app: &App, by: &Actor, id: &ClientId) -> Result<Option<Duration>, ServiceError> {
    let address = by.origin.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let of_place = |place: &Place| {
        let most = CHANGES_OF_PLACE.saturating_mul(u64::from(place.share));
        app.ephemeral.limit(&format!("registration changes/{place}"), most)
    };
    let mut limits: Vec<_> = places(address).iter().map(of_place).collect();
    limits.push(app.ephemeral.limit(&format!("registration changes of/{id}"), CHANGES));
    brake::hit(app, by, &limits, WINDOW).await
}

/// Deletes a client at its own wish, with every grant, token and consent that it has (RFC 7592 §2.3). Of many at once one does it.
///
/// # Errors
/// As [`read`]; a refusal when it is the operator's to delete.
pub async fn forget(app: &App, by: &Actor, id: &ClientId, token: &str) -> Result<(), ServiceError> {
    let author = by.clone().authenticated(id.clone());
    let may = author.may(ManageRegistrationOf(id))?;
    for _ in 0..ATTEMPTS {
        let before = changeable(app, id, token).await?;
        let disabled = Client { enabled: false, updated_at: after(app, &before), ..before.clone() };
        let deleting = event(app, &may, Action::ClientDisabled).about(Target::client(id));
        let deleting = deleting.because("it is about to be deleted");
        let done = app
            .store
            .transaction("disable_own_registration", async |tx| {
                let done = client::replace(tx, &disabled, before.updated_at).await?;
                audit_event::insert_if(tx, done, &deleting).await
            })
            .await?;
        if done {
            return erase(app, &may, id).await;
        }
    }
    Err(RegistrationError::Contended { id: id.clone() }.into())
}
