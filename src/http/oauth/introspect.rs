//! `POST /introspect` (RFC 7662 §2).

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::http::extract::client::AuthenticatedClient;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::oauth::introspect::{Introspection, introspect as look};

/// Tells an authenticated client about a token.
pub async fn introspect(
    State(app): State<App>,
    AuthenticatedClient { client, params, .. }: AuthenticatedClient,
) -> Result<Json<Introspection>, OAuthError> {
    let found = look(&app, &client, &params).await;
    Ok(Json(found.map_err(|error| error.asked_by(&client.id))?))
}
