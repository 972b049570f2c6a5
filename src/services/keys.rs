//! The keys that sign tokens: made at first start, sealed at rest, rotated by age or on demand, served from memory.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ServiceError;
use crate::app::App;
use crate::crypto::{Algorithm, CryptoError, GeneratedKey, MasterKey, PublicJwk, SigningKey, VerifyingKey};
use crate::domain::signing_key::{KeyState, SigningKeyRecord};
use crate::foundation::{Clock, Random, Timestamp};
use crate::storage::{Conn, Store, StoreError, signing_key};

/// How long others may keep our JWKS. Rotation by age publishes a key for much longer before it signs; two rotations on
/// demand within this time sign with one that a kept copy lacks, and whoever keeps it has to fetch it again.
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(300);

/// The keys in use, replaced as a whole.
pub struct KeyRing(ArcSwap<KeySet>);

/// Every published key at one moment.
pub struct KeySet {
    signers: Vec<SigningKey>,
    verifiers: Vec<VerifyingKey>,
    /// The JWKS document (RFC 7517 §5), ready to send.
    pub jwks: Bytes,
    /// Its entity tag, in quotes.
    pub jwks_etag: String,
    fingerprint: Vec<(String, &'static str)>,
}

#[derive(Serialize)]
struct Jwks<'a> {
    keys: Vec<&'a PublicJwk>,
}

impl KeyRing {
    /// The keys of now.
    pub fn current(&self) -> arc_swap::Guard<Arc<KeySet>> {
        self.0.load()
    }
}

impl KeySet {
    /// The active key of an algorithm.
    ///
    /// # Errors
    /// When there is none, which [`open`] rules out for whatever serves.
    pub fn signer(&self, algorithm: Algorithm) -> Result<&SigningKey, CryptoError> {
        self.signers.iter().find(|key| key.algorithm() == algorithm).ok_or(CryptoError::Internal("no active key"))
    }

    /// Everything that we may have signed with.
    pub fn verifiers(&self) -> &[VerifyingKey] {
        &self.verifiers
    }

    /// Whether the key is still published.
    pub fn publishes(&self, kid: &str) -> bool {
        self.verifiers.iter().any(|key| key.kid() == kid)
    }

    fn new(records: &[SigningKeyRecord], master: &MasterKey) -> Result<Self, ServiceError> {
        let mut set = Self {
            signers: Vec::new(),
            verifiers: Vec::new(),
            jwks: Bytes::new(),
            jwks_etag: String::new(),
            fingerprint: Vec::new(),
        };
        for record in records {
            if matches!(record.state, KeyState::Active { .. }) {
                let der = master.open(&context(&record.id), &record.sealed_private_key)?;
                set.signers.push(SigningKey::from_der(record.algorithm, &record.id, &der)?);
            }
            set.verifiers.push(VerifyingKey::from_jwk(&record.public_jwk)?);
            set.fingerprint.push((record.id.clone(), record.state.as_str()));
        }
        let keys = records.iter().map(|record| &record.public_jwk).collect();
        set.jwks =
            serde_json::to_vec(&Jwks { keys }).map_err(|error| ServiceError::Internal(error.to_string()))?.into();
        set.jwks_etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&set.jwks)));
        Ok(set)
    }
}

/// What makes and reads keys, before there is an [`App`].
pub struct KeyRoom<'a> {
    /// Where they are stored.
    pub store: &'a Store,
    /// What they are sealed under.
    pub master: &'a MasterKey,
    /// The time.
    pub clock: &'a Clock,
    /// For nonces.
    pub random: &'a Random,
    /// How long a retired key stays published: the longest life of a token and some skew.
    pub keep: Duration,
}

/// Loads the keys, and makes those that are missing: for each algorithm one that is active and one that is next.
///
/// # Errors
/// As [`load`].
pub async fn open(room: &KeyRoom<'_>) -> Result<KeyRing, ServiceError> {
    make_missing(room).await?;
    load(room).await
}

/// Loads the keys that are there.
///
/// # Errors
/// When a key cannot be unsealed (a wrong master key), or the database does not answer.
pub async fn load(room: &KeyRoom<'_>) -> Result<KeyRing, ServiceError> {
    let records = published(room).await?;
    Ok(KeyRing(ArcSwap::from_pointee(KeySet::new(&records, room.master)?)))
}

async fn make_missing(room: &KeyRoom<'_>) -> Result<(), ServiceError> {
    match missing(&published(room).await?) {
        true => create_missing(room).await,
        false => Ok(()),
    }
}

/// Reads the keys again: another instance, or the command line, may have rotated them. Says whether they changed.
///
/// # Errors
/// As [`open`]; the keys that are in use stay in use.
pub async fn reload(app: &App) -> Result<bool, ServiceError> {
    let records = published(&app.key_room()).await?;
    let fingerprint: Vec<_> = records.iter().map(|record| (record.id.clone(), record.state.as_str())).collect();
    if fingerprint == app.keys.current().fingerprint {
        return Ok(false);
    }
    let set = KeySet::new(&records, &app.master)?;
    app.keys.0.store(Arc::new(set));
    tracing::info!(keys = records.len(), "signing keys changed");
    Ok(true)
}

/// Rotates every algorithm whose active key has signed for longer than configured, and drops keys whose last token
/// has expired.
///
/// # Errors
/// When the database does not answer.
pub async fn rotate_due(app: &App) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let records = list(app).await?;
    for due in records.iter().filter(|key| key.is_due(now, app.settings.rotate_after)) {
        if rotate_one(&app.key_room(), due.algorithm, Some(&due.id)).await? {
            tracing::info!(algorithm = due.algorithm.name(), kid = due.id, "signing key rotated by age");
        }
    }
    let keep = app.key_room().keep;
    let gone: Vec<_> = records.into_iter().filter(|key| !key.is_published(now, keep)).map(|key| key.id).collect();
    if !gone.is_empty() {
        app.store
            .transaction(async |tx| {
                for id in &gone {
                    signing_key::delete(tx, id).await?;
                }
                Ok(())
            })
            .await?;
    }
    reload(app).await.map(drop)
}

/// Rotates every algorithm now: next becomes active, active becomes retired, and a new next is published.
///
/// # Errors
/// When the database does not answer.
pub async fn rotate(app: &App) -> Result<Vec<SigningKeyRecord>, ServiceError> {
    // The command line may come before the first server: what hands over must be there.
    make_missing(&app.key_room()).await?;
    for algorithm in Algorithm::ALL {
        rotate_one(&app.key_room(), algorithm, None).await?;
    }
    reload(app).await?;
    tracing::info!("signing keys rotated on demand");
    list(app).await
}

/// Every key that is stored, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<SigningKeyRecord>, ServiceError> {
    Ok(app.store.read(async |conn| signing_key::all(conn).await).await?)
}

async fn published(room: &KeyRoom<'_>) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let now = room.clock.now();
    let records = room.store.read(async |conn| signing_key::all(conn).await).await?;
    Ok(records.into_iter().filter(|key| key.is_published(now, room.keep)).collect())
}

fn has(records: &[SigningKeyRecord], algorithm: Algorithm, state: &str) -> bool {
    records.iter().any(|key| key.algorithm == algorithm && key.state.as_str() == state)
}

fn missing(records: &[SigningKeyRecord]) -> bool {
    Algorithm::ALL.into_iter().any(|algorithm| !has(records, algorithm, "active") || !has(records, algorithm, "next"))
}

/// Making RSA keys takes long, so they are made before the transaction; of several instances that start at once, one
/// finds its keys to be the ones that were missing, and the others throw theirs away.
async fn create_missing(room: &KeyRoom<'_>) -> Result<(), ServiceError> {
    let now = room.clock.now();
    let mut made = Vec::new();
    for algorithm in Algorithm::ALL {
        made.push(generate(room, algorithm, KeyState::Active { since: now }, now).await?);
        made.push(generate(room, algorithm, KeyState::Next, now).await?);
    }
    let stored = room
        .store
        .transaction(async |tx| {
            let existing = signing_key::all(tx).await?;
            for key in made.iter().filter(|key| !has(&existing, key.algorithm, key.state.as_str())) {
                signing_key::insert(tx, key).await?;
            }
            Ok(())
        })
        .await;
    match stored {
        // Another instance was faster: its keys are there now.
        Err(StoreError::Conflict) => Ok(()),
        other => Ok(other?),
    }
}

/// Rotates one algorithm; with `only`, only if that key is still the active one, so that of several instances that see
/// it grow old at once one rotates. Tells whether this was the one.
async fn rotate_one(room: &KeyRoom<'_>, algorithm: Algorithm, only: Option<&str>) -> Result<bool, ServiceError> {
    let now = room.clock.now();
    let next = generate(room, algorithm, KeyState::Next, now).await?;
    let outcome = room.store.transaction(async |tx| hand_over(tx, &next, only, now).await).await;
    match outcome {
        // Another instance rotated at the same moment: once is enough.
        Err(StoreError::Conflict) => Ok(false),
        other => Ok(other?),
    }
}

async fn hand_over(
    tx: &mut Conn,
    new: &SigningKeyRecord,
    only: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let keys: Vec<_> = signing_key::all(tx).await?.into_iter().filter(|key| key.algorithm == new.algorithm).collect();
    let active = |key: &&SigningKeyRecord| matches!(key.state, KeyState::Active { .. });
    if only.is_some() && keys.iter().find(active).map(|key| key.id.as_str()) != only {
        return Ok(false);
    }
    for key in keys.iter().filter(active) {
        signing_key::set_state(tx, &key.id, &KeyState::Retired { at: now }).await?;
    }
    for key in keys.iter().filter(|key| key.state == KeyState::Next) {
        signing_key::set_state(tx, &key.id, &KeyState::Active { since: now }).await?;
    }
    signing_key::insert(tx, new).await?;
    Ok(true)
}

async fn generate(
    room: &KeyRoom<'_>,
    algorithm: Algorithm,
    state: KeyState,
    now: Timestamp,
) -> Result<SigningKeyRecord, ServiceError> {
    let made = tokio::task::spawn_blocking(move || GeneratedKey::generate(algorithm))
        .await
        .map_err(|error| ServiceError::Internal(error.to_string()))??;
    let id = made.jwk.kid().to_owned();
    let sealed_private_key = room.master.seal(&context(&id), &made.private_der, room.random)?;
    Ok(SigningKeyRecord { id, algorithm, state, sealed_private_key, public_jwk: made.jwk, created_at: now })
}

fn context(kid: &str) -> String {
    format!("signing_key/{kid}")
}
