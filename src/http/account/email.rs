//! The page on which one asks for another address, or for a proof of the one that there is.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use crate::domain::account::sign_up::Wrong;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::account::{AddressWanted, ChangeAsked, ask_for_address};
use crate::services::sign_in::own_page::FreshSession;

/// The form. It posts `email` and `csrf` to `/account/email`.
#[derive(Template)]
#[template(path = "account/email.html")]
pub struct EmailPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// The address that they have.
    pub address: Option<String>,
    /// Whether it is known to be theirs.
    pub is_verified: bool,
    /// What was typed before.
    pub typed: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Page for EmailPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The address as a page.
pub struct Email;

impl AccountPage for Email {
    const PAGE: OwnPage = OwnPage::Email;
    type Who = FreshSession;
}

/// `GET /account/email`.
pub async fn get(Opened(visit): Opened<Email>) -> Response {
    page(StatusCode::OK, &form(&visit, None))
}

/// `POST /account/email`: asks. The answer is the same whoever has that address. An account can make us store ten jobs of a
/// kilobyte within an hour.
pub async fn post(Sent(visit): Sent<Email>) -> Result<Response, PageError> {
    let locale = visit.frame().0.language().tag().to_owned();
    let wanted = AddressWanted {
        typed: visit.typed("email"),
        from: visit.browser.address(),
        locale: Some(locale),
        code_for: None,
    };
    match ask_for_address(&visit.app, &visit.browser.actor(), &visit.who, wanted).await? {
        ChangeAsked::Sent => visit.tell(Notice::AddressAsked),
        ChangeAsked::Same => visit.tell(Notice::AddressSame),
        ChangeAsked::Wrong(wrong) => {
            let said = if wrong == Wrong::Domain {
                sentence!("sign-up-domain-wrong")
            } else {
                sentence!("sign-up-email-wrong")
            };
            Ok(page(StatusCode::OK, &form(&visit, Some(said))))
        }
        ChangeAsked::Wait(wait) => {
            let said = sentence!("sign-up-wait", minutes = wait.as_secs().div_ceil(60).max(1));
            let mut response = page(StatusCode::TOO_MANY_REQUESTS, &form(&visit, Some(said)));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            Ok(response)
        }
    }
}

fn form(visit: &Visit<FreshSession>, error: Option<Sentence>) -> EmailPage {
    let (layout, frame) = visit.frame();
    let user = visit.who.user();
    EmailPage {
        error: error.map(|error| layout.say(error)),
        layout,
        frame,
        address: user.email.clone(),
        is_verified: user.email_verified,
        typed: visit.typed("email").to_owned(),
    }
}
