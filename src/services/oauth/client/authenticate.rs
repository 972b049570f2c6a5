//! Authenticating a client, by a secret or by what it has signed.

use std::time::Duration;

use super::{assertion_room, find, secret};
use crate::app::App;
use crate::crypto::foreign::ForeignJwkSet;
use crate::domain::oauth::client::AuthMethod;
use crate::domain::oauth::client::assertion::{Asserted, Asserting, Expected, NotAsserted};
use crate::domain::oauth::client::authentication::{Authenticated, Credentials, Proven, failed};
use crate::domain::oauth::discovery::path;
use crate::domain::oauth::error::{Kind, Refusal};
use crate::domain::oauth::profile::Legacy;
use crate::runtime::client_keys::{KeysUnavailable, Need};
use crate::runtime::verification_lanes::{AGAIN, LaneFull};
use crate::services::ServiceError;
use crate::services::error::Unavailable;
use crate::storage::oauth::used_assertion;

/// Why a client is not authenticated.
pub enum NotAuthenticated {
    /// What it presented does not prove it. `is_known`: there is such a client.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Whether there is such a client.
        is_known: bool,
    },
    /// It has proven itself too often lately, or those of its kind have: it may again after this time.
    TooOften(Duration),
    /// A fault, which says nothing about the client.
    Failed(ServiceError),
}

impl<E: Into<ServiceError>> From<E> for NotAuthenticated {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Authenticates the client that `credentials` are of. `asked` is the path that was asked.
///
/// An assertion is written down once it has proven itself, and not before: who holds no key or secret of a client can store nothing
/// here. Those who registered a client themselves can, so often.
///
/// # Errors
/// A refusal, or a fault: the keys of a client that are not to be had prove nothing against it.
pub async fn authenticate(
    app: &App,
    credentials: &Credentials,
    asked: &str,
) -> Result<Authenticated, NotAuthenticated> {
    let client = find(app, &credentials.client).await?;
    let is_known = client.is_some();
    let refused = |refusal| NotAuthenticated::Refused { refusal, is_known };
    match credentials.prove(client).map_err(refused)? {
        Proven::Now(client) => Ok(client),
        // On the heap, so that others do not carry its size.
        Proven::ByAssertion(asserting) => Box::pin(by_assertion(app, credentials.method, asserting, asked)).await,
    }
}

async fn by_assertion(
    app: &App,
    method: AuthMethod,
    asserting: Asserting<'_>,
    asked: &str,
) -> Result<Authenticated, NotAuthenticated> {
    let refused = |refusal| NotAuthenticated::Refused { refusal, is_known: true };
    let (token_endpoint, asked) = (app.issuer.join(path::TOKEN), app.issuer.join(asked));
    let now = app.clock.now();
    let issuer_alone = !app.settings.rules.have(Legacy::EndpointAudience);
    let expected =
        Expected { issuer: app.issuer.as_str(), token_endpoint: &token_endpoint, asked: &asked, issuer_alone, now };
    let asserted = match method {
        AuthMethod::ClientSecretJwt => match secret::opened(app, asserting.client())? {
            Some(secret) => asserting.by_secret(&secret, expected).map_err(refused)?,
            None => {
                let why = "its secret is stored as a hash only: give it a new one";
                return Err(refused(failed(&asserting.client().id).of(Kind::Secret).with("because", why)));
            }
        },
        _ => by_key(app, &asserting, expected).await?,
    };
    if let Some(wait) = assertion_room::taken(app, asserting.client()).await? {
        return Err(NotAuthenticated::TooOften(wait));
    }
    let (hash, over) = (asserted.hash, asserted.over);
    let first = app.store.write_once("use_assertion", async |tx| used_assertion::take(tx, &hash, over).await).await?;
    asserted.taken(first).map_err(refused)
}

/// With the keys that are known, and once more with newer ones if none of them has signed it: a client may change its keys at any
/// time.
async fn by_key(app: &App, asserting: &Asserting<'_>, expected: Expected<'_>) -> Result<Asserted, NotAuthenticated> {
    let refused = |refusal| NotAuthenticated::Refused { refusal, is_known: true };
    let client = asserting.client();
    let verify = async |keys: &ForeignJwkSet| {
        let costly = (asserting.is_costly(), client.is_vetted());
        app.verifications.run(costly.0, costly.1, || asserting.by_key(keys, expected)).await
    };
    let keys = app.client_keys.of(client, Need::Use, &app.outbound, expected.now).await?;
    let refusal = match verify(&keys).await? {
        Ok(asserted) => return Ok(asserted),
        Err(NotAsserted::Refused(refusal)) => return Err(refused(refusal)),
        Err(NotAsserted::UnknownKey(refusal)) => refusal,
    };
    let newer = app.client_keys.of(client, Need::Newer, &app.outbound, expected.now).await?;
    if newer == keys {
        return Err(refused(refusal));
    }
    verify(&newer).await?.map_err(|why| match why {
        NotAsserted::UnknownKey(refusal) | NotAsserted::Refused(refusal) => refused(refusal),
    })
}

/// When it is worth asking again for keys that were not to be had.
const KEYS_AGAIN: Duration = Duration::from_secs(10);

impl From<KeysUnavailable> for ServiceError {
    fn from(KeysUnavailable { why, by_strangers }: KeysUnavailable) -> Self {
        let cause = format!("the client's jwks_uri: {why}");
        Self::Unavailable(Unavailable { cause, retry_after: KEYS_AGAIN, may_be_done: false, by_strangers })
    }
}

/// Anybody can have signatures verified, also in the name of clients that somebody has looked at.
impl From<LaneFull> for ServiceError {
    fn from(full: LaneFull) -> Self {
        let cause = full.to_string();
        Self::Unavailable(Unavailable { cause, retry_after: AGAIN, may_be_done: false, by_strangers: true })
    }
}
