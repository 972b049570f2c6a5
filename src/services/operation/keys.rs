//! The keys that sign tokens, as others see them: read again when they changed, and listed.

use crate::app::App;
use crate::domain::operation::signing_key::{SigningKeyRecord, Stage};
use crate::runtime::key_ring::{self, Outlines, stored};
use crate::services::ServiceError;
use crate::storage::operation::{encryption_key, signing_key};

/// Reads the keys again: another instance, or the command line, may have rotated them. Says whether they changed.
///
/// # Errors
/// When a key cannot be unsealed, or the database does not answer; the keys that are in use stay in use.
pub async fn reload(app: &App) -> Result<bool, ServiceError> {
    let context = app.key_context();
    let read = async |conn: &mut _| {
        let encryption = match context.encryption.is_empty() {
            true => Vec::new(),
            false => encryption_key::outline(conn).await?,
        };
        Ok(Outlines { signing: signing_key::outline(conn).await?, encryption })
    };
    let outlines = app.store.read("compare_keys", read).await?;
    if app.keys.current().is_made_of(outlines, context.earliest(), &context.life) {
        return Ok(false);
    }
    let set = key_ring::read(&context).await?;
    let (published, for_hints) = (set.verifiers().len(), set.hint_verifiers().len());
    app.keys.replace(set);
    tracing::info!(published, for_hints, "signing keys changed");
    Ok(true)
}

/// A stored key, and what it is good for.
pub struct ListedKey {
    /// The key.
    pub key: SigningKeyRecord,
    /// `next`, `active`, `retired` or `hints`.
    pub state: &'static str,
}

/// Every key that is stored, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App) -> Result<Vec<ListedKey>, ServiceError> {
    let context = app.key_context();
    let now = context.earliest();
    let listed = |key: SigningKeyRecord| {
        let state = if key.stage(now, &context.life) == Stage::Published { key.state.as_str() } else { "hints" };
        ListedKey { key, state }
    };
    Ok(stored(&app.store).await?.into_iter().map(listed).collect())
}
