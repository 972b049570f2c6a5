//! Access tokens: what they say, as a JWT (RFC 9068) or behind an opaque string.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::audience::Audience;
use super::scope::Scope;
use super::target::Target;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::grant::Grant;
use crate::foundation::{Random, Timestamp, id::GrantId, url::Issuer};

/// The `typ` of an access token's header (RFC 9068 §2.1).
pub const TYPE: &str = "at+jwt";

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// The user, as the client calls them, or the client itself.
    pub sub: String,
    /// Who it is for.
    pub aud: Audience,
    /// When it expires, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued, in seconds since the epoch.
    pub iat: i64,
    /// Its id, which also names its grant: [`TokenId`].
    pub jti: String,
    /// Who got it.
    pub client_id: ClientId,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// When the user had signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The class of that sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How the user had signed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

/// The id of an access token. It names what the token was issued under, so that userinfo and introspection see at once
/// when that has ended, without a row for each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenId {
    /// The grant of a user.
    OfGrant(GrantId),
    /// The client itself, which was registered at this time. An id can be used again after its client was deleted, and
    /// the new client must not have the first one's tokens. `None` for a token from before this was recorded.
    OfClient(Option<Timestamp>),
}

impl TokenId {
    /// The text of a new id.
    pub fn generate(self, random: &Random) -> String {
        let own: [u8; 16] = random.bytes();
        match self {
            Self::OfGrant(grant) => URL_SAFE_NO_PAD.encode([grant.as_uuid().as_bytes().as_slice(), &own].concat()),
            Self::OfClient(None) => URL_SAFE_NO_PAD.encode(own),
            Self::OfClient(Some(registered)) => {
                URL_SAFE_NO_PAD.encode([registered.as_micros().to_be_bytes().as_slice(), &own].concat())
            }
        }
    }

    /// Reads an id that we had made.
    pub fn parse(jti: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(jti).ok()?;
        match bytes.len() {
            16 => Some(Self::OfClient(None)),
            24 => {
                let registered = i64::from_be_bytes(*bytes.first_chunk()?);
                Some(Self::OfClient(Some(Timestamp::from_micros(registered))))
            }
            32 => {
                let grant = Uuid::from_slice(bytes.get(..16)?).ok()?;
                Some(Self::OfGrant(GrantId::from_uuid(grant)))
            }
            _ => None,
        }
    }
}

impl Claims {
    /// The claims of a token for a user.
    pub fn for_user(
        issuer: &Issuer,
        client: &Client,
        grant: &Grant,
        target: Target,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        Self {
            auth_time: Some(grant.authenticated_at.as_secs()),
            acr: grant.acr.clone(),
            amr: grant.methods.clone(),
            ..Self::new(issuer, client, grant.sub(), TokenId::OfGrant(grant.id), target, now, random)
        }
    }

    /// The claims of a token for the client itself.
    pub fn for_client(issuer: &Issuer, client: &Client, target: Target, now: Timestamp, random: &Random) -> Self {
        let id = TokenId::OfClient(Some(client.created_at));
        Self::new(issuer, client, client.id.as_str().to_owned(), id, target, now, random)
    }

    fn new(
        issuer: &Issuer,
        client: &Client,
        sub: String,
        id: TokenId,
        Target { audience, scope, lifetime, .. }: Target,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        Self {
            iss: issuer.as_str().to_owned(),
            sub,
            aud: audience,
            exp: now.after(lifetime).as_secs(),
            iat: now.as_secs(),
            jti: id.generate(random),
            client_id: client.id.clone(),
            scope,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
        }
    }

    /// How long it lives, in seconds.
    pub fn expires_in(&self) -> u64 {
        u64::try_from(self.exp.saturating_sub(self.iat)).unwrap_or_default()
    }

    /// Whether it holds at `now`.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < Timestamp::from_secs(self.exp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_what_it_was_issued_under() {
        let random = Random::seeded(1);
        let grant = GrantId::generate(&random, Timestamp::from_secs(5));
        let (of_grant, at) = (TokenId::OfGrant(grant), Timestamp::from_micros(1_780_000_000_123_456));
        for id in [of_grant, TokenId::OfClient(Some(at)), TokenId::OfClient(None)] {
            assert_eq!(TokenId::parse(&id.generate(&random)), Some(id));
        }
        assert_ne!(of_grant.generate(&random), of_grant.generate(&random));
    }

    #[test]
    fn an_id_that_we_did_not_make_is_not_read() {
        for bad in ["", "x", "!!!!", "AAAA", &"A".repeat(100)] {
            assert_eq!(TokenId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_token_expires_at_its_second() {
        let claims: Claims =
            serde_json::from_str(r#"{"iss":"i","sub":"s","aud":["a","b"],"exp":10,"iat":1,"jti":"j","client_id":"c"}"#)
                .unwrap();
        assert!(claims.is_current(Timestamp::from_micros(9_999_999)));
        assert!(!claims.is_current(Timestamp::from_secs(10)));
        assert!(claims.aud.contains("b") && !claims.aud.contains("c"));
    }
}
