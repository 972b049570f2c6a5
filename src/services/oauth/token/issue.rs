//! Makes the tokens that every grant gives out.

use super::TokenResponse;
use crate::app::App;
use crate::domain::access::permission::{Allowed, UseTokensOf};
use crate::domain::oauth::client::{Client, TokenFormat};
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::params::Params;
use crate::domain::oauth::token::access_token::{self, Claims};
use crate::domain::oauth::token::scope::Scope;
use crate::domain::oauth::token::target::Target;
use crate::foundation::{Secret, Timestamp};
use crate::services::ServiceError;
use crate::services::oauth::id_token::{self, About};
use crate::storage::oauth::access_token as stored;
use crate::storage::{Conn, StoreError, Writes};

/// The tokens that a grant is about to give out, before the JWTs among them are signed.
pub struct Prepared {
    state: GrantState,
    /// What this answer grants; the access token has that of it which its API understands.
    scope: Scope,
    claims: Claims,
    /// The access token, when it is opaque; a JWT is signed after the transaction.
    opaque: Option<String>,
}

/// Prepares the answer for a user, in the transaction that uses up what it is given for: an opaque token is a row, and
/// if that could not be stored afterwards, a code would be used and have yielded nothing. `scope` is what this answer
/// grants, perhaps less than the grant itself (RFC 6749 §6); `target` is for which API, and what is left of it there.
pub async fn prepare(
    app: &App,
    tx: &mut Conn,
    client: &Client,
    state: GrantState,
    (scope, target): (Scope, Target),
    now: Timestamp,
) -> Result<Prepared, StoreError> {
    let format = target.format;
    let claims = Claims::for_user(&app.issuer, client, &state.grant, target, now, &app.random);
    let opaque = match format {
        TokenFormat::Jwt => None,
        TokenFormat::Opaque => Some(store(app, tx, &claims, now).await?),
    };
    Ok(Prepared { state, scope, claims, opaque })
}

/// For which API a token of this grant is: `granted` are its resources and the scope that is left of it, of which this answer has
/// `scope`.
///
/// # Errors
/// `invalid_target`, or `invalid_scope` where nothing is left of a scope that was asked for (RFC 8707 §2.2).
pub fn target(
    app: &App,
    client: &Client,
    params: &Params,
    granted: (&[String], &Scope),
    scope: &Scope,
) -> Result<Target, Refusal> {
    let targets = app.targets(client);
    let wanted = targets.of_grant(params, granted.0, granted.1)?;
    let target = targets.token(&wanted, scope, app.settings.token_lifetimes(client).access_token);
    target.with_something_left(scope, params)
}

/// How what is given for tokens is used up: with one statement, unless [`prepare`] adds a row for an opaque token.
pub fn writes(app: &App, client: &Client) -> Writes {
    match client.metadata.access_token_format {
        // For which API a token is, is known once its grant is.
        TokenFormat::Jwt if !app.settings.resources.any_is_opaque() => Writes::Once,
        TokenFormat::Jwt | TokenFormat::Opaque => Writes::Together,
    }
}

/// An access token with these claims, in this format.
pub async fn access_token(
    app: &App,
    _: &Allowed<'_, UseTokensOf<'_>>,
    client: &Client,
    (claims, format): (&Claims, TokenFormat),
    now: Timestamp,
) -> Result<String, ServiceError> {
    match format {
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
    let Prepared { state, scope, claims, opaque } = prepared;
    let access_token = match opaque {
        Some(token) => token,
        None => sign(app, client, &claims)?,
    };
    let id_token = match scope.contains("openid") {
        false => None,
        true => {
            let GrantState { grant, user, .. } = &state;
            let access_token = Some(access_token.as_str());
            let about = About { client, grant, user, scope: &scope, alone: false, nonce, access_token, code: None };
            Some(id_token::make(app, about, now).await?)
        }
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: claims.expires_in(),
        refresh_token,
        id_token,
        scope: claims.scope,
    })
}
