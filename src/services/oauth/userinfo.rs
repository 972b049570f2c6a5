//! The userinfo endpoint (OpenID Connect Core §5.3).

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::app::App;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::token::claims;
use crate::domain::operation::audit_event::Action;
use crate::services::ServiceError;
use crate::services::oauth::access_token;
use crate::services::oauth::jwt_answer::{self, Answer};
use crate::services::oauth::recipient::Recipient;
use crate::services::operation::events;

/// The claims that the holder of `token`, who asks from this address, may see: as a JWT, if the client of that token is
/// registered so (§5.3.2), and encrypted, if it is registered for that.
///
/// # Errors
/// `invalid_token`, or `insufficient_scope` when the token was not given for OpenID Connect.
pub async fn claims(app: &App, from: IpAddr, token: &str) -> Result<Answer<Map<String, Value>>, ServiceError> {
    let told = tell(app, token).await;
    if let Err(ServiceError::Protocol(_)) = &told {
        events::count_refused(app, Action::TokenRefused, None, Some(from));
    }
    told
}

async fn tell(app: &App, token: &str) -> Result<Answer<Map<String, Value>>, ServiceError> {
    let live = access_token::check(app, token).await?;
    live.check_audience(app)?;
    let Some(state) = live.grant.filter(|_| live.claims.scope.contains("openid")) else {
        return Err(Refusal::new(ErrorCode::InsufficientScope, "The access token lacks the scope openid.")
            .with("scope", &live.claims.scope)
            .into());
    };
    let (grant, scope) = (&state.grant, &live.claims.scope);
    let claims = claims::userinfo(grant.sub(), &state.user, scope, &grant.claims, &app.settings.claims);
    let wanted = &live.client.metadata;
    let signed_with = wanted.responses.userinfo_signed_response_alg;
    Ok(match (signed_with, Recipient::of(app, &live.client, wanted.encryption.userinfo()).await?) {
        (None, None) => Answer::Plain(claims),
        (None, Some(recipient)) => Answer::Jwt(recipient.seal_json(&Value::Object(claims).to_string())?),
        (Some(algorithm), recipient) => {
            let signed = jwt_answer::userinfo(app, &live.client, algorithm, &claims)?;
            Answer::Jwt(Recipient::sealed(recipient.as_ref(), signed)?)
        }
    })
}
