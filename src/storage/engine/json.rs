//! JSON in a column of text: it comes back byte for byte, which a column of JSON does not promise.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::storage::StoreError;

/// Reads a column; `what` names it in the error.
pub fn read<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(what))
}

/// The text for a column.
pub fn write(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt("a value has no JSON form"))
}
