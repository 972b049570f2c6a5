//! `POST /introspect` (RFC 7662 §2).

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::http::extract::client::AuthenticatedClient;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::introspect::{Introspection, introspect as look};

/// Tells an authenticated client about a token. A public client proves nothing, so it learns nothing (RFC 7662 §2.1).
pub async fn introspect(
    State(app): State<App>,
    AuthenticatedClient { client, params }: AuthenticatedClient,
) -> Result<Json<Introspection>, OAuthError> {
    if client.is_public() {
        return Err(Refusal::new(ErrorCode::InvalidClient, "Introspection needs a client that authenticates.").into());
    }
    Ok(Json(look(&app, &client, &params).await?))
}
