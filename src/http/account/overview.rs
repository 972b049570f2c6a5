//! The first page of one's account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Admitted, Opened, SignedIn};
use super::frame::{ENTRIES, Entry, Frame};
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};

/// The overview.
#[derive(Template)]
#[template(path = "account/overview.html")]
pub struct OverviewPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// What they sign in with, each with its name.
    pub names: Vec<(&'static str, String)>,
}

impl Page for OverviewPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl OverviewPage {
    fn others(&self) -> impl Iterator<Item = &'static Entry> {
        ENTRIES.iter().filter(|entry| entry.page != OwnPage::Account)
    }
}

/// The overview as a page.
pub struct Overview;

impl AccountPage for Overview {
    const PAGE: OwnPage = OwnPage::Account;
    type Who = SignedIn;
}

/// `GET /account`.
pub async fn get(Opened(visit): Opened<Overview>) -> Response {
    let (layout, frame) = visit.frame();
    let user = visit.who.user();
    let mut names = Vec::new();
    if let Some(username) = &user.username {
        names.push(("Username", username.clone()));
    }
    if let Some(email) = &user.email {
        let verified = if user.email_verified { "" } else { " (not verified)" };
        names.push(("E-mail address", format!("{email}{verified}")));
    }
    page(StatusCode::OK, &OverviewPage { layout, frame, names })
}
