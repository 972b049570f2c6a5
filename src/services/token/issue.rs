//! Makes the tokens that every grant gives out.

use super::TokenResponse;
use crate::app::App;
use crate::crypto::Algorithm;
use crate::crypto::digest::half_hash;
use crate::domain::oauth::access_token::{self, Claims};
use crate::domain::oauth::client::{Client, TokenFormat};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::id_token::{self, IdToken};
use crate::domain::oauth::scope::Scope;
use crate::foundation::{Secret, Timestamp};
use crate::services::ServiceError;
use crate::storage::access_token as stored;

/// Access tokens are signed with ES256: a tenth of the work of RS256, and RFC 9068 leaves the choice.
const ACCESS_TOKEN_ALGORITHM: Algorithm = Algorithm::Es256;

/// An access token with these claims, in the client's format.
pub async fn access_token(app: &App, client: &Client, claims: &Claims, now: Timestamp) -> Result<String, ServiceError> {
    match client.metadata.access_token_format {
        TokenFormat::Jwt => Ok(app.keys.current().signer(ACCESS_TOKEN_ALGORITHM)?.sign(access_token::TYPE, claims)?),
        TokenFormat::Opaque => {
            let token = Secret::generate(&app.random);
            let (hash, expires_at) = (token.hash(), Timestamp::from_secs(claims.exp));
            app.store.transaction(async |tx| stored::insert(tx, &hash, claims, now, expires_at).await).await?;
            Ok(token.reveal())
        }
    }
}

/// The whole answer for a user: access token, ID token where `openid` was granted, and the refresh token if there is
/// one. `scope` is what this answer grants, perhaps less than the grant itself (RFC 6749 §6).
pub async fn for_user(
    app: &App,
    client: &Client,
    state: &GrantState,
    scope: Scope,
    nonce: Option<String>,
    refresh_token: Option<String>,
    now: Timestamp,
) -> Result<TokenResponse, ServiceError> {
    let lifetimes = &app.settings.lifetimes;
    let claims = Claims::for_user(&app.issuer, client, &state.grant, scope, lifetimes.access_token, now, &app.random);
    let access_token = access_token(app, client, &claims, now).await?;
    let id_token = match claims.scope.contains("openid") {
        false => None,
        true => {
            let at_hash = half_hash(&access_token);
            let claims = IdToken::new(&app.issuer, &state.grant, &state.user, nonce, at_hash, lifetimes.id_token, now);
            let signer = app.keys.current();
            Some(signer.signer(client.metadata.id_token_signed_response_alg)?.sign(id_token::TYPE, &claims)?)
        }
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: lifetimes.access_token.as_secs(),
        refresh_token,
        id_token,
        scope: claims.scope,
    })
}
