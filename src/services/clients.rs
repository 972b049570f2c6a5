//! Registered clients: looked up from memory, changed in the database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use super::ServiceError;
use crate::app::App;
use crate::crypto::machine_secret::{self, Kind};
use crate::domain::oauth::client::{AuthMethod, Client, ClientId, GrantType, Metadata};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::redirect::check_registration;
use crate::domain::oauth::scope::{STANDARD, Scope};
use crate::foundation::{SecretString, Timestamp};
use crate::storage::client;

/// How stale a client may be, on any instance: what disabling one takes to be seen everywhere.
const FRESH: Duration = Duration::from_secs(1);

/// Clients as they were at most [`FRESH`] ago, so that a machine's token costs no query.
pub struct ClientCache(Cache<ClientId, (Arc<Client>, Timestamp)>);

impl ClientCache {
    /// An empty cache, bounded so that it cannot be filled with made-up ids: only clients that exist are kept.
    pub fn new() -> Self {
        Self(Cache::new(10_000))
    }

    fn fresh(&self, id: &ClientId, now: Timestamp) -> Option<Arc<Client>> {
        let (client, at) = self.0.get(id)?;
        (now >= at && now.since(at) < FRESH).then_some(client)
    }
}

impl Default for ClientCache {
    fn default() -> Self {
        Self::new()
    }
}

/// The client with this id, at most a second old.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, id: &ClientId) -> Result<Option<Arc<Client>>, ServiceError> {
    let now = app.clock.now();
    if let Some(client) = app.clients.fresh(id, now) {
        return Ok(Some(client));
    }
    let found = app.store.read(async |conn| client::find(conn, id).await).await?.map(Arc::new);
    match &found {
        Some(client) => app.clients.0.insert(id.clone(), (client.clone(), now)),
        None => drop(app.clients.0.remove(id)),
    }
    Ok(found)
}

/// Every client, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<Client>, ServiceError> {
    Ok(app.store.read(async |conn| client::list(conn).await).await?)
}

/// What a new client is to be.
#[derive(Clone, Debug)]
pub struct Registration {
    /// `None`: one is made.
    pub id: Option<ClientId>,
    /// What people are shown.
    pub name: String,
    /// Everything else; its `grant_types` and `scope` may be empty: then they take the usual values.
    pub metadata: Metadata,
}

/// A client just registered, with the secret that is shown this once.
pub struct Registered {
    /// The client.
    pub client: Client,
    /// `None` for a public client.
    pub secret: Option<SecretString>,
}

/// Registers a client.
///
/// # Errors
/// A refusal names what cannot be registered and why.
pub async fn register(app: &App, registration: Registration) -> Result<Registered, ServiceError> {
    let registered = prepare(app, registration)?;
    app.store.transaction(async |tx| client::insert(tx, &registered.client).await).await?;
    tracing::info!(client = %registered.client.id, name = registered.client.name, "client registered");
    Ok(registered)
}

/// Registers a client, or replaces the one with the same id, and gives it a new secret: for the clients of `dev`.
///
/// # Errors
/// As [`register`].
pub async fn replace(app: &App, registration: Registration) -> Result<Registered, ServiceError> {
    let registered = prepare(app, registration)?;
    app.store.transaction(async |tx| client::upsert(tx, &registered.client).await).await?;
    Ok(registered)
}

/// Gives a client a new secret; the old one ends at once.
///
/// # Errors
/// A refusal when there is no such client, or it is public.
pub async fn rotate_secret(app: &App, id: &ClientId) -> Result<SecretString, ServiceError> {
    let now = app.clock.now();
    let Some(found) = app.store.read(async |conn| client::find(conn, id).await).await? else {
        return Err(unknown(id));
    };
    if found.is_public() {
        return Err(refuse("This client is public: it has no secret.").with("id", id).into());
    }
    let (secret, hash) = machine_secret::generate(Kind::Client, &app.random);
    if !app.store.transaction(async |tx| client::set_secret(tx, id, &hash, now).await).await? {
        return Err(unknown(id));
    }
    drop(app.clients.0.remove(id));
    tracing::info!(client = %id, "client secret rotated");
    Ok(secret)
}

fn unknown(id: &ClientId) -> ServiceError {
    refuse("There is no client with this id.").with("id", id).into()
}

fn prepare(app: &App, registration: Registration) -> Result<Registered, ServiceError> {
    let now = app.clock.now();
    let Registration { id, name, mut metadata } = registration;
    let name = name.trim().to_owned();
    if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(refuse("A client needs a name of 1 to 200 printable bytes.").into());
    }
    complete(&mut metadata);
    check(&metadata, &app.settings.extra_scopes)?;
    let public = metadata.token_endpoint_auth_method == AuthMethod::None;
    let (secret, hash) = match public {
        true => (None, None),
        false => {
            let (secret, hash) = machine_secret::generate(Kind::Client, &app.random);
            (Some(secret), Some(hash))
        }
    };
    let id = id.unwrap_or_else(|| ClientId::generate(&app.random));
    let client = Client { id, name, enabled: true, secret_hash: hash, metadata, created_at: now, updated_at: now };
    Ok(Registered { client, secret })
}

/// Fills in what a registration leaves open.
fn complete(metadata: &mut Metadata) {
    if metadata.grant_types.is_empty() {
        metadata.grant_types = match metadata.redirect_uris.is_empty() {
            true => BTreeSet::from([GrantType::ClientCredentials]),
            false => BTreeSet::from([GrantType::AuthorizationCode, GrantType::RefreshToken]),
        };
    }
    if metadata.scope.is_empty() && metadata.grant_types.contains(&GrantType::AuthorizationCode) {
        let offline = metadata.grant_types.contains(&GrantType::RefreshToken);
        metadata.scope = STANDARD.into_iter().filter(|scope| offline || *scope != "offline_access").collect();
    }
}

fn check(metadata: &Metadata, extra: &Scope) -> Result<(), Refusal> {
    let public = metadata.token_endpoint_auth_method == AuthMethod::None;
    for uri in metadata.redirect_uris.iter().chain(&metadata.post_logout_redirect_uris) {
        check_registration(uri, public)
            .map_err(|why| refuse("A redirect URI cannot be registered.").with("uri", uri).with("because it", why))?;
    }
    for uri in [&metadata.client_uri, &metadata.logo_uri, &metadata.policy_uri, &metadata.tos_uri].into_iter().flatten()
    {
        if !url::Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
            return Err(refuse("A link must be an http or https URL.").with("uri", uri));
        }
    }
    let code = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    if code && metadata.redirect_uris.is_empty() {
        return Err(refuse("The authorization_code grant needs at least one redirect URI."));
    }
    if !code && metadata.grant_types.contains(&GrantType::RefreshToken) {
        return Err(refuse("The refresh_token grant is of no use without authorization_code."));
    }
    if public && metadata.grant_types.contains(&GrantType::ClientCredentials) {
        return Err(refuse("The client_credentials grant needs a client that authenticates."));
    }
    // Without a list of scopes any may be asked for. A machine's scopes name what its own services understand.
    let unknown = metadata.scope.filter(|scope| !STANDARD.contains(&scope) && !extra.contains(scope));
    match unknown.is_empty() || extra.is_empty() || !code {
        true => Ok(()),
        false => Err(refuse("A scope is not configured in scopes.extra.").with("scope", unknown)),
    }
}

fn refuse(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, description)
}
