//! Sets of keys that clients and providers publish.

use latchkey::crypto::foreign::{ForeignJwkSet, JwkRefused, KeyAlgorithm};
use latchkey::crypto::jwe::{ContentEncryption, Encryption, KeyManagement};
use serde_json::Value;

/// A document.
pub fn jwk_set(data: &[u8]) {
    let Ok(set) = ForeignJwkSet::parse(data) else { return };
    let document: Value = serde_json::from_slice(data).expect("JSON");
    assert_eq!(ForeignJwkSet::read(&document), set);
    let named = document["keys"].as_array().expect("keys").len();
    assert!(set.keys().len() <= named.min(20));
    if ForeignJwkSet::check(&document).is_ok() {
        assert!(!set.keys().is_empty(), "what can be registered can be used");
        assert!(set.keys().iter().all(|key| key.check_point().is_ok()));
    }
    let private =
        |key: &Value| ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| key.get(name).is_some());
    let all_public = !document["keys"].as_array().expect("keys").iter().any(private);
    assert!(all_public || ForeignJwkSet::check(&document).is_err(), "a private key is registered");
    for key in set.keys() {
        let signs = KeyAlgorithm::ALL.into_iter().any(|algorithm| key.verifies(algorithm));
        assert_eq!(signs, key.verifies_something());
        assert!(key.kid().is_none_or(|kid| kid.len() <= 256));
    }
    for alg in KeyManagement::ALL {
        let Some(key) = set.recipient(alg) else { continue };
        assert!(key.receives(alg));
        let encrypted = key.encrypt(Encryption { alg, enc: ContentEncryption::A128Gcm }, "text", true, None);
        match (key.check_point(), encrypted) {
            (Err(JwkRefused::Point), encrypted) => assert!(encrypted.is_err(), "encrypted to no point of the curve"),
            (_, Ok(text)) => assert_eq!(text.split('.').count(), 5),
            (_, Err(_)) => {}
        }
    }
}
