//! Token revocation (RFC 7009).

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::params::Params;
use crate::domain::operation::audit_event::{Action, NewEvent, Target};
use crate::foundation::{SecretHash, Timestamp};
use crate::services::ServiceError;
use crate::services::operation::events::event;
use crate::storage::oauth::{access_token, grant, refresh_token, revoked_token};
use crate::storage::operation::audit_event;

/// Revokes one of the client's own tokens: a refresh token ends its whole grant, an access token only itself. A token
/// that is unknown or already invalid needs no revoking: that is success too (RFC 7009 §2.2).
///
/// # Errors
/// A refusal when there is no token, or it is another client's; infrastructure failures, so that nobody believes a
/// token to be revoked that is not (CVE-2020-15223).
pub async fn revoke(app: &App, by: &Actor, client: &Client, params: &Params) -> Result<(), ServiceError> {
    let may = by.may(UseTokensOf(&client.id))?;
    params.once()?;
    let token = params.require("token", "The token is missing.")?;
    match revoke_refresh_token(app, &may, client, token).await? {
        true => Ok(()),
        false => revoke_access_token(app, &may, client, token).await,
    }
}

/// Says whether there is such a refresh token.
async fn revoke_refresh_token(
    app: &App,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Client,
    token: &str,
) -> Result<bool, ServiceError> {
    let now = app.clock.now();
    let hash = SecretHash::of(token);
    let found = app
        .store
        .transaction("revoke_refresh_token", async |tx| {
            let Some((token, state)) = refresh_token::find_with_grant(tx, &hash).await? else {
                return Ok(None);
            };
            let own = state.grant.client == client.id;
            if own {
                let ended = ended(app, may, &state.grant, "the client gave its refresh token back");
                grant::revoke_with(tx, token.grant, now, &ended).await?;
            }
            Ok(Some(own))
        })
        .await?;
    match found {
        Some(false) => Err(foreign()),
        Some(true) => {
            tracing::info!(client = %client.id, "refresh token revoked, with its grant");
            Ok(true)
        }
        None => Ok(false),
    }
}

async fn revoke_access_token(
    app: &App,
    may: &Allowed<'_, UseTokensOf<'_>>,
    client: &Client,
    token: &str,
) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let claims = match super::access_token::claims(app, token).await {
        Ok(claims) if claims.client_id == client.id => claims,
        Ok(_) => return Err(foreign()),
        Err(ServiceError::Protocol(_)) => return Ok(()),
        Err(other) => return Err(other),
    };
    let hash = SecretHash::of(token);
    let revoked = event(app, may, Action::TokenRevoked).about(Target::token(&claims.jti));
    app.store
        .transaction("revoke_access_token", async |tx| {
            access_token::delete(tx, &hash).await?;
            match revoked_token::insert(tx, &claims.jti, now, Timestamp::from_secs(claims.exp)).await? {
                true => audit_event::insert(tx, &revoked).await,
                false => Ok(()),
            }
        })
        .await?;
    tracing::info!(client = %client.id, jti = claims.jti, "access token revoked");
    Ok(())
}

/// The event that tells that a grant ended at the hand of its client.
pub fn ended(app: &App, may: &Allowed<'_, UseTokensOf<'_>>, grant: &Grant, reason: &'static str) -> NewEvent {
    let by = may.by().on_behalf_of(grant.user);
    event(app, may, Action::GrantRevoked).by(by).about(Target::grant(grant.id)).because(reason)
}

fn foreign() -> ServiceError {
    Refusal::new(ErrorCode::InvalidGrant, "The token was issued to another client.").into()
}
