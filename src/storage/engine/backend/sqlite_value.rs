//! A value that SQLite returned.

use diesel::deserialize;

/// A value that is not NULL.
#[derive(Clone, Copy, Debug)]
pub enum SqliteValue<'a> {
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> SqliteValue<'a> {
    /// The value as a whole number.
    ///
    /// # Errors
    /// When it is something else.
    pub fn integer(self) -> deserialize::Result<i64> {
        match self {
            Self::Integer(number) => Ok(number),
            other => Err(other.instead_of("a whole number")),
        }
    }

    /// The value as a number.
    ///
    /// # Errors
    /// When it is something else.
    pub fn real(self) -> deserialize::Result<f64> {
        match self {
            Self::Real(number) => Ok(number),
            other => Err(other.instead_of("a number")),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(self) -> deserialize::Result<&'a str> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.instead_of("text")),
        }
    }

    /// The value as bytes.
    ///
    /// # Errors
    /// When it is something else.
    pub fn blob(self) -> deserialize::Result<&'a [u8]> {
        match self {
            Self::Blob(bytes) => Ok(bytes),
            other => Err(other.instead_of("bytes")),
        }
    }

    /// Says what it is, not its value: that may be a secret.
    fn instead_of(self, expected: &str) -> Box<dyn std::error::Error + Send + Sync> {
        let kind = match self {
            Self::Integer(_) => "a whole number",
            Self::Real(_) => "a number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        };
        format!("expected {expected}, found {kind}").into()
    }
}
