//! What people open in browsers.

use axum::http::{HeaderName, StatusCode, header};
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::http::dev;
use crate::http::extract::browser_layer;
use crate::http::federation;
use crate::http::language::SWITCH;
use crate::http::oauth::{authorize, check_session};
use crate::http::recover::{self, CANCEL, RECOVER, RESET};
use crate::http::respond::page_error;
use crate::http::set_out::{LOGIN, SIGN_UP};
use crate::http::sign_in::next_page::{
    ADD_FACTOR, CHOOSE_ACCOUNT, CONSENT, KEEP_ACCOUNT, LOST_FACTORS, MAILED_CODE, MAILED_LINK, SECOND_FACTOR,
};
use crate::http::sign_in::{add_factor, choose_account, consent, keep_account, landing, login, logout, second_factor};
use crate::http::sign_in::{confirm_sign_up, invitation, lost_factors, mailed_code, mailed_link, sign_up};
use crate::http::{language_choice, layers, same_origin, static_files};

/// The pages, and what they load.
pub fn routes(app: &App) -> Router<App> {
    let our_forms = Router::new()
        .route(LOGIN, get(login::get).post(login::post))
        .route(MAILED_CODE, get(mailed_code::get).post(mailed_code::post))
        .route(MAILED_LINK, get(mailed_link::get).post(mailed_link::post))
        .route(SIGN_UP, get(sign_up::get).post(sign_up::post))
        .route(invitation::INVITATION, post(invitation::post))
        .route(confirm_sign_up::CONFIRM, get(confirm_sign_up::get).post(confirm_sign_up::post))
        .route(SECOND_FACTOR, get(second_factor::get).post(second_factor::post))
        .route(LOST_FACTORS, get(lost_factors::get).post(lost_factors::post))
        .route(ADD_FACTOR, get(add_factor::get).post(add_factor::post))
        .route(CHOOSE_ACCOUNT, get(choose_account::get).post(choose_account::post))
        .route(KEEP_ACCOUNT, get(keep_account::get).post(keep_account::post))
        .route(CONSENT, get(consent::get).post(consent::post))
        .route("/logout/confirm", post(logout::confirm))
        .route(RECOVER, get(recover::ask::get).post(recover::ask::post))
        .route(CANCEL, get(recover::cancel::get).post(recover::cancel::post))
        .route(RESET, get(recover::reset::get).post(recover::reset::post))
        .merge(super::account::routes())
        .layer(middleware::from_fn_with_state(app.clone(), same_origin::layer));
    // It is about the browser, whoever is signed in there.
    let language = Router::new()
        .route(SWITCH, post(language_choice::post))
        .layer(middleware::from_fn_with_state(app.clone(), same_origin::layer));
    let with_a_cookie = Router::new()
        .merge(our_forms)
        .route(path::AUTHORIZE, get(authorize::get).post(authorize::post).head(no_head))
        .route(path::CHECK_SESSION, get(check_session::get))
        .route(path::LOGOUT, get(logout::get).post(logout::post).head(no_head))
        .route(federation::CALLBACK, get(federation::callback::get).post(federation::callback::post).head(no_head))
        .layer(middleware::from_fn_with_state(app.clone(), browser_layer::layer))
        .layer(middleware::from_fn(layers::complete_cookies));
    Router::new()
        .merge(with_a_cookie)
        .merge(language)
        .merge(dev_pages(app))
        .route("/", get(landing::get))
        .layer(middleware::from_fn_with_state(app.clone(), page_error::layer))
        .route("/static/{name}", get(static_files::serve))
}

/// HEAD is safe (RFC 9110 §9.2.1), and so not for what a GET gives out or ends: a code, a session, a sign-in under way.
async fn no_head() -> (StatusCode, [(HeaderName, &'static str); 1]) {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,POST")])
}

/// The clock, where nobody but this machine can reach it.
fn dev_clock(app: &App) -> Router<App> {
    let ours = middleware::from_fn_with_state(app.clone(), same_origin::layer);
    match app.issuer.is_loopback() {
        true => Router::new().route(dev::clock::CLOCK, get(dev::clock::get).post(dev::clock::post).layer(ours)),
        false => Router::new(),
    }
}

/// What `latchkey dev` shows, and nobody else.
fn dev_pages(app: &App) -> Router<App> {
    match app.settings.dev {
        None => Router::new(),
        Some(_) => dev_clock(app)
            .route("/dev/mail", get(dev::mail::list))
            .route("/dev/mail.json", get(dev::mail::json))
            .route("/dev/mail/{id}", get(dev::mail::html)),
    }
}
