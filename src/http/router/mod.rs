//! Every URL, one file for each kind of caller.

mod account;
mod api;
mod documents;
mod oauth;
mod operations;
mod pages;
mod registration;

use axum::{Router, middleware};

use super::front::Front;
use super::language;
use super::respond::page_error;
use crate::app::App;

/// The whole server.
pub fn front(app: App) -> Front {
    front_with(app, Router::new())
}

/// The whole server and a guest beside it, whose requests get ids too.
pub fn front_with(app: App, guest: Router) -> Front {
    let routes = Router::new()
        .merge(guest.with_state(()))
        .merge(documents::routes())
        .merge(oauth::routes())
        .merge(registration::routes(&app))
        .merge(api::routes())
        .merge(pages::routes(&app))
        .merge(operations::routes())
        .fallback(page_error::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), language::layer));
    // Not for a loopback host: the browser would then demand https of every other program of the developer's machine.
    let hsts = app.issuer.is_https() && !app.issuer.is_loopback();
    Front::new(app.clone(), routes.with_state(app), hsts)
}
