//! `/api/v1/me/upstream/{provider}/token`: the access token that a provider gave for somebody who signed in through it.

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use serde::Serialize;

use crate::app::App;
use crate::domain::operation::audit_event::Action;
use crate::http::extract::actor::of_service;
use crate::http::extract::bearer::bearer;
use crate::http::extract::named::Named;
use crate::http::respond::problem::{Code, Problem};
use crate::services::federation::find;
use crate::services::federation::tokens::{Handed, hand_out};
use crate::services::oauth::upstream_holder::{Holder, holder};
use crate::services::operation::events;

/// What is told: a token response (RFC 6749 §5.1), with a time instead of a duration.
#[derive(Serialize)]
pub struct UpstreamToken {
    access_token: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// `GET`: to a client that is registered for `upstream:PROVIDER` and that the person has allowed it. It costs the provider a call
/// only when the token that is kept has expired, and then one for all who ask at once.
///
/// # Errors
/// When the token of the caller is not for that, there is none of the provider's, or the provider does not answer.
pub async fn get(State(app): State<App>, Named(provider): Named, parts: Parts) -> Result<Json<UpstreamToken>, Problem> {
    let from = of_service(&parts.extensions, &parts.headers, &app).origin;
    let Some(token) = bearer(&parts.headers)? else { return Err(Problem::token_missing()) };
    let Holder { by, user, client } = match holder(&app, &from, &token, &provider).await? {
        Ok(holder) => holder,
        Err(missing) => return Err(Problem::step_up(missing)),
    };
    let none = |detail: &'static str| Problem::new(Code::NoUpstreamToken, detail);
    let Some(provider) = find(&app, &provider) else {
        return Err(Problem::not_found("There is no such provider, or not any more."));
    };
    match hand_out(&app, &by, user.id, &provider).await? {
        Handed::Token(tokens) => {
            events::count_given(&app, Action::UpstreamTokenGiven, &client);
            Ok(Json(UpstreamToken {
                access_token: tokens.access,
                token_type: "Bearer",
                expires_at: tokens.expires_at.map(|at| at.to_string()),
                scope: tokens.scope,
            }))
        }
        Handed::None => Err(none("No token is kept. The person gets one by signing in through the provider.")),
        Handed::Over => Err(none("It has expired. The person gets another by signing in through the provider.")),
        Handed::Wait(wait) => Err(Problem::upstream_unavailable(wait)),
    }
}
