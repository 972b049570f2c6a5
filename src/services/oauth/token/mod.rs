//! The token endpoint: one file per grant.

pub mod authorization_code;
pub mod client_credentials;
pub(super) mod issue;
pub mod refresh_token;
mod response;

pub use self::response::TokenResponse;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::GrantType;
use crate::domain::oauth::client::authentication::Authenticated;
use crate::domain::oauth::client::signing;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::operation::audit_event::Action;
use crate::services::ServiceError;
use crate::services::operation::events;

/// Answers a token request of an authenticated client.
///
/// # Errors
/// A refusal with one of the codes of RFC 6749 §5.2.
pub async fn exchange(
    app: &App,
    by: &Actor,
    client: &Authenticated,
    params: &Params,
) -> Result<TokenResponse, ServiceError> {
    let may = by.may(UseTokensOf(&client.id))?;
    let outcome = give(app, &may, client, params).await;
    match &outcome {
        Ok(_) => events::count_given(app, Action::TokenIssued, &client.id),
        Err(ServiceError::Protocol(_)) => {
            events::count_refused(app, Action::TokenRefused, Some(&client.id), by.origin.address);
        }
        Err(_) => {}
    }
    outcome
}

async fn give(
    app: &App,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Authenticated,
    params: &Params,
) -> Result<TokenResponse, ServiceError> {
    params.once()?;
    // Before anything is used up.
    signing::check(client, app.settings.algorithms)?;
    let sent = params.require("grant_type", "The grant_type is missing.")?;
    let Some(grant) = GrantType::parse(sent).filter(|grant| *grant != GrantType::Implicit) else {
        return Err(Refusal::new(ErrorCode::UnsupportedGrantType, "This grant_type is not supported.")
            .with("grant_type", sent)
            .into());
    };
    if !client.allows(grant) {
        let registered = client.metadata.grant_types.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(" ");
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, "This client is not registered for this grant_type.")
            .of(Kind::Grant)
            .with("grant_type", sent)
            .with("registered", registered)
            .into());
    }
    match grant {
        GrantType::AuthorizationCode => authorization_code::redeem(app, may, client, params).await,
        GrantType::RefreshToken => refresh_token::refresh(app, may, client, params).await,
        GrantType::ClientCredentials => client_credentials::grant(app, may, client, params).await,
        GrantType::Implicit => Err(ServiceError::internal("the implicit grant came to the token endpoint")),
    }
}
