//! The life of a key that signs tokens.

use std::time::Duration;

use crate::crypto::jwk::PublicJwk;
use crate::crypto::jwt::Algorithm;
use crate::foundation::Timestamp;

/// A key that signs tokens, as stored: its private half is sealed.
#[derive(Clone, Debug)]
pub struct SigningKeyRecord {
    /// The `kid`.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it stands in its life.
    pub state: KeyState,
    /// PKCS #8, sealed under the master key.
    pub sealed_private_key: Vec<u8>,
    /// As published.
    pub public_jwk: PublicJwk,
    /// When it was made and published.
    pub created_at: Timestamp,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that everybody knows it before it signs.
    Next,
    /// Signs. There is one for each algorithm.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Published until the last token that it signed has expired.
    Retired {
        /// Since when.
        at: Timestamp,
    },
}

impl KeyState {
    /// The word that is stored and printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active { .. } => "active",
            Self::Retired { .. } => "retired",
        }
    }
}

impl SigningKeyRecord {
    /// Whether an active key has signed for `rotate_after` and hands over to the next one.
    pub fn is_due(&self, now: Timestamp, rotate_after: Duration) -> bool {
        matches!(self.state, KeyState::Active { since } if now.since(since) >= rotate_after)
    }

    /// Whether the key is published: retired keys are, for `keep`, the life of the longest-lived token and some skew.
    pub fn is_published(&self, now: Timestamp, keep: Duration) -> bool {
        match self.state {
            KeyState::Next | KeyState::Active { .. } => true,
            KeyState::Retired { at } => now.since(at) < keep,
        }
    }
}
