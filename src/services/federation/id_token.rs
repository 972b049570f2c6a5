//! Checking a provider's ID token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    ClaimsVerificationError, ClientId, EmptyAdditionalClaims, IdToken, IssuerUrl, Nonce, SignatureVerificationError,
};
use serde_json::{Map, Value};

use crate::domain::federation::freshness::LEEWAY;
use crate::domain::federation::provider::{Protocol, Provider};
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::foundation::Timestamp;

/// An ID token as it is signed.
pub type UpstreamIdToken =
    IdToken<EmptyAdditionalClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// What is signed with: never `none`, and never a secret that we know too.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why a token does not hold.
#[derive(Debug)]
pub enum Invalid {
    /// It names a key that is not among those that are known.
    UnknownKey,
    /// Anything else.
    Refused(UpstreamRefusal),
}

/// What a token has to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Whose it is to be.
    pub provider: &'a Provider,
    /// The issuer of the metadata.
    pub issuer: &'a str,
    /// What was sent along with the request.
    pub nonce: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// The claims of an ID token that is of this provider, for us and for this sign-in (OpenID Connect Core §3.1.3.7), and its issuer.
///
/// # Errors
/// When it does not hold.
pub fn verify(
    token: &UpstreamIdToken,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<(String, Map<String, Value>), Invalid> {
    let refused = |why: &str| Invalid::Refused(UpstreamRefusal::IdToken(why.to_owned()));
    let unverified = payload(&token.to_string()).ok_or_else(|| refused("its claims are not an object"))?;
    let Expected { provider, issuer, nonce, now } = *expected;
    let issuer = match &provider.protocol {
        Protocol::OpenId { issuer: whose } => {
            let tenant = unverified.get("tid").and_then(Value::as_str);
            whose.of_token(issuer, tenant).map_err(Invalid::Refused)?
        }
        Protocol::OAuth { .. } => issuer.to_owned(),
    };
    let url = IssuerUrl::new(issuer.clone()).map_err(|_| refused("the issuer is no URL"))?;
    let seconds = |time: Timestamp| DateTime::from_timestamp(time.as_secs(), 0).unwrap_or_default();
    let latest = seconds(now.after(LEEWAY));
    // Our secret signs nothing: only keys that the provider has published count.
    let client_id = ClientId::new(provider.client_id.clone());
    let verifier = CoreIdTokenVerifier::new_public_client(client_id, url, keys.clone())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || seconds(now.before(LEEWAY)))
        .set_issue_time_verifier_fn(move |issued_at| match issued_at <= latest {
            true => Ok(()),
            false => Err("it was issued in the future".to_owned()),
        });
    token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            Invalid::UnknownKey
        }
        other => Invalid::Refused(UpstreamRefusal::IdToken(sentence(&other).to_owned())),
    })?;
    match unverified.get("azp") {
        Some(azp) if azp != provider.client_id.as_str() => Err(refused("it is for another client (azp)")),
        _ => Ok((issuer, unverified)),
    }
}

/// What is wrong, without anything that the token says.
fn sentence(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired, or was issued in the future",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another client (aud)",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it is not of this sign-in (nonce)",
        ClaimsVerificationError::SignatureVerification(_) => "its signature does not hold",
        _ => "it cannot be read",
    }
}

/// The claims of a token, verified or not.
pub(super) fn payload(token: &str) -> Option<Map<String, Value>> {
    decoded(token.split('.').nth(1)?)
}

/// An object as it stands in a token.
pub(super) fn decoded(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&bytes(part)?).ok()
}

/// Bytes as they stand in a token.
pub(super) fn bytes(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}
