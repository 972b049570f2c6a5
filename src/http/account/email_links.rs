//! Where the links of mails about an address lead: it is confirmed, or a change is undone. Whoever reads the mail need not be
//! signed in, nor be the one who is.

use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::respond::layout::Layout;
use crate::http::respond::mail_link::MailLinkPage;
use crate::http::respond::message::{MessageLink, MessagePage};
use crate::http::respond::page::page;
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::account::{
    EmailConfirmed, EmailUndone, address_to_confirm, address_to_restore, confirm_address, undo_address,
};

/// Where an address is confirmed.
pub const CONFIRM: &str = "/account/email/confirm";
/// Where a change is undone.
pub const UNDO: &str = "/account/email/undo";
/// Where a new password is had.
const RECOVER: &str = "/recover";

/// `GET /account/email/confirm?token=…`: one button. It uses nothing up.
pub async fn get_confirm(
    State(app): State<App>,
    mut browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let token = token(query)?;
    browser.remember(&app);
    show_confirm(&app, &browser, token).await
}

/// `POST /account/email/confirm`.
pub async fn post_confirm(
    State(app): State<App>,
    mut browser: Browser,
    request: Request,
) -> Result<Response, PageError> {
    let sent = read(request).await?;
    let token = sent.get("token").unwrap_or_default();
    if !browser.sent_form(sent.get("csrf")) {
        browser.remember(&app);
        return show_confirm(&app, &browser, token.to_owned()).await;
    }
    Ok(match confirm_address(&app, &browser.actor(), token).await? {
        EmailConfirmed::Done(address) => {
            let (heading, lead) = (sentence!("email-done-title"), sentence!("email-done", address = address));
            message(&app, StatusCode::OK, (heading, lead), own_account())
        }
        EmailConfirmed::Taken => taken(&app),
        EmailConfirmed::Over => over(&app),
    })
}

/// `GET /account/email/undo?token=…`: one button. It uses nothing up.
pub async fn get_undo(
    State(app): State<App>,
    mut browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let token = token(query)?;
    browser.remember(&app);
    show_undo(&app, &browser, token).await
}

/// `POST /account/email/undo`.
pub async fn post_undo(State(app): State<App>, mut browser: Browser, request: Request) -> Result<Response, PageError> {
    let sent = read(request).await?;
    let token = sent.get("token").unwrap_or_default();
    if !browser.sent_form(sent.get("csrf")) {
        browser.remember(&app);
        return show_undo(&app, &browser, token.to_owned()).await;
    }
    Ok(match undo_address(&app, &browser.actor(), token).await? {
        EmailUndone::Done => {
            let (heading, lead) = (sentence!("email-undone-title"), sentence!("email-undone"));
            message(&app, StatusCode::OK, (heading, lead), Some((sentence!("email-undone-go-on"), RECOVER)))
        }
        EmailUndone::Taken => taken(&app),
        EmailUndone::Over => over(&app),
    })
}

async fn show_confirm(app: &App, browser: &Browser, token: String) -> Result<Response, PageError> {
    let Some((address, account)) = address_to_confirm(app, &token).await? else { return Ok(over(app)) };
    let layout = Layout::new(app);
    let lead = layout.say(sentence!("email-confirm", address = address, account = account));
    let heading = layout.say(sentence!("email-confirm-title"));
    let button = layout.say(sentence!("email-confirm-submit"));
    let csrf = browser.csrf();
    let question = MailLinkPage { layout, heading, lead, button, action: CONFIRM, csrf, token, leads_to_client: false };
    Ok(page(StatusCode::OK, &question))
}

async fn show_undo(app: &App, browser: &Browser, token: String) -> Result<Response, PageError> {
    let Some(address) = address_to_restore(app, &token).await? else { return Ok(over(app)) };
    let layout = Layout::new(app);
    let lead = layout.say(sentence!("email-undo", address = address));
    let heading = layout.say(sentence!("email-undo-title"));
    let button = layout.say(sentence!("email-undo-submit"));
    let csrf = browser.csrf();
    let question = MailLinkPage { layout, heading, lead, button, action: UNDO, csrf, token, leads_to_client: false };
    Ok(page(StatusCode::OK, &question))
}

fn taken(app: &App) -> Response {
    let words = (sentence!("email-taken-title"), sentence!("email-taken"));
    message(app, StatusCode::CONFLICT, words, own_account())
}

fn over(app: &App) -> Response {
    let words = (sentence!("link-over-title"), sentence!("email-link-over"));
    message(app, StatusCode::NOT_FOUND, words, own_account())
}

fn own_account() -> Option<(Sentence, &'static str)> {
    Some((sentence!("email-own-account"), OwnPage::Account.path()))
}

fn message(
    app: &App,
    status: StatusCode,
    (heading, lead): (Sentence, Sentence),
    link: Option<(Sentence, &'static str)>,
) -> Response {
    let layout = Layout::new(app);
    let link = link.map(|(label, href)| MessageLink { label: layout.say(label), href });
    let (heading, lead) = (layout.say(heading), layout.say(lead));
    page(status, &MessagePage { layout, heading, lead, link })
}

fn token(query: Option<String>) -> Result<String, PageRefusal> {
    let params = Params::parse(query.unwrap_or_default().as_bytes())?;
    params.once()?;
    Ok(params.get("token").unwrap_or_default().to_owned())
}

async fn read(request: Request) -> Result<Params, PageRefusal> {
    let sent = form::read(request).await?;
    sent.once()?;
    Ok(sent)
}
