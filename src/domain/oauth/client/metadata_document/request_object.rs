//! What a document says of request objects.

use serde_json::Value;

use super::value::{DocumentError, not_among, optional_flag, optional_text, texts};
use crate::domain::oauth::client::changes::Changes;
use crate::domain::oauth::client::request_object::RequestObjectAlgorithm;

/// Reads one of its members.
pub(super) fn read(changes: &mut Changes, name: &str, value: &Value) -> Result<(), DocumentError> {
    match name {
        "request_object_signing_alg" => {
            let known = |text: String| {
                let names: Vec<_> = RequestObjectAlgorithm::names().collect();
                RequestObjectAlgorithm::parse(&text).ok_or_else(|| not_among(name, &names))
            };
            changes.request_object_signing_alg = Some(optional_text(name, value)?.map(known).transpose()?);
        }
        "require_signed_request_object" => {
            changes.require_signed_request_object = Some(optional_flag(name, value)?.unwrap_or_default());
        }
        _ => changes.request_uris = Some(texts(name, value)?),
    }
    Ok(())
}
