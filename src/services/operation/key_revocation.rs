//! Withdrawing a key that leaked: it is gone at once, and with it all that it signed.

use super::key_rotation::promote_next;
use super::keys::{self, ListedKey, reload};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageKeys};
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::domain::operation::signing_key::{KeyRefusal, KeyState, SigningKeyRecord};
use crate::runtime::key_making::{generate, make_missing};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::StoreError;
use crate::storage::operation::{audit_event, signing_key};

/// How often it is tried again because the keys were rotated at the same moment.
const ATTEMPTS: usize = 5;

/// What came of a revocation.
pub struct Revoked {
    /// The key, as it was.
    pub was: ListedKey,
    /// The key that signs from now on, if the revoked one did.
    pub successor: Option<String>,
    /// The keys as they are now.
    pub keys: Vec<ListedKey>,
}

/// A key as it is stored.
///
/// # Errors
/// A refusal when there is none with this id.
pub async fn find(app: &App, kid: &str) -> Result<ListedKey, ServiceError> {
    let found = keys::list(app).await?.into_iter().find(|listed| listed.key.id == kid);
    found.ok_or_else(|| KeyRefusal::Unknown { kid: kid.to_owned() }.into())
}

/// Deletes a key: it is in no JWKS, and what it signed is accepted no more, neither as a token nor as a hint. If it
/// signed, the next key of its algorithm does so from now on, however short it has been published; if it was to sign next,
/// another is made. It cannot come back: a `kid` is the thumbprint of its key (RFC 7638), and the private half is gone.
///
/// A doubted clock does not hold this up: whether a key is deleted here depends on no time.
///
/// # Errors
/// A refusal when there is no such key, or a failure when the database does not answer.
pub async fn revoke(app: &App, by: &Actor, kid: &str) -> Result<Revoked, ServiceError> {
    let may = by.may(ManageKeys)?;
    for _ in 0..ATTEMPTS {
        let was = find(app, kid).await?;
        // What takes its place must be there, also where somebody deleted rows by hand.
        make_missing(&app.key_context(), &may).await?;
        let Withdrawn::Gone { successor } = withdraw(app, &may, &was.key).await? else { continue };
        reload(app).await?;
        let (algorithm, state) = (was.key.algorithm.name(), was.state);
        tracing::warn!(kid, algorithm, state, "signing key revoked: nothing that it signed is accepted any more");
        return Ok(Revoked { was, successor, keys: keys::list(app).await? });
    }
    Err(KeyRefusal::Contended.into())
}

enum Withdrawn {
    /// The key is deleted.
    Gone {
        /// Which key signs now, if this one did.
        successor: Option<String>,
    },
    /// Nothing was changed: the key is no longer as it was read.
    Changed,
}

/// Deletes the key and fills its place, in one transaction: an algorithm is never without a key that signs.
async fn withdraw(app: &App, may: &Allowed<'_, ManageKeys>, key: &SigningKeyRecord) -> Result<Withdrawn, ServiceError> {
    // Rather too late than too early: a key that seems older than it is would sign before everybody knows it, and times
    // that lie ahead are mended.
    let now = app.clock_guard.latest(&app.clock);
    let new = match key.state {
        KeyState::Next | KeyState::Active { .. } => {
            Some(generate(&app.key_context(), key.algorithm, KeyState::Next, now).await?)
        }
        KeyState::Retired { .. } => None,
    };
    let outcome = app
        .store
        .transaction("revoke_key", async |tx| {
            let records = signing_key::all(tx).await?;
            let as_it_was = records.iter().any(|other| other.id == key.id && other.state == key.state);
            if !as_it_was || !signing_key::delete(tx, &key.id).await? {
                return Ok(Withdrawn::Changed);
            }
            let state = Public(Some(key.state.as_str()));
            let revoked = event(app, may, Action::KeyRevoked).about(Target::key(&key.id));
            audit_event::insert(tx, &revoked.changed(Change::of("state", &state, &Public(None)))).await?;
            let successor = match (&new, key.state) {
                (Some(new), KeyState::Active { .. }) => Some(promote_next(app, tx, may, &records, new).await?),
                (Some(new), _) => {
                    signing_key::insert(tx, new).await?;
                    let created = event(app, may, Action::KeyCreated).about(Target::key(&new.id));
                    audit_event::insert(tx, &created).await?;
                    None
                }
                (None, _) => None,
            };
            Ok(Withdrawn::Gone { successor })
        })
        .await;
    match outcome {
        // Somebody rotated at the same moment.
        Err(StoreError::Conflict) => Ok(Withdrawn::Changed),
        other => Ok(other?),
    }
}
