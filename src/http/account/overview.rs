//! The first page of one's account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Admitted, Opened, SignedIn};
use super::frame::{Entry, Frame};
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::language::{Sentence, sentence};

/// The overview.
#[derive(Template)]
#[template(path = "account/overview.html")]
pub struct OverviewPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// What they sign in with.
    pub names: Vec<Name>,
}

/// What somebody signs in with.
pub struct Name {
    /// What it is.
    pub label: Sentence,
    /// It.
    pub value: String,
    /// What is to be known of it.
    pub note: Option<Sentence>,
}

impl Page for OverviewPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl OverviewPage {
    fn others(&self) -> impl Iterator<Item = &'static Entry> {
        self.frame.entries().filter(|entry| entry.page != OwnPage::Account)
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
        names.push(Name { label: sentence!("overview-username"), value: username.clone(), note: None });
    }
    if let Some(email) = &user.email {
        let note = (!user.email_verified).then(|| sentence!("overview-not-verified"));
        names.push(Name { label: sentence!("overview-email"), value: email.clone(), note });
    }
    page(StatusCode::OK, &OverviewPage { layout, frame, names })
}
