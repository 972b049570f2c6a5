//! Why a password, or a hash of one, cannot be used.

use thiserror::Error;

/// The longest password, in bytes as typed. Longer ones gain nothing and cost memory.
pub const MAX_PASSWORD: usize = 1024;

/// Why a password could not be hashed or compared.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PasswordError {
    /// An empty password.
    #[error("the password is empty")]
    Empty,
    /// Longer than [`MAX_PASSWORD`].
    #[error("the password is longer than {MAX_PASSWORD} bytes")]
    TooLong,
    /// What is stored is not a hash that we compute. Not the user's fault.
    #[error("the stored password hash is malformed, or its parameters are above our limits")]
    Stored,
    /// The library failed.
    #[error("password hashing failed")]
    Failed,
}

/// Why a hash from another system cannot be taken. Each says what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HashRefused {
    /// No form that is known.
    #[error("it is no hash in a form that is known: argon2, bcrypt, PBKDF2 or scrypt, as docs/people.md shows them")]
    Unknown,
    /// It begins like one, and is none.
    #[error("it begins as {family}, but {part} is missing or malformed: was it cut off when it was copied?")]
    Malformed {
        /// What it begins as.
        family: &'static str,
        /// What is wrong.
        part: &'static str,
    },
    /// More than one row may cost.
    #[error(
        "{what} is {value}, and more than {most} is not computed here, so that no single account can occupy the \
         server: give this person a new password instead"
    )]
    TooCostly {
        /// Which parameter.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The most.
        most: u64,
    },
}

impl HashRefused {
    /// Refuses a `value` above `most`.
    pub(super) fn above(what: &'static str, value: u64, most: u64) -> Result<(), Self> {
        match value > most {
            true => Err(Self::TooCostly { what, value, most }),
            false => Ok(()),
        }
    }
}
