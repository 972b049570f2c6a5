//! To whom answers are encrypted (RFC 7516): the keys of the client that they are for.

use std::sync::Arc;

use crate::app::App;
use crate::crypto::CryptoError;
use crate::crypto::foreign::ForeignJwkSet;
use crate::crypto::jwe::Encryption;
use crate::domain::oauth::authorize::response_mode::ResponseMode;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::foundation::url::Issuer;
use crate::runtime::client_keys::Need;
use crate::services::ServiceError;

/// A client whose answers are encrypted, with its keys at hand.
pub struct Recipient {
    keys: Arc<ForeignJwkSet>,
    encryption: Encryption,
}

impl Recipient {
    /// Finds the keys of a client whose answers are encrypted like that; `None` where they are not. To be asked before anything
    /// is used up: the keys may be at a URL of the client's, and that may not answer.
    ///
    /// # Errors
    /// A failure for now when the keys are not to be had; a refusal when none of them is for that.
    pub async fn of(app: &App, client: &Client, encryption: Option<Encryption>) -> Result<Option<Self>, ServiceError> {
        let Some(encryption) = encryption else { return Ok(None) };
        let now = app.clock.now();
        // A key that was added a moment ago is looked for once more.
        for need in [Need::Use, Need::Newer] {
            let keys = app.client_keys.of(client, need, &app.outbound, now).await?;
            if keys.recipient(encryption.alg).is_some() {
                return Ok(Some(Self { keys, encryption }));
            }
        }
        Err(Refusal::new(
            ErrorCode::UnauthorizedClient,
            "This client has no key to which its answers could be encrypted.",
        )
        .of(Kind::ClientKeys)
        .with("client", &client.id)
        .with("alg", encryption.alg)
        .into())
    }

    /// The same for an answer of the authorization endpoint in this mode: only one that is a JWT is encrypted (JARM §2.2).
    ///
    /// # Errors
    /// As [`Self::of`].
    pub async fn of_answer(app: &App, client: &Client, mode: ResponseMode) -> Result<Option<Self>, ServiceError> {
        match mode.is_jwt() {
            true => Self::of(app, client, client.metadata.encryption.authorization()).await,
            false => Ok(None),
        }
    }

    /// Encrypts a signed JWT: sign first, then encrypt (RFC 7519 §11.2).
    ///
    /// # Errors
    /// A fault of the key.
    fn seal_jwt(&self, jwt: &str) -> Result<String, ServiceError> {
        Ok(self.key()?.encrypt(self.encryption, jwt, true, None)?)
    }

    /// Encrypts a logout token, which says outside too who sends it (OpenID Connect Back-Channel Logout §2.4).
    ///
    /// # Errors
    /// A fault of the key.
    pub fn seal_logout_token(&self, jwt: &str, issuer: &Issuer) -> Result<String, ServiceError> {
        Ok(self.key()?.encrypt(self.encryption, jwt, true, Some(issuer.as_str()))?)
    }

    /// A signed JWT for this recipient, if there is one.
    ///
    /// # Errors
    /// A fault of the key.
    pub fn sealed(recipient: Option<&Self>, jwt: String) -> Result<String, ServiceError> {
        match recipient {
            None => Ok(jwt),
            Some(recipient) => recipient.seal_jwt(&jwt),
        }
    }

    /// Encrypts JSON that nobody signed: an answer for which only encryption was registered.
    ///
    /// # Errors
    /// A fault of the key.
    pub fn seal_json(&self, json: &str) -> Result<String, ServiceError> {
        Ok(self.key()?.encrypt(self.encryption, json, false, None)?)
    }

    fn key(&self) -> Result<&crate::crypto::foreign::ForeignJwk, CryptoError> {
        self.keys.recipient(self.encryption.alg).ok_or(CryptoError::Key("the client has no key for this algorithm"))
    }
}
