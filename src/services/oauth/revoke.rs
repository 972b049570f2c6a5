//! Token revocation (RFC 7009).

use crate::app::App;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::foundation::{SecretHash, Timestamp};
use crate::services::ServiceError;
use crate::storage::oauth::{access_token, grant, refresh_token, revoked_token};

/// Revokes one of the client's own tokens: a refresh token ends its whole grant, an access token only itself. A token
/// that is unknown or already invalid needs no revoking: that is success too (RFC 7009 §2.2).
///
/// # Errors
/// A refusal when there is no token, or it is another client's; infrastructure failures, so that nobody believes a
/// token to be revoked that is not (CVE-2020-15223).
pub async fn revoke(app: &App, client: &Client, params: &Params) -> Result<(), ServiceError> {
    params.once()?;
    let token = params.require("token", "The token is missing.")?;
    match revoke_refresh_token(app, client, token).await? {
        true => Ok(()),
        false => revoke_access_token(app, client, token).await,
    }
}

/// Says whether there is such a refresh token.
async fn revoke_refresh_token(app: &App, client: &Client, token: &str) -> Result<bool, ServiceError> {
    let now = app.clock.now();
    let hash = SecretHash::of(token);
    let found = app
        .store
        .transaction(async |tx| {
            let Some((token, state)) = refresh_token::find_with_grant(tx, &hash).await? else {
                return Ok(None);
            };
            let own = state.grant.client == client.id;
            if own {
                grant::revoke(tx, token.grant, now).await?;
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

async fn revoke_access_token(app: &App, client: &Client, token: &str) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let claims = match super::access_token::claims(app, token).await {
        Ok(claims) if claims.client_id == client.id => claims,
        Ok(_) => return Err(foreign()),
        Err(ServiceError::Refused(_)) => return Ok(()),
        Err(other) => return Err(other),
    };
    let hash = SecretHash::of(token);
    app.store
        .transaction(async |tx| {
            access_token::delete(tx, &hash).await?;
            revoked_token::insert(tx, &claims.jti, now, Timestamp::from_secs(claims.exp)).await
        })
        .await?;
    tracing::info!(client = %client.id, jti = claims.jti, "access token revoked");
    Ok(())
}

fn foreign() -> ServiceError {
    Refusal::new(ErrorCode::InvalidGrant, "The token was issued to another client.").into()
}
