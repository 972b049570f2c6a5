//! Why the parts could not be put together.

use std::fmt;

use thiserror::Error;

use crate::crypto::CryptoError;
use crate::crypto::sealing::MasterKeyError;
use crate::domain::oauth::token::claim_catalogue::CatalogueError;
use crate::domain::oauth::token::resource::ResourceError;
use crate::ephemeral::EphemeralError;
use crate::runtime::key_context::KeyError;
use crate::storage::StoreError;

/// The versions of migrations that a newer program has applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewerTables(pub(super) Vec<String>);

/// In a sentence, without an end.
impl fmt::Display for NewerTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the database has been migrated by a newer version of Latchkey ({})", self.0.join(", "))
    }
}

/// Why the parts could not be put together. Each says what to do.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The master key is missing, short or a known default.
    #[error("{0}")]
    MasterKey(#[from] MasterKeyError),
    /// The signing keys were sealed under another master key.
    #[error(
        "secrets.master_key is not the one that this database's signing keys were sealed with: \
         use the key that the server was first started with"
    )]
    WrongMasterKey,
    /// The database cannot be used.
    #[error("{0}: is database.url right, and the database running?")]
    Store(StoreError),
    /// It is no database of ours, or another holds on to it. The text says what to do.
    #[error("{0}")]
    Unusable(String),
    /// The tables are not those that this version needs, and whoever asks does not change them.
    #[error("{0}")]
    Schema(#[from] SchemaRefused),
    /// The tables could not be brought up to date.
    #[error(
        "the database's tables could not be brought up to date ({cause}); if this role may not change tables, \
         run `latchkey migrate` once with one that may; missing: {}", missing.join(", ")
    )]
    Migration {
        /// The migrations that the database does not have.
        missing: Vec<String>,
        /// What the database said.
        cause: StoreError,
    },
    /// The counters cannot be used.
    #[error("redis.url: {0}")]
    Ephemeral(#[from] EphemeralError),
    /// A claim of the operator's own cannot be.
    #[error("{0}")]
    Claims(#[from] CatalogueError),
    /// An API of the operator's own cannot be.
    #[error("resources: {0}")]
    Resources(#[from] ResourceError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// Why a database with these tables is not used. Each says what to do.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SchemaRefused {
    /// Nothing of ours is there.
    #[error(
        "the database has no tables yet: run `latchkey migrate` with a role that may create them, or start the server \
         once without --no-migrate"
    )]
    New,
    /// An older version has made them.
    #[error(
        "the database's tables are older than this program: run `latchkey migrate` with a role that may change them, \
         or start the server of this version without --no-migrate; missing: {}", .0.join(", ")
    )]
    Old(Vec<String>),
}

impl From<StoreError> for BuildError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unusable(text) => Self::Unusable(text),
            other => Self::Store(other),
        }
    }
}

impl From<KeyError> for BuildError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<CryptoError> for BuildError {
    fn from(error: CryptoError) -> Self {
        Self::Other(error.to_string())
    }
}
