//! The page that the link in a mail leads to: another password is chosen there.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{RECOVER, RESET};
use crate::domain::account::error::AccountError;
use crate::domain::account::user::User;
use crate::foundation::SecretString;
use crate::http::account::throttled;
use crate::http::open_page::{OpenPage, Opened, Sent, Visit};
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::{self, PageError};
use crate::http::respond::password_refusal;
use crate::http::set_out::{LOGIN, link};
use crate::language::Sentence;
use crate::services::ServiceError;
use crate::services::account::recover::{Reset, find_link, reset};

/// The form. It posts `password`, `token` and `csrf` to `/recover/reset`.
#[derive(Template)]
#[template(path = "recover/reset.html")]
pub struct ResetPage {
    /// The shared part.
    pub layout: Layout,
    /// The form's CSRF token.
    pub csrf: String,
    /// The secret of the link.
    pub token: String,
    /// What they sign in with, for a password manager.
    pub username: String,
    /// The fewest characters of a new one.
    pub shortest: usize,
    /// What is wrong with the one that was typed.
    pub error: Option<Sentence>,
}

impl Page for ResetPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The password is another.
#[derive(Template)]
#[template(path = "recover/done.html")]
pub struct DonePage {
    /// The shared part.
    pub layout: Layout,
    /// Our own path at which one signs in.
    pub sign_in: String,
}

impl Page for DonePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The link does not hold.
#[derive(Template)]
#[template(path = "recover/void.html")]
pub struct VoidPage {
    /// The shared part.
    pub layout: Layout,
    /// Our own path at which another one can be asked for.
    pub again: &'static str,
}

impl Page for VoidPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Choosing another password as a page.
pub struct Choose;

impl OpenPage for Choose {
    const PATH: &'static str = RESET;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// `GET /recover/reset`: the form. It uses nothing up: programs that look at the links of a mail open this too.
pub async fn get(Opened(visit): Opened<Choose>) -> Result<Response, PageError> {
    if !visit.app.settings.login.takes_passwords() {
        return Ok(page_error::not_found(State(visit.app)).await);
    }
    Ok(match find_link(&visit.app, visit.token("token").unwrap_or_default()).await? {
        Some((_, user)) => page(StatusCode::OK, &form(&visit, &user, None)),
        None => void(&visit),
    })
}

/// `POST /recover/reset`: sets the password, and uses the link up by that. Nothing is stored for whoever has no link.
pub async fn post(Sent(visit): Sent<Choose>) -> Result<Response, PageError> {
    if !visit.app.settings.login.takes_passwords() {
        return Ok(page_error::not_found(State(visit.app)).await);
    }
    let token = visit.token("token").unwrap_or_default();
    let password = SecretString::new(visit.typed("password").to_owned());
    match reset(&visit.app, &visit.browser.actor(), token, password).await {
        Ok(Reset::Done { flow }) => {
            let sign_in = flow.map_or_else(|| "/account".to_owned(), |flow| link(LOGIN, &flow));
            Ok(page(StatusCode::OK, &DonePage { layout: visit.layout().without_switch(), sign_in }))
        }
        Ok(Reset::Void) => Ok(void(&visit)),
        Ok(Reset::Wait(wait)) => {
            let answer = again(&visit, token, throttled::said(wait), StatusCode::OK).await?;
            Ok(throttled::with_wait(answer, wait))
        }
        Err(ServiceError::Account(AccountError::Password(why))) => {
            again(&visit, token, password_refusal::said(&why), StatusCode::OK).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn again(visit: &Visit<Choose>, token: &str, error: Sentence, status: StatusCode) -> Result<Response, PageError> {
    Ok(match find_link(&visit.app, token).await? {
        Some((_, user)) => page(status, &form(visit, &user, Some(error))),
        None => void(visit),
    })
}

fn form(visit: &Visit<Choose>, user: &User, error: Option<Sentence>) -> ResetPage {
    ResetPage {
        layout: visit.layout_of_form(),
        csrf: visit.browser.csrf(),
        token: visit.token("token").unwrap_or_default().to_owned(),
        username: user.login_name().unwrap_or_default().to_owned(),
        shortest: visit.app.settings.password_policy.min_length(),
        error,
    }
}

fn void(visit: &Visit<Choose>) -> Response {
    page(StatusCode::GONE, &VoidPage { layout: visit.layout().without_switch(), again: RECOVER })
}
