//! Every URL, grouped by who calls it.

use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;

use super::documents::other_methods;
use super::extract::browser;
use super::front::Front;
use super::oauth::{authorize, introspect, revoke, token, userinfo};
use super::respond::page_error;
use super::{health, layers, same_origin, security_txt, static_files};
use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::http::sign_in::next_page::{CHOOSE_ACCOUNT, CONSENT, LOGIN};
use crate::http::sign_in::{choose_account, consent, landing, login, logout};

/// The whole server.
pub fn front(app: App) -> Front {
    front_with(app, Router::new())
}

/// The whole server and a guest beside it, whose requests get ids too.
pub fn front_with(app: App, guest: Router) -> Front {
    let routes = Router::new()
        .merge(guest.with_state(()))
        .merge(documents())
        .merge(oauth_api())
        .merge(pages(&app))
        .merge(operations())
        .fallback(page_error::not_found);
    // Not for a loopback host: the browser would then demand https of every other program of the developer's machine.
    let hsts = app.issuer.is_https() && !app.issuer.is_loopback();
    Front::new(app.clone(), routes.with_state(app), hsts)
}

/// Read by everybody, kept by caches; `GET` is answered by [`super::documents::Documents`].
fn documents() -> Router<App> {
    Router::new()
        .route(path::OPENID_CONFIGURATION, get(other_methods))
        .route(path::OAUTH_METADATA, get(other_methods))
        .route(path::JWKS, get(other_methods))
        .layer(layers::cors())
}

/// Called by applications and services; what these endpoints are for is answered by [`super::oauth::endpoints::Endpoint`].
fn oauth_api() -> Router<App> {
    let no_store = MapResponseLayer::new(layers::no_store as fn(Response) -> Response);
    let from_browsers_too = Router::new()
        .route(path::TOKEN, post(token::token))
        .route(path::USERINFO, get(userinfo::userinfo).post(userinfo::userinfo))
        .route(path::REVOKE, post(revoke::revoke))
        .layer(ServiceBuilder::new().layer(no_store.clone()).layer(layers::cors()));
    Router::new().route(path::INTROSPECT, post(introspect::introspect)).layer(no_store).merge(from_browsers_too)
}

/// Opened by people in browsers.
fn pages(app: &App) -> Router<App> {
    let our_forms = Router::new()
        .route(LOGIN, get(login::get).post(login::post))
        .route(CHOOSE_ACCOUNT, get(choose_account::get).post(choose_account::post))
        .route(CONSENT, get(consent::get).post(consent::post))
        .route("/logout/confirm", post(logout::confirm))
        .layer(middleware::from_fn_with_state(app.clone(), same_origin::layer));
    let with_a_cookie = Router::new()
        .merge(our_forms)
        .route(path::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(path::LOGOUT, get(logout::get).post(logout::post))
        .layer(middleware::from_fn_with_state(app.clone(), browser::layer))
        .layer(middleware::from_fn(layers::complete_cookies));
    Router::new()
        .merge(with_a_cookie)
        .route("/", get(landing::get))
        .layer(middleware::from_fn_with_state(app.clone(), page_error::layer))
        .route("/static/{name}", get(static_files::serve))
}

/// Called by whatever runs the server.
fn operations() -> Router<App> {
    Router::new()
        .route(security_txt::PATH, get(security_txt::get))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
}
