//! The page on which people make an account for themselves.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{Answered, Opened, PageStep, Visit};
use super::sign_up_page::{SignUpPage, UsernameField, too_many};
use super::{invitation, providers};
use crate::app::App;
use crate::domain::account::sign_up::SignUpMode;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::destination::{Destination, OwnPage};
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::foundation::SecretString;
use crate::http::extract::browser::Browser;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::message::{MessageLink, MessagePage};
use crate::http::respond::page::page;
use crate::http::respond::page_error::PageError;
use crate::http::respond::turned_away::TurnedAway;
use crate::http::set_out::{LOGIN, SIGN_UP, link, set_out};
use crate::language::sentence;
use crate::services::account::sign_up::{self, Asked, SignUpForm};
use crate::services::sign_in::progress::Ask;

/// Signing up in place of a sign-in.
pub struct SignUpStep;

impl PageStep for SignUpStep {
    const PATH: &'static str = SIGN_UP;
    const SAYS_WHY: bool = true;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        (ask.step == Step::SignIn).then_some(Self)
    }
}

/// `GET /signup`: the form, for the sign-in of its link; without one, the way to one's own account.
pub async fn get(State(app): State<App>, request: Request) -> Result<Response, TurnedAway> {
    let (mut parts, _) = request.into_parts();
    let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
    // A browser is read from a request once.
    if let Some(token) = params.get("invitation") {
        let mut browser = Browser::from_request_parts(&mut parts, &app).await?;
        return Ok(invitation::show(&app, &mut browser, token).await?);
    }
    is_open(&app)?;
    if params.get("flow").is_none() {
        let mut browser = Browser::from_request_parts(&mut parts, &app).await?;
        let destination = Destination::Page(OwnPage::Account);
        return Ok(set_out(&app, &mut browser, &destination, SIGN_UP, "").await?);
    }
    let Opened(visit) = Opened::<SignUpStep>::from_request_parts(&mut parts, &app).await?;
    let stale = visit.params.get("stale").map(|_| sentence!("sign-up-stale"));
    let mut form = form(&visit);
    form.error = stale.map(|stale| form.layout.say(stale));
    Ok(page(StatusCode::OK, &form))
}

/// `POST /signup`: asks for an account. One network can make us store thirty jobs within an hour, each of a few kilobytes, and
/// one address gets twenty ([`sign_up::ask`]).
pub async fn post(Answered(visit): Answered<SignUpStep>) -> Result<Response, PageError> {
    if visit.params.get("action") == Some("cancel") {
        return visit.deny().await;
    }
    is_open(&visit.app)?;
    let typed = |name: &str| visit.params.get(name).unwrap_or_default();
    let browser = visit.browser.binding().ok_or(PageRefusal::NoCookie)?;
    let sent = SignUpForm {
        email: typed("email"),
        username: typed("username"),
        password: SecretString::new(typed("password").to_owned()),
        address: visit.browser.address(),
        flow: &visit.flow,
        browser,
        locale: Some(visit.layout().language().tag().to_owned()),
        with_code: false,
    };
    match sign_up::ask(&visit.app, &visit.browser.actor(), sent).await? {
        Asked::Sent => Ok(sent_page(&visit)),
        Asked::Wrong(wrong) => Ok(page(StatusCode::OK, &form(&visit).with(&wrong))),
        Asked::Wait(wait) => Ok(too_many(form(&visit), wait)),
    }
}

fn is_open(app: &App) -> Result<(), PageRefusal> {
    match app.settings.sign_up.mode {
        SignUpMode::Open => Ok(()),
        SignUpMode::Off | SignUpMode::Invitation => Err(PageRefusal::NoSignUp),
    }
}

/// The same whether the address has an account or not.
fn sent_page(visit: &Visit<SignUpStep>) -> Response {
    let layout = visit.layout();
    let back = Some(MessageLink { label: layout.t("recover-back"), href: link(LOGIN, &visit.flow) });
    let (heading, lead) = (layout.t("sign-up-sent-title"), layout.t("sign-up-sent"));
    page(StatusCode::OK, &MessagePage { layout, heading, lead, link: back })
}

fn form(visit: &Visit<SignUpStep>) -> SignUpPage {
    let Visit { app, browser, params, flow, ask, .. } = visit;
    let hint = ask.client().and_then(|goal| goal.request.login_hint.as_deref()).filter(|hint| hint.contains('@'));
    SignUpPage {
        layout: visit.layout(),
        client: ask.client().map(|goal| ClientBrand::of(&goal.client)),
        action: SIGN_UP,
        csrf: browser.csrf(),
        flow: Some(flow.clone()),
        invitation: None,
        email: params.get("email").or(hint).unwrap_or_default().to_owned(),
        username: UsernameField::by(app.settings.sign_up.username, params.get("username").unwrap_or_default()),
        providers: providers::that_create(visit),
        shortest: app.settings.password_policy.min_length(),
        error: None,
        email_error: None,
        username_error: None,
        password_error: None,
    }
}
