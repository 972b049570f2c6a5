//! Why nothing could be counted.

use thiserror::Error;

use crate::storage::StoreError;

/// Why nothing could be counted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EphemeralError {
    /// Neither Redis, if there is one, nor the database could count.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The URL of Redis is not one that we can use.
    #[error("redis.url must be like redis://user:password@host:6379/0, or rediss:// for TLS")]
    Url,
    /// The authorities that vouch for Redis cannot be read.
    #[error("redis.extra_ca_file: {0}")]
    Authorities(String),
}
