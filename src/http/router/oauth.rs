//! What applications and services call; what these endpoints are for is answered by
//! [`crate::http::oauth::endpoints::Endpoint`].

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;

use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::http::federation;
use crate::http::layers;
use crate::http::oauth::{challenge, introspect, par, revoke, token, userinfo};

/// The endpoints of the protocol, but for those that browsers open.
pub fn routes() -> Router<App> {
    let no_store = MapResponseLayer::new(layers::no_store as fn(Response) -> Response);
    let from_browsers_too = Router::new()
        .route(path::TOKEN, post(token::token))
        .route(path::USERINFO, get(userinfo::userinfo).post(userinfo::userinfo))
        .route(path::PAR, post(par::par))
        .route(path::REVOKE, post(revoke::revoke))
        .layer(ServiceBuilder::new().layer(no_store.clone()).layer(layers::cors()));
    Router::new()
        .route(path::INTROSPECT, post(introspect::introspect))
        // A script of a page has the browser, and is better off with the pages (OAuth 2.0 for First-Party Applications §9.8).
        .route(path::CHALLENGE, post(challenge::challenge))
        .route(federation::LOGOUT, post(federation::logout::post))
        .layer(no_store)
        .merge(from_browsers_too)
}
