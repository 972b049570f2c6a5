//! The one entrance to the pages of a sign-in. A handler says by the type of its argument which step it serves, and runs
//! only when that step is due: with what it needs to show the page ([`Opened`]), or with what the page's form sent
//! ([`Answered`]). Otherwise the entrance answers in its place ([`TurnedAway`]).

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;

use super::next_page::{AGAIN, CHOOSE_ACCOUNT, next_page};
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::page_refusal::PageRefusal;
use crate::domain::sign_in::session::Session;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::language;
use crate::http::respond::authorization::see_other;
use crate::http::respond::layout::Layout;
use crate::http::respond::page_error::PageError;
use crate::http::respond::turned_away::TurnedAway;
use crate::http::set_out::{LOGIN, link};
use crate::services::sign_in::authorize;
use crate::services::sign_in::progress::{Ask, Progress};

/// A step of a sign-in that has a page of its own; its value is what only this page needs to know.
pub trait PageStep: Send + Sized {
    /// Where the page is.
    const PATH: &'static str;

    /// Whether the page says why it is shown again when its form was void: where something was typed in, and is lost.
    const SAYS_WHY: bool = false;

    /// Whether the page is for whoever has given a password, and is not signed in.
    const AFTER_PASSWORD: bool = false;

    /// Whether the page's form names the account that it is about: then it does not matter who is current when it comes.
    const NAMES_ACCOUNT: bool = false;

    /// The step, if it is what the request waits for; `params` are those of the page's link.
    fn due(ask: &Ask, params: &Params) -> Option<Self>;

    /// The step, if an answer to it can be taken now; `params` are those of the page's form.
    fn answerable(ask: &Ask, params: &Params) -> Option<Self> {
        Self::due(ask, params)
    }
}

/// A browser at the page of a step.
pub struct Visit<S> {
    /// The server.
    pub app: App,
    /// Who came.
    pub browser: Browser,
    /// The parameters of the page's link or form.
    pub params: Params,
    /// The request, sealed; or the id of a stored one.
    pub flow: String,
    /// What the request waits for.
    pub ask: Box<Ask>,
    /// What only this page needs to know.
    pub step: S,
}

/// The page was opened by its link (`GET`), and its step is due.
pub struct Opened<S>(pub Visit<S>);

/// The page's form was sent (`POST`) with the token that this browser got in it, and its step can be answered. The step
/// is looked at before the token: what is no longer asked needs no answer, void or not.
pub struct Answered<S>(pub Visit<S>);

impl<S: PageStep> FromRequestParts<App> for Opened<S> {
    type Rejection = TurnedAway;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, TurnedAway> {
        let browser = Browser::from_request_parts(parts, app).await?;
        let params = Params::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(PageRefusal::from)?;
        let visit = arrive(app, browser, params).await?;
        match S::due(&visit.ask, &visit.params) {
            Some(step) => Ok(Self(visit.at(step))),
            None => Err(visit.turned_away().await),
        }
    }
}

impl<S: PageStep> FromRequest<App> for Answered<S> {
    type Rejection = TurnedAway;

    async fn from_request(request: Request, app: &App) -> Result<Self, TurnedAway> {
        let (mut parts, body) = request.into_parts();
        let browser = Browser::from_request_parts(&mut parts, app).await?;
        let params = form::read(Request::from_parts(parts, body)).await.map_err(PageRefusal::from)?;
        let visit = arrive(app, browser, params).await?;
        match S::answerable(&visit.ask, &visit.params) {
            Some(step) if visit.sent_form(S::NAMES_ACCOUNT) => Ok(Self(visit.at(step))),
            Some(_) => Err(void(S::PATH, &visit.flow, S::SAYS_WHY)),
            // It took so long that the client wants another sign-in first (`max_age`), or that the password does not count
            // any more.
            None if visit.ask.step == Step::SignIn && (visit.ask.signed_in.is_some() || S::AFTER_PASSWORD) => {
                Err(void(LOGIN, &visit.flow, true))
            }
            None => Err(visit.turned_away().await),
        }
    }
}

/// Finds out where the request stands that the browser came with.
async fn arrive(app: &App, mut browser: Browser, params: Params) -> Result<Visit<()>, TurnedAway> {
    let flow = flow_of(&params)?;
    let progress =
        authorize::resume(app, &browser.actor(), &flow, browser.place(), browser.accounts(app), false).await?;
    match progress {
        Progress::Ask(ask) => {
            heard(&ask);
            browser.act_for(app, ask.signed_in.as_ref());
            Ok(Visit { app: app.clone(), browser, params, flow, ask, step: () })
        }
        Progress::Restart(_) if params.get(AGAIN).is_some() && !browser.is_known() => Err(PageRefusal::NoCookie.into()),
        progress => Err(next_page(app, &mut browser, Some(&flow), progress).await.into()),
    }
}

/// From here on it is known which language the application wants, and whose page it is.
fn heard(ask: &Ask) {
    language::asked(ask.client().and_then(|goal| goal.request.ui_locales.as_deref()));
    if let Some(user) = ask.whom() {
        language::of_user(user);
    }
}

fn flow_of(params: &Params) -> Result<String, PageRefusal> {
    params.once()?;
    let flow = params.get("flow").ok_or(PageRefusal::NoFlow)?;
    let sound = flow.len() <= 4096 && flow.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    match sound {
        true => Ok(flow.to_owned()),
        false => Err(PageRefusal::DamagedLink),
    }
}

/// A form that is void leads to the page that is to be filled in instead.
fn void(path: &str, flow: &str, says_why: bool) -> TurnedAway {
    let why = if says_why { "&stale=1" } else { "" };
    see_other(&format!("{}{why}", link(path, flow))).map_err(PageError::from).into()
}

impl Visit<()> {
    fn sent_form(&self, names_account: bool) -> bool {
        let csrf = self.params.get("csrf");
        if names_account { self.browser.sent_choice(&self.app, csrf) } else { self.browser.sent_form(csrf) }
    }

    fn at<S>(self, step: S) -> Visit<S> {
        let Self { app, browser, params, flow, ask, step: () } = self;
        Visit { app, browser, params, flow, ask, step }
    }

    async fn turned_away(mut self) -> TurnedAway {
        next_page(&self.app, &mut self.browser, Some(&self.flow), Progress::Ask(self.ask)).await.into()
    }
}

impl<S> Visit<S> {
    /// Sends the browser to whatever comes next.
    ///
    /// # Errors
    /// As [`next_page`].
    pub async fn go_on(mut self, progress: Progress) -> Result<Response, PageError> {
        next_page(&self.app, &mut self.browser, Some(&self.flow), progress).await
    }

    /// The step is done: decides what comes next, and sends the browser there. `changed` is the account that the request goes
    /// on with, if the step has changed it. `just_allowed` when the step was this request's own consent.
    ///
    /// # Errors
    /// As [`authorize::resume`].
    pub async fn done(mut self, changed: Option<(Session, User)>, just_allowed: bool) -> Result<Response, PageError> {
        self.browser.act_for(&self.app, changed.as_ref());
        let (actor, place, accounts) = (self.browser.actor(), self.browser.place(), self.browser.accounts(&self.app));
        let progress = authorize::resume(&self.app, &actor, &self.flow, place, accounts, just_allowed).await?;
        match &progress {
            // It took so long that the client wants another sign-in first (`max_age`).
            Progress::Ask(ask) if ask.step == Step::SignIn && ask.signed_in.is_some() => {
                Ok(see_other(&format!("{}&stale=1", link(LOGIN, &self.flow)))?)
            }
            _ => self.go_on(progress).await,
        }
    }

    /// The person does not want to go on: the client is told so.
    ///
    /// # Errors
    /// As [`authorize::deny`].
    pub async fn deny(self) -> Result<Response, PageError> {
        let Self { app, mut browser, flow, ask, .. } = self;
        let denied = authorize::deny(&app, &browser.actor(), &flow, *ask).await?;
        next_page(&app, &mut browser, Some(&flow), denied).await
    }

    /// The person wants to go on as somebody else: one of the others who are signed in here, or whoever signs in now.
    ///
    /// # Errors
    /// None in practice.
    pub fn other_account(&self) -> Result<Response, PageError> {
        match self.browser.accounts(&self.app).others.is_empty() {
            true => self.switch_account(),
            false => Ok(see_other(&format!("{}&switch=1", link(CHOOSE_ACCOUNT, &self.flow)))?),
        }
    }

    /// The person wants to sign in as somebody else.
    ///
    /// # Errors
    /// None in practice.
    pub fn switch_account(&self) -> Result<Response, PageError> {
        Ok(see_other(&format!("{}&switch=1", link(LOGIN, &self.flow)))?)
    }
}

impl<S: PageStep> Visit<S> {
    /// The shared part of the page.
    pub fn layout(&self) -> Layout {
        Layout::new(&self.app).or_back_to(|| link(S::PATH, &self.flow))
    }

    /// The form said nothing that can be taken for an answer, and an answer that says nothing allows nothing
    /// (CVE-2026-49443): the page is shown again.
    ///
    /// # Errors
    /// None in practice.
    pub fn ask_again(&self) -> Result<Response, PageError> {
        Ok(see_other(&link(S::PATH, &self.flow))?)
    }
}
