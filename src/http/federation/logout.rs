//! A provider tells that somebody has signed out there.

use axum::extract::{Request, State};
use axum::http::StatusCode;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::http::extract::form;
use crate::http::extract::named::Named;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::federation::{find, logout::back_channel_logout};

/// `POST /federation/{provider}/backchannel-logout` (OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8). It comes from the
/// provider's server, without any cookie; the signature is all that counts.
///
/// # Errors
/// `invalid_request` for a token that does not hold; 503 where we cannot tell.
pub async fn post(
    Named(provider): Named,
    State(app): State<App>,
    from: Actor,
    request: Request,
) -> Result<StatusCode, OAuthError> {
    let refused = |description| Refusal::new(ErrorCode::InvalidRequest, description);
    let sent = form::read(request).await?;
    sent.once()?;
    let token = sent.get("logout_token").ok_or_else(|| refused("The logout_token is missing."))?;
    let provider = find(&app, &provider).ok_or_else(|| refused("There is no such provider."))?;
    match back_channel_logout(&app, &from, &provider, token).await? {
        Ok(_) => Ok(StatusCode::OK),
        Err(why) => {
            let refusal = refused("The logout token does not hold.");
            Err(refusal.with("provider", &provider.id).with("because", why).into())
        }
    }
}
