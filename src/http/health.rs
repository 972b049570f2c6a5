//! Whether this instance lives, and whether it can serve.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::App;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::health;

/// What both endpoints say when all is well; anything else is an error status.
#[derive(Serialize)]
pub struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers. Restarting it would mend nothing, whatever the database does.
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// `GET /readyz`: the database answers too, so traffic may come here; 503 otherwise.
pub async fn ready(State(app): State<App>) -> Result<Json<Health>, OAuthError> {
    health::ready(&app).await?;
    Ok(Json(Health { status: "ready" }))
}
