//! The way to the pages of a sign-in, from `/authorize` and from pages of ours that demand one.

use axum::response::Response;

use super::extract::browser::Browser;
use super::respond::authorization::{see_other, send};
use super::respond::page_error::PageError;
use crate::app::App;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::services::ServiceError;
use crate::services::sign_in::{authorization_request, authorize};

/// Where one signs in.
pub const LOGIN: &str = "/login";

/// Where one makes an account.
pub const SIGN_UP: &str = "/signup";

/// The link of a page in this flow.
pub fn link(path: &str, flow: &str) -> String {
    format!("{path}?flow={flow}")
}

/// What waits for a sign-in begins its way through the pages of this browser, at `path` with `rest` in its link.
///
/// # Errors
/// When a request has to be stored and the database does not answer, or its client has changed meanwhile.
pub async fn set_out(
    app: &App,
    browser: &mut Browser,
    destination: &Destination,
    path: &str,
    rest: &str,
) -> Result<Response, PageError> {
    let binding = browser.remember(app);
    match (authorization_request::carry(app, destination, binding, browser.address()).await?, destination) {
        (Some(flow), _) => Ok(see_other(&format!("{}{rest}", link(path, &flow)))?),
        (None, Destination::Client(request)) => Ok(send(app, browser, authorize::no_room(app, request).await?).await?),
        (None, Destination::Page(_)) => Err(ServiceError::internal("no room for a page of ours").into()),
    }
}

/// Sends a browser to sign in, and back to `page` after that.
///
/// # Errors
/// None in practice.
pub async fn sign_in_for(app: &App, browser: &mut Browser, page: OwnPage) -> Result<Response, PageError> {
    set_out(app, browser, &Destination::Page(page), LOGIN, "").await
}
