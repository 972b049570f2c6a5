//! What the demo app needs to know.

use crate::foundation::url::Issuer;
use crate::foundation::{Clock, Random, SecretString};

/// What the demo app needs to know.
#[derive(Clone, Debug)]
pub struct DemoSettings {
    /// The provider, which also serves the demo app: its redirect URI is `{issuer}/demo/callback`, its post-logout
    /// redirect URI `{issuer}/demo/signed-out`.
    pub issuer: Issuer,
    /// The client with which people sign in: grants `authorization_code` and `refresh_token`.
    pub app: Credentials,
    /// The client that gets a token for itself: grant `client_credentials`.
    pub machine: Credentials,
    /// Where its states, nonces and cookies come from.
    pub random: Random,
    /// The clock by which it judges expiry.
    pub clock: Clock,
}

/// A confidential client, authenticated by `client_secret_basic`.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`; masked wherever the demo app shows a request.
    pub client_secret: SecretString,
}
