//! A machine of whoever runs this server that manages its keys, by an access token that it has for itself.

use crate::app::App;
use crate::domain::access::actor::{Actor, Origin};
use crate::domain::oauth::client::GrantType;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::token::scope::MANAGE_KEYS;
use crate::domain::operation::audit_event::Action;
use crate::services::ServiceError;
use crate::services::oauth::access_token;
use crate::services::operation::events;

/// Whoever may manage the keys.
pub struct KeyManager {
    /// The machine.
    pub by: Actor,
}

/// The holder of `token`, if that is a token of a machine for this, and the machine may still have it.
///
/// # Errors
/// `invalid_token`, or `insufficient_scope` when it was not given for that.
pub async fn admit(app: &App, from: &Origin, token: &str) -> Result<KeyManager, ServiceError> {
    let admitted = checked(app, from, token).await;
    if let Err(ServiceError::Protocol(_)) = &admitted {
        events::count_refused(app, Action::TokenRefused, None, from.address);
    }
    admitted
}

async fn checked(app: &App, from: &Origin, token: &str) -> Result<KeyManager, ServiceError> {
    let live = access_token::check(app, token).await?;
    let (claims, client) = (&live.claims, &live.client);
    let lacking = |description: &'static str| {
        let refusal = Refusal::new(ErrorCode::InsufficientScope, description).with("scope", &claims.scope);
        ServiceError::from(refusal).asked_by(&claims.client_id)
    };
    if live.grant.is_some() || !claims.scope.contains(MANAGE_KEYS) {
        return Err(lacking("The access token lacks the scope latchkey:keys, which a machine gets for itself."));
    }
    if !claims.aud.contains(app.issuer.as_str()) {
        return Err(Refusal::new(ErrorCode::InvalidToken, "The access token is not for this server.").into());
    }
    // The operator may have taken it away since, and nobody gets it by themselves.
    let still = client.metadata.scope.contains(MANAGE_KEYS) && client.allows(GrantType::ClientCredentials);
    match still && client.is_vetted() {
        true => Ok(KeyManager { by: Actor::nobody(from.clone()).managing_keys(client.id.clone()) }),
        false => Err(lacking("The client may not have the scope latchkey:keys any more.")),
    }
}
