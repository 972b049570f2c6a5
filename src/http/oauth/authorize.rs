//! `GET|POST /authorize` (RFC 6749 §3.1, OpenID Connect Core §3.1.2).

use axum::extract::{RawQuery, Request, State};
use axum::response::Response;

use crate::app::App;
use crate::domain::oauth::discovery::path;
use crate::domain::oauth::error::ErrorCode;
use crate::domain::oauth::params::Params;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::language;
use crate::http::respond::authorization::as_link;
use crate::http::respond::page_error::PageError;
use crate::http::sign_in::next_page::next_page;
use crate::services::oauth::authorization_parameters::resolve;
use crate::services::sign_in::authorize::begin;
use crate::services::sign_in::progress::Progress;

/// Takes up an authorization request from a link.
pub async fn get(
    State(app): State<App>,
    mut browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let params = Params::parse(query.unwrap_or_default().as_bytes())?;
    let asked = resolve(&app, &params).await?;
    language::asked(asked.params.get("ui_locales"));
    let progress = begin(&app, &browser.actor(), &asked, browser.accounts(&app)).await?;
    next_page(&app, &mut browser, None, progress).await
}

/// Takes up an authorization request from a form. Another site's form comes without our cookie (`SameSite=Lax`): then
/// the browser is sent on to the same request as a link, with which the cookie comes along.
pub async fn post(State(app): State<App>, mut browser: Browser, request: Request) -> Result<Response, PageError> {
    let params = form::read(request).await?;
    let asked = resolve(&app, &params).await?;
    language::asked(asked.params.get("ui_locales"));
    let progress = begin(&app, &browser.actor(), &asked, browser.accounts(&app)).await?;
    if !browser.is_known()
        && depends_on_the_session(&progress)
        && let Some(link) = as_link(path::AUTHORIZE, &params)
    {
        return Ok(link?);
    }
    next_page(&app, &mut browser, None, progress).await
}

fn depends_on_the_session(progress: &Progress) -> bool {
    match progress {
        Progress::Ask(_) | Progress::Restart(_) | Progress::Visit(_) | Progress::Leave => true,
        Progress::Respond(answer) => {
            answer.response.refusal.as_ref().is_some_and(|refusal| refusal.code == ErrorCode::LoginRequired)
        }
    }
}
