//! Answers that a client may have as JWTs instead of plain JSON.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::crypto::Algorithm;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::token::id_token;
use crate::services::ServiceError;

/// The `typ` of an introspection answer (RFC 9701 §5).
const INTROSPECTION: &str = "token-introspection+jwt";

/// An answer, in the form that its client wants.
pub enum Answer<T> {
    /// To be sent as JSON.
    Plain(T),
    /// To be sent as it is.
    Jwt(String),
}

/// What a userinfo answer says beyond the claims (OpenID Connect Core §5.3.2). Without `exp`, and without `nonce`: so that no
/// application takes it for an ID token (§3.1.3.7 has both checked), nor do we when it comes back as a hint.
#[derive(Serialize)]
struct Userinfo<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    #[serde(flatten)]
    claims: &'a Map<String, Value>,
}

/// An introspection answer as a JWT (RFC 9701 §5). Without `sub` and `exp` beside the claim, so that nobody takes it for an
/// access token (§8.1).
#[derive(Serialize)]
struct Introspected<'a, T> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: &'a T,
}

/// The claims of a person as a JWT for this client.
///
/// # Errors
/// When there is no key for the algorithm: it was taken out of the configuration.
pub fn userinfo(
    app: &App,
    client: &Client,
    algorithm: Algorithm,
    claims: &Map<String, Value>,
) -> Result<String, ServiceError> {
    let (iss, aud, iat) = (app.issuer.as_str(), client.id.as_str(), app.clock.now().as_secs());
    let said = Userinfo { iss, aud, iat, claims };
    Ok(app.keys.current().signer(algorithm)?.sign(id_token::TYPE, &said)?)
}

/// What a token says, or that it says nothing, as a JWT for the client that asks.
///
/// # Errors
/// As [`userinfo`].
pub fn introspection(app: &App, client: &Client, found: &impl Serialize) -> Result<String, ServiceError> {
    let (iss, aud, iat) = (app.issuer.as_str(), client.id.as_str(), app.clock.now().as_secs());
    let said = Introspected { iss, aud, iat, token_introspection: found };
    let algorithm = client.metadata.responses.introspection();
    Ok(app.keys.current().signer(algorithm)?.sign(INTROSPECTION, &said)?)
}

/// How long an answer of the authorization endpoint may take through the browser (JARM §2.1 advises ten minutes at most).
const AUTHORIZATION: Duration = Duration::from_secs(300);

/// The answer of the authorization endpoint as a JWT for its client (JARM §2.1): `params` are the members, `iss` among them.
/// Without `sub` and `iat`, so that nobody takes it for an ID token, nor we for a hint.
///
/// # Errors
/// As [`userinfo`].
pub fn authorization(app: &App, client: &Client, params: &[(&'static str, String)]) -> Result<String, ServiceError> {
    let mut said: Map<String, Value> = params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    said.insert("aud".to_owned(), json!(client.id));
    said.insert("exp".to_owned(), json!(app.clock.now().after(AUTHORIZATION).as_secs()));
    let algorithm = client.metadata.responses.authorization();
    Ok(app.keys.current().signer(algorithm)?.sign(id_token::TYPE, &said)?)
}
