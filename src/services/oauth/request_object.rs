//! Reads the request object of an authorization request, by value or by reference, with the keys of its client.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::crypto::CryptoError;
use crate::crypto::foreign::{ForeignJwkSet, ForeignJws, KeyAlgorithm, ProvenJws};
use crate::crypto::jwe::EncryptedJwt;
use crate::domain::oauth::authorize::request_object::{self, Expected};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::runtime::client_keys::Need;
use crate::runtime::fetch_turns::NotFetched;
use crate::services::ServiceError;
use crate::services::error::Unavailable;

/// When it is worth asking again after there was no turn.
const TURN_AGAIN: Duration = Duration::from_secs(3);

/// What an object asks for.
pub struct Asked {
    /// As parameters.
    pub params: Params,
    /// Whether its client has signed it.
    pub signed: bool,
}

/// What the object of a request asks for, which `client` has sent, or so it says.
///
/// # Errors
/// A refusal of the object; or the keys of the client are not to be had now.
pub async fn asked(app: &App, client: &Arc<Client>, outside: &Params, pushed: bool) -> Result<Asked, ServiceError> {
    let now = app.clock.now();
    let compact: Cow<'_, str> = match (outside.get("request"), outside.get("request_uri")) {
        (Some(object), _) => object.into(),
        (None, Some(uri)) => fetched(app, client, uri).await?.to_string().into(),
        (None, None) => return Err(Refusal::new(ErrorCode::InvalidRequest, "There is no request object.").into()),
    };
    let jws = match EncryptedJwt::looks_like(&compact) {
        true => request_object::from_opened(opened(app, &compact)?)?,
        false => request_object::from_sent(&compact)?,
    };
    let algorithm = request_object::verified_with(&jws, client, app.settings.rules)?;
    let expected = Expected { client, issuer: app.issuer.as_str(), now, outside, pushed };
    let proven = match algorithm {
        None => jws.unsigned().map_err(|why| request_object::broken(&why))?,
        Some(algorithm) => verified(app, client, &jws, algorithm).await?,
    };
    Ok(Asked { params: request_object::parameters(&jws, &proven, expected)?, signed: algorithm.is_some() })
}

/// What is inside of an object that is encrypted to us (RFC 9101 §6.1). A stranger can have us try: that costs one operation with a
/// private key, as much as a signature.
fn opened(app: &App, compact: &str) -> Result<Vec<u8>, Refusal> {
    let refused = |why| request_object::sealed(&why);
    let message = EncryptedJwt::read(compact).map_err(refused)?;
    let keys = app.keys.current();
    // One that names no key may mean the one before, if another took its place a moment ago.
    let tried = keys.decrypters(message.encryption().alg, message.kid()).map(|key| key.open(&message));
    let outcome = tried.reduce(|before, next| before.or(next)).unwrap_or(Err(CryptoError::UnknownKey));
    outcome.map_err(refused)
}

/// An object that is at one of the places that its client has registered, and nowhere else: strangers name it.
async fn fetched(app: &App, client: &Client, uri: &str) -> Result<Arc<str>, ServiceError> {
    if client.metadata.request_objects.registered(uri).is_none() {
        return Err(request_object::unregistered(uri, client).into());
    }
    let object = app.request_objects.at(client, uri, &app.outbound, app.clock.now()).await;
    object.map_err(|why| match why {
        NotFetched::Failed(why) => request_object::not_to_be_had(why).into(),
        NotFetched::NoTurn => ServiceError::Unavailable(Unavailable {
            cause: format!("the client's request_uri: {why}"),
            retry_after: TURN_AGAIN,
            may_be_done: false,
            by_strangers: true,
        }),
    })
}

/// With the keys that are known, and once more if none of them has signed it and there are others meanwhile.
async fn verified<'a>(
    app: &App,
    client: &Client,
    jws: &'a ForeignJws,
    algorithm: KeyAlgorithm,
) -> Result<ProvenJws<'a>, ServiceError> {
    let now = app.clock.now();
    let verify = async |keys: &ForeignJwkSet| {
        app.verifications.run(jws.is_costly(), client.is_vetted(), || jws.verify(algorithm, keys)).await
    };
    let keys = app.client_keys.of(client, Need::Use, &app.outbound, now).await?;
    let mut outcome = verify(&keys).await?;
    if matches!(outcome, Err(CryptoError::UnknownKey)) {
        let newer = app.client_keys.of(client, Need::Newer, &app.outbound, now).await?;
        if newer != keys {
            outcome = verify(&newer).await?;
        }
    }
    outcome.map_err(|why| request_object::broken(&why).into())
}
