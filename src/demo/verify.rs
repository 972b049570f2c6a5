//! What must hold before a token is believed; the openidconnect crate does the work.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse};
use openidconnect::{
    AccessTokenHash, ClientId, IssuerUrl, JsonWebTokenType, Nonce, OAuth2TokenResponse, TokenResponse,
};

use super::provider::{Client, Failure, Provider};
use super::settings::DemoSettings;
use super::step::Check;

/// The algorithms that we accept: never what the token or the provider says alone.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] =
    [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256];

/// Verifies the ID token of an answer (OpenID Connect Core §3.1.3.7). `nonce` is `None` after a refresh, where the
/// token need not carry one (§12.2). Returns the token's text, its subject and what was checked.
///
/// # Errors
/// When there is none or anything of it does not hold.
pub fn id_token(
    client: &Client,
    answer: &CoreTokenResponse,
    nonce: Option<&Nonce>,
    settings: &DemoSettings,
) -> Result<(String, String, Vec<Check>), Failure> {
    let token = answer.id_token().ok_or_else(|| Failure::new("the answer has no ID token"))?;
    let now = now(settings)?;
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    let nonce_holds = |sent: Option<&Nonce>| match nonce {
        Some(nonce) if sent.map(Nonce::secret) != Some(nonce.secret()) => Err("the nonce differs".to_owned()),
        _ => Ok(()),
    };
    let claims = token.claims(&verifier, nonce_holds).map_err(Failure::new)?;
    let algorithm = token.signing_alg().map_err(Failure::new)?;
    let mut checks = vec![
        Check(format!("The signature ({}) is made with a key of the JWKS", name(algorithm))),
        Check(format!("iss is {}", settings.issuer)),
        Check(format!("aud is this app, {}", settings.app.client_id)),
        Check("exp lies in the future".to_owned()),
    ];
    if nonce.is_some() {
        checks.push(Check("nonce is the one this browser was given".to_owned()));
    }
    if let Some(expected) = claims.access_token_hash() {
        let key = token.signing_key(&verifier).map_err(Failure::new)?;
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(Failure::new)?;
        if actual != *expected {
            return Err(Failure::new("at_hash belongs to another access token"));
        }
        checks.push(Check("at_hash belongs to the access token".to_owned()));
    }
    Ok((token.to_string(), claims.subject().as_str().to_owned(), checks))
}

/// Verifies an access token as a service would: with the published keys and without asking anyone (RFC 9068 §4). Such
/// a token has all that an ID token must have, so the same verifier serves, told to expect `at+jwt` and the issuer
/// itself as audience.
///
/// # Errors
/// When anything does not hold.
pub fn access_token(provider: &Provider<'_>, token: &str, settings: &DemoSettings) -> Result<Vec<Check>, Failure> {
    let issuer = settings.issuer.as_str();
    let kind = JsonWebTokenType::new("at+jwt".to_owned()).normalize().map_err(Failure::new)?;
    let now = now(settings)?;
    let audience = ClientId::new(issuer.to_owned());
    let url = IssuerUrl::new(issuer.to_owned()).map_err(Failure::new)?;
    let verifier = CoreIdTokenVerifier::new_public_client(audience, url, provider.keys().clone())
        .set_allowed_algs(ALGORITHMS)
        .set_allowed_jose_types([kind])
        .set_time_fn(move || now);
    let token = CoreIdToken::from_str(token).map_err(|error| Failure(format!("not a JWT: {error}")))?;
    token.claims(&verifier, |_: Option<&Nonce>| Ok(())).map_err(Failure::new)?;
    let algorithm = token.signing_alg().map_err(Failure::new)?;
    Ok(vec![
        Check("typ is at+jwt, so no ID token can pass for it".to_owned()),
        Check(format!("The signature ({}) is made with a key of the JWKS", name(algorithm))),
        Check(format!("iss is {issuer}")),
        Check(format!("aud is {issuer}")),
        Check("exp lies in the future".to_owned()),
    ])
}

fn name(algorithm: &CoreJwsSigningAlgorithm) -> String {
    serde_json::to_value(algorithm).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn now(settings: &DemoSettings) -> Result<DateTime<Utc>, Failure> {
    let micros = settings.clock.now().as_micros();
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Failure::new("the clock is out of range"))
}
