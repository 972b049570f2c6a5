//! Where the links of mails about an address lead: it is confirmed, by whoever reads the mail and is signed in to the account; or a
//! change is undone, by whoever reads the mail, whoever is signed in there.

use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::open_page::{OpenPage, Opened, Sent, Visit};
use crate::http::recover::RECOVER;
use crate::http::respond::mail_link::MailLinkPage;
use crate::http::respond::message::{link_over, message};
use crate::http::respond::page::page;
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::account::{
    EmailConfirmed, EmailUndone, LinkFollowed, ToConfirm, address_to_confirm, address_to_restore, confirm_address,
    undo_address,
};

/// Where an address is confirmed.
pub const CONFIRM: &str = "/account/email/confirm";
/// Where a change is undone.
pub const UNDO: &str = "/account/email/undo";

/// Confirming an address as a page.
pub struct Confirm;

impl OpenPage for Confirm {
    const PATH: &'static str = CONFIRM;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// Undoing a change as a page.
pub struct Undo;

impl OpenPage for Undo {
    const PATH: &'static str = UNDO;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// `GET /account/email/confirm?token=…`: one button, or the way to a sign-in and back. It uses nothing up, and nothing is stored.
pub async fn get_confirm(Opened(mut visit): Opened<Confirm>) -> Result<Response, PageError> {
    let found = address_to_confirm(&visit.app, visit.typed("token")).await?;
    let Some(ToConfirm { address, account, owner }) = found else { return Ok(over(&visit.app)) };
    let live = visit.browser.accounts(&visit.app).live(&visit.app).await?;
    if live.iter().any(|(_, user)| user.id == owner) {
        let lead = sentence!("email-confirm", address = address, account = account);
        return Ok(question(&visit, sentence!("email-confirm-title"), lead, sentence!("email-confirm-submit")));
    }
    if let Some(token) = visit.token("token").map(str::to_owned) {
        visit.browser.keep_link(&token);
    }
    let words =
        (sentence!("email-sign-in-title"), sentence!("email-sign-in-first", address = address, account = account));
    let page = if live.is_empty() { OwnPage::Account } else { OwnPage::AddAccount };
    Ok(message(&visit.app, StatusCode::OK, words, Some((sentence!("email-sign-in"), page.path()))))
}

/// `POST /account/email/confirm`.
pub async fn post_confirm(Sent(mut visit): Sent<Confirm>) -> Result<Response, PageError> {
    let live = visit.browser.accounts(&visit.app).live(&visit.app).await?;
    let signed_in: Vec<_> = live.iter().map(|(_, user)| user.id).collect();
    let followed = confirm_address(&visit.app, &visit.browser.actor(), visit.typed("token"), &signed_in).await?;
    let LinkFollowed::Came(confirmed) = followed else { return get_confirm(Opened(visit)).await };
    visit.browser.take_link();
    let app = &visit.app;
    Ok(match confirmed {
        EmailConfirmed::Done(address) => {
            let words = (sentence!("email-done-title"), sentence!("email-done", address = address));
            message(app, StatusCode::OK, words, own_account())
        }
        EmailConfirmed::Taken => taken(app),
        EmailConfirmed::Over => over(app),
        EmailConfirmed::NotNow => {
            let words = (sentence!("email-not-now-title"), sentence!("email-not-now"));
            message(app, StatusCode::TOO_MANY_REQUESTS, words, own_account())
        }
    })
}

/// `GET /account/email/undo?token=…`: one button. It uses nothing up.
pub async fn get_undo(Opened(visit): Opened<Undo>) -> Result<Response, PageError> {
    let found = address_to_restore(&visit.app, visit.typed("token")).await?;
    let Some(address) = found else { return Ok(over(&visit.app)) };
    let lead = sentence!("email-undo", address = address);
    Ok(question(&visit, sentence!("email-undo-title"), lead, sentence!("email-undo-submit")))
}

/// `POST /account/email/undo`.
pub async fn post_undo(Sent(visit): Sent<Undo>) -> Result<Response, PageError> {
    let app = &visit.app;
    Ok(match undo_address(app, &visit.browser.actor(), visit.typed("token")).await? {
        EmailUndone::Done => {
            let words = (sentence!("email-undone-title"), sentence!("email-undone"));
            message(app, StatusCode::OK, words, Some((sentence!("email-undone-go-on"), RECOVER)))
        }
        EmailUndone::Taken => taken(app),
        EmailUndone::Over => over(app),
    })
}

fn question<P: OpenPage>(visit: &Visit<P>, heading: Sentence, lead: Sentence, button: Sentence) -> Response {
    let layout = visit.layout();
    let question = MailLinkPage {
        heading: layout.say(heading),
        lead: layout.say(lead),
        button: layout.say(button),
        layout,
        action: P::PATH,
        csrf: visit.browser.csrf(),
        token: visit.typed("token").to_owned(),
        leads_to_client: false,
    };
    page(StatusCode::OK, &question)
}

fn taken(app: &App) -> Response {
    let words = (sentence!("email-taken-title"), sentence!("email-taken"));
    message(app, StatusCode::CONFLICT, words, own_account())
}

fn over(app: &App) -> Response {
    link_over(app, sentence!("email-link-over"), sentence!("email-own-account"))
}

fn own_account() -> Option<(Sentence, &'static str)> {
    Some((sentence!("email-own-account"), OwnPage::Account.path()))
}
