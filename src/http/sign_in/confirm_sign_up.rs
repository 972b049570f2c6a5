//! The link in the mail, by which an account is made.

use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::first_sign_in::go_in;
use crate::app::App;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::http::extract::browser::Browser;
use crate::http::extract::device::Device;
use crate::http::extract::form;
use crate::http::respond::layout::Layout;
use crate::http::respond::mail_link::MailLinkPage;
use crate::http::respond::message::{MessageLink, MessagePage};
use crate::http::respond::page::page;
use crate::http::respond::page_error::PageError;
use crate::http::set_out::SIGN_UP;
use crate::language::sentence;
use crate::services::account::sign_up::{self, Confirmed};

/// Where it is.
pub const CONFIRM: &str = "/signup/confirm";

/// `GET /signup/confirm?token=…`: one button. Programs that look at the links of a mail use nothing up, and nothing is stored.
pub async fn get(
    State(app): State<App>,
    mut browser: Browser,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
    params.once().map_err(PageRefusal::from)?;
    browser.remember(&app);
    show(&app, &browser, params.get("token").unwrap_or_default()).await
}

/// `POST /signup/confirm`: makes the account. A link makes one, and is made for at most twenty requests an hour and address.
pub async fn post(
    State(app): State<App>,
    mut browser: Browser,
    Device(device): Device,
    request: Request,
) -> Result<Response, PageError> {
    let sent = form::read(request).await.map_err(PageRefusal::from)?;
    sent.once().map_err(PageRefusal::from)?;
    let token = sent.get("token").unwrap_or_default();
    if !browser.sent_form(sent.get("csrf")) {
        browser.remember(&app);
        return show(&app, &browser, token).await;
    }
    let binding = browser.before(&app).binding;
    match sign_up::confirm(&app, &browser.actor(), token, &binding).await? {
        Confirmed::Made(newcomer) => go_in(&app, browser, &device, *newcomer).await,
        Confirmed::Over => Ok(over(&app)),
        Confirmed::Taken => {
            let layout = Layout::new(&app);
            let (heading, lead) = (layout.t("sign-up-taken-title"), layout.t("sign-up-taken"));
            let link = Some(MessageLink { label: layout.say(sentence!("sign-up-again")), href: SIGN_UP });
            Ok(page(StatusCode::CONFLICT, &MessagePage { layout, heading, lead, link }))
        }
    }
}

async fn show(app: &App, browser: &Browser, token: &str) -> Result<Response, PageError> {
    let Some(pending) = sign_up::pending(app, token).await? else { return Ok(over(app)) };
    let layout = Layout::new(app);
    let question = MailLinkPage {
        heading: layout.t("sign-up-confirm-title"),
        lead: layout.t1("sign-up-confirm", "address", pending.email),
        button: layout.t("sign-up-confirm-submit"),
        layout,
        action: CONFIRM,
        csrf: browser.csrf(),
        token: token.to_owned(),
        leads_to_client: true,
    };
    Ok(page(StatusCode::OK, &question))
}

/// The second of two clicks comes here too: whoever confirmed a moment ago signs in.
fn over(app: &App) -> Response {
    let layout = Layout::new(app);
    let (heading, lead) = (layout.t("link-over-title"), layout.t("sign-up-link-over"));
    let link = Some(MessageLink { label: layout.t("sign-up-go-to-sign-in"), href: OwnPage::Account.path() });
    page(StatusCode::NOT_FOUND, &MessagePage { layout, heading, lead, link })
}
