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
