//! What is demanded of every document, token and refusal, whichever module it is in.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, ISSUER, TestApp, jwt};

/// Claims that an ID token may have of itself: with scope=openid there are no others.
const OF_THE_ID_TOKEN: [&str; 16] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "nbf",
    "jti",
    "sid",
];

/// The members that an error may have at the authorization endpoint.
const OF_AN_ERROR: [&str; 6] = ["error", "error_description", "error_uri", "state", "session_state", "iss"];

/// The discovery document.
pub async fn discovery(app: &TestApp) -> Value {
    app.get("/.well-known/openid-configuration").await.success()
}

/// The published keys.
pub async fn jwks(app: &TestApp) -> Vec<Value> {
    app.get("/jwks").await.success()["keys"].as_array().expect("keys").clone()
}

/// Whether a list in a document has this word.
pub fn lists(document: &Value, member: &str, word: &str) -> bool {
    document[member].as_array().is_some_and(|all| all.contains(&json!(word)))
}

/// Keys that every library can read, tell apart, and use for what is signed here; and nothing but their public halves.
#[track_caller]
pub fn are_sound_keys(keys: &[Value]) {
    assert!(!keys.is_empty());
    let kids: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().expect("a kid")).collect();
    assert_eq!(kids.len(), keys.len(), "no two have the same kid");
    let text = |key: &Value, member: &str| key[member].as_str().unwrap_or_default().to_owned();
    let bytes = |key: &Value, member: &str| URL_SAFE_NO_PAD.decode(text(key, member)).expect("base64url").len();
    for key in keys {
        assert!(!text(key, "kid").is_empty() && !text(key, "alg").is_empty(), "{key}");
        assert_eq!(key["use"], "sig", "{key}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert_eq!(key.get(private), None, "{key}");
        }
        match (&*text(key, "kty"), &*text(key, "crv")) {
            ("RSA", "") => assert!(bytes(key, "n") >= 256 && bytes(key, "e") >= 3, "{key}"),
            ("EC", "P-256") => assert_eq!((bytes(key, "x"), bytes(key, "y")), (32, 32), "{key}"),
            ("EC", "P-384") => assert_eq!((bytes(key, "x"), bytes(key, "y")), (48, 48), "{key}"),
            ("OKP", "Ed25519") => assert_eq!(bytes(key, "x"), 32, "{key}"),
            other => panic!("{other:?} is not known everywhere"),
        }
    }
}

/// What an ID token has to say.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    pub client: &'a str,
    pub alg: &'a str,
    pub nonce: Option<&'a str>,
    /// What came with it: for the hashes.
    pub code: Option<&'a str>,
    pub access_token: Option<&'a str>,
    /// Whether it came from the authorization endpoint, where the hashes have to be.
    pub in_front: bool,
}

/// An ID token that holds, and says what it has to: its claims.
pub async fn id_token(app: &TestApp, token: &str, wanted: Wanted<'_>) -> Map<String, Value> {
    let jwt::Jwt { header, claims } = jwt::verify(app, token).await;
    assert_eq!(header["alg"], wanted.alg);
    let now = app.clock.now().as_secs();
    let time = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name} in seconds: {claims:?}"));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(wanted.client)));
    assert!(time("exp") > now && (now - time("iat")).abs() <= 300, "{claims:?}");
    assert_eq!(claims.get("nonce").and_then(Value::as_str), wanted.nonce);
    if claims.contains_key("auth_time") {
        assert!(time("auth_time") <= now && time("auth_time") > now - 366 * 86_400, "{claims:?}");
    }
    for name in ["acr", "sid"] {
        assert!(claims.get(name).is_none_or(|value| value.as_str().is_some_and(|text| !text.is_empty())), "{name}");
    }
    assert!(claims.get("azp").is_none_or(|azp| *azp == wanted.client));
    let sub = claims["sub"].as_str().expect("a sub");
    assert!((1..=255).contains(&sub.len()) && sub.bytes().all(|byte| byte.is_ascii_graphic()), "{sub}");
    for (name, of) in [("c_hash", wanted.code), ("at_hash", wanted.access_token)] {
        let right = of.map(half_hash);
        match claims.get(name).and_then(Value::as_str) {
            Some(hash) => assert_eq!(Some(hash), right.as_deref(), "{name}"),
            None => assert!(!wanted.in_front || right.is_none(), "{name} is missing"),
        }
    }
    claims
}

/// OpenID Connect Core §3.1.3.6, for algorithms with SHA-256.
pub fn half_hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}

/// The token says nothing of its person: whoever asked for no more than `openid` gets no more.
#[track_caller]
pub fn has_no_claims_of_a_person(claims: &Map<String, Value>) {
    let others: Vec<_> = claims.keys().filter(|name| !OF_THE_ID_TOKEN.contains(&name.as_str())).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// What a secret is made of: characters that can be sent, 128 bits of length, and by their frequency more than 96 of entropy.
#[track_caller]
pub fn cannot_be_guessed(secret: &str) {
    assert!(secret.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "RFC 6749 appendix A: {secret}");
    assert!(secret.len() >= 22, "{secret}");
    let mut count: BTreeMap<char, f64> = BTreeMap::new();
    for character in secret.chars() {
        *count.entry(character).or_default() += 1.0;
    }
    let length = f64::from(u32::try_from(secret.len()).expect("short"));
    let entropy: f64 = count.values().map(|times| -times * (times / length).log2()).sum();
    assert!(entropy > 96.0, "{entropy} bits: {secret}");
}

/// An error that a browser brings to its client, with no more in it than the standards have.
#[track_caller]
pub fn is_an_error(told: &BTreeMap<String, String>, state: Option<&str>, among: &[&str]) {
    assert!(among.contains(&told["error"].as_str()), "{told:?}");
    assert_eq!(told.get("state").map(String::as_str), state, "{told:?}");
    assert_eq!(told["iss"], ISSUER);
    assert!(told.keys().all(|name| OF_AN_ERROR.contains(&name.as_str())), "{told:?}");
    assert!(told.get("error_description").is_none_or(|text| is_error_text(text)), "{told:?}");
}

/// An error of the token endpoint (RFC 6749 §5.2).
#[track_caller]
pub fn is_a_token_error(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    answer.is_not_kept();
    let told = answer.json();
    assert_eq!(told["error"], error, "{told}");
    let members = told.as_object().expect("an object");
    assert!(members.keys().all(|name| ["error", "error_description", "error_uri"].contains(&name.as_str())), "{told}");
    assert!(is_error_text(told["error_description"].as_str().unwrap_or_default()), "{told}");
}

fn is_error_text(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
