//! The keys that sign tokens, and those that others encrypt to: sealed at rest, served from memory.

use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::encryption_keys::{self, outline_of, staged, unsealed};
use super::key_context::{KeyContext, KeyError};
use crate::crypto::jwe::{DecryptionKey, EncryptionJwk, KeyManagement};
use crate::crypto::{Algorithm, CryptoError, PublicJwk, SigningKey, VerifyingKey};
use crate::domain::operation::encryption_key::{EncryptionKeyRecord, EncryptionStage};
use crate::domain::operation::signing_key::{KeyLife, KeyState, SigningKeyRecord, Stage, stage};
use crate::foundation::Timestamp;
use crate::storage::operation::signing_key;
use crate::storage::{Store, StoreError};

/// The keys in use, replaced as a whole.
pub struct KeyRing(ArcSwap<KeySet>);

/// Every published key at one moment.
pub struct KeySet {
    signers: Vec<SigningKey>,
    verifiers: Vec<VerifyingKey>,
    hint_verifiers: Vec<VerifyingKey>,
    /// Newest first.
    decrypters: Vec<DecryptionKey>,
    /// The JWKS document (RFC 7517 §5), ready to send.
    pub jwks: Bytes,
    /// Its entity tag, in quotes.
    pub jwks_etag: String,
    fingerprint: Fingerprint,
}

/// A key's id, its state, and when it was retired.
type Outline = (String, String, Option<Timestamp>);

/// What decides about the keys that there are.
pub struct Outlines {
    /// Those that sign.
    pub signing: Vec<Outline>,
    /// Those that others encrypt to; empty where there are to be none.
    pub encryption: Vec<encryption_keys::Outline>,
}

/// Identifies a set of keys: each key's id, state and stage.
#[derive(PartialEq, Eq)]
struct Fingerprint {
    signing: Vec<(String, String, Stage)>,
    encryption: Vec<(String, EncryptionStage)>,
}

/// How often one message is tried that names no key: with the newest ones.
const TRIED: usize = 3;

#[derive(Serialize)]
struct Jwks<'a> {
    keys: Vec<Published<'a>>,
}

/// Those that sign come first: there are readers that take the first key that they can use.
#[derive(Serialize)]
#[serde(untagged)]
enum Published<'a> {
    Signs(&'a PublicJwk),
    IsEncryptedTo(&'a EncryptionJwk),
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

    /// The keys by which a message may be opened that is encrypted with this algorithm: the one that it names, or a few that it
    /// may mean.
    pub fn decrypters(&self, algorithm: KeyManagement, kid: Option<&str>) -> impl Iterator<Item = &DecryptionKey> {
        let fits = move |key: &&DecryptionKey| key.algorithm() == algorithm && kid.is_none_or(|kid| kid == key.kid());
        self.decrypters.iter().filter(fits).take(TRIED)
    }

    /// Whether `outlines`, read from the database, have these same keys, each in the same stage.
    pub fn is_made_of(&self, outlines: Outlines, now: Timestamp, life: &KeyLife) -> bool {
        fingerprint(outlines, now, life) == self.fingerprint
    }

    /// Selects from `records` the keys to publish and the keys to sign with.
    ///
    /// # Errors
    /// When a key cannot be unsealed or read.
    pub fn new(
        records: &[SigningKeyRecord],
        encryption: &[EncryptionKeyRecord],
        context: &KeyContext<'_>,
    ) -> Result<Self, KeyError> {
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
                    published.push(Published::Signs(&record.public_jwk));
                }
                Stage::Hints => hint_verifiers.push(VerifyingKey::from_jwk(&record.public_jwk)?),
                Stage::Over => {}
            }
        }
        let staged = unsealed(encryption, context)?;
        let active = staged.iter().filter(|(_, stage)| *stage == EncryptionStage::Active);
        published.extend(active.map(|(key, _)| Published::IsEncryptedTo(key.jwk())));
        let jwks = serde_json::to_vec(&Jwks { keys: published });
        let jwks: Bytes = jwks.map_err(|error| KeyError::Internal(error.into()))?.into();
        let jwks_etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&jwks)));
        let outline =
            |record: &SigningKeyRecord| (record.id.clone(), record.state.as_str().to_owned(), record.retired());
        let outlines = Outlines {
            signing: records.iter().map(outline).collect(),
            encryption: encryption.iter().map(outline_of).collect(),
        };
        let fingerprint = fingerprint(outlines, now, &context.life);
        let decrypters = staged.into_iter().rev().map(|(key, _)| key).collect();
        Ok(Self { signers, verifiers, hint_verifiers, decrypters, jwks, jwks_etag, fingerprint })
    }
}

/// The id, state and stage of each key in `outlines`.
fn fingerprint(outlines: Outlines, now: Timestamp, life: &KeyLife) -> Fingerprint {
    let stages = staged(&outlines.encryption, now);
    let signing = outlines.signing.into_iter().map(|(id, state, retired)| (id, state, stage(retired, now, life)));
    let encryption = outlines.encryption.into_iter().map(|(id, ..)| id).zip(stages);
    Fingerprint { signing: signing.collect(), encryption: encryption.collect() }
}

/// Loads the keys that are there.
///
/// # Errors
/// When a key cannot be unsealed (a wrong master key), or the database does not answer.
pub async fn load(context: &KeyContext<'_>) -> Result<KeyRing, KeyError> {
    Ok(KeyRing(ArcSwap::from_pointee(read(context).await?)))
}

/// Reads every key into memory.
///
/// # Errors
/// As [`load`].
pub async fn read(context: &KeyContext<'_>) -> Result<KeySet, KeyError> {
    let encryption = match context.encryption.is_empty() {
        true => Vec::new(),
        false => encryption_keys::stored(context.store).await?,
    };
    KeySet::new(&stored(context.store).await?, &encryption, context)
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
