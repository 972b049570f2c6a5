//! The page on which one says that the password is lost.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::RECOVER;
use crate::http::open_page::{OpenPage, Opened, Sent, Visit};
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::{self, PageError};
use crate::language::{Sentence, sentence};
use crate::services::account::asked_by_mail::{Heard, Wanted, ask, is_offered};

/// The form. It posts `username`, `csrf` and, if something waits for a sign-in, `flow` to `/recover`.
#[derive(Template)]
#[template(path = "recover/ask.html")]
pub struct AskPage {
    /// The shared part.
    pub layout: Layout,
    /// The form's CSRF token.
    pub csrf: String,
    /// What waits for the sign-in.
    pub flow: Option<String>,
    /// What was typed.
    pub username: String,
    /// Why nothing was done.
    pub error: Option<Sentence>,
    /// Why the person sees this page again.
    pub notice: Option<Sentence>,
}

impl Page for AskPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// What comes after it: the same for everybody.
#[derive(Template)]
#[template(path = "recover/asked.html")]
pub struct AskedPage {
    /// The shared part.
    pub layout: Layout,
    /// What waits for the sign-in.
    pub flow: Option<String>,
}

impl Page for AskedPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Asking for another password as a page.
pub struct Ask;

impl OpenPage for Ask {
    const PATH: &'static str = RECOVER;
    const KEEPS: &'static [&'static str] = &["flow"];
}

/// `GET /recover`: the form. There is none where no mail can be sent.
pub async fn get(Opened(visit): Opened<Ask>) -> Response {
    match is_offered(&visit.app) {
        true => {
            let stale = visit.params.get("stale").or(visit.params.get("again"));
            let notice = stale.map(|_| sentence!("recover-stale"));
            page(StatusCode::OK, &form(&visit, None, notice))
        }
        false => page_error::not_found(axum::extract::State(visit.app)).await,
    }
}

/// `POST /recover`: whoever is named, if there is anybody, is sent a link. What it makes us store is bounded by
/// [`ask`]; nothing of the answer tells whether there is such an account.
pub async fn post(Sent(visit): Sent<Ask>) -> Result<Response, PageError> {
    if !is_offered(&visit.app) {
        return Ok(page_error::not_found(axum::extract::State(visit.app)).await);
    }
    let flow = visit.token("flow").map(str::to_owned);
    let locale = Some(visit.layout().language().tag().to_owned());
    let wanted = Wanted::Reset { flow: flow.clone() };
    match ask(&visit.app, &visit.browser.actor().origin, visit.typed("username"), wanted, locale).await? {
        Heard::Yes => Ok(page(StatusCode::OK, &AskedPage { layout: visit.layout().without_switch(), flow })),
        Heard::Wait(wait) => {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            let error = sentence!("recover-wait", minutes = minutes);
            let mut response = page(StatusCode::TOO_MANY_REQUESTS, &form(&visit, Some(error), None));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            Ok(response)
        }
    }
}

fn form(visit: &Visit<Ask>, error: Option<Sentence>, notice: Option<Sentence>) -> AskPage {
    AskPage {
        layout: visit.layout_of_form(),
        csrf: visit.browser.csrf(),
        flow: visit.token("flow").map(str::to_owned),
        username: visit.typed("username").to_owned(),
        error,
        notice,
    }
}
