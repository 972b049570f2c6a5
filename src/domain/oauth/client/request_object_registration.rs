//! What may be registered about the request objects of a client.

use thiserror::Error;

use super::Metadata;
use super::request_object::RequestObjectAlgorithm;
use crate::crypto::jwe::{KeyManagement, KeyManagements};

/// Why it cannot be registered, to stand in a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RequestObjectRefused {
    /// Nothing that a signature could be verified with.
    #[error("signed request objects need jwks or jwks_uri, with a key for the algorithm (request_object_signing_alg)")]
    NoKey,
    /// What has to be signed cannot go without.
    #[error("require_signed_request_object and request_object_signing_alg none contradict each other")]
    Unsigned,
    /// Nobody could say what was meant (OpenID Connect Registration §2).
    #[error("request_object_encryption_enc needs request_object_encryption_alg")]
    WithoutAlgorithm,
    /// Nobody could decrypt it.
    #[error("request_object_encryption_alg {alg} needs a key of this server for it, and keys.encryption has none, or others: {}", available.join(", "))]
    NotDecrypted {
        /// What it was to be.
        alg: KeyManagement,
        /// What there are keys for.
        available: Vec<&'static str>,
    },
    /// More than [`MOST`].
    #[error("request_uris has more than {MOST} URIs")]
    TooMany,
    /// OpenID Connect Core §6.2 says how long one may be.
    #[error("request_uris has a URI that is not ASCII, or has more than {LONGEST} characters")]
    Form,
}

const MOST: usize = 20;
const LONGEST: usize = 512;

/// Whether a client can have these request objects, at a server that `decrypts` with these algorithms.
///
/// # Errors
/// Names what cannot be.
pub fn check(metadata: &Metadata, decrypts: KeyManagements) -> Result<(), RequestObjectRefused> {
    let (objects, keys) = (&metadata.request_objects, &metadata.keys);
    match (objects.request_object_encryption_alg, objects.request_object_encryption_enc) {
        (None, Some(_)) => return Err(RequestObjectRefused::WithoutAlgorithm),
        (Some(alg), _) if !decrypts.contains(alg) => {
            return Err(RequestObjectRefused::NotDecrypted { alg, available: decrypts.names() });
        }
        _ => {}
    }
    let verifies =
        |algorithm| keys.jwks_uri.is_some() || keys.jwks.as_ref().is_some_and(|jwks| jwks.keys().verifies(algorithm));
    let has_key = match objects.request_object_signing_alg {
        Some(RequestObjectAlgorithm::Key(algorithm)) => verifies(Some(algorithm)),
        Some(RequestObjectAlgorithm::None) if objects.require_signed_request_object => {
            return Err(RequestObjectRefused::Unsigned);
        }
        None if objects.require_signed_request_object => verifies(None),
        _ => true,
    };
    if !has_key {
        return Err(RequestObjectRefused::NoKey);
    }
    if objects.request_uris.len() > MOST {
        return Err(RequestObjectRefused::TooMany);
    }
    match objects.request_uris.iter().all(|uri| uri.is_ascii() && uri.len() <= LONGEST) {
        true => Ok(()),
        false => Err(RequestObjectRefused::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::foreign::KeyAlgorithm;
    use crate::crypto::jwe::ContentEncryption;
    use crate::domain::oauth::client::request_object::RequestObjectMetadata;

    fn checked(metadata: &Metadata) -> Result<(), RequestObjectRefused> {
        check(metadata, KeyManagements::default())
    }

    #[test]
    fn what_is_to_be_encrypted_can_be_decrypted_here() {
        let mut metadata = Metadata::default();
        let here = [KeyManagement::EcdhEs].into_iter().collect();
        metadata.request_objects.request_object_encryption_enc = Some(ContentEncryption::A128Gcm);
        assert_eq!(check(&metadata, here), Err(RequestObjectRefused::WithoutAlgorithm));
        metadata.request_objects.request_object_encryption_alg = Some(KeyManagement::EcdhEs);
        assert_eq!(check(&metadata, here), Ok(()));
        let (alg, available) = (KeyManagement::EcdhEs, Vec::new());
        assert_eq!(checked(&metadata), Err(RequestObjectRefused::NotDecrypted { alg, available }));
        metadata.request_objects.request_object_encryption_alg = Some(KeyManagement::RsaOaep);
        let (alg, available) = (KeyManagement::RsaOaep, vec!["ECDH-ES"]);
        assert_eq!(check(&metadata, here), Err(RequestObjectRefused::NotDecrypted { alg, available }));
    }

    #[test]
    fn what_is_to_be_signed_has_a_key() {
        let mut metadata = Metadata::default();
        assert_eq!(checked(&metadata), Ok(()));
        metadata.request_objects.require_signed_request_object = true;
        assert_eq!(checked(&metadata), Err(RequestObjectRefused::NoKey));
        metadata.keys.jwks_uri = Some("https://app.example/jwks".into());
        assert_eq!(checked(&metadata), Ok(()));
        metadata.request_objects.request_object_signing_alg = Some(RequestObjectAlgorithm::None);
        assert_eq!(checked(&metadata), Err(RequestObjectRefused::Unsigned));
        let alg = Some(RequestObjectAlgorithm::Key(KeyAlgorithm::Es256));
        let request_objects = RequestObjectMetadata { request_object_signing_alg: alg, ..Default::default() };
        assert_eq!(checked(&Metadata { request_objects, ..Metadata::default() }), Err(RequestObjectRefused::NoKey));
    }

    #[test]
    fn uris_are_few_and_short() {
        let with = |request_uris| {
            let request_objects = RequestObjectMetadata { request_uris, ..Default::default() };
            checked(&Metadata { request_objects, ..Metadata::default() })
        };
        assert_eq!(with(vec!["https://app.example/r#x".into()]), Ok(()));
        assert_eq!(with(vec!["https://app.example/r".into(); 21]), Err(RequestObjectRefused::TooMany));
        assert_eq!(with(vec![format!("https://app.example/{}", "r".repeat(500))]), Err(RequestObjectRefused::Form));
        assert_eq!(with(vec!["https://app.example/\u{e4}".into()]), Err(RequestObjectRefused::Form));
    }
}
