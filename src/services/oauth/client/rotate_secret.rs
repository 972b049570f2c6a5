//! Giving a client another secret.

use super::{refuse, secret_or_new, show, unknown};
use crate::app::App;
use crate::domain::oauth::client::ClientId;
use crate::foundation::SecretString;
use crate::services::ServiceError;
use crate::storage::oauth::client;

/// Gives a client a new secret, or the one that is `given`; the old one ends at once.
///
/// # Errors
/// A refusal when there is no such client, it is public, or the given secret is weak.
pub async fn rotate_secret(
    app: &App,
    id: &ClientId,
    given: Option<SecretString>,
) -> Result<SecretString, ServiceError> {
    let now = app.clock.now();
    if show(app, id).await?.is_public() {
        return Err(refuse("This client is public: it has no secret.").with("id", id).into());
    }
    let (secret, hash) = secret_or_new(app, given)?;
    if !app.store.transaction(async |tx| client::set_secret(tx, id, &hash, now).await).await? {
        return Err(unknown(id));
    }
    app.clients.forget(id);
    tracing::info!(client = %id, "client secret rotated");
    Ok(secret)
}
