//! What is encrypted to a client or by it, in a document.

use std::str::FromStr;

use serde_json::Value;

use super::value::{DocumentError, not_among, optional_text};
use crate::crypto::jwe::{ContentEncryption, KeyManagement};
use crate::domain::oauth::client::changes::Changes;

/// Reads one of its members.
pub(super) fn read(changes: &mut Changes, name: &str, value: &Value) -> Result<(), DocumentError> {
    let alg = || one_of(name, value, &KeyManagement::ALL.map(KeyManagement::name));
    let enc = || one_of(name, value, &ContentEncryption::ALL.map(ContentEncryption::name));
    match name {
        "id_token_encrypted_response_alg" => changes.id_token_encrypted_response_alg = Some(alg()?),
        "id_token_encrypted_response_enc" => changes.id_token_encrypted_response_enc = Some(enc()?),
        "userinfo_encrypted_response_alg" => changes.userinfo_encrypted_response_alg = Some(alg()?),
        "userinfo_encrypted_response_enc" => changes.userinfo_encrypted_response_enc = Some(enc()?),
        "introspection_encrypted_response_alg" => changes.introspection_encrypted_response_alg = Some(alg()?),
        "introspection_encrypted_response_enc" => changes.introspection_encrypted_response_enc = Some(enc()?),
        "authorization_encrypted_response_alg" => changes.authorization_encrypted_response_alg = Some(alg()?),
        "authorization_encrypted_response_enc" => changes.authorization_encrypted_response_enc = Some(enc()?),
        "request_object_encryption_alg" => changes.request_object_encryption_alg = Some(alg()?),
        _ => changes.request_object_encryption_enc = Some(enc()?),
    }
    Ok(())
}

fn one_of<T: FromStr>(name: &str, value: &Value, known: &[&str]) -> Result<Option<T>, DocumentError> {
    let read = |text: String| text.parse().map_err(|_| not_among(name, known));
    optional_text(name, value)?.map(read).transpose()
}
