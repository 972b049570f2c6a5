//! What applications call that register themselves, where they do.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;

use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::http::layers;
use crate::http::oauth::register;

/// The endpoints of registration; none where the operator registers every application.
pub fn routes(app: &App) -> Router<App> {
    if !app.settings.registration.is_on() {
        return Router::new();
    }
    let no_store = MapResponseLayer::new(layers::no_store as fn(Response) -> Response);
    Router::new()
        .route(path::REGISTER, post(register::post))
        .route(register::CLIENT, get(register::get).put(register::put).delete(register::delete))
        .layer(ServiceBuilder::new().layer(no_store).layer(layers::cors_of_api()))
}
