//! Signed JWTs, ours and others'. The rule is that nothing is accepted that was not signed: what is signed stands in `tokens.txt`,
//! and what a target signs itself.

use std::sync::LazyLock;

use latchkey::crypto::foreign::{
    ForeignAlgorithm, ForeignJwkSet, ForeignJws, KeyAlgorithm, SecretAlgorithm, SharedSecret,
};
use latchkey::crypto::jwt::MAX_LENGTH;
use latchkey::crypto::strict_json::is_unambiguous_object;
use latchkey::crypto::{PublicJwk, VerifiedJwt, VerifyingKey};
use latchkey::foundation::SecretString;
use serde_json::{Map, Value, json};

use super::given::{self, JWKS, SECRET};

/// Every JWT that was signed beforehand, without its signature.
static SIGNED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let lines = include_str!("../tokens.txt").lines().filter_map(|line| line.split_once(' '));
    lines.filter_map(|(_, token)| token.rsplit_once('.')).map(|(input, _)| input).collect()
});

/// What was signed of a token, if it is one of those.
pub fn was_signed(token: &str) -> bool {
    token.rsplit_once('.').is_some_and(|(input, _)| SIGNED.contains(&input))
}

/// Our own keys: those of the set that we could have.
static OWN: LazyLock<Vec<VerifyingKey>> = LazyLock::new(|| {
    let algorithms = [("RSA", "RS256"), ("P-256", "ES256"), ("Ed25519", "EdDSA")];
    let keys = JWKS["keys"].as_array().expect("an array").iter().filter_map(|key| {
        let kind = key.get("crv").or(key.get("kty"))?.as_str()?;
        let (_, algorithm) = algorithms.iter().find(|(known, _)| *known == kind)?;
        let mut key = key.clone();
        key["alg"] = json!(algorithm);
        let key: PublicJwk = serde_json::from_value(key).expect("a key");
        Some(VerifyingKey::from_jwk(&key).expect("a key"))
    });
    keys.collect()
});

/// A token of our own. A first line `sign` has the rest signed: the header, a line break, the payload.
pub fn own_jwt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((header, payload)) = text.strip_prefix("sign\n").and_then(|rest| rest.split_once('\n')) else {
        if let Ok(jwt) = VerifiedJwt::decode(text, &OWN) {
            assert!(was_signed(text), "it was never signed: {jwt:?}");
        }
        return;
    };
    let Ok(jwt) = VerifiedJwt::decode(&given::sign(header, payload), &OWN) else { return };
    let read: Map<String, Value> = serde_json::from_str(header).expect("an object");
    assert_eq!((read.get("alg"), read.get("kid")), (Some(&json!("EdDSA")), Some(&json!(jwt.kid()))));
    assert!(!read.contains_key("crit") && !read.contains_key("b64") && is_unambiguous_object(header.as_bytes()));
    assert_eq!(jwt.payload(), payload.as_bytes());
    assert!(is_unambiguous_object(payload.as_bytes()));
    assert_eq!(jwt.typ(), read.get("typ").and_then(Value::as_str));
}

/// A token of somebody else, likewise.
pub fn foreign_jws(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let to_sign = text.strip_prefix("sign\n").and_then(|rest| rest.split_once('\n'));
    let token = to_sign.map_or_else(|| text.to_owned(), |(header, payload)| given::sign(header, payload));
    let Ok(jws) = ForeignJws::read(&token) else { return };
    assert!(token.len() <= MAX_LENGTH && token.is_ascii());
    let keys = ForeignJwkSet::read(&JWKS);
    let secret = SharedSecret::of_client(SecretString::new(SECRET.to_owned()));
    let mut proven = Vec::new();
    for algorithm in KeyAlgorithm::ALL {
        if let Ok(claims) = jws.verify(algorithm, &keys) {
            assert_eq!(jws.algorithm(), Some(ForeignAlgorithm::Key(algorithm)));
            proven.push(claims);
        }
    }
    for algorithm in SecretAlgorithm::ALL {
        if let Ok(claims) = jws.verify_by_secret(algorithm, &secret) {
            assert_eq!(jws.algorithm(), Some(ForeignAlgorithm::Secret(algorithm)));
            proven.push(claims);
        }
    }
    assert!(proven.len() < 2, "it has one algorithm");
    let is_signed = !proven.is_empty();
    if is_signed {
        assert!(to_sign.is_some() || was_signed(&token), "it was never signed: {token}");
    }
    if let Ok(unsigned) = jws.unsigned() {
        assert!(!is_signed && jws.alg() == "none" && token.ends_with('.'));
        proven.push(unsigned);
    }
    for claims in proven {
        let claims: Map<String, Value> = claims.claims().expect("an object");
        let text = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
        assert_eq!(jws.unproven("iss"), text);
    }
    assert!(!jws.names_type("at+jwt") || jws.is_typed(&["AT+JWT"]));
}
