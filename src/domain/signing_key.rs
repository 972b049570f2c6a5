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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::GeneratedKey;

    const SINCE: Timestamp = Timestamp::from_secs(1_000);
    const MONTH: Duration = Duration::from_secs(30 * 86_400);
    const MICROSECOND: Duration = Duration::from_micros(1);

    fn key(state: KeyState) -> SigningKeyRecord {
        let generated = GeneratedKey::generate(Algorithm::Es256).unwrap();
        SigningKeyRecord {
            id: "k".into(),
            algorithm: Algorithm::Es256,
            state,
            sealed_private_key: Vec::new(),
            public_jwk: generated.jwk,
            created_at: SINCE,
        }
    }

    #[test]
    fn only_an_active_key_falls_due_and_to_the_microsecond() {
        let active = key(KeyState::Active { since: SINCE });
        assert!(!active.is_due(SINCE.after(MONTH).before(MICROSECOND), MONTH));
        assert!(active.is_due(SINCE.after(MONTH), MONTH));
        assert!(!active.is_due(SINCE.before(MONTH), MONTH), "a clock that was set back rotates nothing");
        for state in [KeyState::Next, KeyState::Retired { at: SINCE }] {
            assert!(!key(state).is_due(SINCE.after(MONTH), MONTH), "{state:?}");
        }
    }

    #[test]
    fn a_retired_key_is_published_until_its_last_token_has_expired() {
        let retired = key(KeyState::Retired { at: SINCE });
        assert!(retired.is_published(SINCE.before(MICROSECOND), MONTH));
        assert!(retired.is_published(SINCE.after(MONTH).before(MICROSECOND), MONTH));
        assert!(!retired.is_published(SINCE.after(MONTH), MONTH));
    }

    #[test]
    fn a_key_that_signs_or_will_sign_is_published_for_good() {
        for state in [KeyState::Next, KeyState::Active { since: SINCE }] {
            assert!(key(state).is_published(SINCE.after(MONTH * 1_000), MONTH), "{state:?}");
        }
    }

    #[test]
    fn each_state_has_its_own_word() {
        let states = [KeyState::Next, KeyState::Active { since: SINCE }, KeyState::Retired { at: SINCE }];
        assert_eq!(states.map(KeyState::as_str), ["next", "active", "retired"]);
    }
}
