//! The keys that others encrypt to: made where they are missing, and read into memory.

use super::key_context::{KeyContext, KeyError};
use crate::crypto::CryptoError;
use crate::crypto::jwe::{DecryptionKey, KeyManagement};
use crate::domain::access::permission::{Allowed, ManageKeys};
use crate::domain::operation::audit_event::{Action, NewEvent, Target};
use crate::domain::operation::encryption_key::{EncryptionKeyRecord, EncryptionStage, stages};
use crate::foundation::Timestamp;
use crate::storage::operation::{audit_event, encryption_key};
use crate::storage::{Conn, Store, StoreError};

/// A key's id, its algorithm, and when it was made.
pub type Outline = (String, KeyManagement, Timestamp);

/// A key that is wanted: its algorithm, and the id of the newest that there was when somebody found it wanting.
pub type Wanted = (KeyManagement, Option<String>);

/// Every key as it is stored, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn stored(store: &Store) -> Result<Vec<EncryptionKeyRecord>, StoreError> {
    store.read("load_encryption_keys", async |conn| encryption_key::all(conn).await).await
}

/// Those among `all`, oldest first, that are for this algorithm.
pub fn of(
    all: &[EncryptionKeyRecord],
    algorithm: KeyManagement,
) -> impl DoubleEndedIterator<Item = &EncryptionKeyRecord> {
    all.iter().filter(move |key| key.algorithm == algorithm)
}

/// The stage of each of these keys, which are listed oldest first.
pub fn staged(outline: &[Outline], now: Timestamp) -> Vec<EncryptionStage> {
    let stage = |(id, algorithm, _): &Outline| {
        let same = || outline.iter().filter(|(_, other, _)| other == algorithm);
        let made: Vec<_> = same().map(|(.., made)| *made).collect();
        let place = same().position(|(other, ..)| other == id).unwrap_or_default();
        stages(&made, now).get(place).copied().unwrap_or(EncryptionStage::Next)
    };
    outline.iter().map(stage).collect()
}

/// What decides about a key.
pub fn outline_of(key: &EncryptionKeyRecord) -> Outline {
    (key.id.clone(), key.algorithm, key.created_at)
}

/// Unseals those that are for configured algorithms, with the stage of each, oldest first.
///
/// # Errors
/// When a key cannot be unsealed or read.
pub(super) fn unsealed(
    records: &[EncryptionKeyRecord],
    context: &KeyContext<'_>,
) -> Result<Vec<(DecryptionKey, EncryptionStage)>, KeyError> {
    let outline: Vec<_> = records.iter().map(outline_of).collect();
    let stages = staged(&outline, context.earliest());
    let good = |(key, stage): &(&EncryptionKeyRecord, EncryptionStage)| {
        context.encryption.contains(key.algorithm) && *stage != EncryptionStage::Over
    };
    let read = |(key, stage): (&EncryptionKeyRecord, EncryptionStage)| {
        let der = context.master.open(&sealing_context(&key.id), &key.sealed_private_key)?;
        let read = DecryptionKey::from_der(key.algorithm, &der)?;
        match read.kid() == key.id {
            true => Ok((read, stage)),
            false => Err(CryptoError::Key("private key is not the one its kid names").into()),
        }
    };
    records.iter().zip(stages).filter(good).map(read).collect()
}

/// Makes a key of each configured algorithm that has none.
///
/// # Errors
/// When a key cannot be made, or the database does not answer.
pub async fn make_missing(context: &KeyContext<'_>, may: &Allowed<'_, ManageKeys>) -> Result<(), KeyError> {
    if context.encryption.is_empty() {
        return Ok(());
    }
    let all = stored(context.store).await?;
    let missing = context.encryption.iter().filter(|algorithm| of(&all, *algorithm).next().is_none());
    make(context, may, missing.map(|algorithm| (algorithm, None)).collect()).await
}

/// Makes keys, and stores each unless a newer one has come since: of several instances one is enough. Making RSA keys takes
/// long, so all are made before the transaction, as many at once as there are cores.
///
/// # Errors
/// When a key cannot be made, or the database does not answer.
pub async fn make(
    context: &KeyContext<'_>,
    may: &Allowed<'_, ManageKeys>,
    wanted: Vec<Wanted>,
) -> Result<(), KeyError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let begun: Vec<_> = wanted
        .into_iter()
        .map(|wanted| (tokio::task::spawn_blocking(move || DecryptionKey::generate(wanted.0)), wanted))
        .collect();
    let mut made = Vec::with_capacity(begun.len());
    for (making, (algorithm, newest)) in begun {
        let der = making.await.map_err(|error| KeyError::Internal(error.into()))??;
        made.push((sealed(context, algorithm, &der)?, newest));
    }
    let add = async |tx: &mut Conn| {
        let all = encryption_key::all(tx).await?;
        for (key, newest) in &made {
            if of(&all, key.algorithm).next_back().map(|key| &key.id) == newest.as_ref() {
                insert(tx, context, may, key).await?;
            }
        }
        Ok(())
    };
    match context.store.transaction("make_encryption_keys", add).await {
        // Another instance was faster.
        Err(StoreError::Conflict) => Ok(()),
        other => Ok(other?),
    }
}

/// Stores a key, with the event that tells of it.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(
    tx: &mut Conn,
    context: &KeyContext<'_>,
    may: &Allowed<'_, ManageKeys>,
    key: &EncryptionKeyRecord,
) -> Result<(), StoreError> {
    encryption_key::insert(tx, key).await?;
    let created = NewEvent::new(may, Action::KeyCreated, context.random, key.created_at).about(Target::key(&key.id));
    audit_event::insert(tx, &created).await
}

/// Makes one key, which is not stored yet.
///
/// # Errors
/// When OpenSSL fails.
pub async fn generate(context: &KeyContext<'_>, algorithm: KeyManagement) -> Result<EncryptionKeyRecord, KeyError> {
    let making = tokio::task::spawn_blocking(move || DecryptionKey::generate(algorithm));
    let der = making.await.map_err(|error| KeyError::Internal(error.into()))??;
    sealed(context, algorithm, &der)
}

fn sealed(context: &KeyContext<'_>, algorithm: KeyManagement, der: &[u8]) -> Result<EncryptionKeyRecord, KeyError> {
    let id = DecryptionKey::from_der(algorithm, der)?.kid().to_owned();
    let sealed_private_key = context.master.seal(&sealing_context(&id), der, context.random)?;
    // By the latest time that it can be: one that seems older than it is would be published before every instance knows it.
    Ok(EncryptionKeyRecord { id, algorithm, sealed_private_key, created_at: context.guard.latest(context.clock) })
}

/// What a private key is sealed for: it opens under no other id.
fn sealing_context(kid: &str) -> String {
    format!("encryption_key/{kid}")
}
