//! What everybody reads and caches keep; `GET` is answered by [`crate::http::documents::Documents`].

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::http::documents::other_methods;
use crate::http::layers;

/// The documents.
pub fn routes() -> Router<App> {
    Router::new()
        .route(path::OPENID_CONFIGURATION, get(other_methods))
        .route(path::OAUTH_METADATA, get(other_methods))
        .route(path::PROTECTED_RESOURCE, get(other_methods))
        .route(path::JWKS, get(other_methods))
        .layer(layers::cors())
}
