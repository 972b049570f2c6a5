//! An application registers itself.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{bad_token, bounds};
use crate::app::{App, DynamicRegistration};
use crate::crypto::machine_secret::{self, Kind};
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ManageRegistrationOf;
use crate::domain::oauth::client::initial_access_token::InitialAccessToken;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::self_registration::{self, check, described};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::domain::sign_in::place::{Place, places};
use crate::foundation::{Secret, SecretHash, SecretString};
use crate::services::ServiceError;
use crate::services::oauth::client::{NewSecret, check_servers, given_or_new};
use crate::services::operation::brake;
use crate::services::operation::events::event;
use crate::storage::oauth::client_registration::{ClientRegistration, Kept, Room};
use crate::storage::oauth::{client, client_registration, initial_access_token};
use crate::storage::operation::audit_event;

/// The window within which registrations from one place are counted.
const WINDOW: Duration = Duration::from_secs(3600);
/// So many times as many may be registered within the window as may lie there unused: an application that is tested registers and
/// deletes again and again.
const AGAIN: u32 = 10;

/// When a place has room again whose first registration is over.
const PRUNED: Duration = Duration::from_secs(60);

/// What comes of it.
pub enum Answer {
    /// It is registered.
    Registered(Box<SelfRegistered>),
    /// A token is needed, and none was sent.
    TokenMissing,
    /// Too many came from there; how long to wait.
    Wait(Duration),
}

/// A client that has just registered itself, with what it is shown this once.
pub struct SelfRegistered {
    /// The client.
    pub client: Client,
    /// `None` for a public client.
    pub secret: Option<SecretString>,
    /// By which it manages its registration.
    pub token: SecretString,
}

/// Registers the application that sends `json`, with the token that it has from the operator, if it has one.
///
/// # Errors
/// `invalid_token` when that does not hold; a refusal names what cannot be registered and why.
pub async fn register(app: &App, by: &Actor, token: Option<&str>, json: &[u8]) -> Result<Answer, ServiceError> {
    let settings = &app.settings.registration;
    let initial = match token {
        Some(token) => Some(admit(app, token).await?),
        None if settings.dynamic == DynamicRegistration::Open => None,
        None => return Ok(Answer::TokenMissing),
    };
    let address = by.origin.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if initial.is_none()
        && let Some(wait) = brake(app, by, address).await?
    {
        return Ok(Answer::Wait(wait));
    }
    let (client, secret) = prepare(app, json, initial.is_some()).await?;
    let (token, token_hash) = machine_secret::generate(Kind::Registration, &app.random);
    let now = app.clock.now();
    let from = places(address);
    let place = |place: Option<&Place>| place.filter(|_| initial.is_none()).map(|place| hidden(app, place));
    let registration = ClientRegistration {
        client_id: client.id.clone(),
        token_hash,
        place: place(from.last()),
        wide_place: place(from.first()),
        created_at: now,
        unused_until: Some(now.after(settings.unused_for)),
    };
    let here = i64::from(settings.unused_per_address);
    let room = Room {
        all: i64::from(settings.max_clients),
        place: here,
        wide_place: here.saturating_mul(from.first().map_or(1, |place| i64::from(place.share))),
    };
    let author = by.clone().authenticated(client.id.clone());
    let told = event(app, &author.may(ManageRegistrationOf(&client.id))?, Action::ClientRegistered);
    let told = told.about(Target::client(&client.id)).changed(Change::of_client(None, &client));
    let told = match &initial {
        Some(initial) => {
            let named = Change::of("initial_access_token", &Public(None), &Public(Some(&initial.name)));
            told.because("a token of the operator let it in").changed(named)
        }
        None => told.because("everybody may register applications"),
    };
    let stored = app
        .store
        .transaction("register_itself", async |tx| {
            // Both are there or neither: the insert of the second finds the first.
            if !client::insert(tx, &client).await? {
                return Ok(None);
            }
            let kept = client_registration::insert(tx, &registration, room).await?;
            // A use counts only for what is registered.
            let admitted = match (&initial, kept) {
                (Some(initial), Kept::Yes) => initial_access_token::take(tx, initial.id, now).await?,
                _ => true,
            };
            if kept != Kept::Yes || !admitted {
                client::delete(tx, &client.id).await?;
                return Ok(admitted.then_some(kept));
            }
            audit_event::insert(tx, &told).await?;
            Ok(Some(kept))
        })
        .await?;
    match stored {
        Some(Kept::Yes) => {
            tracing::info!(client = %client.id, name = client.name, "client registered itself");
            Ok(Answer::Registered(Box::new(SelfRegistered { client, secret, token })))
        }
        // What is over goes with the next run of the job that deletes it.
        Some(Kept::PlaceFull { until }) => Ok(Answer::Wait(until.map_or(PRUNED, |until| until.since(now)))),
        Some(Kept::Full) => Err(RegistrationError::Full { most: settings.max_clients }.into()),
        // Others have used it up meanwhile.
        None => Err(bad_token().into()),
    }
}

async fn admit(app: &App, token: &str) -> Result<InitialAccessToken, ServiceError> {
    let (hash, now) = (SecretHash::of(token), app.clock.now());
    let found = app.store.read("find_initial_token", async |conn| initial_access_token::find(conn, &hash, now).await);
    found.await?.ok_or_else(|| bad_token().into())
}

async fn brake(app: &App, by: &Actor, address: IpAddr) -> Result<Option<Duration>, ServiceError> {
    let most = app.settings.registration.unused_per_address.saturating_mul(AGAIN);
    let limit = |place: &Place| {
        app.ephemeral.limit(&format!("registration/{place}"), u64::from(most.saturating_mul(place.share)))
    };
    let limits: Vec<_> = places(address).iter().map(limit).collect();
    brake::hit(app, by, &limits, WINDOW).await
}

async fn prepare(app: &App, json: &[u8], credited: bool) -> Result<(Client, Option<SecretString>), ServiceError> {
    let (id, now) = (ClientId::generate(&app.random), app.clock.now());
    let document = self_registration::read(json)?;
    let (name, metadata) = described(document.changes, None, id.as_str()).map_err(ServiceError::internal)?;
    check(&name, &metadata, &bounds(app, credited))?;
    check_servers(app, None, &metadata).await?;
    let method = metadata.token_endpoint_auth_method;
    let (secret, secret_hash, sealed_secret) = match method.keeps_secret() {
        true => {
            let NewSecret { secret, hash, sealed } = given_or_new(app, &id, method, None)?;
            (Some(secret), Some(hash), sealed)
        }
        false => (None, None, None),
    };
    let client = Client {
        id,
        name,
        enabled: true,
        secret_hash,
        sealed_secret,
        metadata,
        registered_itself: true,
        created_at: now,
        updated_at: now,
    };
    Ok((client, secret))
}

/// So that it cannot be read from the database.
fn hidden(app: &App, place: &Place) -> SecretHash {
    Secret::from_bytes(app.browser_key.mac(&[b"registered from", place.to_string().as_bytes()])).hash()
}
