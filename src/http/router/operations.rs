//! What is called by whatever runs the server.

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::http::{health, security_txt};

/// Health, and whom to tell of a problem.
pub fn routes() -> Router<App> {
    Router::new()
        .route(security_txt::PATH, get(security_txt::get))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
}
