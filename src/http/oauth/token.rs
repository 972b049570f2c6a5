//! `POST /token` (RFC 6749 §3.2).

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::http::extract::client::AuthenticatedClient;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::oauth::token::{TokenResponse, exchange};

/// Exchanges a grant for tokens.
pub async fn token(
    State(app): State<App>,
    AuthenticatedClient { client, by, params }: AuthenticatedClient,
) -> Result<Json<TokenResponse>, OAuthError> {
    let given = exchange(&app, &by, &client, &params).await;
    Ok(Json(given.map_err(|error| error.asked_by(&client.id))?))
}
