//! Which keys may be registered for a client, and which it needs.

use thiserror::Error;

use super::keys::KeysMetadata;
use super::{AuthMethod, Metadata};
use crate::crypto::foreign::{ForeignAlgorithm, ForeignJwkSet, JwkSetRefused};

/// Why keys cannot be registered, to stand in a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeysRefused {
    /// RFC 7591 §2.
    #[error("jwks and jwks_uri exclude each other: register the keys or where they are")]
    Both,
    /// What is wrong with the set.
    #[error("jwks {0}")]
    Jwks(#[from] JwkSetRefused),
    /// More bytes than are kept for a client.
    #[error("jwks has more than {REGISTERED_MAX} bytes: register a jwks_uri, or leave the certificates (x5c) out")]
    JwksTooLong,
    /// Nothing that a signature could be verified with.
    #[error("private_key_jwt needs jwks or jwks_uri, with a key that signs{}", .0.map(|alg| format!(" with {alg}")).unwrap_or_default())]
    Missing(Option<ForeignAlgorithm>),
    /// An algorithm of the other method.
    #[error("token_endpoint_auth_signing_alg {alg} is none of {}", .method.as_str())]
    Algorithm {
        /// What was to be registered.
        alg: ForeignAlgorithm,
        /// The method that it was to be for.
        method: AuthMethod,
    },
}

/// The most bytes of a set that is kept with its client, which is held in memory.
const REGISTERED_MAX: usize = 16 * 1024;

/// Whether a client that authenticates as it does can have these keys (RFC 7591 §2).
///
/// # Errors
/// Names what cannot be.
pub fn check(metadata: &Metadata) -> Result<(), KeysRefused> {
    let (keys, method) = (&metadata.keys, metadata.token_endpoint_auth_method);
    let alg = keys.token_endpoint_auth_signing_alg;
    if keys.jwks.is_some() && keys.jwks_uri.is_some() {
        return Err(KeysRefused::Both);
    }
    if let Some(jwks) = &keys.jwks {
        ForeignJwkSet::check(jwks.document())?;
        if jwks.document().to_string().len() > REGISTERED_MAX {
            return Err(KeysRefused::JwksTooLong);
        }
    }
    match (method, alg) {
        (AuthMethod::PrivateKeyJwt, Some(alg @ ForeignAlgorithm::Secret(_)))
        | (AuthMethod::ClientSecretJwt, Some(alg @ ForeignAlgorithm::Key(_))) => {
            Err(KeysRefused::Algorithm { alg, method })
        }
        (AuthMethod::PrivateKeyJwt, alg) if !may_verify(keys, alg) => Err(KeysRefused::Missing(alg)),
        _ => Ok(()),
    }
}

/// Whether there may be a key for signatures of `algorithm`, or of any.
fn may_verify(keys: &KeysMetadata, algorithm: Option<ForeignAlgorithm>) -> bool {
    let algorithm = match algorithm {
        Some(ForeignAlgorithm::Key(algorithm)) => Some(algorithm),
        _ => None,
    };
    keys.jwks_uri.is_some() || keys.jwks.as_ref().is_some_and(|jwks| jwks.keys().verifies(algorithm))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::foreign::{JwkRefused, KeyAlgorithm, SecretAlgorithm};

    /// RFC 7515 §A.3.1.
    fn p256() -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})
    }

    fn by_value(keys: &Value) -> KeysMetadata {
        KeysMetadata { jwks: Some(json!({ "keys": keys }).into()), ..KeysMetadata::default() }
    }

    fn checked(keys: KeysMetadata, method: AuthMethod) -> Result<(), KeysRefused> {
        check(&Metadata { keys, token_endpoint_auth_method: method, ..Metadata::default() })
    }

    #[test]
    fn keys_are_here_or_elsewhere_and_not_both() {
        let mut keys = by_value(&json!([p256()]));
        assert_eq!(checked(keys.clone(), AuthMethod::PrivateKeyJwt), Ok(()));
        assert_eq!(
            checked(keys.clone(), AuthMethod::ClientSecretBasic),
            Ok(()),
            "they are kept for whatever else they are for"
        );
        keys.jwks_uri = Some("https://app.example/jwks".into());
        assert_eq!(checked(keys.clone(), AuthMethod::PrivateKeyJwt), Err(KeysRefused::Both));
        keys.jwks = None;
        assert_eq!(checked(keys.clone(), AuthMethod::PrivateKeyJwt), Ok(()));
    }

    #[test]
    fn who_proves_itself_by_a_key_has_one_that_can() {
        let none = KeysMetadata::default();
        assert_eq!(checked(none.clone(), AuthMethod::PrivateKeyJwt), Err(KeysRefused::Missing(None)));
        assert_eq!(checked(none.clone(), AuthMethod::ClientSecretJwt), Ok(()));
        let mut encryption = p256();
        encryption["use"] = json!("enc");
        assert_eq!(checked(by_value(&json!([encryption])), AuthMethod::PrivateKeyJwt), Err(KeysRefused::Missing(None)));
        let alg = Some(ForeignAlgorithm::Key(KeyAlgorithm::Rs256));
        let other = KeysMetadata { token_endpoint_auth_signing_alg: alg, ..by_value(&json!([p256()])) };
        assert_eq!(checked(other.clone(), AuthMethod::PrivateKeyJwt), Err(KeysRefused::Missing(alg)));
    }

    #[test]
    fn an_algorithm_is_one_of_the_method() {
        let with = |alg, method| {
            let keys = KeysMetadata { token_endpoint_auth_signing_alg: Some(alg), ..by_value(&json!([p256()])) };
            checked(keys, method)
        };
        let (key, secret) =
            (ForeignAlgorithm::Key(KeyAlgorithm::Es256), ForeignAlgorithm::Secret(SecretAlgorithm::Hs256));
        assert_eq!(with(key, AuthMethod::PrivateKeyJwt), Ok(()));
        assert_eq!(with(secret, AuthMethod::ClientSecretJwt), Ok(()));
        for (alg, method) in [(secret, AuthMethod::PrivateKeyJwt), (key, AuthMethod::ClientSecretJwt)] {
            assert_eq!(with(alg, method), Err(KeysRefused::Algorithm { alg, method }));
        }
    }

    #[test]
    fn a_private_key_is_refused_and_has_no_effect_if_it_is_there_all_the_same() {
        let mut private = p256();
        private["d"] = json!("AAAA");
        let keys = by_value(&json!([private]));
        let why = KeysRefused::Jwks(JwkSetRefused::Key(1, JwkRefused::Private));
        assert_eq!(checked(keys.clone(), AuthMethod::ClientSecretBasic), Err(why));
        assert!(keys.jwks.unwrap().keys().keys().is_empty());
        let long = json!({"keys": [p256()], "pad": "x".repeat(REGISTERED_MAX)});
        let long = KeysMetadata { jwks: Some(long.into()), ..KeysMetadata::default() };
        assert_eq!(checked(long.clone(), AuthMethod::None), Err(KeysRefused::JwksTooLong));
    }
}
