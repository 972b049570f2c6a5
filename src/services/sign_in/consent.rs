//! What a user allows a client.

use std::collections::BTreeSet;

use crate::app::App;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::storage::sign_in::consent;

/// Remembers what a user has just allowed, beside what they allowed before.
///
/// # Errors
/// When the database does not answer.
pub async fn allow(
    app: &App,
    user: UserId,
    client: &ClientId,
    scope: &Scope,
    claims: &BTreeSet<String>,
) -> Result<(), ServiceError> {
    let now = app.clock.now();
    app.store.transaction(async |tx| consent::allow(tx, user, client, scope, claims, now).await).await?;
    tracing::info!(%user, %client, %scope, "consent given");
    Ok(())
}
