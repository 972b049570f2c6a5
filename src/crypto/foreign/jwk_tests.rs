//! Tests of reading the keys of others.

use serde_json::json;

use super::*;

/// RFC 7638 §3.1.
const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

fn rsa_key() -> Value {
    json!({"kty": "RSA", "n": N, "e": "AQAB"})
}

fn with(mut key: Value, name: &str, value: Value) -> Result<ForeignJwk, JwkRefused> {
    key[name] = value;
    ForeignJwk::read(&key)
}

#[test]
fn a_key_without_kid_alg_or_use_is_for_every_algorithm_of_its_kind() {
    let rsa = ForeignJwk::read(&rsa_key()).unwrap();
    assert_eq!(rsa.kid(), None);
    let fitting: Vec<_> =
        KeyAlgorithm::ALL.into_iter().filter(|alg| rsa.verifies(*alg)).map(KeyAlgorithm::name).collect();
    assert_eq!(fitting, ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]);
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let ed = ForeignJwk::read(&ed).unwrap();
    assert!(ed.verifies(KeyAlgorithm::EdDsa) && !ed.verifies(KeyAlgorithm::Es256));
}

#[test]
fn what_a_key_says_of_itself_holds() {
    let one = with(rsa_key(), "alg", json!("PS256")).unwrap();
    assert!(one.verifies(KeyAlgorithm::Ps256) && !one.verifies(KeyAlgorithm::Rs256));
    assert!(!with(rsa_key(), "use", json!("enc")).unwrap().verifies_something());
    assert!(!with(rsa_key(), "alg", json!("RSA-OAEP")).unwrap().verifies_something());
    assert!(with(rsa_key(), "use", json!("sig")).unwrap().verifies_something());
    assert!(with(rsa_key(), "key_ops", json!(["verify"])).unwrap().verifies_something());
    assert!(!with(rsa_key(), "key_ops", json!(["encrypt"])).unwrap().verifies_something());
    assert!(!with(rsa_key(), "use", json!("new")).unwrap().verifies_something());
    assert!(with(rsa_key(), "use", json!(null)).unwrap().verifies_something(), "null is as if it were not there");
}

#[test]
fn a_key_that_holds_more_than_the_public_half_is_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        assert_eq!(with(rsa_key(), name, json!("AQAB")), Err(JwkRefused::Private), "{name}");
    }
    assert_eq!(with(rsa_key(), "k", json!("AQAB")), Err(JwkRefused::Symmetric));
    assert_eq!(ForeignJwk::read(&json!({"kty": "oct", "k": "AAAA"})), Err(JwkRefused::Symmetric));
}

#[test]
fn sizes_are_bounded_on_both_sides() {
    let modulus = |bytes: usize| json!(URL_SAFE_NO_PAD.encode([&[0x80][..], &vec![1; bytes - 1]].concat()));
    for (bytes, fits) in
        [(128, false), (255, false), (256, true), (384, true), (512, true), (513, false), (1024, false)]
    {
        assert_eq!(with(rsa_key(), "n", modulus(bytes)).is_ok(), fits, "{bytes} bytes");
    }
    assert!(with(rsa_key(), "n", json!(URL_SAFE_NO_PAD.encode([[0_u8].as_slice(), &[0x81; 256]].concat()))).is_ok());
    assert_eq!(with(rsa_key(), "n", json!(URL_SAFE_NO_PAD.encode([0x80; 256]))), Err(JwkRefused::Size), "even");
    for (e, fits) in [("AQAB", true), ("Aw", true), ("AQ", false), ("Ag", false), ("AAAAAw", true), ("AQAAAAE", false)]
    {
        assert_eq!(with(rsa_key(), "e", json!(e)).is_ok(), fits, "{e}");
    }
    let huge = "A".repeat(1_000_000);
    assert_eq!(with(rsa_key(), "n", json!(huge)), Err(JwkRefused::Member("n")));
    assert!(with(rsa_key(), "kid", json!("k".repeat(KID_MAX + 1))).is_err());
}

#[test]
fn what_is_no_key_or_of_a_kind_that_we_do_not_know_is_told_apart() {
    for unknown in [
        json!({"kty": "new"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
    ] {
        assert_eq!(ForeignJwk::read(&unknown), Err(JwkRefused::Unknown), "{unknown}");
    }
    for broken in [
        json!(7),
        json!({}),
        json!({"kty": 7}),
        json!({"kty": "RSA", "n": N}),
        json!({"kty": "RSA", "n": N, "e": "AQAB="}),
        json!({"kty": "RSA", "n": N, "e": "AQAB", "key_ops": "verify"}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
    ] {
        assert!(matches!(ForeignJwk::read(&broken), Err(JwkRefused::Member(_))), "{broken}");
    }
}

#[test]
fn a_point_off_its_curve_is_noticed() {
    for (crv, bytes, algorithm) in
        [("P-256", 32, KeyAlgorithm::Es256), ("P-384", 48, KeyAlgorithm::Es384), ("P-521", 66, KeyAlgorithm::Es512)]
    {
        // As a number it is less than the modulus of each.
        let x = URL_SAFE_NO_PAD.encode([&[0][..], &vec![7; bytes - 1]].concat());
        let off = ForeignJwk::read(&json!({"kty": "EC", "crv": crv, "x": x, "y": x})).unwrap();
        assert_eq!(off.check_point(), Err(JwkRefused::Point), "{crv}");
        assert!(off.verify(algorithm, b"input", &vec![7; bytes * 2]).is_err(), "{crv}");
    }
}
