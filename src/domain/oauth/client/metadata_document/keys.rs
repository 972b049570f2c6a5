//! The keys of a client, and what it signs with them, in a document.

use serde_json::Value;

use super::value::{DocumentError, not_among, optional_text};
use crate::crypto::foreign::ForeignAlgorithm;
use crate::domain::oauth::client::changes::Changes;
use crate::domain::oauth::client::keys::AssertionAudience;

/// Reads one of its members.
pub(super) fn read(changes: &mut Changes, name: &str, value: &Value) -> Result<(), DocumentError> {
    match name {
        "jwks" => {
            changes.jwks = Some(match value {
                Value::Null => None,
                Value::Object(_) => Some(value.clone().into()),
                _ => return Err(DocumentError::Value(name.to_owned(), "a JWK Set, which is an object".to_owned())),
            });
        }
        "jwks_uri" => changes.jwks_uri = Some(optional_text(name, value)?),
        "token_endpoint_auth_signing_alg" => {
            let known = |text: String| {
                let names: Vec<_> = ForeignAlgorithm::names().collect();
                ForeignAlgorithm::parse(&text).ok_or_else(|| not_among(name, &names))
            };
            changes.token_endpoint_auth_signing_alg = Some(optional_text(name, value)?.map(known).transpose()?);
        }
        _ => {
            let known = |text: String| {
                AssertionAudience::parse(&text)
                    .ok_or_else(|| not_among(name, &AssertionAudience::ALL.map(AssertionAudience::as_str)))
            };
            changes.client_assertion_audience =
                Some(optional_text(name, value)?.map(known).transpose()?.unwrap_or_default());
        }
    }
    Ok(())
}
