//! What may be registered about the request objects of a client.

use thiserror::Error;

use super::Metadata;
use super::request_object::RequestObjectAlgorithm;

/// Why it cannot be registered, to stand in a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RequestObjectRefused {
    /// Nothing that a signature could be verified with.
    #[error("signed request objects need jwks or jwks_uri, with a key for the algorithm (request_object_signing_alg)")]
    NoKey,
    /// What has to be signed cannot go without.
    #[error("require_signed_request_object and request_object_signing_alg none contradict each other")]
    Unsigned,
    /// More than [`MOST`].
    #[error("request_uris has more than {MOST} URIs")]
    TooMany,
    /// OpenID Connect Core §6.2 says how long one may be.
    #[error("request_uris has a URI that is not ASCII, or has more than {LONGEST} characters")]
    Form,
}

const MOST: usize = 20;
const LONGEST: usize = 512;

/// Whether a client can have these request objects.
///
/// # Errors
/// Names what cannot be.
pub fn check(metadata: &Metadata) -> Result<(), RequestObjectRefused> {
    let (objects, keys) = (&metadata.request_objects, &metadata.keys);
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
    use crate::domain::oauth::client::request_object::RequestObjectMetadata;

    #[test]
    fn what_is_to_be_signed_has_a_key() {
        let mut metadata = Metadata::default();
        assert_eq!(check(&metadata), Ok(()));
        metadata.request_objects.require_signed_request_object = true;
        assert_eq!(check(&metadata), Err(RequestObjectRefused::NoKey));
        metadata.keys.jwks_uri = Some("https://app.example/jwks".into());
        assert_eq!(check(&metadata), Ok(()));
        metadata.request_objects.request_object_signing_alg = Some(RequestObjectAlgorithm::None);
        assert_eq!(check(&metadata), Err(RequestObjectRefused::Unsigned));
        let alg = Some(RequestObjectAlgorithm::Key(KeyAlgorithm::Es256));
        let request_objects = RequestObjectMetadata { request_object_signing_alg: alg, ..Default::default() };
        assert_eq!(check(&Metadata { request_objects, ..Metadata::default() }), Err(RequestObjectRefused::NoKey));
    }

    #[test]
    fn uris_are_few_and_short() {
        let with = |request_uris| {
            let request_objects = RequestObjectMetadata { request_uris, ..Default::default() };
            check(&Metadata { request_objects, ..Metadata::default() })
        };
        assert_eq!(with(vec!["https://app.example/r#x".into()]), Ok(()));
        assert_eq!(with(vec!["https://app.example/r".into(); 21]), Err(RequestObjectRefused::TooMany));
        assert_eq!(with(vec![format!("https://app.example/{}", "r".repeat(500))]), Err(RequestObjectRefused::Form));
        assert_eq!(with(vec!["https://app.example/\u{e4}".into()]), Err(RequestObjectRefused::Form));
    }
}
