//! `grant_type=client_credentials` (RFC 6749 §4.4).

use super::{TokenResponse, issue};
use crate::app::App;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::authentication::Authenticated;
use crate::domain::oauth::grant::client_credentials;
use crate::domain::oauth::params::Params;
use crate::domain::oauth::token::access_token::Claims;
use crate::services::ServiceError;

/// Gives a machine a token for itself. Nothing is written for a JWT: the client comes from memory, the signature is
/// the only work.
///
/// # Errors
/// A refusal when the client asks for a scope or a resource that it may not have.
pub async fn grant(
    app: &App,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Authenticated,
    params: &Params,
) -> Result<TokenResponse, ServiceError> {
    let now = app.clock.now();
    let scope = client_credentials::scope(params, client)?;
    let target = issue::target(app, client, params, (&[], &client.metadata.scope), &scope)?;
    let format = target.format;
    let claims = Claims::for_client(&app.issuer, client, target, now, &app.random);
    let access_token = issue::access_token(app, may, client, (&claims, format), now).await?;
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: claims.expires_in(),
        refresh_token: None,
        id_token: None,
        scope: claims.scope,
    })
}
