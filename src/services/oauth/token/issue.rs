//! Makes the tokens that every grant gives out.

use super::TokenResponse;
use crate::app::App;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::{Client, TokenFormat};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::token::access_token::{self, Claims};
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::{Secret, Timestamp};
use crate::services::ServiceError;
use crate::services::oauth::id_token::{self, About};
use crate::storage::oauth::access_token as stored;
use crate::storage::{Conn, StoreError, Writes};

/// The tokens that a grant is about to give out, before the JWTs among them are signed.
pub struct Prepared {
    state: GrantState,
    claims: Claims,
    /// The access token, when it is opaque; a JWT is signed after the transaction.
    opaque: Option<String>,
}

/// Prepares the answer for a user, in the transaction that uses up what it is given for: an opaque token is a row, and
/// if that could not be stored afterwards, a code would be used and have yielded nothing. `scope` is what this answer
/// grants, perhaps less than the grant itself (RFC 6749 §6).
pub async fn prepare(
    app: &App,
    tx: &mut Conn,
    client: &Client,
    state: GrantState,
    scope: Scope,
    now: Timestamp,
) -> Result<Prepared, StoreError> {
    let lifetime = app.settings.token_lifetimes(client).access_token;
    let claims = Claims::for_user(&app.issuer, client, &state.grant, scope, lifetime, now, &app.random);
    let opaque = match client.metadata.access_token_format {
        TokenFormat::Jwt => None,
        TokenFormat::Opaque => Some(store(app, tx, &claims, now).await?),
    };
    Ok(Prepared { state, claims, opaque })
}

/// How what is given for tokens is used up: with one statement, unless [`prepare`] adds a row for an opaque token.
pub fn writes(client: &Client) -> Writes {
    match client.metadata.access_token_format {
        TokenFormat::Jwt => Writes::Once,
        TokenFormat::Opaque => Writes::Together,
    }
}

/// An access token with these claims, in the client's format.
pub async fn access_token(
    app: &App,
    _: &Allowed<'_, UseTokensOf<'_>>,
    client: &Client,
    claims: &Claims,
    now: Timestamp,
) -> Result<String, ServiceError> {
    match client.metadata.access_token_format {
        TokenFormat::Jwt => sign(app, client, claims),
        TokenFormat::Opaque => {
            Ok(app.store.transaction("store_opaque_token", async |tx| store(app, tx, claims, now).await).await?)
        }
    }
}

/// A JWT with these claims.
///
/// # Errors
/// When there is no key for it.
pub fn sign(app: &App, client: &Client, claims: &Claims) -> Result<String, ServiceError> {
    let algorithm = client.metadata.access_token_signed_response_alg;
    Ok(app.keys.current().signer(algorithm)?.sign(access_token::TYPE, claims)?)
}

async fn store(app: &App, tx: &mut Conn, claims: &Claims, now: Timestamp) -> Result<String, StoreError> {
    let token = Secret::generate(&app.random);
    stored::insert(tx, &token.hash(), claims, now, Timestamp::from_secs(claims.exp)).await?;
    Ok(token.reveal())
}

/// The whole answer for a user: access token, ID token where `openid` was granted, and the refresh token if there is
/// one.
pub async fn for_user(
    app: &App,
    client: &Client,
    prepared: Prepared,
    nonce: Option<String>,
    refresh_token: Option<String>,
    now: Timestamp,
) -> Result<TokenResponse, ServiceError> {
    let lifetimes = app.settings.token_lifetimes(client);
    let Prepared { state, claims, opaque } = prepared;
    let access_token = match opaque {
        Some(token) => token,
        None => sign(app, client, &claims)?,
    };
    let id_token = match claims.scope.contains("openid") {
        false => None,
        true => {
            let GrantState { grant, user, .. } = &state;
            let (scope, access_token) = (&claims.scope, Some(access_token.as_str()));
            let about = About { client, grant, user, scope, alone: false, nonce, access_token, code: None };
            Some(id_token::make(app, about, now).await?)
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
