//! Tests of reading and verifying what others have signed.

use hmac::{Hmac, KeyInit, Mac};
use josekit::jwk::Jwk;
use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
use josekit::jws::{self, JwsSigner};
use serde_json::json;
use sha2::Sha256;

use super::*;
use crate::crypto::foreign::ForeignJwk;
use crate::foundation::SecretString;

/// A key pair for this algorithm.
fn pair(algorithm: KeyAlgorithm) -> Jwk {
    let pair = match algorithm {
        KeyAlgorithm::Es256 => Jwk::generate_ec_key(EcCurve::P256),
        KeyAlgorithm::Es384 => Jwk::generate_ec_key(EcCurve::P384),
        KeyAlgorithm::Es512 => Jwk::generate_ec_key(EcCurve::P521),
        KeyAlgorithm::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519),
        _ => Jwk::generate_rsa_key(2048),
    };
    pair.unwrap()
}

fn signer(algorithm: KeyAlgorithm, key: &Jwk) -> Box<dyn JwsSigner> {
    match algorithm {
        KeyAlgorithm::Rs256 => Box::new(jws::RS256.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Rs384 => Box::new(jws::RS384.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Rs512 => Box::new(jws::RS512.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Ps256 => Box::new(jws::PS256.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Ps384 => Box::new(jws::PS384.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Ps512 => Box::new(jws::PS512.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Es256 => Box::new(jws::ES256.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Es384 => Box::new(jws::ES384.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::Es512 => Box::new(jws::ES512.signer_from_jwk(key).unwrap()),
        KeyAlgorithm::EdDsa => Box::new(jws::EdDSA.signer_from_jwk(key).unwrap()),
    }
}

fn public(key: &Jwk, kid: Option<&str>) -> Value {
    let mut public = serde_json::to_value(key.to_public_key().unwrap()).unwrap();
    public["kid"] = json!(kid);
    public
}

fn set(keys: Value) -> ForeignJwkSet {
    ForeignJwkSet::check(&json!({ "keys": keys })).unwrap();
    ForeignJwkSet::read(&json!({ "keys": keys }))
}

/// A JWT with any header and payload, signed as it should be.
fn forge(signer: &dyn JwsSigner, header: &Value, payload: &str) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload));
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signer.sign(input.as_bytes()).unwrap()))
}

/// A JWT with an HMAC.
fn hs256(secret: &[u8], header: &Value) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode("{}"));
    let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(&input);
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn ed25519_may_be_called_by_its_fully_specified_name_in_the_header_and_in_the_key() {
    let key = pair(KeyAlgorithm::EdDsa);
    for (header, of_key) in
        [("Ed25519", None), ("Ed25519", Some("Ed25519")), ("Ed25519", Some("EdDSA")), ("EdDSA", Some("Ed25519"))]
    {
        let mut jwk = public(&key, Some("a"));
        jwk["alg"] = json!(of_key);
        let jwt = forge(&*signer(KeyAlgorithm::EdDsa, &key), &json!({"alg": header, "kid": "a"}), "{}");
        let jws = ForeignJws::read(&jwt).unwrap();
        assert!(jws.verify(KeyAlgorithm::EdDsa, &set(json!([jwk]))).is_ok(), "{header}, {of_key:?}");
    }
}

#[test]
fn what_another_library_signs_with_each_algorithm_is_verified() {
    let rsa = pair(KeyAlgorithm::Rs256);
    for algorithm in KeyAlgorithm::ALL {
        let key = if algorithm.name().contains('S') && !algorithm.name().starts_with('E') {
            rsa.clone()
        } else {
            pair(algorithm)
        };
        let keys = set(json!([public(&key, None)]));
        let jwt = forge(&*signer(algorithm, &key), &json!({"alg": algorithm.name()}), r#"{"sub":"a"}"#);
        let read = ForeignJws::read(&jwt).unwrap();
        let claims: Value = read.verify(algorithm, &keys).unwrap().claims().unwrap();
        assert_eq!(claims, json!({"sub": "a"}), "{}", algorithm.name());
        for other in KeyAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(read.verify(other, &keys).is_err(), "{} is no {}", algorithm.name(), other.name());
        }
        // The same signature under a header that names another algorithm.
        let (_, rest) = jwt.split_once('.').unwrap();
        let other = if algorithm == KeyAlgorithm::Rs256 { KeyAlgorithm::Ps256 } else { KeyAlgorithm::Rs256 };
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": other.name()}).to_string());
        assert!(ForeignJws::read(&format!("{header}.{rest}")).unwrap().verify(other, &keys).is_err());
        let (start, end) = jwt.split_at(jwt.len() - 8);
        let changed = format!(
            "{start}{}",
            if end.starts_with('A') { end.replacen('A', "B", 1) } else { format!("A{}", &end[1..]) }
        );
        assert!(ForeignJws::read(&changed).and_then(|jws| jws.verify(algorithm, &keys).map(drop)).is_err());
    }
}

#[test]
fn a_key_is_found_by_its_name_and_without_one_all_are_tried() {
    let (one, other) = (pair(KeyAlgorithm::Es256), pair(KeyAlgorithm::Es256));
    let keys = set(json!([public(&one, Some("one")), public(&other, Some("other"))]));
    let verify = |header: Value, keys: &ForeignJwkSet| {
        let jwt = forge(&*signer(KeyAlgorithm::Es256, &other), &header, "{}");
        ForeignJws::read(&jwt).unwrap().verify(KeyAlgorithm::Es256, keys).map(drop)
    };
    assert_eq!(verify(json!({"alg": "ES256", "kid": "other"}), &keys), Ok(()));
    assert_eq!(verify(json!({"alg": "ES256"}), &keys), Ok(()));
    assert_eq!(verify(json!({"alg": "ES256", "kid": "one"}), &keys), Err(CryptoError::Signature), "another's name");
    assert_eq!(verify(json!({"alg": "ES256", "kid": "new"}), &keys), Err(CryptoError::UnknownKey));
    let nameless = set(json!([public(&one, None), public(&other, None)]));
    assert_eq!(verify(json!({"alg": "ES256", "kid": "any"}), &nameless), Ok(()), "a key need not have a name");
    let first = set(json!([public(&one, Some("one"))]));
    assert_eq!(verify(json!({"alg": "ES256"}), &first), Err(CryptoError::UnknownKey), "it may have been added since");
    let many = set(json!([vec![public(&one, None); 19], vec![public(&other, None)]].concat()));
    assert_eq!(verify(json!({"alg": "ES256"}), &many), Err(CryptoError::UnknownKey), "so many are not tried");
}

#[test]
fn of_keys_that_take_long_few_are_tried_and_the_one_that_is_named_first() {
    for (algorithm, tried) in [(KeyAlgorithm::Es512, 2), (KeyAlgorithm::Es384, 4), (KeyAlgorithm::Es256, 10)] {
        let (other, right) = (pair(algorithm), pair(algorithm));
        let verify = |header: Value, keys: &ForeignJwkSet| {
            let jwt = forge(&*signer(algorithm, &right), &header, "{}");
            ForeignJws::read(&jwt).unwrap().verify(algorithm, keys).map(drop)
        };
        let nameless = json!({"alg": algorithm.name()});
        let behind = |others: usize, kid: Option<&str>| {
            set(json!([vec![public(&other, None); others], vec![public(&right, kid)]].concat()))
        };
        assert_eq!(verify(nameless.clone(), &behind(tried - 1, None)), Ok(()), "{algorithm:?}");
        assert_eq!(verify(nameless, &behind(tried, None)), Err(CryptoError::UnknownKey), "{algorithm:?}");
        let named = json!({"alg": algorithm.name(), "kid": "right"});
        assert_eq!(verify(named, &behind(19, Some("right"))), Ok(()), "{algorithm:?}");
    }
}

#[test]
fn a_signature_on_p_521_has_both_numbers_in_full_length_and_neither_is_zero() {
    let key = ForeignJwk::read(&public(&pair(KeyAlgorithm::Es512), None)).unwrap();
    let verify = |signature: &[u8]| key.verify(KeyAlgorithm::Es512, b"input", signature);
    for length in [0, 1, 64, 131, 133, 264] {
        assert_eq!(verify(&vec![1; length]), Err(CryptoError::Signature), "{length} bytes");
    }
    for both in [[0, 0], [0, 1], [1, 0], [0xFF, 0xFF]] {
        assert_eq!(verify(&both.map(|byte| [byte; 66]).concat()), Err(CryptoError::Signature), "{both:?}");
    }
}

#[test]
fn a_public_key_is_never_a_secret() {
    let key = pair(KeyAlgorithm::Rs256);
    let keys = set(json!([public(&key, Some("k"))]));
    let secrets = [
        key.to_public_key().unwrap().to_string().into_bytes(),
        public(&key, Some("k")).to_string().into_bytes(),
        josekit::jwk::alg::rsa::RsaKeyPair::from_jwk(&key).unwrap().to_pem_public_key(),
    ];
    for secret in secrets {
        for alg in ["HS256", "RS256", "none"] {
            let jwt = ForeignJws::read(&hs256(&secret, &json!({"alg": alg, "kid": "k"}))).unwrap();
            for algorithm in KeyAlgorithm::ALL {
                assert!(jwt.verify(algorithm, &keys).is_err(), "{alg} as {}", algorithm.name());
            }
        }
    }
}

#[test]
fn a_secret_verifies_its_own_algorithms_and_must_be_as_long_as_the_hash() {
    let text = "a-secret-of-thirty-two-characters";
    let secret = |text: &str| SharedSecret::of_client(SecretString::new(text.to_owned()));
    let jwt = hs256(text.as_bytes(), &json!({"alg": "HS256"}));
    let jwt = ForeignJws::read(&jwt).unwrap();
    assert!(jwt.verify_by_secret(SecretAlgorithm::Hs256, &secret(text)).is_ok());
    assert!(jwt.verify_by_secret(SecretAlgorithm::Hs384, &secret(text)).is_err(), "alg is another one");
    let wrong = jwt.verify_by_secret(SecretAlgorithm::Hs256, &secret("another-secret-of-as-many-characters"));
    assert_eq!(wrong.map(drop), Err(CryptoError::Signature));
    let short = hs256(b"short", &json!({"alg": "HS256"}));
    let short = ForeignJws::read(&short).unwrap();
    assert!(matches!(short.verify_by_secret(SecretAlgorithm::Hs256, &secret("short")), Err(CryptoError::Key(_))));
    for (algorithm, signer) in [
        (SecretAlgorithm::Hs384, jws::HS384.signer_from_bytes("s".repeat(64)).unwrap()),
        (SecretAlgorithm::Hs512, jws::HS512.signer_from_bytes("s".repeat(64)).unwrap()),
    ] {
        let jwt = forge(&signer, &json!({"alg": algorithm.name()}), "{}");
        let jwt = ForeignJws::read(&jwt).unwrap();
        assert!(jwt.verify_by_secret(algorithm, &secret(&"s".repeat(64))).is_ok(), "{}", algorithm.name());
        assert!(jwt.verify_by_secret(algorithm, &secret(&"s".repeat(47))).is_err(), "{}", algorithm.name());
    }
}

#[test]
fn keys_and_extensions_in_the_header_are_not_followed() {
    let (trusted, attacker) = (pair(KeyAlgorithm::Es256), pair(KeyAlgorithm::Es256));
    let (keys, signing) = (set(json!([public(&trusted, Some("t"))])), signer(KeyAlgorithm::Es256, &attacker));
    let header = json!({"alg": "ES256", "jwk": public(&attacker, Some("t")), "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/c", "x5c": ["AA=="]});
    let jwt = ForeignJws::read(&forge(&*signing, &header, "{}")).unwrap();
    assert!(jwt.verify(KeyAlgorithm::Es256, &keys).is_err());
    let own = signer(KeyAlgorithm::Es256, &trusted);
    for header in [
        json!({"alg": "ES256", "crit": ["exp"]}),
        json!({"alg": "ES256", "crit": null}),
        json!({"alg": "ES256", "b64": false}),
        json!({"alg": 7}),
        json!({"alg": "ES256", "kid": 7}),
        json!({"alg": "ES256", "typ": 7}),
        json!({"kid": "t"}),
        json!([]),
    ] {
        assert!(matches!(ForeignJws::read(&forge(&*own, &header, "{}")), Err(CryptoError::Malformed(_))), "{header}");
    }
    for payload in ["", "[]", "null", r#"{"sub":"a","sub":"b"}"#, "{}{}"] {
        let jwt = forge(&*own, &json!({"alg": "ES256"}), payload);
        assert!(matches!(ForeignJws::read(&jwt), Err(CryptoError::Malformed(_))), "{payload}");
    }
    for jwt in ["", ".", "..", "e30.e30", "e30.e30.e30.e30", "e30=.e30.", &"x".repeat(MAX_LENGTH + 1)] {
        assert!(ForeignJws::read(jwt).is_err(), "{jwt:.20}");
    }
}

#[test]
fn a_type_may_be_missing_and_is_compared_as_media_types_are() {
    let typed = |typ: Value| {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "typ": typ}).to_string());
        ForeignJws::read(&format!("{header}.e30.")).unwrap().is_typed(&["JWT", "client-authentication+jwt"])
    };
    assert!(typed(json!("jwt")) && typed(json!("application/Client-Authentication+JWT")));
    assert!(!typed(json!("dpop+jwt")) && !typed(json!("")) && !typed(json!("text/jwt")));
    assert!(ForeignJws::read("eyJhbGciOiJub25lIn0.e30.").unwrap().is_typed(&[]), "there is none");
}

#[test]
fn what_is_not_signed_says_so_and_has_no_signature() {
    let unsigned = |jwt: &str| ForeignJws::read(jwt).unwrap().unsigned().is_ok();
    assert!(unsigned("eyJhbGciOiJub25lIn0.e30."));
    assert!(!unsigned("eyJhbGciOiJub25lIn0.e30.AAAA"));
    for alg in ["None", "NONE", "", "RS256"] {
        assert!(!unsigned(&format!("{}.e30.", URL_SAFE_NO_PAD.encode(json!({"alg": alg}).to_string()))), "{alg}");
    }
}

#[test]
fn what_it_says_of_itself_can_be_read_but_not_its_claims() {
    let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"a","n":7}"#);
    let jwt = ForeignJws::read(&format!("eyJhbGciOiJub25lIn0.{payload}.")).unwrap();
    assert_eq!((jwt.unproven("sub").as_deref(), jwt.unproven("n"), jwt.unproven("iss")), (Some("a"), None, None));
    assert_eq!((jwt.algorithm(), jwt.alg()), (None, "none"));
}
