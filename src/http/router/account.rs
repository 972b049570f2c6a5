//! The pages of one's own account, behind the layers of [`super::pages`].

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::account::{
    activity, add_passkey, add_totp, apps, connections, data, delete, email, email_links, factors, overview, password,
    profile, sessions, switch,
};

/// The pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route(OwnPage::Account.path(), get(overview::get))
        .route(OwnPage::Profile.path(), get(profile::get).post(profile::post))
        .route(OwnPage::Email.path(), get(email::get).post(email::post))
        .route(email_links::CONFIRM, get(email_links::get_confirm).post(email_links::post_confirm))
        .route(email_links::UNDO, get(email_links::get_undo).post(email_links::post_undo))
        .route(OwnPage::Password.path(), get(password::get).post(password::post))
        .route(OwnPage::Factors.path(), get(factors::get).post(factors::post))
        .route(OwnPage::AddTotp.path(), get(add_totp::get).post(add_totp::post))
        .route(OwnPage::AddPasskey.path(), get(add_passkey::get).post(add_passkey::post))
        .route(OwnPage::Sessions.path(), get(sessions::get).post(sessions::post))
        .route(switch::SWITCH, post(switch::post))
        .route(OwnPage::AddAccount.path(), get(switch::add))
        .route(OwnPage::Apps.path(), get(apps::get).post(apps::post))
        .route(OwnPage::Data.path(), get(data::get).post(data::post))
        .route(OwnPage::Connections.path(), get(connections::get).post(connections::post))
        .route(OwnPage::Delete.path(), get(delete::get).post(delete::post))
        .route(OwnPage::Activity.path(), get(activity::get).post(activity::post))
}
