//! The page on which one changes one's password.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use super::throttled;
use crate::app::App;
use crate::domain::account::error::AccountError;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::foundation::SecretString;
use crate::http::extract::device::{Device, set_cookie};
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::password_refusal;
use crate::language::{Sentence, sentence};
use crate::services::ServiceError;
use crate::services::account::{Changed, PasswordChange, change_password};
use crate::services::sign_in::own_page::FreshSession;

/// The form. It posts `current_password` (where there is one), `password` and `csrf` to `/account/password`.
#[derive(Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// What they sign in with, for a password manager.
    pub username: String,
    /// Whether there is a password to give.
    pub has_password: bool,
    /// The fewest characters of a new one.
    pub shortest: usize,
    /// What is wrong with the current one.
    pub current_error: Option<Sentence>,
    /// What is wrong with the new one.
    pub new_error: Option<Sentence>,
}

impl Page for PasswordPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The password as a page.
pub struct Password;

impl AccountPage for Password {
    const PAGE: OwnPage = OwnPage::Password;
    type Who = FreshSession;
}

/// `GET /account/password`.
pub async fn get(Opened(visit): Opened<Password>) -> Result<Response, PageError> {
    is_used(&visit.app)?;
    Ok(page(StatusCode::OK, &form(&visit, None, None)))
}

/// There is no such page where nobody signs in with a password.
fn is_used(app: &App) -> Result<(), PageRefusal> {
    if app.settings.login.takes_passwords() { Ok(()) } else { Err(PageRefusal::NoProvider) }
}

/// `POST /account/password`.
pub async fn post(Device(device): Device, Sent(mut visit): Sent<Password>) -> Result<Response, PageError> {
    is_used(&visit.app)?;
    let typed = |name: &str| SecretString::new(visit.typed(name).to_owned());
    let change = PasswordChange {
        current: typed("current_password"),
        new: typed("password"),
        address: visit.browser.address(),
        device: &device,
        browser: Some(visit.browser.before(&visit.app)),
    };
    match change_password(&visit.app, &visit.browser.actor(), &visit.who, change).await {
        Ok(Changed::Done(record, device)) => {
            visit.browser.sign_in(&visit.app, record.map(|record| *record)).await?;
            let cookie = set_cookie(&visit.app, &device)?;
            let mut response = visit.tell(Notice::PasswordChanged)?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Ok(Changed::Overtaken) => visit.tell(Notice::Stale),
        Ok(Changed::Wrong) => {
            let error = sentence!("password-wrong");
            Ok(page(StatusCode::OK, &form(&visit, Some(error), None)))
        }
        Ok(Changed::Wait(wait)) => {
            let form = form(&visit, Some(throttled::said(wait)), None);
            Ok(throttled::with_wait(page(StatusCode::OK, &form), wait))
        }
        Err(ServiceError::Account(AccountError::Password(why))) => {
            Ok(page(StatusCode::OK, &form(&visit, None, Some(password_refusal::said(&why)))))
        }
        Err(other) => Err(other.into()),
    }
}

fn form(visit: &Visit<FreshSession>, current_error: Option<Sentence>, new_error: Option<Sentence>) -> PasswordPage {
    let (layout, frame) = visit.frame();
    let user = visit.who.user();
    PasswordPage {
        layout,
        frame,
        username: user.login_name().unwrap_or_default().to_owned(),
        has_password: user.password_hash.is_some(),
        shortest: visit.app.settings.password_policy.min_length(),
        current_error,
        new_error,
    }
}
