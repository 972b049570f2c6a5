//! What makes and reads the keys, before there is an [`App`](crate::app::App), and how that fails.

use thiserror::Error;

use super::clock_guard::ClockGuard;
use crate::crypto::jwe::KeyManagements;
use crate::crypto::{Algorithms, CryptoError, MasterKey};
use crate::domain::operation::signing_key::KeyLife;
use crate::foundation::{Clock, Random, Timestamp};
use crate::storage::{Store, StoreError};

/// What makes and reads keys, before there is an [`App`](crate::app::App).
pub struct KeyContext<'a> {
    /// The database in which keys are stored.
    pub store: &'a Store,
    /// The key that seals them.
    pub master: &'a MasterKey,
    /// The time.
    pub clock: &'a Clock,
    /// The time to believe.
    pub guard: &'a ClockGuard,
    /// For nonces.
    pub random: &'a Random,
    /// What there are to be keys for.
    pub algorithms: Algorithms,
    /// What others can encrypt with.
    pub encryption: KeyManagements,
    /// How long retired keys are published, and how long they verify hints.
    pub life: KeyLife,
}

impl KeyContext<'_> {
    /// The earliest time that it can be. If a wrong clock removed a key from the JWKS, the copies at clients would lack
    /// it for minutes after the correction.
    pub fn earliest(&self) -> Timestamp {
        self.guard.earliest(self.clock)
    }
}

/// Why keys cannot be loaded or made.
#[derive(Debug, Error)]
pub enum KeyError {
    /// They cannot be read or stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They cannot be unsealed (a wrong master key), or made.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A fault of ours.
    #[error(transparent)]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}
