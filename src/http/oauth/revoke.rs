//! `POST /revoke` (RFC 7009 §2).

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::http::extract::client::AuthenticatedClient;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::oauth::revoke::revoke as end;

/// Ends a token.
pub async fn revoke(
    State(app): State<App>,
    AuthenticatedClient { client, by, params }: AuthenticatedClient,
) -> Result<StatusCode, OAuthError> {
    end(&app, &by, &client, &params).await.map_err(|error| error.asked_by(&client.id))?;
    Ok(StatusCode::OK)
}
