//! The page that the link of a mail leads to by which somebody stops what was said of their second factors.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::CANCEL;
use crate::http::open_page::{OpenPage, Opened, Sent, Visit};
use crate::http::respond::layout::Layout;
use crate::http::respond::message::link_over;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::language::sentence;
use crate::services::factor::lost_factors::{can_cancel, cancel_by_link};

/// The form, with one button. It posts `token` and `csrf` to `/recover/factors/cancel`.
#[derive(Template)]
#[template(path = "recover/cancel.html")]
pub struct CancelPage {
    /// The shared part.
    pub layout: Layout,
    /// The form's CSRF token, and the secret of the link; `None` when it is done.
    pub form: Option<(String, String)>,
}

impl Page for CancelPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Stopping it as a page.
pub struct Cancel;

impl OpenPage for Cancel {
    const PATH: &'static str = CANCEL;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// `GET /recover/factors/cancel`: the button. It uses nothing up: programs that look at the links of a mail open this too.
pub async fn get(Opened(visit): Opened<Cancel>) -> Result<Response, PageError> {
    let token = visit.token("token").unwrap_or_default().to_owned();
    if !can_cancel(&visit.app, &token).await? {
        return Ok(void(&visit));
    }
    let form = Some((visit.browser.csrf(), token));
    Ok(page(StatusCode::OK, &CancelPage { layout: visit.layout_of_form(), form }))
}

/// `POST /recover/factors/cancel`: the second factors stay. Nothing is stored for whoever has no link.
pub async fn post(Sent(visit): Sent<Cancel>) -> Result<Response, PageError> {
    let token = visit.token("token").unwrap_or_default();
    match cancel_by_link(&visit.app, &visit.browser.actor(), token).await? {
        true => Ok(page(StatusCode::OK, &CancelPage { layout: visit.layout().without_switch(), form: None })),
        false => Ok(void(&visit)),
    }
}

fn void(visit: &Visit<Cancel>) -> Response {
    link_over(&visit.app, sentence!("cancel-recovery-over"), sentence!("email-own-account"))
}
