//! Assertions of clients (RFC 7523 §3), signed here, so that an input decides what they say.

use std::sync::Arc;

use latchkey::crypto::foreign::SharedSecret;
use latchkey::domain::oauth::client::AuthMethod;
use latchkey::domain::oauth::client::assertion::{Expected, TYPE};
use latchkey::domain::oauth::client::authentication::{Credentials, Proven};
use latchkey::domain::oauth::client::keys::AssertionAudience;
use latchkey::domain::oauth::params::Params;
use latchkey::foundation::SecretString;
use serde_json::Value;

use super::given::{self, ISSUER, NOW, SECRET, says};

const ENDPOINT: &str = "https://id.example/token";

/// Lines: letters (`s` signed with the secret instead of the key, `i` where only the issuer as one text is an audience, `p` where the
/// server's profile says so, `x` with
/// the signature of something else), the header, the claims.
pub fn assertion(data: &[u8]) {
    let Some([kind, header, claims]) = given::lines(data) else { return };
    let (by_secret, spoiled) = (kind.contains('s'), kind.contains('x'));
    let mut client = given::service();
    if by_secret {
        client.metadata.token_endpoint_auth_method = AuthMethod::ClientSecretJwt;
    }
    if kind.contains('i') {
        client.metadata.keys.client_assertion_audience = AssertionAudience::Issuer;
    }
    let signed = if by_secret { given::sign_with_secret } else { given::sign };
    let mut jwt = signed(header, claims);
    if spoiled {
        let (_, other) = signed(header, &format!("{claims} ")).rsplit_once('.').map(of_two).unwrap_or_default();
        let (input, _) = jwt.rsplit_once('.').expect("three parts");
        jwt = format!("{input}.{other}");
    }
    let pairs = [("client_assertion_type", TYPE), ("client_assertion", &jwt)];
    let form: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let params = Params::parse(form.as_bytes()).expect("a form");
    let Ok(credentials) = Credentials::read(None, &params) else { return };
    let Ok(Proven::ByAssertion(asserting)) = credentials.prove(Some(Arc::new(client))) else { return };
    let expected = Expected {
        issuer: ISSUER,
        token_endpoint: ENDPOINT,
        asked: "https://id.example/par",
        issuer_alone: kind.contains('p'),
        now: NOW,
    };
    let keys = latchkey::crypto::foreign::ForeignJwkSet::read(&given::JWKS);
    let secret = SharedSecret::of_client(SecretString::new(SECRET.to_owned()));
    let asserted = match by_secret {
        true => asserting.by_secret(&secret, expected).ok(),
        false => asserting.by_key(&keys, expected).ok(),
    };
    let Some(asserted) = asserted else { return };
    assert!(!spoiled, "the signature is that of something else");
    holds(header, claims, kind.contains(['i', 'p']));
    assert!(asserted.over > NOW && asserted.over.since(NOW).as_secs() <= 3600 + 2 * 60, "its jti is kept for so long");
    assert!(asserted.taken(false).is_err(), "it was used before");
}

fn of_two((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// What was taken says all that it must (RFC 7523 §3), read leniently.
fn holds(header: &str, claims: &str, only_issuer: bool) {
    let header: Value = serde_json::from_str(header).expect("JSON");
    let claims: Value = serde_json::from_str(claims).expect("JSON");
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
    assert!(says(&claims, "iss", "service") && says(&claims, "sub", "service"), "{claims}");
    let ours = |name: &Value| [ISSUER, ENDPOINT, "https://id.example/par"].iter().any(|own| name == own);
    match claims.get("aud") {
        Some(Value::Array(all)) => assert!(!only_issuer && all.iter().any(ours), "{claims}"),
        Some(aud) => assert!(if only_issuer { aud == ISSUER } else { ours(aud) }, "{claims}"),
        None => panic!("no audience: {claims}"),
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
    let now = NOW.as_secs() as f64;
    let time =
        |name: &str| claims.get(name).filter(|value| !value.is_null()).map(|value| value.as_f64().expect("a number"));
    let exp = time("exp").expect("an end");
    assert!(exp > now - 60.0 && exp < now + 3661.0, "{claims}");
    assert!(["nbf", "iat"].into_iter().filter_map(time).all(|early| early < now + 61.0), "{claims}");
    assert!(claims.get("jti").and_then(Value::as_str).is_some_and(|jti| !jti.is_empty()));
}
