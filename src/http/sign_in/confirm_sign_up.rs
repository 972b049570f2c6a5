//! The link in the mail, by which an account is made.

use axum::http::StatusCode;
use axum::response::Response;

use super::first_sign_in::go_in;
use crate::app::App;
use crate::http::extract::device::Device;
use crate::http::open_page::{OpenPage, Opened, Sent};
use crate::http::respond::mail_link::MailLinkPage;
use crate::http::respond::message::{link_over, message};
use crate::http::respond::page::page;
use crate::http::respond::page_error::PageError;
use crate::http::set_out::SIGN_UP;
use crate::language::sentence;
use crate::services::account::sign_up::{self, Confirmed};

/// Where it is.
pub const CONFIRM: &str = "/signup/confirm";

/// Making the account as a page.
pub struct Confirm;

impl OpenPage for Confirm {
    const PATH: &'static str = CONFIRM;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// `GET /signup/confirm?token=…`: one button. Programs that look at the links of a mail use nothing up, and nothing is stored.
pub async fn get(Opened(visit): Opened<Confirm>) -> Result<Response, PageError> {
    let token = visit.typed("token").to_owned();
    let Some(pending) = sign_up::pending(&visit.app, &token).await? else { return Ok(over(&visit.app)) };
    let layout = visit.layout();
    let question = MailLinkPage {
        heading: layout.t("sign-up-confirm-title"),
        lead: layout.t1("sign-up-confirm", "address", pending.email),
        button: layout.t("sign-up-confirm-submit"),
        layout,
        action: CONFIRM,
        csrf: visit.browser.csrf(),
        token,
        leads_to_client: true,
    };
    Ok(page(StatusCode::OK, &question))
}

/// `POST /signup/confirm`: makes the account. A link makes one, and is made for at most twenty requests an hour and address.
pub async fn post(Device(device): Device, Sent(visit): Sent<Confirm>) -> Result<Response, PageError> {
    let binding = visit.browser.before(&visit.app).binding;
    match sign_up::confirm(&visit.app, &visit.browser.actor(), visit.typed("token"), &binding).await? {
        Confirmed::Made(newcomer) => go_in(&visit.app, visit.browser, &device, *newcomer).await,
        Confirmed::Over => Ok(over(&visit.app)),
        Confirmed::Taken => {
            let words = (sentence!("sign-up-taken-title"), sentence!("sign-up-taken"));
            Ok(message(&visit.app, StatusCode::CONFLICT, words, Some((sentence!("sign-up-again"), SIGN_UP))))
        }
    }
}

/// The second of two clicks comes here too: whoever confirmed a moment ago signs in.
fn over(app: &App) -> Response {
    link_over(app, sentence!("sign-up-link-over"), sentence!("sign-up-go-to-sign-in"))
}
