//! What a user allows a client.

use std::collections::BTreeSet;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::ActOnSelf;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::token::scope::Scope;
use crate::domain::operation::audit_event::{Action, Change, Public, Target};
use crate::foundation::id::UserId;
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::operation::audit_event;
use crate::storage::sign_in::consent;

/// Remembers what a user has just allowed, beside what they allowed before.
///
/// # Errors
/// When the database does not answer.
pub async fn allow(
    app: &App,
    by: &Actor,
    user: UserId,
    client: &ClientId,
    scope: &Scope,
    claims: &BTreeSet<String>,
) -> Result<(), ServiceError> {
    let may = by.may(ActOnSelf(user))?;
    let now = app.clock.now();
    let granted = event(app, &may, Action::ConsentGranted).by(by.for_client(client));
    let granted = granted.about(Target::user(user)).about(Target::client(client)).changed(Change::of(
        "scope",
        &Public(None),
        &Public(Some(&scope.to_string())),
    ));
    app.store
        .transaction("allow_consent", async |tx| {
            consent::allow(tx, user, client, scope, claims, now).await?;
            audit_event::insert(tx, &granted).await
        })
        .await?;
    tracing::info!(%user, %client, %scope, "consent given");
    Ok(())
}
