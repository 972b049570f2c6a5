//! Token introspection (RFC 7662).

use serde::Serialize;

use crate::app::App;
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::params::Params;
use crate::domain::oauth::token::access_token::{Audience, Claims};
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::services::oauth::access_token;
use crate::services::oauth::jwt_answer::{self, Answer};
use crate::services::oauth::recipient::Recipient;
use crate::services::operation::clock_guard;
use crate::storage::oauth::refresh_token;

/// The answer (RFC 7662 §2.2). A token that is not active has no other member.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Introspection {
    /// It holds, and the caller may know.
    Active(Box<Active>),
    /// Anything else: expired, revoked, unknown, or none of the caller's business.
    Inactive {
        /// `false`.
        active: bool,
    },
}

/// What a token that holds says.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the members are those of RFC 7662 section 2.2")]
pub struct Active {
    pub active: bool,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    pub client_id: ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    pub exp: i64,
    pub iat: i64,
    pub sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    pub iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

/// Tells an authenticated client about a token: one that was issued to it, or that is meant for it (CVE-2024-47077). A
/// public client proves nothing, so it learns nothing (RFC 7662 §2.1).
/// With `as_jwt` the answer is signed, for this client alone (RFC 9701 §5): the same members, and as few for a token that is none
/// of its business.
///
/// The `token_type_hint` is not needed: our tokens tell by their form what they are (RFC 7662 §2.1).
///
/// # Errors
/// A refusal when the client is public or the request has no token; infrastructure failures, which are never `active: false`.
pub async fn introspect(
    app: &App,
    client: &Client,
    params: &Params,
    as_jwt: bool,
) -> Result<Answer<Introspection>, ServiceError> {
    let found = look(app, client, params).await?;
    match as_jwt {
        false => Ok(Answer::Plain(found)),
        true => {
            let recipient = Recipient::of(app, client, client.metadata.encryption.introspection()).await?;
            let signed = jwt_answer::introspection(app, client, &found)?;
            Ok(Answer::Jwt(Recipient::sealed(recipient.as_ref(), signed)?))
        }
    }
}

async fn look(app: &App, client: &Client, params: &Params) -> Result<Introspection, ServiceError> {
    if client.is_public() {
        return Err(Refusal::new(ErrorCode::InvalidClient, "Introspection needs a client that authenticates.").into());
    }
    params.once()?;
    let token = params.require("token", "The token is missing.")?;
    match access_token::check(app, token).await {
        Ok(live) if may_know(client, &live.claims) => {
            let username = live.grant.and_then(|state| username(app, &state, &live.claims.scope));
            Ok(Introspection::Active(Box::new(active(live.claims, username))))
        }
        Ok(live) => {
            tracing::info!(client = %client.id, issued_to = %live.claims.client_id, aud = ?live.claims.aud,
                "introspection answered inactive: the token is neither the caller's nor for it");
            Ok(Introspection::Inactive { active: false })
        }
        Err(ServiceError::Protocol(refusal)) if refusal.code == ErrorCode::InvalidToken => {
            refresh(app, client, token).await.inspect(|answer| {
                if matches!(answer, Introspection::Inactive { .. }) {
                    tracing::info!(client = %client.id, detail = %refusal.detail, "introspection answered inactive");
                }
            })
        }
        Err(other) => Err(other),
    }
}

fn may_know(client: &Client, claims: &Claims) -> bool {
    claims.client_id == client.id || claims.aud.iter().any(|audience| client.answers_for(audience))
}

fn active(claims: Claims, username: Option<String>) -> Active {
    Active {
        active: true,
        scope: claims.scope,
        client_id: claims.client_id,
        username,
        token_type: Some("Bearer"),
        exp: claims.exp,
        iat: claims.iat,
        sub: claims.sub,
        aud: Some(claims.aud),
        iss: claims.iss,
        jti: Some(claims.jti),
    }
}

/// What the person signs in with. Where the `sub` hides whose account it is, a name would tell it all the same: then only a client
/// hears of it that may know that name anyway.
fn username(app: &App, state: &GrantState, scope: &Scope) -> Option<String> {
    let may_know = || app.settings.claims.of_scope(scope).any(|claim| claim == "preferred_username");
    let tells = state.grant.pairwise_sub.is_none() || may_know();
    state.user.login_name().filter(|_| tells).map(str::to_owned)
}

/// A client may ask about its own refresh tokens.
async fn refresh(app: &App, client: &Client, token: &str) -> Result<Introspection, ServiceError> {
    let now = app.clock.now();
    let hash = SecretHash::of(token);
    let found = app
        .store
        .read("introspect_refresh_token", async |conn| refresh_token::find_with_grant(conn, &hash).await)
        .await?;
    let holds = found.filter(|(token, state)| {
        let granted = clock_guard::check_grant(app, state, client, now).is_ok();
        token.used_at.is_none() && now < token.expires_at && granted
    });
    Ok(match holds {
        None => Introspection::Inactive { active: false },
        Some((token, state)) => Introspection::Active(Box::new(Active {
            username: username(app, &state, &state.grant.scope),
            sub: state.grant.sub(),
            active: true,
            scope: state.grant.scope,
            client_id: state.grant.client,
            token_type: None,
            exp: token.expires_at.as_secs(),
            iat: token.created_at.as_secs(),
            aud: None,
            iss: app.issuer.as_str().to_owned(),
            jti: None,
        })),
    })
}
