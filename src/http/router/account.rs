//! The pages of one's own account, behind the layers of [`super::pages`].

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::account::overview;

/// The pages.
pub fn routes() -> Router<App> {
    Router::new().route(OwnPage::Account.path(), get(overview::get))
}
