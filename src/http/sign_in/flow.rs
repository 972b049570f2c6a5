//! The way of an authorization request from page to page: after each of them the same decision says what comes next.

use axum::extract::Request;
use axum::response::Response;

use super::Account;
use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::http::extract::browser::Browser;
use crate::http::extract::form;
use crate::http::respond::authorization::{see_other, send};
use crate::http::respond::client_brand::{ClientBrand, WebLink};
use crate::http::respond::page_error::PageError;
use crate::services::sign_in::authorization_request;
use crate::services::sign_in::authorize::{self, Ask, Progress};

/// Where each step is asked.
pub const LOGIN: &str = "/login";
/// Where consent is asked.
pub const CONSENT: &str = "/consent";
/// Where an account is chosen.
pub const CHOOSE_ACCOUNT: &str = "/choose-account";

/// Marks a page that the browser was sent to because its cookie was missing: if it is still missing there, it will not
/// come at all.
const AGAIN: &str = "again";

/// Sends the browser to whatever comes next: the client, or the page of the next step. A request that has just come in
/// (`flow` is `None`) is made ready to travel, and one that must begin anew begins here.
pub async fn go_on(
    app: &App,
    browser: &mut Browser,
    flow: Option<&str>,
    progress: Progress,
) -> Result<Response, PageError> {
    match progress {
        Progress::Respond(answer) => Ok(send(app, *answer)?),
        Progress::Ask(ask) => {
            let Ask { step, request, .. } = *ask;
            match flow {
                Some(flow) => Ok(see_other(&format!("{}?flow={flow}", page_of(&step)))?),
                None => set_out(app, browser, request, page_of(&step), "").await,
            }
        }
        Progress::Restart(request) => set_out(app, browser, *request, LOGIN, &format!("&{AGAIN}=1")).await,
    }
}

/// A request begins its way through the pages of this browser.
async fn set_out(
    app: &App,
    browser: &mut Browser,
    request: AuthorizationRequest,
    page: &str,
    rest: &str,
) -> Result<Response, PageError> {
    let binding = browser.remember(app);
    match authorization_request::carry(app, &request, binding, browser.address()).await? {
        Some(flow) => Ok(see_other(&format!("{page}?flow={flow}{rest}"))?),
        None => Ok(send(app, authorize::no_room(app, &request).await?)?),
    }
}

fn page_of(step: &Step) -> &'static str {
    match step {
        Step::SignIn | Step::Done => LOGIN,
        Step::ChooseAccount => CHOOSE_ACCOUNT,
        Step::Consent(_) => CONSENT,
    }
}

/// What a page's handler works with.
pub struct Visit {
    /// The query's or the form's parameters.
    pub params: Params,
    /// The request, sealed; or the id of a stored one.
    pub flow: String,
}

impl Visit {
    /// A page is opened by its link.
    ///
    /// # Errors
    /// When the link names no request.
    pub fn from_link(query: Option<&str>) -> Result<Self, Refusal> {
        Self::new(Params::parse(query.unwrap_or_default().as_bytes())?)
    }

    /// A page's form is sent.
    ///
    /// # Errors
    /// When the form names no request, or cannot be read.
    pub async fn from_form(request: Request) -> Result<Self, Refusal> {
        Self::new(form::read(request).await?)
    }

    fn new(params: Params) -> Result<Self, Refusal> {
        params.once()?;
        let flow =
            params.require("flow", "This page belongs to a sign-in, and the link does not say to which.")?.to_owned();
        let sound =
            flow.len() <= 4096 && flow.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        match sound {
            true => Ok(Self { params, flow }),
            false => Err(Refusal::new(ErrorCode::InvalidRequest, "The link of this page is damaged.")),
        }
    }

    /// Where the request stands now.
    ///
    /// # Errors
    /// When it is no longer known, or the browser keeps no cookie at all.
    pub async fn progress(&self, app: &App, browser: &Browser) -> Result<Progress, PageError> {
        let progress =
            authorize::resume(app, &browser.actor(), &self.flow, browser.binding(), browser.signed_in(), false).await?;
        match progress {
            Progress::Restart(_) if self.params.get(AGAIN).is_some() && !browser.is_known() => {
                let description =
                    "Your browser did not keep the cookie of this site. Allow cookies for it and try again.";
                Err(Refusal::new(ErrorCode::InvalidRequest, description).into())
            }
            progress => Ok(progress),
        }
    }
}

/// How pages present a client.
pub fn brand(client: &Client) -> ClientBrand {
    let link = |uri: &Option<String>| uri.as_deref().and_then(WebLink::parse);
    let metadata = &client.metadata;
    ClientBrand {
        name: client.name.clone(),
        logo_uri: link(&metadata.logo_uri),
        client_uri: link(&metadata.client_uri),
        policy_uri: link(&metadata.policy_uri),
        tos_uri: link(&metadata.tos_uri),
        first_party: metadata.first_party,
    }
}

/// How pages present whoever is signed in.
pub fn account(user: &User) -> Account {
    let name = user.display_name();
    let detail = user.email.clone().or_else(|| user.username.clone()).filter(|detail| *detail != name);
    Account { name, detail }
}
