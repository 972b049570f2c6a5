//! The keys that sign tokens: sealed at rest, served from memory.

use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::clock_guard::ClockGuard;
use crate::crypto::{Algorithm, Algorithms, CryptoError, MasterKey, PublicJwk, SigningKey, VerifyingKey};
use crate::domain::operation::signing_key::{KeyLife, KeyState, SigningKeyRecord, Stage, stage};
use crate::foundation::{Clock, Random, Timestamp};
use crate::storage::operation::signing_key;
use crate::storage::{Store, StoreError};

/// The keys in use, replaced as a whole.
pub struct KeyRing(ArcSwap<KeySet>);

/// Every published key at one moment.
pub struct KeySet {
    signers: Vec<SigningKey>,
    verifiers: Vec<VerifyingKey>,
    hint_verifiers: Vec<VerifyingKey>,
    /// The JWKS document (RFC 7517 §5), ready to send.
    pub jwks: Bytes,
    /// Its entity tag, in quotes.
    pub jwks_etag: String,
    fingerprint: Fingerprint,
}

/// A key's id, its state, and when it was retired.
type Outline = (String, String, Option<Timestamp>);

/// Identifies a set of keys: each key's id, state and stage.
type Fingerprint = Vec<(String, String, Stage)>;

#[derive(Serialize)]
struct Jwks<'a> {
    keys: Vec<&'a PublicJwk>,
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

impl KeyRing {
    /// The current keys.
    pub fn current(&self) -> arc_swap::Guard<Arc<KeySet>> {
        self.0.load()
    }

    /// Replaces the current keys by `set`.
    pub fn replace(&self, set: KeySet) {
        self.0.store(Arc::new(set));
    }
}

impl KeySet {
    /// The active key of an algorithm.
    ///
    /// # Errors
    /// When there is none; [`open`](super::key_making::open) makes sure that a server has one for what it is configured with.
    pub fn signer(&self, algorithm: Algorithm) -> Result<&SigningKey, CryptoError> {
        self.signers.iter().find(|key| key.algorithm() == algorithm).ok_or(CryptoError::Internal("no active key"))
    }

    /// Every key that may have signed a token which has not expired.
    pub fn verifiers(&self) -> &[VerifyingKey] {
        &self.verifiers
    }

    /// Keys that have signed older ID tokens, used for hints only.
    pub fn hint_verifiers(&self) -> &[VerifyingKey] {
        &self.hint_verifiers
    }

    /// Whether the key is still published.
    pub fn publishes(&self, kid: &str) -> bool {
        self.verifiers.iter().any(|key| key.kid() == kid)
    }

    /// Whether `outline`, read from the database, has these same keys, each in the same stage.
    pub fn is_made_of(&self, outline: impl IntoIterator<Item = Outline>, now: Timestamp, life: &KeyLife) -> bool {
        fingerprint(outline, now, life) == self.fingerprint
    }

    /// Selects from `records` the keys to publish and the keys to sign with.
    ///
    /// # Errors
    /// When a key cannot be unsealed or read.
    pub fn new(records: &[SigningKeyRecord], context: &KeyContext<'_>) -> Result<Self, KeyError> {
        let now = context.earliest();
        let (mut signers, mut verifiers, mut hint_verifiers) = (Vec::new(), Vec::new(), Vec::new());
        let mut published = Vec::new();
        for record in records {
            if matches!(record.state, KeyState::Active { .. }) {
                let der = context.master.open(&sealing_context(&record.id), &record.sealed_private_key)?;
                signers.push(SigningKey::from_der(record.algorithm, &record.id, &der)?);
            }
            match record.stage(now, &context.life) {
                Stage::Published => {
                    verifiers.push(VerifyingKey::from_jwk(&record.public_jwk)?);
                    published.push(&record.public_jwk);
                }
                Stage::Hints => hint_verifiers.push(VerifyingKey::from_jwk(&record.public_jwk)?),
                Stage::Over => {}
            }
        }
        let jwks = serde_json::to_vec(&Jwks { keys: published });
        let jwks: Bytes = jwks.map_err(|error| KeyError::Internal(error.into()))?.into();
        let jwks_etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&jwks)));
        let outline =
            records.iter().map(|record| (record.id.clone(), record.state.as_str().to_owned(), record.retired()));
        let fingerprint = fingerprint(outline, now, &context.life);
        Ok(Self { signers, verifiers, hint_verifiers, jwks, jwks_etag, fingerprint })
    }
}

/// The id, state and stage of each key in `outline`.
fn fingerprint(outline: impl IntoIterator<Item = Outline>, now: Timestamp, life: &KeyLife) -> Fingerprint {
    outline.into_iter().map(|(id, state, retired)| (id, state, stage(retired, now, life))).collect()
}

/// What makes and reads keys, before there is an [`App`].
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

/// Loads the keys that are there.
///
/// # Errors
/// When a key cannot be unsealed (a wrong master key), or the database does not answer.
pub async fn load(context: &KeyContext<'_>) -> Result<KeyRing, KeyError> {
    Ok(KeyRing(ArcSwap::from_pointee(KeySet::new(&stored(context.store).await?, context)?)))
}

/// Every key as it is stored, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn stored(store: &Store) -> Result<Vec<SigningKeyRecord>, StoreError> {
    store.read("load_keys", async |conn| signing_key::all(conn).await).await
}

/// What a private key is sealed for: it opens under no other id.
pub(super) fn sealing_context(kid: &str) -> String {
    format!("signing_key/{kid}")
}
