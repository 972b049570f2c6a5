//! The keys of a client: by which it proves who it is and signs what it asks for, and to which answers are encrypted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::crypto::foreign::{ForeignAlgorithm, ForeignJwkSet};

/// Where a client's public keys are (RFC 7591 §2): here, or at a URL of its own, or nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeysMetadata {
    /// The keys themselves.
    pub jwks: Option<RegisteredJwks>,
    /// Where they are fetched from.
    pub jwks_uri: Option<String>,
    /// What it signs assertions with by which it authenticates; `None`: any of the algorithms of its method.
    pub token_endpoint_auth_signing_alg: Option<ForeignAlgorithm>,
    /// For whom assertions must be.
    pub client_assertion_audience: AssertionAudience,
}

/// A JWK Set as it was registered, and those of its keys that we use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub struct RegisteredJwks {
    document: Value,
    keys: Arc<ForeignJwkSet>,
}

/// For whom an assertion must be that authenticates a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// Our issuer, our token endpoint, or the endpoint that it is sent to (OpenID Connect Core §9, RFC 7523 §3, RFC 9126 §2).
    #[default]
    Endpoint,
    /// Our issuer alone, as one text: what is signed for somebody else whose token endpoint the client was misled about can then
    /// not be used here (draft-ietf-oauth-rfc7523bis §4).
    Issuer,
}

impl RegisteredJwks {
    /// The set, as it was registered.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Those of its keys that we use.
    pub fn keys(&self) -> Arc<ForeignJwkSet> {
        Arc::clone(&self.keys)
    }
}

/// Lenient, because it is read from the database too: what [`super::key_registration::check`] refuses has no key here.
impl From<Value> for RegisteredJwks {
    fn from(document: Value) -> Self {
        Self { keys: Arc::new(ForeignJwkSet::read(&document)), document }
    }
}

impl From<RegisteredJwks> for Value {
    fn from(jwks: RegisteredJwks) -> Self {
        jwks.document
    }
}

impl AssertionAudience {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Endpoint, Self::Issuer];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Issuer => "issuer",
        }
    }

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|whom| whom.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::foreign::KeyAlgorithm;

    #[test]
    fn what_is_stored_reads_back() {
        // RFC 7515 §A.3.1.
        let document = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]});
        let mut keys = KeysMetadata { jwks: Some(document.clone().into()), ..KeysMetadata::default() };
        keys.token_endpoint_auth_signing_alg = Some(ForeignAlgorithm::Key(KeyAlgorithm::Ps256));
        keys.client_assertion_audience = AssertionAudience::Issuer;
        let json = serde_json::to_value(&keys).unwrap();
        assert_eq!(json["jwks"], document);
        assert_eq!(serde_json::from_value::<KeysMetadata>(json).unwrap(), keys);
        assert_eq!(serde_json::from_value::<KeysMetadata>(json!({})).unwrap(), KeysMetadata::default());
        for whom in AssertionAudience::ALL {
            assert_eq!(AssertionAudience::parse(whom.as_str()), Some(whom));
            assert_eq!(serde_json::to_value(whom).unwrap(), whom.as_str());
        }
    }
}
