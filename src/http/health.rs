//! Whether this instance lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;

use crate::app::App;
use crate::http::respond::oauth_error::OAuthError;
use crate::http::serve::shutdown::Draining;
use crate::services::operation::health;

/// What both endpoints say, but for what is wrong with the database.
#[derive(Serialize)]
pub struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct NotReady {
    status: &'static str,
    reason: String,
}

/// `GET /healthz`: the process answers. Restarting it would mend nothing, whatever the database does.
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// `GET /readyz`: the database answers too, so traffic may come here; 503 otherwise, and once we were told to stop.
pub async fn ready(State(app): State<App>, draining: Option<Extension<Draining>>) -> Result<Response, OAuthError> {
    if draining.is_some() {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "draining" })).into_response());
    }
    health::ready(&app).await?;
    if let Some(off_by) = app.clock_guard.off_by() {
        let reason = format!("this instance's clock is off from the database's by {} seconds", off_by.as_secs());
        let body = NotReady { status: "not ready", reason };
        return Ok((StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response());
    }
    Ok(Json(Health { status: "ready" }).into_response())
}
