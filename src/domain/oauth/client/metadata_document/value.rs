//! The values of members, and why they cannot be read.

use serde_json::Value;
use thiserror::Error;

/// Why a document cannot be registered. Names the member.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DocumentError {
    /// Not an object, or one in which a name appears twice, so that its meaning is in doubt.
    #[error("client metadata is one JSON object in which no member appears twice")]
    NotAnObject,
    /// Of the wrong type or form, or a value that we do not know.
    #[error("{0} must be {1}")]
    Value(String, String),
    /// A standard member that we do not support: without it the client would get less than it counts on.
    #[error("{0} is not supported: {1}")]
    Unsupported(String, &'static str),
    /// A member of no standard.
    #[error(
        "{0:?} is no member of client metadata (RFC 7591, OpenID Connect Registration) nor one that clients show prints"
    )]
    Unknown(String),
    /// Two members that exclude each other.
    #[error("{0} and {1} contradict each other")]
    Contradiction(&'static str, &'static str),
}

/// A text.
pub(super) fn text(name: &str, value: &Value) -> Result<String, DocumentError> {
    optional_text(name, value)?.ok_or_else(|| DocumentError::Value(name.to_owned(), "a text".to_owned()))
}

/// A text, or none.
pub(super) fn optional_text(name: &str, value: &Value) -> Result<Option<String>, DocumentError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(DocumentError::Value(name.to_owned(), "a text".to_owned())),
    }
}

/// A list of texts; `null` is an empty one.
pub(super) fn texts(name: &str, value: &Value) -> Result<Vec<String>, DocumentError> {
    let text = |item: &Value| item.as_str().map(str::to_owned);
    let list = match value {
        Value::Null => Some(Vec::new()),
        Value::Array(items) => items.iter().map(text).collect(),
        _ => None,
    };
    list.ok_or_else(|| DocumentError::Value(name.to_owned(), "a list of texts".to_owned()))
}

/// True or false, or neither.
pub(super) fn optional_flag(name: &str, value: &Value) -> Result<Option<bool>, DocumentError> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        _ => Err(DocumentError::Value(name.to_owned(), "true or false".to_owned())),
    }
}

/// Refuses a value that is none of these.
pub(super) fn not_among(name: &str, known: &[&str]) -> DocumentError {
    DocumentError::Value(name.to_owned(), format!("one of {}", known.join(", ")))
}
