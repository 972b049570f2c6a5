//! An application that asks for the token that a provider gave for its person. Unlike the rest of the API of one's own account
//! it need not be one of whoever runs this server: the operator registers it for the scope, and the person allows it.

use std::sync::Arc;

use super::own_account::Admitted;
use crate::app::App;
use crate::domain::access::actor::{Actor, Origin};
use crate::domain::account::user::User;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::token::own_account::{Access, check};
use crate::domain::oauth::token::scope::upstream_scope;
use crate::domain::operation::audit_event::Action;
use crate::services::ServiceError;
use crate::services::oauth::{access_token, client};
use crate::services::operation::events;

/// Whoever may have it.
pub struct Holder {
    /// The application, at work for its person.
    pub by: Actor,
    /// The person.
    pub user: User,
    /// The application.
    pub client: ClientId,
}

/// The holder of `token` asks for the one of `provider`.
///
/// # Errors
/// `invalid_token`, or `insufficient_scope` when it was not given for that.
pub async fn holder(app: &App, from: &Origin, token: &str, provider: &str) -> Admitted<Holder> {
    let held = checked(app, token, &upstream_scope(provider)).await;
    if let Err(ServiceError::Protocol(_)) = &held {
        events::count_refused(app, Action::TokenRefused, None, from.address);
    }
    let (state, client) = held?;
    let judged = check(Access::Read, &state, &client, &app.settings.factors, app.clock.now());
    Ok(judged.map(|()| {
        let by = Actor::nobody(from.clone()).authenticated(client.id.clone()).on_behalf_of(state.user.id);
        Holder { by, user: state.user, client: client.id.clone() }
    }))
}

/// The token holds, and was given for this scope to an application that may still have it.
async fn checked(app: &App, token: &str, scope: &str) -> Result<(GrantState, Arc<Client>), ServiceError> {
    let live = access_token::check(app, token).await?;
    live.check_audience(app)?;
    let lacking = |description: &'static str| {
        let refusal = Refusal::new(ErrorCode::InsufficientScope, description).with("scope", &live.claims.scope);
        ServiceError::from(refusal).asked_by(&live.claims.client_id)
    };
    // A token of a machine is nobody's.
    let Some(state) = live.grant.filter(|_| live.claims.scope.contains(scope)) else {
        return Err(lacking("The access token lacks the scope upstream: with the name of this provider."));
    };
    // It may have been registered for it when the token was issued.
    match client::find(app, &live.claims.client_id).await?.filter(|client| client.metadata.scope.contains(scope)) {
        Some(client) => Ok((state, client)),
        None => Err(lacking("The client is no longer registered for this scope.")),
    }
}
