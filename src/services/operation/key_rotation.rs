//! Rotating the keys that sign tokens: a key signs only when everybody can know it.

use std::time::Duration;

use super::keys::{self, ListedKey, reload};
use super::{encryption_keys, key_retirement};
use crate::app::App;
use crate::crypto::Algorithm;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageKeys};
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::domain::operation::signing_key::{JWKS_MAX_AGE, KeyRefusal, KeyState, SigningKeyRecord, Stage};
use crate::foundation::{Timestamp, clock::SKEW};
use crate::runtime::key_making::{generate, make_missing};
use crate::runtime::key_ring::stored;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::{audit_event, signing_key};
use crate::storage::{Conn, StoreError};

/// How long a key is published before it may sign: every instance reads the keys again within seconds, and whoever asked
/// one of them just before keeps its answer for [`JWKS_MAX_AGE`]. Two minutes are for clocks that differ and for an
/// instance that could not read for a moment.
pub const PUBLISHED_AHEAD: Duration = JWKS_MAX_AGE.saturating_add(Duration::from_secs(120));

/// What came of a rotation on demand.
pub enum Rotation {
    /// The keys as they are now.
    Done(Vec<ListedKey>),
    /// Nothing was changed: the next key of an algorithm has yet to be published for so long.
    Unripe(Duration),
}

/// Why a rotation did not happen.
enum HandOver {
    Done,
    /// Another instance has rotated already.
    NotNeeded,
    Unripe(Duration),
}

/// Rotates every algorithm whose active key has signed for longer than configured and whose next key everybody can know,
/// and forgets what keys are no longer needed for.
///
/// # Errors
/// When the database does not answer.
pub async fn rotate_due(app: &App, by: &Actor) -> Result<(), ServiceError> {
    let may = by.may(ManageKeys)?;
    // By a clock that was set no key is old.
    if !app.clock_guard.is_in_doubt() {
        mend_times(app).await?;
        let now = app.clock.now();
        let records = stored(&app.store).await?;
        let kept = records.iter().filter(|key| app.settings.algorithms.contains(key.algorithm));
        for due in kept.filter(|key| key.is_due(now, app.settings.rotate_after)) {
            if unripe_for(&records, &[due.algorithm], now).is_zero()
                && let HandOver::Done = hand_over(app, &may, &[due.algorithm], Some(&due.id), false).await?
            {
                tracing::info!(algorithm = due.algorithm.name(), kid = due.id, "signing key rotated by age");
            }
        }
        key_retirement::retire(app, &may).await?;
        encryption_keys::replace_old(app, &may).await?;
    }
    tidy(app, &may).await?;
    encryption_keys::tidy(app, &may).await?;
    reload(app).await.map(drop)
}

/// Rotates every algorithm, or `only` this one, now: next becomes active, active becomes retired, and a new next is published; with all,
/// the keys that others encrypt to are replaced as well. Not while a next
/// key is too young for everybody to know it, unless that is forced: then whoever keeps our JWKS may refuse tokens until
/// they fetch it again.
///
/// # Errors
/// A refusal while the clock is doubted: a key that was retired too early would be unpublished before its tokens end, and
/// one that was retired too late would stay for years. A failure when the database does not answer.
pub async fn rotate(app: &App, by: &Actor, only: Option<Algorithm>, force: bool) -> Result<Rotation, ServiceError> {
    let may = by.may(ManageKeys)?;
    let algorithms = rotated(app, only)?;
    if app.clock_guard.is_in_doubt() {
        return Err(KeyRefusal::ClockInDoubt { now: app.clock.now() }.into());
    }
    // The command line may come before the first server: what hands over must be there.
    make_missing(&app.key_context(), &may).await?;
    let outcome = match unripe_for(&stored(&app.store).await?, &algorithms, app.clock.now()) {
        // Before keys are made in vain.
        wait if !force && !wait.is_zero() => HandOver::Unripe(wait),
        _ => hand_over(app, &may, &algorithms, None, force).await?,
    };
    if only.is_none() && !matches!(outcome, HandOver::Unripe(_)) {
        encryption_keys::replace(app, &may).await?;
    }
    reload(app).await?;
    match outcome {
        HandOver::Unripe(wait) => Ok(Rotation::Unripe(wait)),
        HandOver::Done | HandOver::NotNeeded => {
            tracing::info!(forced = force, "signing keys rotated on demand");
            Ok(Rotation::Done(keys::list(app).await?))
        }
    }
}

/// How long a rotation on demand has to wait.
///
/// # Errors
/// A refusal when there are no such keys; a failure when the database does not answer.
pub async fn has_to_wait(app: &App, only: Option<Algorithm>) -> Result<Duration, ServiceError> {
    let algorithms = rotated(app, only)?;
    Ok(unripe_for(&stored(&app.store).await?, &algorithms, app.clock.now()))
}

/// What a rotation on demand is about.
fn rotated(app: &App, only: Option<Algorithm>) -> Result<Vec<Algorithm>, KeyRefusal> {
    let available = app.settings.algorithms;
    match only {
        None => Ok(available.iter().collect()),
        Some(algorithm) if available.contains(algorithm) => Ok(vec![algorithm]),
        Some(algorithm) => Err(KeyRefusal::Algorithm { algorithm, available }),
    }
}

/// From when a key signs that is next, at the earliest.
pub fn signs_from(records: &[SigningKeyRecord], key: &SigningKeyRecord) -> Timestamp {
    match made_first(records) == Some(key.created_at) {
        true => key.created_at,
        false => key.created_at.after(PUBLISHED_AHEAD),
    }
}

/// When the very first keys were made, while they are the only ones.
fn made_first(records: &[SigningKeyRecord]) -> Option<Timestamp> {
    let never_rotated = records.iter().all(|key| key.retired().is_none());
    records.iter().map(|key| key.created_at).min().filter(|_| never_rotated)
}

/// How long until the next keys of these algorithms may sign. Those that were made with the very first keys may at once:
/// there has never been a JWKS without them.
fn unripe_for(records: &[SigningKeyRecord], algorithms: &[Algorithm], now: Timestamp) -> Duration {
    let first = made_first(records);
    let next = records.iter().filter(|key| key.state == KeyState::Next && algorithms.contains(&key.algorithm));
    let waits = next.filter(|key| Some(key.created_at) != first).map(|key| key.unripe_for(now, PUBLISHED_AHEAD));
    waits.max().unwrap_or(Duration::ZERO)
}

/// Rotates these algorithms, all or none; with `only`, only if that key is still an active one, so that of several
/// instances that see it grow old at once one rotates.
async fn hand_over(
    app: &App,
    may: &Allowed<'_, ManageKeys>,
    algorithms: &[Algorithm],
    only: Option<&str>,
    force: bool,
) -> Result<HandOver, ServiceError> {
    let (context, now) = (app.key_context(), app.clock.now());
    let mut made = Vec::new();
    for algorithm in algorithms {
        made.push(generate(&context, *algorithm, KeyState::Next, now).await?);
    }
    let outcome = app
        .store
        .transaction("rotate_key", async |tx| {
            let records = signing_key::all(tx).await?;
            let is_active = |key: &SigningKeyRecord| matches!(key.state, KeyState::Active { .. });
            if only.is_some_and(|id| !records.iter().any(|key| key.id == id && is_active(key))) {
                return Ok(HandOver::NotNeeded);
            }
            let wait = unripe_for(&records, algorithms, now);
            if !force && !wait.is_zero() {
                return Ok(HandOver::Unripe(wait));
            }
            for new in &made {
                replace(app, tx, may, &records, new).await?;
            }
            Ok(HandOver::Done)
        })
        .await;
    match outcome {
        // Another instance rotated at the same moment: once is enough.
        Err(StoreError::Conflict) => Ok(HandOver::NotNeeded),
        other => Ok(other?),
    }
}

async fn replace(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, ManageKeys>,
    records: &[SigningKeyRecord],
    new: &SigningKeyRecord,
) -> Result<(), StoreError> {
    let now = new.created_at;
    let mut rotated = event(app, may, Action::KeyRotated);
    let same = || records.iter().filter(|key| key.algorithm == new.algorithm);
    for key in same().filter(|key| matches!(key.state, KeyState::Active { .. })) {
        signing_key::set_state(tx, &key.id, &KeyState::Retired { at: now }).await?;
        rotated = rotated.about(Target::key(&key.id)).changed(moved(key, "retired"));
    }
    let active = promote_next(app, tx, may, records, new).await?;
    let active = same().find(|key| key.id == active);
    if let Some(active) = active {
        rotated = rotated.about(Target::key(&active.id)).changed(moved(active, "active"));
    }
    audit_event::insert(tx, &rotated).await
}

/// What a rotation changes of one key.
fn moved(key: &SigningKeyRecord, to: &str) -> Option<Change> {
    Change::of(&key.id, &Public(Some(key.state.as_str())), &Public(Some(to)))
}

/// Lets the next key of an algorithm sign, which has no active one now, and publishes `new` as the next. Returns the `kid`
/// that signs.
///
/// # Errors
/// [`StoreError::Conflict`] when there is no next key, so that no algorithm is left without one that signs.
pub(super) async fn promote_next(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, ManageKeys>,
    records: &[SigningKeyRecord],
    new: &SigningKeyRecord,
) -> Result<String, StoreError> {
    let next = records.iter().find(|key| key.algorithm == new.algorithm && key.state == KeyState::Next);
    let next = next.ok_or(StoreError::Conflict)?;
    signing_key::set_state(tx, &next.id, &KeyState::Active { since: new.created_at }).await?;
    signing_key::insert(tx, new).await?;
    audit_event::insert(tx, &event(app, may, Action::KeyCreated).about(Target::key(&new.id))).await?;
    Ok(next.id.clone())
}

/// Keys that were made or rotated by a clock that stood ahead were made or rotated now, as far as anybody can tell.
async fn mend_times(app: &App) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let records = stored(&app.store).await?;
    let ahead: Vec<_> = records.iter().filter(|key| key.not_after(now.after(SKEW)).is_some()).collect();
    if ahead.is_empty() {
        return Ok(());
    }
    app.store
        .transaction("mend_key_times", async |tx| {
            for mended in ahead.iter().filter_map(|key| key.not_after(now)) {
                signing_key::set_times(tx, &mended).await?;
            }
            Ok(())
        })
        .await?;
    tracing::info!(keys = ahead.len(), "signing keys from the future are dated now");
    Ok(())
}

/// Drops the private halves of keys that only read hints from now on, and deletes keys that are good for nothing.
async fn tidy(app: &App, may: &Allowed<'_, ManageKeys>) -> Result<(), ServiceError> {
    let context = app.key_context();
    let now = context.earliest();
    let stages: Vec<_> =
        stored(&app.store).await?.into_iter().map(|key| (key.stage(now, &context.life), key)).collect();
    let dispensable = |(stage, key): &&(Stage, SigningKeyRecord)| match stage {
        Stage::Published => false,
        Stage::Hints => !key.sealed_private_key.is_empty(),
        Stage::Over => true,
    };
    let found: Vec<_> = stages.iter().filter(dispensable).collect();
    if found.is_empty() {
        return Ok(());
    }
    app.store
        .transaction("delete_keys", async |tx| {
            for (stage, key) in &found {
                let deleted = event(app, may, Action::KeyDeleted).about(Target::key(&key.id));
                let rest = "its private half alone: it only reads ID tokens that come back";
                let deleted = if *stage == Stage::Over { deleted } else { deleted.because(rest) };
                audit_event::insert(tx, &deleted).await?;
                match stage {
                    Stage::Over => {
                        signing_key::delete(tx, &key.id).await?;
                    }
                    _ => signing_key::drop_private(tx, &key.id).await?,
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}
