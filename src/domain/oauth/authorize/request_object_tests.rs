//! Tests of the rules of request objects.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::domain::oauth::fixtures::{client, form};
use crate::domain::oauth::profile::Profile;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn jwt(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// What an unsigned object with these claims comes to, beside these parameters.
fn asked(client: &Client, header: &Value, claims: &Value, outside: &Params, pushed: bool) -> Result<Params, Refusal> {
    let jws = ForeignJws::read(&jwt(header, claims)).unwrap();
    let expected = Expected { client, issuer: "https://id.example", now: NOW, outside, pushed };
    parameters(&jws, &jws.unsigned().unwrap(), expected)
}

fn inside_of(claims: Value) -> Result<Params, Refusal> {
    asked(&client(), &json!({"alg": "none"}), &claims, &form(&[("client_id", "web")]), false)
}

fn code(outcome: Result<Params, Refusal>) -> ErrorCode {
    outcome.unwrap_err().code
}

#[test]
fn what_is_inside_becomes_the_request() {
    let params = inside_of(json!({"iss": "web", "aud": "https://id.example", "exp": NOW.as_secs() + 60, "jti": "1",
        "response_type": "code", "state": "a&b=c", "max_age": 60, "claims": {"userinfo": {"email": null}},
        "resource": ["https://a.example", "https://b.example"], "nonce": null, "sub": "x"}));
    let params = params.unwrap();
    assert_eq!(params.get("state"), Some("a&b=c"));
    assert_eq!((params.get("max_age"), params.get("client_id")), (Some("60"), Some("web")));
    assert_eq!(params.get("claims"), Some(r#"{"userinfo":{"email":null}}"#));
    assert_eq!(params.encode().matches("resource=").count(), 2);
    for name in ["iss", "aud", "exp", "jti", "sub", "nonce"] {
        assert_eq!(params.get(name), None, "{name}");
    }
}

#[test]
fn what_is_inside_wins_and_openid_connect_takes_the_rest_from_outside() {
    let outside = form(&[
        ("client_id", "web"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "outside"),
        ("request", "x"),
    ]);
    let claims = json!({"response_type": "code", "state": "inside"});
    let both = asked(&client(), &json!({"alg": "none"}), &claims, &outside, false).unwrap();
    assert_eq!((both.get("state"), both.get("scope"), both.get("request")), (Some("inside"), Some("openid"), None));
    assert!(!both.is_repeated("state"));
    let mut strict = client();
    strict.metadata.request_objects.require_signed_request_object = true;
    let full = json!({"iss": "web", "aud": "https://id.example", "response_type": "code", "state": "inside"});
    for alone in [
        asked(&client(), &json!({"alg": "none", "typ": "oauth-authz-req+jwt"}), &claims, &outside, false),
        asked(&client(), &json!({"alg": "none"}), &claims, &outside, true),
        asked(&strict, &json!({"alg": "none"}), &full, &outside, false),
    ] {
        assert_eq!(alone.unwrap().get("scope"), None, "RFC 9101 section 6.3");
    }
}

#[test]
fn both_sides_name_the_same_client_and_response_type() {
    assert_eq!(code(inside_of(json!({"client_id": "native"}))), ErrorCode::InvalidRequestObject);
    let outside = form(&[("client_id", "web"), ("response_type", "code id_token")]);
    let claims = json!({"response_type": "code"});
    let differs = asked(&client(), &json!({"alg": "none"}), &claims, &outside, false);
    assert_eq!(code(differs), ErrorCode::InvalidRequest, "OpenID Connect Core section 6.1");
}

#[test]
fn no_object_leads_to_another() {
    for name in ["request", "request_uri"] {
        assert_eq!(code(inside_of(json!({name: "x"}))), ErrorCode::InvalidRequestObject);
    }
    assert!(is_there(&form(&[("request", "x"), ("request_uri", "y")])).is_err());
    assert_eq!(is_there(&form(&[("request", "x")])), Ok(true));
    assert_eq!(is_there(&form(&[("state", "x")])), Ok(false));
}

#[test]
fn whose_it_is_for_whom_and_when_holds_where_it_is_said() {
    let now = NOW.as_secs();
    for wrong in [
        json!({"iss": "native"}),
        json!({"aud": "https://other.example"}),
        json!({"aud": 7}),
        json!({"exp": now - 60}),
        json!({"exp": "soon"}),
        json!({"nbf": now + 61}),
        json!({"iat": now + 61}),
    ] {
        assert_eq!(code(inside_of(wrong.clone())), ErrorCode::InvalidRequestObject, "{wrong}");
    }
    assert!(inside_of(json!({"aud": ["x", "https://id.example"], "exp": now - 59, "nbf": now + 8})).is_ok());
    let mut strict = client();
    strict.metadata.request_objects.require_signed_request_object = true;
    let outside = form(&[("client_id", "web")]);
    for lacking in [json!({"iss": "web"}), json!({"aud": "https://id.example"})] {
        assert!(asked(&strict, &json!({"alg": "none"}), &lacking, &outside, false).is_err(), "{lacking}");
    }
}

#[test]
fn only_what_is_registered_goes_without_a_signature() {
    let with = |alg: &str, registered: Option<RequestObjectAlgorithm>, must| {
        let mut client = client();
        client.metadata.request_objects.request_object_signing_alg = registered;
        client.metadata.request_objects.require_signed_request_object = must;
        verified_with(&from_sent(&jwt(&json!({"alg": alg}), &json!({})))?, &client, Rules::default())
    };
    let es256 = Some(RequestObjectAlgorithm::Key(KeyAlgorithm::Es256));
    assert_eq!(with("none", None, false), Ok(None));
    assert_eq!(with("none", Some(RequestObjectAlgorithm::None), false), Ok(None));
    assert_eq!(with("ES256", es256, true), Ok(Some(KeyAlgorithm::Es256)));
    assert_eq!(with("RS256", None, true), Ok(Some(KeyAlgorithm::Rs256)));
    for (alg, registered, must) in [
        ("none", es256, false),
        ("none", None, true),
        ("RS256", es256, false),
        ("RS256", Some(RequestObjectAlgorithm::None), false),
        ("HS256", None, false),
        ("NONE", None, false),
    ] {
        assert_eq!(with(alg, registered, must).unwrap_err().code, ErrorCode::InvalidRequestObject, "{alg}");
    }
    let assertion = jwt(&json!({"alg": "none", "typ": "client-authentication+jwt"}), &json!({}));
    assert!(verified_with(&from_sent(&assertion).unwrap(), &client(), Rules::default()).is_err());
    assert!(from_sent("x").is_err());
}

#[test]
fn by_the_profile_an_object_is_signed() {
    let unsigned = from_sent(&jwt(&json!({"alg": "none"}), &json!({}))).unwrap();
    let strict = Rules { profile: Profile::OAuth21, only_code: false };
    assert!(verified_with(&unsigned, &client(), Rules::default()).is_ok());
    let refused = verified_with(&unsigned, &client(), strict).unwrap_err();
    assert_eq!((refused.code, refused.kind), (ErrorCode::InvalidRequestObject, Kind::Profile));
    let signed = from_sent(&jwt(&json!({"alg": "ES256"}), &json!({}))).unwrap();
    assert!(verified_with(&signed, &client(), strict).is_ok(), "that it is, is seen later");
}

#[test]
fn inside_of_an_encrypted_object_is_a_jwt_or_claims_that_nobody_signed() {
    let claims = json!({"state": "s"});
    for inside in [jwt(&json!({"alg": "none"}), &claims), claims.to_string()] {
        let jws = from_opened(inside.into_bytes()).unwrap();
        assert_eq!(verified_with(&jws, &client(), Rules::default()), Ok(None));
        assert_eq!(jws.unsigned().unwrap().claims::<Value>().unwrap(), claims);
        let mut strict = client();
        strict.metadata.request_objects.require_signed_request_object = true;
        assert!(verified_with(&jws, &strict, Rules::default()).is_err(), "that it is encrypted proves nothing");
    }
    let inner = jwt(&json!({"alg": "none"}), &claims);
    for other in ["", "{", "[]", r#"{"state":"a","state":"b"}"#, "a.b.c.d.e", &format!(" {inner}")] {
        let code = from_opened(other.as_bytes().to_vec()).unwrap_err().code;
        assert_eq!(code, ErrorCode::InvalidRequestObject, "{other}");
    }
    assert!(from_opened(vec![0xff, 0xfe]).is_err());
}

#[test]
fn whatever_cannot_be_decrypted_has_one_answer() {
    let answers = [CryptoError::Decryption, CryptoError::Signature, CryptoError::Internal("x")].map(|why| sealed(&why));
    assert!(answers.iter().all(|one| one.description == answers[0].description));
}
