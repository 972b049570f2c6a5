//! The link in the mail, by which an account is made.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::first_sign_in::go_in;
use crate::app::App;
use crate::domain::sign_in::destination::OwnPage;
use crate::foundation::SecretString;
use crate::http::extract::device::Device;
use crate::http::open_page::{OpenPage, Opened, Sent, Visit};
use crate::http::respond::layout::Layout;
use crate::http::respond::mail_link::MailLinkPage;
use crate::http::respond::message::{link_over, message};
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::SIGN_UP;
use crate::language::sentence;
use crate::services::account::sign_up::{self, Confirmed, Pending, Presented};

/// Where it is.
pub const CONFIRM: &str = "/signup/confirm";

/// Making the account as a page.
pub struct Confirm;

impl OpenPage for Confirm {
    const PATH: &'static str = CONFIRM;
    const KEEPS: &'static [&'static str] = &["token"];
}

/// The page of another browser than the one that asked. It posts `csrf`, `token` and `password`.
#[derive(Template)]
#[template(path = "sign_in/confirm_elsewhere.html")]
struct ConfirmElsewherePage {
    layout: Layout,
    csrf: String,
    token: String,
    email: String,
    /// Where somebody begins anew who has no such password.
    again: &'static str,
    is_wrong: bool,
}

impl Page for ConfirmElsewherePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { leads_to_client: true, ..Policy::default() }
    }
}

/// `GET /signup/confirm?token=…`: one button, and in another browser than the one that asked the field of a password. Programs
/// that look at the links of a mail use nothing up, and nothing is stored.
pub async fn get(Opened(visit): Opened<Confirm>) -> Result<Response, PageError> {
    question(&visit, false).await
}

/// `POST /signup/confirm`: makes the account. A link makes one, and is made for at most twenty requests an hour and address;
/// five passwords are compared for it.
pub async fn post(Device(device): Device, Sent(visit): Sent<Confirm>) -> Result<Response, PageError> {
    let binding = visit.browser.before(&visit.app).binding;
    let presented = Presented {
        token: visit.typed("token"),
        binding: &binding,
        password: SecretString::new(visit.typed("password").to_owned()),
        address: visit.browser.address(),
    };
    match sign_up::confirm(&visit.app, &visit.browser.actor(), presented).await? {
        Confirmed::Made(newcomer) => go_in(&visit.app, visit.browser, &device, *newcomer).await,
        Confirmed::Wrong => question(&visit, true).await,
        Confirmed::Over => Ok(over(&visit.app)),
        Confirmed::Exists => {
            let words = (sentence!("sign-up-exists-title"), sentence!("sign-up-exists"));
            let sign_in = (sentence!("sign-up-go-to-sign-in"), OwnPage::Account.path());
            Ok(message(&visit.app, StatusCode::CONFLICT, words, Some(sign_in)))
        }
        Confirmed::Taken => {
            let words = (sentence!("sign-up-taken-title"), sentence!("sign-up-taken"));
            Ok(message(&visit.app, StatusCode::CONFLICT, words, Some((sentence!("sign-up-again"), SIGN_UP))))
        }
    }
}

/// What somebody is asked who has come by the link.
async fn question(visit: &Visit<Confirm>, is_wrong: bool) -> Result<Response, PageError> {
    let token = visit.typed("token").to_owned();
    let binding = visit.browser.before(&visit.app).binding;
    let pending = sign_up::pending(&visit.app, &token, &binding).await?;
    let layout = if is_wrong { visit.layout_of_form() } else { visit.layout() };
    let csrf = visit.browser.csrf();
    Ok(match pending {
        None => over(&visit.app),
        Some(Pending { email, is_here: false }) => {
            page(StatusCode::OK, &ConfirmElsewherePage { layout, csrf, token, email, again: SIGN_UP, is_wrong })
        }
        Some(Pending { email, is_here: true }) => {
            let question = MailLinkPage {
                heading: layout.t("sign-up-confirm-title"),
                lead: layout.t1("sign-up-confirm", "address", email),
                button: layout.t("sign-up-confirm-submit"),
                layout,
                action: CONFIRM,
                csrf,
                token,
                leads_to_client: true,
            };
            page(StatusCode::OK, &question)
        }
    })
}

/// The second of two clicks comes here too: whoever confirmed a moment ago signs in.
fn over(app: &App) -> Response {
    link_over(app, sentence!("sign-up-link-over"), sentence!("sign-up-go-to-sign-in"))
}
