//! The page on which whoever was invited makes their account.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::first_sign_in::go_in;
use super::sign_up_page::{SignUpPage, UsernameField, too_many};
use crate::app::App;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::foundation::SecretString;
use crate::http::extract::browser::Browser;
use crate::http::extract::device::Device;
use crate::http::extract::form;
use crate::http::respond::layout::Layout;
use crate::http::respond::message::link_over;
use crate::http::respond::page::page;
use crate::http::respond::page_error::PageError;
use crate::language::sentence;
use crate::services::ServiceError;
use crate::services::account::sign_up::{self, Accepted, Answer, GivenName, Invitation};
use crate::services::sign_in::authorization_request;

/// Where the form goes.
pub const INVITATION: &str = "/signup/invitation";

/// `GET /signup?invitation=…`: the form. It uses nothing up, and nothing is stored.
///
/// # Errors
/// When the database does not answer.
pub async fn show(app: &App, browser: &mut Browser, token: &str) -> Result<Response, PageError> {
    browser.remember(app);
    match sign_up::invitation(app, token).await? {
        Some(invitation) => Ok(page(StatusCode::OK, &form_of(app, browser, token, invitation, ""))),
        None => Ok(over(app)),
    }
}

/// `POST /signup/invitation`: makes the account, and signs in. Each invitation makes one; thirty answers within an hour are
/// judged for one network.
pub async fn post(
    State(app): State<App>,
    mut browser: Browser,
    Device(device): Device,
    request: Request,
) -> Result<Response, PageError> {
    let sent = form::read(request).await.map_err(PageRefusal::from)?;
    sent.once().map_err(PageRefusal::from)?;
    let typed = |name: &str| sent.get(name).unwrap_or_default();
    let token = typed("invitation");
    let Some(invitation) = sign_up::invitation(&app, token).await? else { return Ok(over(&app)) };
    if !browser.sent_form(sent.get("csrf")) {
        browser.remember(&app);
        let mut again = form_of(&app, &browser, token, invitation, typed("username"));
        again.error = Some(again.layout.say(sentence!("sign-up-stale")));
        return Ok(page(StatusCode::OK, &again));
    }
    let binding = browser.remember(&app);
    let own = Destination::Page(OwnPage::Account);
    let flow = authorization_request::carry(&app, &own, binding, browser.address()).await?;
    let flow = flow.ok_or_else(|| ServiceError::internal("no room for a page of ours"))?;
    let answer = Answer {
        username: typed("username"),
        password: SecretString::new(typed("password").to_owned()),
        address: browser.address(),
        locale: Some(Layout::new(&app).language().tag().to_owned()),
        flow: &flow,
    };
    match sign_up::accept(&app, &browser.actor(), token, answer).await? {
        Accepted::Made(newcomer) => go_in(&app, browser, &device, *newcomer).await,
        Accepted::Over => Ok(over(&app)),
        Accepted::Wrong(wrong) => {
            // Looked at once more: somebody may have got the name meanwhile, and then another one is chosen.
            let Some(invitation) = sign_up::invitation(&app, token).await? else { return Ok(over(&app)) };
            let again = form_of(&app, &browser, token, invitation, typed("username"));
            Ok(page(StatusCode::OK, &again.with(&wrong)))
        }
        Accepted::Wait(wait) => Ok(too_many(form_of(&app, &browser, token, invitation, typed("username")), wait)),
    }
}

fn form_of(app: &App, browser: &Browser, token: &str, invitation: Invitation, typed: &str) -> SignUpPage {
    let layout = Layout::new(app);
    let mut username_error = None;
    let username = match invitation.username {
        GivenName::Given(value) => Some(UsernameField { value, is_required: true, is_given: true }),
        GivenName::Open => UsernameField::by(app.settings.sign_up.username, typed),
        GivenName::Gone(gone) => {
            let is_anew = typed.is_empty() || typed == gone;
            username_error = is_anew.then(|| layout.say(sentence!("sign-up-username-taken")));
            let value = if is_anew { gone } else { typed.to_owned() };
            Some(UsernameField { value, is_required: true, is_given: false })
        }
    };
    SignUpPage {
        layout,
        client: None,
        action: INVITATION,
        csrf: browser.csrf(),
        flow: None,
        invitation: Some(token.to_owned()),
        email: invitation.email,
        username,
        providers: vec![],
        shortest: app.settings.password_policy.min_length(),
        error: None,
        email_error: None,
        username_error,
        password_error: None,
    }
}

fn over(app: &App) -> Response {
    link_over(app, sentence!("sign-up-invitation-over"), sentence!("sign-up-go-to-sign-in"))
}
