//! Our own API. No cookie is read here, so that no other site's form does anything.

use axum::Router;
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;

use crate::app::App;
use crate::http::api::v1::me::{account, consents, data, email, factors, passkey, password, sessions, upstream};
use crate::http::api::v1::{document, keys, path};
use crate::http::layers;
use crate::http::respond::problem::{Code, Problem};

/// The API.
pub fn routes() -> Router<App> {
    let no_store = MapResponseLayer::new(layers::no_store as fn(Response) -> Response);
    let calls = Router::new()
        .route(path::ME, get(account::get).patch(account::patch))
        .route(path::PASSWORD, put(password::put))
        .route(path::EMAIL, post(email::post).delete(email::cancel))
        .route(path::EMAIL_CONFIRM, post(email::confirm))
        .route(path::FACTORS, get(factors::get))
        .route(path::TOTP, post(factors::begin_totp))
        .route(path::TOTP_CONFIRM, post(factors::confirm_totp))
        .route(path::PASSKEY, post(passkey::begin))
        .route(path::PASSKEY_CONFIRM, post(passkey::confirm))
        .route(path::RECOVERY_CODES, post(factors::create_recovery_codes))
        .route(path::FACTOR, delete(factors::delete))
        .route(path::SESSIONS, get(sessions::get).delete(sessions::delete_others))
        .route(path::SESSION, delete(sessions::delete))
        .route(path::DATA, get(data::get))
        .route(path::CONSENTS, get(consents::get))
        .route(path::CONSENT, delete(consents::delete))
        .route(path::UPSTREAM_TOKEN, get(upstream::get))
        .route(path::KEYS, get(keys::get))
        .route(path::ROTATE_KEYS, post(keys::rotate))
        .route("/api/v1/{*other}", get(not_found).fallback(not_found))
        .method_not_allowed_fallback(wrong_method)
        .layer(no_store);
    let document = Router::new().route(path::OPENAPI, get(document::get)).method_not_allowed_fallback(wrong_method);
    calls.merge(document).layer(ServiceBuilder::new().layer(layers::cors_of_api()))
}

async fn not_found() -> Problem {
    Problem::not_found("There is no such resource. The document at /api/v1/openapi.json has all of them.")
}

async fn wrong_method() -> Problem {
    Problem::new(
        Code::MethodNotAllowed,
        "The resource does not take this method; the header Allow says which it takes.",
    )
}
