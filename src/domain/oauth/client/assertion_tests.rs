//! Tests of authentication by assertion.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;
use crate::crypto::foreign::{KeyAlgorithm, SecretAlgorithm};
use crate::crypto::{Algorithm, GeneratedKey, SigningKey};
use crate::domain::oauth::client::AuthMethod;
use crate::domain::oauth::error::ErrorCode;
use crate::domain::oauth::fixtures;
use crate::foundation::SecretString;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const EXPECTED: Expected<'static> = Expected {
    issuer: "https://id.example",
    token_endpoint: "https://id.example/token",
    asked: "https://id.example/introspect",
    issuer_alone: false,
    now: NOW,
};
const SECRET: &str = "a-secret-that-has-more-than-thirty-two-characters";

fn claims() -> Value {
    json!({"iss": "web", "sub": "web", "aud": "https://id.example", "jti": "1", "exp": NOW.as_secs() + 60})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn judged(claims: Value, audience: AssertionAudience) -> Result<(String, Timestamp), &'static str> {
    let claims: Claims = serde_json::from_value(claims).unwrap();
    let mut client = fixtures::client();
    client.metadata.keys.client_assertion_audience = audience;
    let judged = judge(&claims, &client, EXPECTED);
    judged.map(|(jti, over)| (jti.to_owned(), over)).map_err(|(why, _)| why)
}

fn holds(claims: Value) -> bool {
    judged(claims, AssertionAudience::Endpoint).is_ok()
}

#[test]
fn what_every_library_sends_is_taken() {
    let over = Timestamp::from_secs(NOW.as_secs() + 120);
    assert_eq!(judged(claims(), AssertionAudience::Endpoint), Ok(("1".to_owned(), over)));
    let now = NOW.as_secs();
    assert!(holds(
        json!({"iss": "web", "sub": "web", "aud": ["https://id.example/token"], "jti": "x", "exp": now + 60,
        "iat": now, "nbf": now, "more": {}})
    ));
}

#[test]
fn iss_and_sub_are_the_client_id() {
    for name in ["iss", "sub"] {
        for value in [json!("native"), json!("WEB"), json!(""), json!(null)] {
            assert!(!holds(with(name, value)), "{name}");
        }
    }
}

#[test]
fn it_is_for_us_or_for_whom_the_client_demands() {
    for aud in ["https://id.example", "https://id.example/token", "https://id.example/introspect"] {
        assert!(holds(with("aud", json!(aud))) && holds(with("aud", json!([aud]))), "{aud}");
        assert!(holds(with("aud", json!(["https://other.example", aud]))), "RFC 7519 section 4.1.3");
    }
    for aud in [
        json!("https://id.example/"),
        json!("https://id.example/revoke"),
        json!("https://other.example"),
        json!("web"),
        json!([]),
        json!(null),
    ] {
        assert!(!holds(with("aud", aud.clone())), "{aud}");
    }
    let strict = |aud: Value| judged(with("aud", aud), AssertionAudience::Issuer).is_ok();
    assert!(strict(json!("https://id.example")));
    assert!(!strict(json!(["https://id.example"])) && !strict(json!("https://id.example/token")));
}

#[test]
fn it_ends_within_an_hour_and_has_not_ended() {
    let at = |seconds: i64| holds(with("exp", json!(NOW.as_secs() + seconds)));
    assert!(at(1) && at(0) && at(-59) && at(3600) && at(3660), "clocks differ by up to a minute");
    assert!(!at(-60) && !at(-300) && !at(3661) && !at(86_400) && !at(i64::MAX / 2));
    assert!(!holds(with("exp", json!(null))), "RFC 7523 section 3: it must have one");
    for name in ["nbf", "iat"] {
        let at = |seconds: i64| holds(with(name, json!(NOW.as_secs() + seconds)));
        assert!(at(-3600) && at(8) && at(60) && !at(61), "{name}");
    }
}

#[test]
fn it_has_a_name_of_its_own() {
    assert!(!holds(with("jti", json!(null))) && !holds(with("jti", json!(""))));
}

/// A client that authenticates by `method`, and its key.
struct Signer {
    client: Client,
    key: SigningKey,
    keys: ForeignJwkSet,
}

fn signer(method: AuthMethod) -> Signer {
    let made = GeneratedKey::generate(Algorithm::Es256).unwrap();
    let keys = ForeignJwkSet::read(&json!({ "keys": [made.jwk] }));
    let mut client = fixtures::client();
    client.metadata.token_endpoint_auth_method = method;
    Signer { client, key: SigningKey::from_der(Algorithm::Es256, made.jwk.kid(), &made.private_der).unwrap(), keys }
}

impl Signer {
    fn by_key(&self, jwt: &str) -> Result<Asserted, NotAsserted> {
        let jws = ForeignJws::read(jwt).unwrap();
        Asserting { jws: &jws, client: Arc::new(self.client.clone()) }.by_key(&self.keys, EXPECTED)
    }

    fn by_secret(&self, jwt: &str) -> Result<Asserted, Refusal> {
        let jws = ForeignJws::read(jwt).unwrap();
        let secret = SharedSecret::of_client(SecretString::new(SECRET.to_owned()));
        Asserting { jws: &jws, client: Arc::new(self.client.clone()) }.by_secret(&secret, EXPECTED)
    }
}

fn hs256(secret: &[u8]) -> String {
    let input = [json!({"alg": "HS256"}), claims()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(&input);
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn refusal(outcome: Result<Asserted, NotAsserted>) -> Refusal {
    match outcome.unwrap_err() {
        NotAsserted::UnknownKey(refusal) | NotAsserted::Refused(refusal) => refusal,
    }
}

#[test]
fn a_key_of_the_client_proves_it_once() {
    let signer = signer(AuthMethod::PrivateKeyJwt);
    let asserted = || signer.by_key(&signer.key.sign("JWT", &claims()).unwrap()).unwrap();
    assert_eq!(asserted().hash, asserted().hash, "two signatures over the same claims are the same assertion");
    assert_eq!(asserted().over, NOW.after(Duration::from_secs(120)));
    assert!(asserted().taken(true).unwrap().proves("web"));
    let refused = asserted().taken(false).unwrap_err();
    assert_eq!((refused.code, refused.kind), (ErrorCode::InvalidClient, Kind::Replayed));
    let other = signer.by_key(&signer.key.sign("JWT", &with("jti", json!("2"))).unwrap()).unwrap();
    assert_ne!(other.hash, asserted().hash);
}

#[test]
fn whatever_is_wrong_the_client_is_told_the_same() {
    let one = signer(AuthMethod::PrivateKeyJwt);
    let other = signer(AuthMethod::PrivateKeyJwt);
    for (jwt, kind) in [
        (one.key.sign("JWT", &with("aud", json!("x"))).unwrap(), Kind::Assertion),
        (one.key.sign("JWT", &with("exp", json!("x"))).unwrap(), Kind::Assertion),
        (one.key.sign("oauth-authz-req+jwt", &claims()).unwrap(), Kind::Application),
        (other.key.sign("JWT", &claims()).unwrap(), Kind::ClientKeys),
        (hs256(SECRET.as_bytes()), Kind::AuthMethod),
    ] {
        let refusal = refusal(one.by_key(&jwt));
        assert_eq!((refusal.code, refusal.description), (ErrorCode::InvalidClient, "Client authentication failed."));
        assert_eq!(refusal.kind, kind, "{refusal:?}");
    }
    let unknown = one.by_key(&other.key.sign("JWT", &claims()).unwrap());
    assert!(matches!(unknown, Err(NotAsserted::UnknownKey(_))), "newer keys may know it");
}

#[test]
fn only_the_registered_algorithm_is_taken() {
    let mut signer = signer(AuthMethod::PrivateKeyJwt);
    let jwt = signer.key.sign("client-authentication+jwt", &claims()).unwrap();
    for (alg, fits) in [(KeyAlgorithm::Es256, true), (KeyAlgorithm::Rs256, false), (KeyAlgorithm::EdDsa, false)] {
        signer.client.metadata.keys.token_endpoint_auth_signing_alg = Some(ForeignAlgorithm::Key(alg));
        assert_eq!(signer.by_key(&jwt).is_ok(), fits, "{}", alg.name());
    }
    signer.client.metadata.keys.token_endpoint_auth_signing_alg =
        Some(ForeignAlgorithm::Secret(SecretAlgorithm::Hs256));
    assert!(signer.by_key(&jwt).is_err());
}

#[test]
fn a_secret_proves_the_client_that_signs_with_it_and_a_public_key_is_none() {
    let mut signer = signer(AuthMethod::ClientSecretJwt);
    assert!(signer.by_secret(&hs256(SECRET.as_bytes())).unwrap().taken(true).is_ok());
    assert_eq!(signer.by_secret(&hs256(b"another")).unwrap_err().kind, Kind::Secret);
    assert!(signer.by_secret(&signer.key.sign("JWT", &claims()).unwrap()).is_err());
    signer.client.metadata.keys.token_endpoint_auth_signing_alg =
        Some(ForeignAlgorithm::Secret(SecretAlgorithm::Hs512));
    assert_eq!(signer.by_secret(&hs256(SECRET.as_bytes())).unwrap_err().kind, Kind::AuthMethod);
}

#[test]
fn a_client_that_registered_itself_says_who_it_is_for_minutes() {
    let mut client = fixtures::client();
    let mut holds_for = |seconds: i64, registered_itself: bool| {
        client.registered_itself = registered_itself;
        let claims: Claims = serde_json::from_value(with("exp", json!(NOW.as_secs() + seconds))).unwrap();
        judge(&claims, &client, EXPECTED).is_ok()
    };
    assert!(holds_for(60, true), "as the conformance suite does");
    assert!(holds_for(360, true) && !holds_for(361, true));
    assert!(holds_for(3_660, false) && !holds_for(3_661, false));
}
