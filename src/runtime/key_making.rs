//! Making keys: at a first start, where one is missing, and before a rotation.

use tokio::task::JoinHandle;

use super::encryption_keys;
use super::key_context::{KeyContext, KeyError};
use super::key_ring::{KeyRing, load, sealing_context, stored};
use crate::crypto::{Algorithm, CryptoError, GeneratedKey};
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageKeys};
use crate::domain::operation::audit_event::{Action, NewEvent, Target};
use crate::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use crate::foundation::Timestamp;
use crate::storage::StoreError;
use crate::storage::operation::{audit_event, signing_key};

/// Loads the keys, and makes those that are missing: for each algorithm one that is active and one that is next.
///
/// # Errors
/// As [`load`].
pub async fn open(context: &KeyContext<'_>) -> Result<KeyRing, KeyError> {
    let start = Actor::system("start");
    let may = start.may(ManageKeys).map_err(|forbidden| KeyError::Internal(forbidden.into()))?;
    make_missing(context, &may).await?;
    encryption_keys::make_missing(context, &may).await?;
    load(context).await
}

/// Makes keys where an algorithm lacks them.
///
/// # Errors
/// When a key cannot be made, or the database does not answer.
pub async fn make_missing(context: &KeyContext<'_>, may: &Allowed<'_, ManageKeys>) -> Result<(), KeyError> {
    let now = context.clock.now();
    let missing = missing(&stored(context.store).await?, context, now);
    match missing.is_empty() {
        true => Ok(()),
        false => create(context, may, missing, now).await,
    }
}

/// Each place of a key that is empty.
fn missing(records: &[SigningKeyRecord], context: &KeyContext<'_>, now: Timestamp) -> Vec<(Algorithm, KeyState)> {
    let places = [KeyState::Active { since: now }, KeyState::Next];
    let all = context.algorithms.iter().flat_map(|algorithm| places.map(|state| (algorithm, state)));
    all.filter(|(algorithm, state)| !has(records, *algorithm, *state)).collect()
}

fn has(records: &[SigningKeyRecord], algorithm: Algorithm, state: KeyState) -> bool {
    records.iter().any(|key| key.algorithm == algorithm && key.state.as_str() == state.as_str())
}

/// Making RSA keys takes long, so they are made before the transaction, as many at once as there are cores. Of several
/// instances that start at once, the first stores its keys and the others throw theirs away.
async fn create(
    context: &KeyContext<'_>,
    may: &Allowed<'_, ManageKeys>,
    missing: Vec<(Algorithm, KeyState)>,
    now: Timestamp,
) -> Result<(), KeyError> {
    // All are begun before the first is waited for.
    let begun: Vec<_> = missing.into_iter().map(|(algorithm, state)| (begin(algorithm), algorithm, state)).collect();
    let mut made = Vec::with_capacity(begun.len());
    for (making, algorithm, state) in begun {
        made.push(finish(context, making, algorithm, state, now).await?);
    }
    let stored = context
        .store
        .transaction("make_keys", async |tx| {
            let existing = signing_key::all(tx).await?;
            for key in made.iter().filter(|key| !has(&existing, key.algorithm, key.state)) {
                signing_key::insert(tx, key).await?;
                let created = NewEvent::new(may, Action::KeyCreated, context.random, now).about(Target::key(&key.id));
                audit_event::insert(tx, &created).await?;
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

/// Makes a key, which is not stored yet.
///
/// # Errors
/// When OpenSSL fails.
pub async fn generate(
    context: &KeyContext<'_>,
    algorithm: Algorithm,
    state: KeyState,
    now: Timestamp,
) -> Result<SigningKeyRecord, KeyError> {
    finish(context, begin(algorithm), algorithm, state, now).await
}

type Making = JoinHandle<Result<GeneratedKey, CryptoError>>;

fn begin(algorithm: Algorithm) -> Making {
    tokio::task::spawn_blocking(move || GeneratedKey::generate(algorithm))
}

async fn finish(
    context: &KeyContext<'_>,
    making: Making,
    algorithm: Algorithm,
    state: KeyState,
    now: Timestamp,
) -> Result<SigningKeyRecord, KeyError> {
    let made = making.await.map_err(|error| KeyError::Internal(error.into()))??;
    let id = made.jwk.kid().to_owned();
    let sealed_private_key = context.master.seal(&sealing_context(&id), &made.private_der, context.random)?;
    Ok(SigningKeyRecord { id, algorithm, state, sealed_private_key, public_jwk: made.jwk, created_at: now })
}
