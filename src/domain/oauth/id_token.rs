//! ID tokens (OpenID Connect Core §2).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::claims;
use super::grant::Grant;
use crate::domain::account::user::User;
use crate::foundation::{Timestamp, url::Issuer};

/// The `typ` of an ID token's header.
pub const TYPE: &str = "JWT";

/// The claims of an ID token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IdToken {
    /// Who issued it.
    pub iss: String,
    /// Who signed in.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// When it expires, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the user had signed in.
    pub auth_time: i64,
    /// From the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// In which class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How.
    pub amr: Vec<String>,
    /// The session (OpenID Connect Front-Channel Logout §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Binds it to the access token that comes with it (§3.1.3.6).
    pub at_hash: String,
    /// Claims that were asked for by name (§5.5).
    #[serde(flatten)]
    pub user: Map<String, Value>,
}

impl IdToken {
    /// The claims of an ID token under `grant`.
    pub fn new(
        issuer: &Issuer,
        grant: &Grant,
        user: &User,
        nonce: Option<String>,
        at_hash: String,
        lifetime: Duration,
        now: Timestamp,
    ) -> Self {
        Self {
            iss: issuer.as_str().to_owned(),
            sub: grant.user.to_string(),
            aud: grant.client.as_str().to_owned(),
            exp: now.after(lifetime).as_secs(),
            iat: now.as_secs(),
            auth_time: grant.authenticated_at.as_secs(),
            nonce,
            acr: grant.acr.clone(),
            amr: grant.methods.clone(),
            sid: grant.session.map(|session| session.to_string()),
            at_hash,
            user: claims::in_id_token(user, &grant.claims),
        }
    }
}

/// What an id_token_hint tells, once its signature was verified. It may have expired (OpenID Connect RP-Initiated
/// Logout §2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hint {
    /// Who issued it: must be us.
    pub iss: String,
    /// Who had signed in.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// The session.
    #[serde(default)]
    pub sid: Option<String>,
}
