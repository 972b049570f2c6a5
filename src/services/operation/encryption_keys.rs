//! The keys that others encrypt to: made, replaced, withdrawn and deleted.

use super::events::event;
use super::keys::reload;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageKeys};
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::domain::operation::encryption_key::{EncryptionKeyRecord, EncryptionStage, KNOWN_AHEAD, is_due};
use crate::domain::operation::signing_key::KeyRefusal;
use crate::foundation::clock::SKEW;
use crate::runtime::encryption_keys::{generate, insert, make, make_missing, of, outline_of, staged, stored};
use crate::services::ServiceError;
use crate::storage::operation::{audit_event, encryption_key};

/// A stored key, and what it is good for.
pub struct ListedEncryptionKey {
    /// The key.
    pub key: EncryptionKeyRecord,
    /// `next`, `active` or `retired`.
    pub state: &'static str,
}

/// Every key that is stored, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<ListedEncryptionKey>, ServiceError> {
    let listed =
        |(key, stage): (EncryptionKeyRecord, EncryptionStage)| ListedEncryptionKey { key, state: stage.as_str() };
    Ok(with_stages(app).await?.into_iter().map(listed).collect())
}

async fn with_stages(app: &App) -> Result<Vec<(EncryptionKeyRecord, EncryptionStage)>, ServiceError> {
    let all = stored(&app.store).await?;
    let outline: Vec<_> = all.iter().map(outline_of).collect();
    let stages = staged(&outline, app.key_context().earliest());
    Ok(all.into_iter().zip(stages).collect())
}

/// Makes another key of each algorithm whose newest one is as old as `keys.rotate_after`. Nobody has to hand over: a key is
/// published by itself once every instance knows it, and the one before it decrypts for another day.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn replace_old(app: &App, may: &Allowed<'_, ManageKeys>) -> Result<(), ServiceError> {
    if app.settings.encryption.is_empty() {
        return Ok(());
    }
    mend_times(app).await?;
    let (all, now) = (stored(&app.store).await?, app.clock.now());
    let newest = app.settings.encryption.iter().map(|algorithm| (algorithm, of(&all, algorithm).next_back()));
    let due = newest.filter(|(_, newest)| is_due(newest.map(|key| key.created_at), now, app.settings.rotate_after));
    let due = due.map(|(algorithm, newest)| (algorithm, newest.map(|key| key.id.clone()))).collect();
    Ok(make(&app.key_context(), may, due).await?)
}

/// Makes another key of each algorithm now, but of those whose newest one is as young as [`KNOWN_AHEAD`]: it has replaced
/// nothing yet.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn replace(app: &App, may: &Allowed<'_, ManageKeys>) -> Result<(), ServiceError> {
    make_missing(&app.key_context(), may).await?;
    let (all, now) = (stored(&app.store).await?, app.clock.now());
    let newest = app.settings.encryption.iter().filter_map(|algorithm| of(&all, algorithm).next_back());
    let settled = newest.filter(|key| now.since(key.created_at) >= KNOWN_AHEAD);
    let wanted = settled.map(|key| (key.algorithm, Some(key.id.clone()))).collect();
    Ok(make(&app.key_context(), may, wanted).await?)
}

/// Deletes a key that leaked. What was encrypted to it is opened no more, and copies of our keys that have it are of no use;
/// if it was the newest, another takes its place, which is published at once where there is no other.
///
/// # Errors
/// A refusal when there is no such key, or a failure when the database does not answer.
pub async fn revoke(app: &App, by: &Actor, kid: &str) -> Result<ListedEncryptionKey, ServiceError> {
    let may = by.may(ManageKeys)?;
    let unknown = || ServiceError::from(KeyRefusal::Unknown { kid: kid.to_owned() });
    let was = list(app).await?.into_iter().find(|listed| listed.key.id == kid).ok_or_else(unknown)?;
    let (context, algorithm) = (app.key_context(), was.key.algorithm);
    let new = match was.state {
        "retired" => None,
        _ if !app.settings.encryption.contains(algorithm) => None,
        _ => Some(generate(&context, algorithm).await?),
    };
    let gone = app
        .store
        .transaction("revoke_encryption_key", async |tx| {
            if !encryption_key::delete(tx, kid).await? {
                return Ok(false);
            }
            let revoked = event(app, &may, Action::KeyRevoked).about(Target::key(kid));
            let revoked = revoked.changed(Change::of("state", &Public(Some(was.state)), &Public(None)));
            audit_event::insert(tx, &revoked).await?;
            if let Some(new) = &new {
                insert(tx, &context, &may, new).await?;
            }
            Ok(true)
        })
        .await?;
    if !gone {
        return Err(unknown());
    }
    reload(app).await?;
    tracing::warn!(kid, algorithm = algorithm.name(), state = was.state, "encryption key revoked");
    Ok(was)
}

/// Keys that were made by a clock that stood ahead were made now, as far as anybody can tell: they would neither be published
/// nor grow old before that time comes round.
async fn mend_times(app: &App) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let mut ahead = stored(&app.store).await?;
    ahead.retain(|key| key.created_at > now.after(SKEW));
    if ahead.is_empty() {
        return Ok(());
    }
    app.store
        .transaction("mend_encryption_key_times", async |tx| {
            for key in &ahead {
                encryption_key::set_created(tx, &key.id, now).await?;
            }
            Ok(())
        })
        .await?;
    tracing::info!(keys = ahead.len(), "encryption keys from the future are dated now");
    Ok(())
}

/// Deletes keys that decrypt nothing any more: another took their place long ago, or their algorithm was taken out of the
/// configuration.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn tidy(app: &App, may: &Allowed<'_, ManageKeys>) -> Result<(), ServiceError> {
    let mut over = with_stages(app).await?;
    over.retain(|(key, stage)| *stage == EncryptionStage::Over || !app.settings.encryption.contains(key.algorithm));
    if over.is_empty() {
        return Ok(());
    }
    app.store
        .transaction("delete_encryption_keys", async |tx| {
            for (key, _) in &over {
                if encryption_key::delete(tx, &key.id).await? {
                    let deleted = event(app, may, Action::KeyDeleted).about(Target::key(&key.id));
                    audit_event::insert(tx, &deleted).await?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}
