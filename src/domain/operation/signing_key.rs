//! The life of a key that signs tokens.

use std::time::Duration;

use thiserror::Error;

use crate::crypto::Algorithms;
use crate::crypto::jwk::PublicJwk;
use crate::crypto::jwt::Algorithm;
use crate::foundation::Timestamp;

/// How long others may keep our JWKS.
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(300);

/// A key that signs tokens, as stored: its private half is sealed.
#[derive(Clone, Debug)]
pub struct SigningKeyRecord {
    /// The `kid`.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it stands in its life.
    pub state: KeyState,
    /// PKCS #8, sealed under the master key; empty once the key only reads hints.
    pub sealed_private_key: Vec<u8>,
    /// As published.
    pub public_jwk: PublicJwk,
    /// When it was made and published.
    pub created_at: Timestamp,
}

/// Why something cannot be done with the keys.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyRefusal {
    /// No key has this id.
    #[error("there is no key with this id")]
    Unknown {
        /// What was looked for.
        kid: String,
    },
    /// The server is not configured to sign with it.
    #[error("there are no keys for {algorithm}, only for {}", available.names().join(", "))]
    Algorithm {
        /// What was asked for.
        algorithm: Algorithm,
        /// What there are keys for.
        available: Algorithms,
    },
    /// By a time that is in doubt keys would be unpublished before their tokens end, or stay for years.
    #[error("the clock is in doubt")]
    ClockInDoubt {
        /// What it says.
        now: Timestamp,
    },
    /// Others were faster, again and again.
    #[error("others keep rotating the keys")]
    Contended,
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
    /// Signs no more: published until the last token that it signed has expired, and then kept for hints ([`Stage`]).
    Retired {
        /// Since when.
        at: Timestamp,
    },
}

/// How long a retired key is good for what.
#[derive(Clone, Copy, Debug)]
pub struct KeyLife {
    /// Published: the life of the longest-lived token, and some skew.
    pub published: Duration,
    /// Reads hints: an application may show its first ID token for as long as the session or the grant lives that it
    /// came from (RP-Initiated Logout 1.0 §2, OpenID Connect Core §3.1.2.1).
    pub hints: Duration,
}

/// What a stored key is good for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In the JWKS: verifies every token.
    Published,
    /// Reads id_token_hints, and verifies nothing else. Its private half is dropped.
    Hints,
    /// Nothing: to be deleted.
    Over,
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

/// What a key that was retired then, or is not, is good for.
pub fn stage(retired: Option<Timestamp>, now: Timestamp, life: &KeyLife) -> Stage {
    match retired.map(|at| now.since(at)) {
        None => Stage::Published,
        Some(age) if age < life.published => Stage::Published,
        Some(age) if age < life.hints => Stage::Hints,
        Some(_) => Stage::Over,
    }
}

impl SigningKeyRecord {
    /// Whether an active key has signed for `rotate_after` and hands over to the next one.
    pub fn is_due(&self, now: Timestamp, rotate_after: Duration) -> bool {
        matches!(self.state, KeyState::Active { since } if now.since(since) >= rotate_after)
    }

    /// How long a key that is next has yet to be published before it may sign: everybody who keeps our JWKS has seen it
    /// once it has been there for `ahead`.
    pub fn unripe_for(&self, now: Timestamp, ahead: Duration) -> Duration {
        self.created_at.after(ahead).since(now)
    }

    /// What the key is good for.
    pub fn stage(&self, now: Timestamp, life: &KeyLife) -> Stage {
        stage(self.retired(), now, life)
    }

    /// When it was retired.
    pub const fn retired(&self) -> Option<Timestamp> {
        match self.state {
            KeyState::Next | KeyState::Active { .. } => None,
            KeyState::Retired { at } => Some(at),
        }
    }

    /// The same key with no time later than `now`, if it had one: it was made or rotated while the clock stood ahead, and
    /// would neither grow old nor ripe before that time comes round.
    pub fn not_after(&self, now: Timestamp) -> Option<Self> {
        let state = match self.state {
            KeyState::Next => KeyState::Next,
            KeyState::Active { since } => KeyState::Active { since: since.min(now) },
            KeyState::Retired { at } => KeyState::Retired { at: at.min(now) },
        };
        let created_at = self.created_at.min(now);
        let changed = state != self.state || created_at != self.created_at;
        changed.then(|| Self { state, created_at, ..self.clone() })
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

    const LIFE: KeyLife = KeyLife { published: Duration::from_secs(4_200), hints: MONTH };

    #[test]
    fn a_retired_key_is_published_until_its_last_token_has_expired_and_reads_hints_for_longer() {
        let retired = key(KeyState::Retired { at: SINCE });
        for (now, stage) in [
            (SINCE.before(MICROSECOND), Stage::Published),
            (SINCE.after(LIFE.published).before(MICROSECOND), Stage::Published),
            (SINCE.after(LIFE.published), Stage::Hints),
            (SINCE.after(LIFE.hints).before(MICROSECOND), Stage::Hints),
            (SINCE.after(LIFE.hints), Stage::Over),
        ] {
            assert_eq!(retired.stage(now, &LIFE), stage, "{now}");
        }
    }

    #[test]
    fn a_key_that_signs_or_will_sign_is_published_for_good() {
        for state in [KeyState::Next, KeyState::Active { since: SINCE }] {
            assert_eq!(key(state).stage(SINCE.after(MONTH * 1_000), &LIFE), Stage::Published, "{state:?}");
        }
    }

    #[test]
    fn a_key_is_unripe_until_it_has_been_published_for_so_long() {
        let ahead = Duration::from_secs(420);
        let next = key(KeyState::Next);
        assert_eq!(next.unripe_for(SINCE, ahead), ahead);
        assert_eq!(next.unripe_for(SINCE.after(ahead).before(MICROSECOND), ahead), MICROSECOND);
        assert_eq!(next.unripe_for(SINCE.after(ahead), ahead), Duration::ZERO);
    }

    #[test]
    fn a_time_that_lies_ahead_becomes_now_and_others_stay() {
        let now = SINCE.before(MONTH);
        for (state, mended) in [
            (KeyState::Next, KeyState::Next),
            (KeyState::Active { since: SINCE }, KeyState::Active { since: now }),
            (KeyState::Retired { at: SINCE }, KeyState::Retired { at: now }),
        ] {
            let key = key(state);
            let found = key.not_after(now).unwrap();
            assert_eq!((found.state, found.created_at), (mended, now));
            assert!(key.not_after(SINCE).is_none(), "{state:?}");
        }
    }

    #[test]
    fn each_state_has_its_own_word() {
        let states = [KeyState::Next, KeyState::Active { since: SINCE }, KeyState::Retired { at: SINCE }];
        assert_eq!(states.map(KeyState::as_str), ["next", "active", "retired"]);
    }
}
