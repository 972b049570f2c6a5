//! `POST /introspect` (RFC 7662 §2, RFC 9701).

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::http::extract::accepts::{INTROSPECTION_JWT, WantsJwt};
use crate::http::extract::client::AuthenticatedClient;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::oauth::introspect::introspect as look;
use crate::services::oauth::jwt_answer::Answer;

/// Tells an authenticated client about a token: in JSON, or as a JWT to whoever accepts one (RFC 9701 §4). Errors are JSON
/// either way.
pub async fn introspect(
    State(app): State<App>,
    WantsJwt(as_jwt): WantsJwt,
    AuthenticatedClient { client, params, .. }: AuthenticatedClient,
) -> Result<Response, OAuthError> {
    let found = look(&app, &client, &params, as_jwt).await;
    Ok(match found.map_err(|error| error.asked_by(&client.id))? {
        Answer::Plain(found) => Json(found).into_response(),
        Answer::Jwt(jwt) => ([(CONTENT_TYPE, INTROSPECTION_JWT)], jwt).into_response(),
    })
}
