//! Tests of what is encrypted to us: what other libraries encrypt is opened, and nothing that was changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNum;
use serde_json::{Value, json};

use super::*;
use crate::crypto::foreign::ForeignJwk;
use crate::crypto::jwe::{ContentEncryption, Encryption};

const TEXT: &str = "a request object of some length, so that it has more than one block";

fn key(alg: KeyManagement) -> DecryptionKey {
    DecryptionKey::from_der(alg, &DecryptionKey::generate(alg).unwrap()).unwrap()
}

/// As an application encrypts: with another library, to what we publish.
fn sealed(key: &DecryptionKey, enc: ContentEncryption) -> String {
    let published = ForeignJwk::read(&serde_json::to_value(key.jwk()).unwrap()).unwrap();
    published.encrypt(Encryption { alg: key.algorithm(), enc }, TEXT, true, None).unwrap()
}

fn opened(key: &DecryptionKey, compact: &str) -> Result<Vec<u8>, CryptoError> {
    key.open(&EncryptedJwt::read(compact)?)
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The same message with one part made anew from its bytes.
fn with_part(compact: &str, part: usize, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let mut parts: Vec<_> = compact.split('.').map(str::to_owned).collect();
    parts[part] = b64(&change(bytes(&parts[part])));
    parts.join(".")
}

/// The same message with another header.
fn with_header(compact: &str, change: impl FnOnce(&mut Value)) -> String {
    with_part(compact, 0, |header| {
        let mut header = serde_json::from_slice(&header).unwrap();
        change(&mut header);
        header.to_string().into_bytes()
    })
}

fn malformed(compact: &str) -> bool {
    matches!(EncryptedJwt::read(compact), Err(CryptoError::Malformed(_)))
}

#[test]
fn what_another_library_encrypts_to_the_published_half_is_opened_and_nothing_that_was_changed() {
    for alg in KeyManagement::ALL {
        let (key, other) = (key(alg), key(alg));
        for enc in ContentEncryption::ALL {
            let compact = sealed(&key, enc);
            assert!(EncryptedJwt::looks_like(&compact));
            let message = EncryptedJwt::read(&compact).unwrap();
            assert_eq!((message.kid(), message.encryption()), (Some(key.kid()), Encryption { alg, enc }));
            assert_eq!(key.open(&message).unwrap(), TEXT.as_bytes(), "{alg} {enc}");
            assert_eq!(other.open(&message), Err(CryptoError::Decryption), "{alg} {enc}");
            // Of each part one bit, at both ends.
            let first = if alg == KeyManagement::EcdhEs { 2 } else { 1 };
            for part in first..5 {
                for last in [false, true] {
                    let flipped = with_part(&compact, part, |mut bytes| {
                        let at = if last { bytes.len() - 1 } else { 0 };
                        bytes[at] ^= 1;
                        bytes
                    });
                    assert_eq!(opened(&key, &flipped), Err(CryptoError::Decryption), "{alg} {enc} {part}");
                }
            }
            let added = with_header(&compact, |header| header["x"] = json!(1));
            assert_eq!(opened(&key, &added), Err(CryptoError::Decryption), "the header is authenticated");
        }
    }
}

/// RFC 7518 appendix C.
#[test]
fn both_sides_agree_on_the_key_of_rfc_7518_appendix_c() {
    let number = |text: &str| BigNum::from_slice(&bytes(text)).unwrap();
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let public = EcKey::from_public_key_affine_coordinates(
        &group,
        &number("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
        &number("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"),
    );
    let private = number("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    let bob = EcKey::from_private_components(&group, &private, public.unwrap().public_key()).unwrap();
    let der = PKey::from_ec_key(bob).unwrap().private_key_to_pkcs8().unwrap();
    let bob = DecryptionKey::from_der(KeyManagement::EcdhEs, &der).unwrap();
    let alice = Sender {
        x: bytes("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"),
        y: bytes("SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"),
        apu: b"Alice".to_vec(),
        apv: b"Bob".to_vec(),
    };
    let agreed = bob.agreed(&alice, "A128GCM", 16).unwrap();
    assert_eq!(b64(&agreed), "VqqN6vgjbSBcIijNcacQGg");
}

/// A tag of one byte is guessed in 256 attempts, and a wrapped key of seven made other libraries stumble.
#[test]
fn parts_of_another_length_are_refused_before_a_key_is_touched() {
    for alg in [KeyManagement::RsaOaep256, KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
        let key = key(alg);
        for enc in ContentEncryption::ALL {
            let compact = sealed(&key, enc);
            for part in [1, 2, 4] {
                let length = bytes(compact.split('.').nth(part).unwrap()).len();
                for other in (0..length).chain([length + 1, length + 8]) {
                    let cut = with_part(&compact, part, |mut bytes| {
                        bytes.resize(other, 0);
                        bytes
                    });
                    assert!(malformed(&cut), "{alg} {enc}: part {part} with {other} bytes");
                }
            }
            let empty = with_part(&compact, 3, |_| Vec::new());
            assert_eq!(opened(&key, &empty), Err(CryptoError::Decryption));
        }
    }
}

#[test]
fn what_is_unsafe_or_compressed_or_demands_an_extension_is_refused() {
    let compact = sealed(&key(KeyManagement::EcdhEsA128Kw), ContentEncryption::A128CbcHs256);
    for (name, value) in [
        ("alg", json!("RSA1_5")),
        ("alg", json!("dir")),
        ("alg", json!("A128KW")),
        ("alg", json!("PBES2-HS256+A128KW")),
        ("alg", json!("none")),
        ("alg", json!(1)),
        ("enc", json!("A192GCM")),
        ("enc", json!("none")),
        ("zip", json!("DEF")),
        ("zip", Value::Null),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("kid", json!(1)),
        ("epk", json!("x")),
        ("epk", json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"})),
        ("epk", json!({"kty": "OKP", "crv": "X25519", "x": b64(&[9; 32])})),
        ("apu", json!("=")),
    ] {
        assert!(malformed(&with_header(&compact, |header| header[name] = value.clone())), "{name}: {value}");
    }
    for name in ["alg", "enc", "epk"] {
        let without = with_header(&compact, |header| drop(header.as_object_mut().unwrap().remove(name)));
        assert!(malformed(&without), "without {name}");
    }
    let twice = with_part(&compact, 0, |_| br#"{"alg":"ECDH-ES","alg":"ECDH-ES"}"#.to_vec());
    for other in ["", "....", "a.b.c", "a.b.c.d.e", &format!("{compact}."), &format!("{compact}=")[..], &twice] {
        assert!(malformed(other), "{other}");
    }
    assert!(malformed(&format!("{compact}{}", "A".repeat(16 * 1024))));
}

/// With points of other curves a few questions would give a key away.
#[test]
fn a_point_that_is_not_on_the_curve_is_not_agreed_with() {
    for alg in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
        let key = key(alg);
        for (x, y) in [(1, 1), (0, 0), (255, 255)] {
            let epk = json!({"kty": "EC", "crv": "P-256", "x": b64(&[x; 32]), "y": b64(&[y; 32])});
            let off = with_header(&sealed(&key, ContentEncryption::A128Gcm), |header| header["epk"] = epk);
            assert_eq!(opened(&key, &off), Err(CryptoError::Decryption));
        }
    }
}

#[test]
fn a_key_is_for_one_algorithm_and_shows_nothing_private() {
    let rsa = DecryptionKey::generate(KeyManagement::RsaOaep).unwrap();
    assert!(DecryptionKey::from_der(KeyManagement::EcdhEs, &rsa).is_err());
    assert!(DecryptionKey::from_der(KeyManagement::RsaOaep, b"no key").is_err());
    let rsa = DecryptionKey::from_der(KeyManagement::RsaOaep, &rsa).unwrap();
    let published = ForeignJwk::read(&serde_json::to_value(rsa.jwk()).unwrap()).unwrap();
    let encryption = |alg| Encryption { alg, enc: ContentEncryption::A256Gcm };
    assert!(
        published.encrypt(encryption(KeyManagement::RsaOaep256), TEXT, true, None).is_err(),
        "the JWK names its alg"
    );
    let other = with_header(&sealed(&rsa, ContentEncryption::A256Gcm), |header| header["alg"] = json!("RSA-OAEP-256"));
    assert_eq!(opened(&rsa, &other), Err(CryptoError::UnknownKey));

    let names = |key: &DecryptionKey| {
        let json = serde_json::to_value(key.jwk()).unwrap();
        json.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&rsa), ["kty", "kid", "use", "alg", "n", "e"]);
    let ec = key(KeyManagement::EcdhEsA128Kw);
    assert_eq!(names(&ec), ["kty", "kid", "use", "alg", "crv", "x", "y"]);
    assert_eq!(serde_json::to_value(ec.jwk()).unwrap()["alg"], "ECDH-ES+A128KW");
    assert_eq!(format!("{ec:?}"), format!("DecryptionKey(ECDH-ES+A128KW {})", ec.kid()));
}
