//! Secrets of clients: made, hashed, and sealed for those that sign with them.

use crate::app::App;
use crate::crypto::foreign::SharedSecret;
use crate::crypto::machine_secret::{self, Kind};
use crate::domain::oauth::client::registration::check_secret;
use crate::domain::oauth::client::registration_error::RegistrationError;
use crate::domain::oauth::client::{AuthMethod, Client, ClientId};
use crate::foundation::{SecretHash, SecretString};
use crate::services::ServiceError;

/// A secret that is to be stored.
pub struct NewSecret {
    /// To be shown this once.
    pub secret: SecretString,
    /// What is stored of it,
    pub hash: SecretHash,
    /// and the rest of it, if its client signs with it.
    pub sealed: Option<Vec<u8>>,
}

/// The secret that was given, if it is fit to be one, or else a new one.
///
/// # Errors
/// A refusal of the one that was given.
pub fn given_or_new(
    app: &App,
    id: &ClientId,
    method: AuthMethod,
    given: Option<SecretString>,
) -> Result<NewSecret, ServiceError> {
    let signs = method == AuthMethod::ClientSecretJwt;
    let (secret, hash) = match given {
        None => machine_secret::generate(if signs { Kind::SigningClient } else { Kind::Client }, &app.random),
        Some(secret) => {
            check_secret(&secret).map_err(RegistrationError::from)?;
            let hash = SecretHash::of(secret.expose());
            (secret, hash)
        }
    };
    let seal = || app.master.seal(&context(id), secret.expose().as_bytes(), &app.random);
    let sealed = signs.then(seal).transpose()?;
    Ok(NewSecret { secret, hash, sealed })
}

/// What of a secret is kept fits the method again by which a client authenticates, now that this has changed. A client that had
/// none gets one, and so does one that begins to sign with it: of the old one only a hash is known. It is to be shown this once.
///
/// # Errors
/// When it cannot be sealed.
pub fn fit(app: &App, client: &mut Client) -> Result<Option<SecretString>, ServiceError> {
    let method = client.metadata.token_endpoint_auth_method;
    let signs = method == AuthMethod::ClientSecretJwt;
    let mut made = None;
    if !method.keeps_secret() {
        client.secret_hash = None;
    } else if client.secret_hash.is_none() || (signs && client.sealed_secret.is_none()) {
        let NewSecret { secret, hash, sealed } = given_or_new(app, &client.id, method, None)?;
        (made, client.secret_hash, client.sealed_secret) = (Some(secret), Some(hash), sealed);
    }
    if !signs {
        client.sealed_secret = None;
    }
    Ok(made)
}

/// The secret of a client that signs with it; `None` when it was stored only as a hash.
///
/// # Errors
/// When it was sealed under another master key.
pub fn opened(app: &App, client: &Client) -> Result<Option<SharedSecret>, ServiceError> {
    let Some(sealed) = &client.sealed_secret else { return Ok(None) };
    let secret = app.master.open(&context(&client.id), sealed)?;
    let secret = String::from_utf8(secret.to_vec()).map_err(ServiceError::internal)?;
    Ok(Some(SharedSecret::of_client(SecretString::new(secret))))
}

/// What a sealed secret is bound to.
fn context(id: &ClientId) -> String {
    format!("client_secret/{id}")
}
