//! Reads tokens as a service would: with the published keys and a library of its own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, ES384, EdDSA, JwsVerifier, PS256, PS384, PS512, RS256, RS384, RS512, deserialize_compact};
use serde_json::{Map, Value};

use super::TestApp;

/// A verified token.
#[derive(Debug)]
pub struct Jwt {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
}

/// Verifies `token` with the key in the JWKS that its header names.
pub async fn verify(app: &TestApp, token: &str) -> Jwt {
    let jwks = app.get("/jwks").await.success();
    let header = part(token, 0);
    let key = jwks["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header["kid"]);
    let key = key.unwrap_or_else(|| panic!("{} in {jwks}", header["kid"]));
    assert_eq!(key["alg"], header["alg"]);
    let jwk = Jwk::from_map(key.as_object().expect("an object").clone()).expect("a key");
    let verifier: Box<dyn JwsVerifier> = match header["alg"].as_str() {
        Some("RS256") => Box::new(RS256.verifier_from_jwk(&jwk).expect("an RSA key")),
        Some("RS384") => Box::new(RS384.verifier_from_jwk(&jwk).expect("an RSA key")),
        Some("RS512") => Box::new(RS512.verifier_from_jwk(&jwk).expect("an RSA key")),
        Some("PS256") => Box::new(PS256.verifier_from_jwk(&jwk).expect("an RSA key")),
        Some("PS384") => Box::new(PS384.verifier_from_jwk(&jwk).expect("an RSA key")),
        Some("PS512") => Box::new(PS512.verifier_from_jwk(&jwk).expect("an RSA key")),
        Some("ES256") => Box::new(ES256.verifier_from_jwk(&jwk).expect("a P-256 key")),
        Some("ES384") => Box::new(ES384.verifier_from_jwk(&jwk).expect("a P-384 key")),
        Some("EdDSA") => Box::new(EdDSA.verifier_from_jwk(&jwk).expect("an Ed25519 key")),
        other => panic!("alg {other:?}"),
    };
    deserialize_compact(token, &*verifier).expect("a valid signature");
    Jwt { header, claims: part(token, 1) }
}

/// What a token says, unverified.
pub fn claims(token: &str) -> Map<String, Value> {
    part(token, 1)
}

/// What its header says, unverified.
pub fn header(token: &str) -> Map<String, Value> {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Map<String, Value> {
    let part = token.split('.').nth(index).unwrap_or_else(|| panic!("a JWT, not {token}"));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("an object")
}
