//! Authentication by a signed assertion: `private_key_jwt` and `client_secret_jwt` (RFC 7523 §2.2 and §3, OpenID Connect
//! Core §9).

use std::sync::Arc;

use serde::Deserialize;

use super::Client;
use super::authenticated::{Authenticated, Outcome, failed};
use super::keys::AssertionAudience;
use crate::crypto::CryptoError;
use crate::crypto::foreign::{ForeignAlgorithm, ForeignJwkSet, ForeignJws, ProvenJws, SharedSecret};
use crate::domain::oauth::error::{Kind, Refusal};
use crate::domain::oauth::foreign_claims::{Audience, LEEWAY, NumericDate};
use crate::foundation::{SecretHash, Timestamp};

/// The only `client_assertion_type` (RFC 7523 §2.2).
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest that an assertion may still hold: so long must its `jti` be remembered.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(3600);
/// The same of a client that nobody has looked at ([`Client::is_vetted`]).
const LONGEST_OF_STRANGERS: std::time::Duration = std::time::Duration::from_secs(300);

/// The types that an assertion's header may name. Clients sign other JWTs with the same keys, with types of their own: a signed
/// request object must not pass for a proof of who sends it (RFC 8725 §3.11, RFC 9101 §10.8).
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// An assertion, and the client that it is to prove: enabled, and registered for this.
#[derive(Debug)]
pub struct Asserting<'a> {
    pub(super) jws: &'a ForeignJws,
    pub(super) client: Arc<Client>,
}

/// Whom an assertion may be for, and the time.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Our issuer.
    pub issuer: &'a str,
    /// Our token endpoint.
    pub token_endpoint: &'a str,
    /// The endpoint that was asked.
    pub asked: &'a str,
    /// Whether it has to be for our issuer alone, whatever its client is registered for.
    pub issuer_alone: bool,
    /// Now.
    pub now: Timestamp,
}

/// An assertion that holds, if nobody has used it before.
#[derive(Debug)]
pub struct Asserted {
    client: Arc<Client>,
    /// What is known of it from now on: the hash of its client and its `jti`.
    pub hash: SecretHash,
    /// When it is over, and can be forgotten.
    pub over: Timestamp,
}

/// Why an assertion does not hold.
#[derive(Debug)]
pub enum NotAsserted {
    /// None of the keys that are known has signed it. They may have changed since.
    UnknownKey(Refusal),
    /// For good.
    Refused(Refusal),
}

impl Asserting<'_> {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether it takes milliseconds to verify it.
    pub fn is_costly(&self) -> bool {
        self.jws.is_costly()
    }

    /// Decides whether it proves the client by one of its keys.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn by_key(&self, keys: &ForeignJwkSet, expected: Expected<'_>) -> Result<Asserted, NotAsserted> {
        let algorithm = match (self.algorithm().map_err(NotAsserted::Refused)?, self.jws.algorithm()) {
            (None, Some(ForeignAlgorithm::Key(algorithm))) => algorithm,
            (Some(ForeignAlgorithm::Key(registered)), Some(ForeignAlgorithm::Key(used))) if registered == used => used,
            (registered, _) => return Err(NotAsserted::Refused(self.other_algorithm(registered))),
        };
        let proven = self.jws.verify(algorithm, keys).map_err(|why| match why {
            CryptoError::UnknownKey => {
                let refusal = self.refused(Kind::ClientKeys, "none of the client's keys has signed it");
                let kid = self.jws.kid().unwrap_or("none");
                NotAsserted::UnknownKey(refusal.with("kid", kid).with("alg", algorithm.name()))
            }
            why => NotAsserted::Refused(self.broken(&why)),
        })?;
        self.judge(&proven, expected).map_err(NotAsserted::Refused)
    }

    /// Decides whether it proves the client by its secret.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn by_secret(&self, secret: &SharedSecret, expected: Expected<'_>) -> Result<Asserted, Refusal> {
        let algorithm = match (self.algorithm()?, self.jws.algorithm()) {
            (None, Some(ForeignAlgorithm::Secret(algorithm))) => algorithm,
            (Some(ForeignAlgorithm::Secret(registered)), Some(ForeignAlgorithm::Secret(used)))
                if registered == used =>
            {
                used
            }
            (registered, _) => return Err(self.other_algorithm(registered)),
        };
        let proven = self.jws.verify_by_secret(algorithm, secret).map_err(|why| match why {
            CryptoError::Signature => self.refused(Kind::Secret, "it was signed with another secret"),
            why => self.broken(&why),
        })?;
        self.judge(&proven, expected)
    }

    /// The algorithm that is registered, if one is.
    fn algorithm(&self) -> Result<Option<ForeignAlgorithm>, Refusal> {
        match self.jws.is_typed(&TYPES) {
            true => Ok(self.client.metadata.keys.token_endpoint_auth_signing_alg),
            false => Err(self.refused(Kind::Application, "its typ is that of another kind of JWT")),
        }
    }

    fn judge(&self, proven: &ProvenJws<'_>, expected: Expected<'_>) -> Result<Asserted, Refusal> {
        let claims: Claims = proven.claims().map_err(|why| self.broken(&why))?;
        match judge(&claims, &self.client, expected) {
            Ok((jti, over)) => Ok(Asserted {
                // An id has no line feed in it, so two different pairs never have the same hash.
                hash: SecretHash::of(&format!("client assertion/{}\n{jti}", self.client.id)),
                client: self.client.clone(),
                over,
            }),
            Err((why, sent)) => {
                let refusal = self.refused(Kind::Assertion, why);
                Err(sent.into_iter().fold(refusal, |refusal, (label, value)| refusal.with(label, value)))
            }
        }
    }

    fn other_algorithm(&self, registered: Option<ForeignAlgorithm>) -> Refusal {
        let refusal = self.refused(Kind::AuthMethod, "it is signed with an algorithm that the client may not use");
        let refusal = refusal.with("alg", self.jws.alg());
        match registered {
            Some(registered) => refusal.with("token_endpoint_auth_signing_alg", registered),
            None => refusal,
        }
    }

    fn broken(&self, why: &CryptoError) -> Refusal {
        self.refused(Kind::Assertion, why)
    }

    fn refused(&self, kind: Kind, why: impl std::fmt::Display) -> Refusal {
        failed(&self.client.id).of(kind).with("because", format!("of the assertion: {why}"))
    }
}

impl Asserted {
    /// The client, if this assertion was not used before: `first` says what came of noting its [`Asserted::hash`], which is done
    /// in one statement. So whoever copies an assertion on its way can do nothing with it (RFC 7523 §3).
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn taken(self, first: bool) -> Result<Authenticated, Refusal> {
        match first {
            true => Ok(Authenticated::new(self.client, Outcome::Right)),
            false => Err(failed(&self.client.id)
                .of(Kind::Replayed)
                .with("because", "of the assertion: it was used before (jti)")),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    exp: Option<NumericDate>,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    iat: Option<NumericDate>,
    #[serde(default)]
    jti: Option<String>,
}

/// What does not fit, in words, and the values that were compared.
type Unfit = (&'static str, Vec<(&'static str, String)>);

/// Decides whether claims that were signed by `client` prove it here and now (RFC 7523 §3): its `jti`, and when it is over.
fn judge<'a>(claims: &'a Claims, client: &Client, expected: Expected<'_>) -> Result<(&'a str, Timestamp), Unfit> {
    let is_client = |claim: &Option<String>| claim.as_deref() == Some(client.id.as_str());
    let Expected { issuer, token_endpoint, asked, issuer_alone, now } = expected;
    let audience = match issuer_alone {
        true => AssertionAudience::Issuer,
        false => client.metadata.keys.client_assertion_audience,
    };
    if !is_client(&claims.iss) || !is_client(&claims.sub) {
        return Err(("iss and sub must be the client_id", Vec::new()));
    }
    let is_for_us = claims.aud.as_ref().is_some_and(|aud| match audience {
        AssertionAudience::Endpoint => aud.has_any(&[issuer, token_endpoint, asked]),
        AssertionAudience::Issuer => aud.is(issuer),
    });
    if !is_for_us {
        let wanted = match audience {
            AssertionAudience::Endpoint => format!("{issuer} or {token_endpoint}"),
            AssertionAudience::Issuer => format!("{issuer}, as one text"),
        };
        let sent = claims.aud.as_ref().map_or_else(|| "none".to_owned(), |aud| format!("{aud:?}"));
        return Err(("it is not for this server (aud)", vec![("aud", sent), ("wanted", wanted)]));
    }
    let times =
        |time: NumericDate| vec![("sent", time.time().as_secs().to_string()), ("now", now.as_secs().to_string())];
    let Some(exp) = claims.exp else { return Err(("it has no exp", Vec::new())) };
    if exp.time().after(LEEWAY) <= now {
        return Err(("it has expired (exp)", times(exp)));
    }
    let (longest, too_long) = match client.is_vetted() {
        true => (LONGEST, "it would hold for more than an hour (exp)"),
        false => {
            (LONGEST_OF_STRANGERS, "it would hold for more than five minutes, of a client that registered itself (exp)")
        }
    };
    if exp.time() > now.after(longest).after(LEEWAY) {
        return Err((too_long, times(exp)));
    }
    if let Some(early) = [claims.nbf, claims.iat].into_iter().flatten().find(|time| time.time() > now.after(LEEWAY)) {
        return Err(("it is of the future (nbf, iat)", times(early)));
    }
    match claims.jti.as_deref() {
        Some(jti) if !jti.is_empty() => Ok((jti, exp.time().after(LEEWAY))),
        _ => Err(("it has no jti", Vec::new())),
    }
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
