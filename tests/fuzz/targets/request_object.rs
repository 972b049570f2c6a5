//! Request objects (RFC 9101), signed here, so that an input decides what they say.

use latchkey::crypto::foreign::ForeignJwkSet;
use latchkey::domain::oauth::authorize::request;
use latchkey::domain::oauth::authorize::request_object::{self, Expected};
use latchkey::domain::oauth::client::redirect::VerifiedRedirect;
use latchkey::domain::oauth::client::request_object::RequestObjectAlgorithm;
use latchkey::domain::oauth::params::Params;
use serde_json::Value;

use super::given::{self, ISSUER, NOW, is_sendable, lines, says};

/// Lines: letters (`r` where objects have to be signed, `e` where they have to be signed with EdDSA, `p` for a pushed one, `n` for
/// one without a signature, `s` where the server serves no old applications), what came beside the object, its header, its claims.
pub fn request_object(data: &[u8]) {
    let Some([kind, outside, header, claims]) = lines(data) else { return };
    let Ok(outside) = Params::parse(outside.as_bytes()) else { return };
    let (must, pushed, unsigned) = (kind.contains('r'), kind.contains('p'), kind.contains('n'));
    let mut client = given::service();
    client.metadata.request_objects.require_signed_request_object = must;
    if kind.contains('e') {
        client.metadata.request_objects.request_object_signing_alg = RequestObjectAlgorithm::parse("EdDSA");
    }
    let mut compact = given::sign(header, claims);
    if unsigned {
        compact.truncate(compact.rfind('.').expect("a point") + 1);
    }
    let rules = given::rules(kind);
    let read = request_object::from_sent(&compact)
        .and_then(|jws| request_object::verified_with(&jws, &client, rules).map(|algorithm| (jws, algorithm)));
    let (jws, algorithm) = match read {
        Ok(read) => read,
        Err(refusal) => return assert!(is_sendable(refusal.description)),
    };
    let keys = ForeignJwkSet::read(&given::JWKS);
    let proven = match algorithm {
        Some(algorithm) => jws.verify(algorithm, &keys),
        None => jws.unsigned(),
    };
    let Ok(proven) = proven else { return };
    assert!(!unsigned || !(must || kind.contains(['e', 's'])), "it has to be signed");
    let expected = Expected { client: &client, issuer: ISSUER, now: NOW, outside: &outside, pushed };
    let params = match request_object::parameters(&jws, &proven, expected) {
        Ok(params) => params,
        Err(refusal) => return assert!(is_sendable(refusal.description)),
    };
    let claims: Value = serde_json::from_str(claims).expect("JSON");
    assert_eq!(params.get("client_id").unwrap_or("service"), "service", "it is of another client");
    assert!(params.get("request").is_none() && params.get("request_uri").is_none());
    assert!(!must || (says(&claims, "iss", "service") && claims.get("aud").is_some()), "{claims}");
    let alone = must || pushed || jws.names_type("oauth-authz-req+jwt");
    for name in ["redirect_uri", "scope", "state", "nonce", "prompt", "claims", "code_challenge"] {
        match claims.get(name) {
            Some(Value::String(inside)) => {
                assert_eq!(params.get(name).unwrap_or_default(), inside, "what is signed wins")
            }
            None | Some(Value::Null) if alone => {
                assert_eq!(params.get(name), None, "what is not signed does not count")
            }
            _ => {}
        }
    }
    let Ok(redirect) = VerifiedRedirect::prove(&client, params.get("redirect_uri"), rules) else { return };
    if let Err(refusal) = request::check(&params, given::targets(&client), &redirect, None, rules) {
        assert!(is_sendable(refusal.description));
    }
}
