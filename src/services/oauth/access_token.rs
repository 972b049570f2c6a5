//! Checks an access token that is presented to us.

use std::sync::Arc;

use crate::app::App;
use crate::crypto::{CryptoError, VerifiedJwt};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::grant::GrantState;
use crate::domain::oauth::token::access_token::{Claims, TYPE, TokenId};
use crate::foundation::{SecretHash, Timestamp};
use crate::services::ServiceError;
use crate::services::operation::clock_guard;
use crate::storage::oauth::{access_token, grant, revoked_token};

/// A token of ours that is valid now.
pub struct LiveToken {
    /// Its claims.
    pub claims: Claims,
    /// The client that it was issued to.
    pub client: Arc<Client>,
    /// Its grant, as it is now; `None` for a token of client_credentials.
    pub grant: Option<GrantState>,
}

impl LiveToken {
    /// Whether it is meant for us: what was made for another API is nothing that its holder may show here (RFC 9068 §4).
    ///
    /// # Errors
    /// `invalid_token`.
    pub fn check_audience(&self, app: &App) -> Result<(), Refusal> {
        match self.claims.aud.contains(app.issuer.as_str()) {
            true => Ok(()),
            false => Err(Refusal::new(ErrorCode::InvalidToken, "The access token is not for this server.")
                .with("aud", self.claims.aud.iter().collect::<Vec<_>>().join(" "))
                .with("this server", &app.issuer)),
        }
    }
}

/// Checks a presented access token: made by us, not expired, not revoked, and its grant, user, client and session
/// still allow it.
///
/// # Errors
/// `invalid_token`, with the reason in its detail.
pub async fn check(app: &App, token: &str) -> Result<LiveToken, ServiceError> {
    let now = app.clock.now();
    let claims = claims(app, token).await?;
    if !claims.is_current(now) {
        return Err(invalid("it has expired").with("expired at", claims.exp).with("now", now.as_secs()).into());
    }
    if clock_guard::is_ahead(app, Timestamp::from_secs(claims.iat)) {
        let refusal = invalid("it was made by a clock that stood ahead");
        return Err(refusal.with("issued at", claims.iat).with("now", now.as_secs()).into());
    }
    let Some(id) = TokenId::parse(&claims.jti) else {
        return Err(ServiceError::internal("a token of ours has an id that we did not make"));
    };
    let (revoked, grant) = app
        .store
        .read("check_access_token", async |conn| match id {
            TokenId::OfGrant(id) => Ok(match grant::state_of_token(conn, id, &claims.jti).await? {
                Some((state, revoked)) => (revoked, Some(state)),
                None => (false, None),
            }),
            TokenId::OfClient(_) => Ok((revoked_token::contains(conn, &claims.jti).await?, None)),
        })
        .await?;
    if revoked {
        return Err(invalid("it was revoked").with("jti", &claims.jti).into());
    }
    let Some(client) =
        crate::services::oauth::client::find(app, &claims.client_id).await?.filter(|client| client.enabled)
    else {
        return Err(invalid("its client is gone or disabled").with("client", &claims.client_id).into());
    };
    match (id, &grant) {
        (TokenId::OfGrant(_), None) => return Err(invalid("its grant is gone").into()),
        (TokenId::OfGrant(_), Some(state)) => {
            state.check(&client, now).map_err(|refusal| invalid(refusal.description))?
        }
        (TokenId::OfClient(Some(registered)), _) if registered != client.created_at => {
            return Err(invalid("its client was deleted, and another was registered with its id").into());
        }
        (TokenId::OfClient(_), _) => {}
    }
    Ok(LiveToken { claims, client, grant })
}

/// The claims of a token that we made, expired or not: a JWT by its signature, an opaque one by its row.
///
/// # Errors
/// `invalid_token` when we did not make it.
pub async fn claims(app: &App, token: &str) -> Result<Claims, ServiceError> {
    let hash = SecretHash::of(token);
    if !token.contains('.') {
        let found = app.store.read("find_opaque_token", async |conn| access_token::find(conn, &hash).await).await?;
        let claims = found.ok_or_else(|| invalid("no such token was issued"))?;
        app.verified_tokens.note(&claims);
        return Ok(claims);
    }
    let keys = app.keys.current();
    if let Some(known) = app.verified_tokens.verified(&hash)
        && keys.publishes(&known.0)
    {
        return Ok(known.1.clone());
    }
    let verified = VerifiedJwt::decode(token, keys.verifiers()).map_err(|error| match error {
        fault @ CryptoError::Internal(_) => ServiceError::from(fault),
        error => invalid("its signature cannot be verified").with("reason", error).into(),
    })?;
    if verified.typ() != Some(TYPE) {
        return Err(invalid("it is not an access token").with("typ", verified.typ().unwrap_or("none")).into());
    }
    let claims: Claims = verified.claims().map_err(|error| invalid("its claims are not ours").with("reason", error))?;
    if claims.iss != app.issuer.as_str() {
        return Err(invalid("another issuer made it").with("iss", &claims.iss).into());
    }
    app.verified_tokens.keep(hash, verified.kid(), &claims);
    Ok(claims)
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(ErrorCode::InvalidToken, "The access token is not valid.").of(Kind::GrantEnded).with("because", why)
}
