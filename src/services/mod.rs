//! One use case per file: what is allowed, in which transaction, and what is remembered of it. Only services touch the
//! database, so that nothing goes round their checks.

pub mod account;
pub mod oauth;
pub mod operation;
pub mod sign_in;

use std::fmt;
use std::time::Duration;

use crate::crypto::CryptoError;
use crate::domain::access::permission::Forbidden;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::ephemeral::EphemeralError;
use crate::runtime::key_ring::KeyError;
use crate::runtime::password_pool::PoolError;
use crate::storage::StoreError;

/// Why a use case did not succeed. A refusal is the caller's fault and says so; the other two are ours, and must never
/// look like a refusal: clients throw their refresh tokens away on `invalid_grant`.
#[derive(Debug)]
pub enum ServiceError {
    /// The caller's fault.
    Refused(Refusal),
    /// We cannot do it now; the same request may succeed later.
    Unavailable(Unavailable),
    /// A fault of ours that repeating does not mend. The text is for the log.
    Internal(String),
}

/// Something that we depend on does not answer in time.
#[derive(Debug)]
pub struct Unavailable {
    /// For the log.
    pub cause: String,
    /// When it is worth asking again.
    pub retry_after: Duration,
    /// Whether it may have been done all the same: the answer to a commit was lost.
    pub may_be_done: bool,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Unavailable(unavailable) => write!(f, "unavailable: {}", unavailable.cause),
            Self::Internal(cause) => write!(f, "internal error: {cause}"),
        }
    }
}

impl std::error::Error for ServiceError {}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Whoever may not do it is told so. None of our surfaces lets anybody come that far.
impl From<Forbidden> for ServiceError {
    fn from(forbidden: Forbidden) -> Self {
        let refusal = Refusal::new(ErrorCode::AccessDenied, "This is not allowed to whoever asks for it.");
        Self::Refused(refusal.with("who", forbidden.who).with("may not", forbidden.what))
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => unavailable(format!("database: {cause}"), 2),
            StoreError::Unusable(cause) => unavailable(cause, 2),
            // Soon: what was done can be asked for again only within ten seconds.
            StoreError::Unsettled(cause) => Self::Unavailable(Unavailable {
                cause: format!("database: {cause}"),
                retry_after: Duration::from_secs(1),
                may_be_done: true,
            }),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<EphemeralError> for ServiceError {
    fn from(error: EphemeralError) -> Self {
        unavailable(error.to_string(), 2)
    }
}

impl From<PoolError> for ServiceError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Overloaded => unavailable("every place in the password queue is taken".to_owned(), 1),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<KeyError> for ServiceError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Store(error) => error.into(),
            KeyError::Crypto(error) => error.into(),
            KeyError::Internal(cause) => Self::Internal(cause),
        }
    }
}

/// A failure of cryptography with our own keys is a fault of ours; what callers present is checked elsewhere.
impl From<CryptoError> for ServiceError {
    fn from(error: CryptoError) -> Self {
        Self::Internal(error.to_string())
    }
}

fn unavailable(cause: String, seconds: u64) -> ServiceError {
    ServiceError::Unavailable(Unavailable { cause, retry_after: Duration::from_secs(seconds), may_be_done: false })
}
