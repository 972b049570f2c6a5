//! How a client signs what it asks for, and where that may be found (OpenID Connect Registration §2, RFC 9101 §10.5).

use serde::{Deserialize, Serialize};

use crate::crypto::foreign::{ForeignAlgorithm, KeyAlgorithm};
use crate::crypto::jwe::{ContentEncryption, KeyManagement};

/// The members about request objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestObjectMetadata {
    /// What its request objects are signed with; `None`: with any algorithm, or not at all.
    pub request_object_signing_alg: Option<RequestObjectAlgorithm>,
    /// How they may be encrypted; `None`: it does not say. It says no more than that: what comes encrypted with another algorithm
    /// that we have a key for, or not at all, is taken as well (OpenID Connect Registration §2).
    pub request_object_encryption_alg: Option<KeyManagement>,
    /// How their content may be encrypted.
    pub request_object_encryption_enc: Option<ContentEncryption>,
    /// What does not come in a signed object is refused.
    pub require_signed_request_object: bool,
    /// Where its request objects may be fetched from.
    pub request_uris: Vec<String>,
}

/// What a request object is signed with, if it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum RequestObjectAlgorithm {
    /// It is not signed.
    None,
    /// With a key of its client.
    Key(KeyAlgorithm),
}

impl RequestObjectAlgorithm {
    /// Every one of them; no signature comes last.
    pub fn all() -> impl Iterator<Item = Self> {
        KeyAlgorithm::ALL.into_iter().map(Self::Key).chain([Self::None])
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Key(algorithm) => algorithm.name(),
        }
    }

    /// Every name that one of them has: Ed25519 is what RFC 9864 §2.2 calls the EdDSA that we take; no signature comes last.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ForeignAlgorithm::names_of_keys().chain([Self::None.name()])
    }

    /// Reads its name, which is compared byte for byte.
    pub fn parse(name: &str) -> Option<Self> {
        match ForeignAlgorithm::parse(name) {
            Some(ForeignAlgorithm::Key(algorithm)) => Some(Self::Key(algorithm)),
            Some(ForeignAlgorithm::Secret(_)) => None,
            None => (name == "none").then_some(Self::None),
        }
    }
}

impl TryFrom<String> for RequestObjectAlgorithm {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or("no algorithm of request objects")
    }
}

impl From<RequestObjectAlgorithm> for &'static str {
    fn from(algorithm: RequestObjectAlgorithm) -> Self {
        algorithm.name()
    }
}

impl RequestObjectMetadata {
    /// The registered one of the URIs that `sent` is, up to its fragment: that tells one version of what is there from another
    /// (OpenID Connect Core §6.2), and is not part of where it is.
    pub fn registered(&self, sent: &str) -> Option<&str> {
        let place = without_fragment(sent);
        self.request_uris.iter().map(|uri| without_fragment(uri)).find(|uri| *uri == place)
    }
}

/// A URI without what comes after `#`.
pub fn without_fragment(uri: &str) -> &str {
    uri.split_once('#').map_or(uri, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_read_back() {
        for algorithm in RequestObjectAlgorithm::all() {
            assert_eq!(RequestObjectAlgorithm::parse(algorithm.name()), Some(algorithm));
            assert_eq!(serde_json::from_value::<RequestObjectAlgorithm>(json!(algorithm)).unwrap(), algorithm);
        }
        assert!(RequestObjectAlgorithm::names().all(|name| RequestObjectAlgorithm::parse(name).is_some()));
        let last: Vec<_> = RequestObjectAlgorithm::names().skip(KeyAlgorithm::ALL.len()).collect();
        assert_eq!(last, ["Ed25519", "none"]);
        for other in ["HS256", "None", "", "RSA-OAEP"] {
            assert_eq!(RequestObjectAlgorithm::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_uri_is_compared_byte_for_byte_but_for_its_fragment() {
        let uris = vec!["https://app.example/r#old".into(), "https://app.example/q?a=1".into()];
        let metadata = RequestObjectMetadata { request_uris: uris, ..RequestObjectMetadata::default() };
        for sent in ["https://app.example/r", "https://app.example/r#new", "https://app.example/r#"] {
            assert_eq!(metadata.registered(sent), Some("https://app.example/r"));
        }
        assert_eq!(metadata.registered("https://app.example/q?a=1#x"), Some("https://app.example/q?a=1"));
        for other in ["https://app.example/R", "https://app.example/r/", "https://app.example/q", "", "#old"] {
            assert_eq!(metadata.registered(other), None, "{other}");
        }
    }
}
