//! What is encrypted to a client, and how (OpenID Connect Registration §2, RFC 9701 §6, JARM §3).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::keys::KeysMetadata;
use crate::crypto::jwe::{ContentEncryption, Encryption, KeyManagement};

/// How answers to a client are encrypted; `None`: they are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the members are those of OpenID Connect Registration section 2, RFC 9701 section 6 and JARM section 3"
)]
pub struct EncryptionMetadata {
    pub id_token_encrypted_response_alg: Option<KeyManagement>,
    pub id_token_encrypted_response_enc: Option<ContentEncryption>,
    pub userinfo_encrypted_response_alg: Option<KeyManagement>,
    pub userinfo_encrypted_response_enc: Option<ContentEncryption>,
    pub introspection_encrypted_response_alg: Option<KeyManagement>,
    pub introspection_encrypted_response_enc: Option<ContentEncryption>,
    pub authorization_encrypted_response_alg: Option<KeyManagement>,
    pub authorization_encrypted_response_enc: Option<ContentEncryption>,
}

/// Why answers cannot be encrypted like that, to stand in a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EncryptionRefused {
    /// Nobody could say what was meant (OpenID Connect Registration §2).
    #[error("{answer}_encrypted_response_enc needs {answer}_encrypted_response_alg")]
    WithoutAlgorithm {
        /// Which answers.
        answer: &'static str,
    },
    /// Nobody could read it.
    #[error("{answer}_encrypted_response_alg {alg} needs jwks or jwks_uri, with a key for it (use: enc)")]
    WithoutKey {
        /// Which answers.
        answer: &'static str,
        /// What was asked for.
        alg: KeyManagement,
    },
}

impl EncryptionMetadata {
    /// How ID tokens are encrypted, and logout tokens with them (OpenID Connect Back-Channel Logout §2.4).
    pub fn id_token(&self) -> Option<Encryption> {
        both(self.id_token_encrypted_response_alg, self.id_token_encrypted_response_enc)
    }

    /// How userinfo answers are encrypted.
    pub fn userinfo(&self) -> Option<Encryption> {
        both(self.userinfo_encrypted_response_alg, self.userinfo_encrypted_response_enc)
    }

    /// How introspection answers are encrypted that are JWTs.
    pub fn introspection(&self) -> Option<Encryption> {
        both(self.introspection_encrypted_response_alg, self.introspection_encrypted_response_enc)
    }

    /// How answers of the authorization endpoint are encrypted that are JWTs.
    pub fn authorization(&self) -> Option<Encryption> {
        both(self.authorization_encrypted_response_alg, self.authorization_encrypted_response_enc)
    }
}

/// `enc` has a default where there is an `alg` (OpenID Connect Registration §2).
fn both(alg: Option<KeyManagement>, enc: Option<ContentEncryption>) -> Option<Encryption> {
    alg.map(|alg| Encryption { alg, enc: enc.unwrap_or_default() })
}

/// Whether a client with these keys can have its answers encrypted like that. Keys at a URL are looked at when they are needed.
///
/// # Errors
/// Names what is missing.
pub fn check(encryption: &EncryptionMetadata, keys: &KeysMetadata) -> Result<(), EncryptionRefused> {
    let pairs = [
        ("id_token", encryption.id_token_encrypted_response_alg, encryption.id_token_encrypted_response_enc),
        ("userinfo", encryption.userinfo_encrypted_response_alg, encryption.userinfo_encrypted_response_enc),
        (
            "introspection",
            encryption.introspection_encrypted_response_alg,
            encryption.introspection_encrypted_response_enc,
        ),
        (
            "authorization",
            encryption.authorization_encrypted_response_alg,
            encryption.authorization_encrypted_response_enc,
        ),
    ];
    for (answer, alg, enc) in pairs {
        match (alg, enc) {
            (None, None) => {}
            (None, Some(_)) => return Err(EncryptionRefused::WithoutAlgorithm { answer }),
            (Some(alg), _) => {
                let here = keys.jwks.as_ref().is_some_and(|jwks| jwks.keys().recipient(alg).is_some());
                if !here && keys.jwks_uri.is_none() {
                    return Err(EncryptionRefused::WithoutKey { answer, alg });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// RFC 7515 §A.3.1.
    fn p256(usage: &str) -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "use": usage})
    }

    fn keys(usage: &str) -> KeysMetadata {
        KeysMetadata { jwks: Some(json!({"keys": [p256(usage)]}).into()), ..KeysMetadata::default() }
    }

    #[test]
    fn the_content_encryption_has_a_default_and_means_nothing_alone() {
        let alg = Some(KeyManagement::EcdhEs);
        let mut wanted = EncryptionMetadata { id_token_encrypted_response_alg: alg, ..EncryptionMetadata::default() };
        let (alg, enc) = (KeyManagement::EcdhEs, ContentEncryption::A128CbcHs256);
        assert_eq!(wanted.id_token(), Some(Encryption { alg, enc }));
        assert_eq!((wanted.userinfo(), wanted.introspection(), wanted.authorization()), (None, None, None));
        assert_eq!(check(&wanted, &keys("enc")), Ok(()));
        wanted.userinfo_encrypted_response_enc = Some(ContentEncryption::A256Gcm);
        let refused = EncryptionRefused::WithoutAlgorithm { answer: "userinfo" };
        assert_eq!(check(&wanted, &keys("enc")), Err(refused));
        assert_eq!(wanted.userinfo(), None);
    }

    #[test]
    fn there_must_be_a_key_that_can_be_encrypted_to() {
        let wants = |alg| EncryptionMetadata {
            introspection_encrypted_response_alg: Some(alg),
            ..EncryptionMetadata::default()
        };
        let missing = |alg| Err(EncryptionRefused::WithoutKey { answer: "introspection", alg });
        let (ec, rsa) = (KeyManagement::EcdhEsA256Kw, KeyManagement::RsaOaep256);
        assert_eq!(check(&wants(ec), &keys("enc")), Ok(()));
        assert_eq!(check(&wants(ec), &keys("sig")), missing(ec));
        assert_eq!(check(&wants(rsa), &keys("enc")), missing(rsa));
        assert_eq!(check(&wants(ec), &KeysMetadata::default()), missing(ec));
        let elsewhere = KeysMetadata { jwks_uri: Some("https://app.example/jwks".into()), ..KeysMetadata::default() };
        assert_eq!(check(&wants(rsa), &elsewhere), Ok(()), "what is there is seen when it is needed");
    }
}
