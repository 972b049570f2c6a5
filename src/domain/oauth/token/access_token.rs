//! Access tokens: what they say, as a JWT (RFC 9068) or behind an opaque string.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::scope::Scope;
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
    /// The user, or the client itself.
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

/// One audience as a string, several as an array (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// The usual case.
    One(String),
    /// More.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|audience| audience == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(audience) => std::slice::from_ref(audience),
            Self::Many(audiences) => audiences.as_slice(),
        };
        all.iter().map(String::as_str)
    }
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
        scope: Scope,
        lifetime: Duration,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        Self {
            auth_time: Some(grant.authenticated_at.as_secs()),
            acr: grant.acr.clone(),
            amr: grant.methods.clone(),
            ..Self::new(
                issuer,
                client,
                grant.user.to_string(),
                TokenId::OfGrant(grant.id),
                scope,
                lifetime,
                now,
                random,
            )
        }
    }

    /// The claims of a token for the client itself.
    pub fn for_client(
        issuer: &Issuer,
        client: &Client,
        scope: Scope,
        lifetime: Duration,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        let id = TokenId::OfClient(Some(client.created_at));
        Self::new(issuer, client, client.id.as_str().to_owned(), id, scope, lifetime, now, random)
    }

    #[expect(clippy::too_many_arguments, reason = "each is one claim; the two callers above are the interface")]
    fn new(
        issuer: &Issuer,
        client: &Client,
        sub: String,
        id: TokenId,
        scope: Scope,
        lifetime: Duration,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        Self {
            iss: issuer.as_str().to_owned(),
            sub,
            aud: audience(issuer, client, &scope),
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

    /// Whether it holds at `now`.
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < Timestamp::from_secs(self.exp)
    }
}

/// Who a token is for: what its client was registered for, by default this server. A token with `openid` is also for
/// this server, because userinfo is here, and so is one for the API of one's own account or for a provider's tokens.
fn audience(issuer: &Issuer, client: &Client, scope: &Scope) -> Audience {
    let own = issuer.as_str().to_owned();
    match client.metadata.audience.as_slice() {
        [] => Audience::One(own),
        audiences if is_for_us(client, scope) && !audiences.contains(&own) => {
            Audience::Many(audiences.iter().cloned().chain([own]).collect())
        }
        [one] => Audience::One(one.clone()),
        many => Audience::Many(many.to_vec()),
    }
}

fn is_for_us(client: &Client, scope: &Scope) -> bool {
    scope.contains("openid")
        || !scope.of_upstream().is_empty()
        || (client.metadata.first_party && !scope.of_own_account().is_empty())
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
