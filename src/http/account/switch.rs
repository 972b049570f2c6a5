//! Several accounts in one browser: the switcher on every account page, and the way to sign in with one more.

use axum::extract::{Request, State};
use axum::response::Response;

use super::notice::Notice;
use crate::app::App;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::domain::sign_in::selection::Account;
use crate::foundation::id::SessionId;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::respond::authorization::see_other;
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, set_out, sign_in_for};
use crate::services::sign_in::accounts::live_of;

/// Where the switcher is sent to.
pub const SWITCH: &str = "/account/switch";

/// `GET /account/add`: the sign-in page, whoever is signed in already.
pub async fn add(State(app): State<App>, mut browser: Browser) -> Result<Response, PageError> {
    sign_in_for(&app, &mut browser, OwnPage::AddAccount).await
}

/// `POST /account/switch`. The form posts `csrf`, `back`, the path of the page that it is on, and one of: `account`, whom to
/// go on with; `sign_out`, whom to sign out, by their sessions; or `action` (`sign_out_all`).
pub async fn post(State(app): State<App>, browser: Browser, request: Request) -> Result<Response, PageError> {
    let sent = form::read(request).await.map_err(PageRefusal::from)?;
    sent.once().map_err(PageRefusal::from)?;
    let back = sent.get("back").and_then(OwnPage::at).unwrap_or(OwnPage::Account);
    if !browser.sent_choice(&app, sent.get("csrf")) {
        return Ok(see_other(&Notice::Stale.link(&app, &browser, back))?);
    }
    let session = |field| sent.get(field).and_then(|id| id.parse::<SessionId>().ok());
    if let Some(id) = session("account") {
        return switch(&app, browser, id, back).await;
    }
    let leaving = match (session("sign_out"), sent.get("action")) {
        (Some(id), _) => live_of(&app, &only_held(&browser, |held| held == id)).await?,
        (None, Some("sign_out_all")) => live_of(&app, &only_held(&browser, |_| true)).await?,
        _ => return Ok(see_other(back.path())?),
    };
    sign_out(&app, browser, &leaving).await
}

/// These accounts are signed out in the browser, which is shown whoever is left, or that nobody is.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(app: &App, mut browser: Browser, leaving: &[Account]) -> Result<Response, PageError> {
    match browser.sign_out(app, leaving).await? {
        true => Ok(see_other(&Notice::OneSignedOut.link(app, &browser, OwnPage::Account))?),
        // Where nobody is signed in any more, it says so.
        false => Ok(see_other("/logout")?),
    }
}

fn only_held(browser: &Browser, is_meant: impl Fn(SessionId) -> bool) -> Vec<SessionId> {
    browser.sessions().into_iter().filter(|held| is_meant(*held)).collect()
}

/// Goes on with that account, on the same page. One whose session has ended signs in again.
async fn switch(app: &App, mut browser: Browser, id: SessionId, back: OwnPage) -> Result<Response, PageError> {
    if browser.choose(app, id, None).await? {
        return Ok(see_other(back.path())?);
    }
    match browser.sessions().contains(&id) {
        true => {
            let add = Destination::Page(OwnPage::AddAccount);
            set_out(app, &mut browser, &add, LOGIN, &format!("&account={id}")).await
        }
        false => Ok(see_other(&Notice::NoSuchAccount.link(app, &browser, back))?),
    }
}
