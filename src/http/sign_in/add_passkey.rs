//! The page that adds a passkey in the middle of a sign-in that demands a second factor.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::add_factor_step::AddFactorStep;
use super::entrance::Visit;
use super::login::{halfway_in, signed_in};
use super::second_factor::{account, answer};
use super::throttled::Throttled;
use crate::domain::factor::second_factor;
use crate::domain::sign_in::device::DeviceCookie;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, link};
use crate::language::{Sentence, sentence};
use crate::services::factor::challenge::Challenge;
use crate::services::factor::passkey;
use crate::services::factor::signature::Reply;
use crate::services::factor::verify::Code;
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::second_factor::complete;

/// The page that adds a passkey. Its form posts `challenge`, `answer`, `name`, `method`, `csrf` and `flow` to `/add-factor`; a
/// form beside it posts `action` (`cancel`).
#[derive(Template)]
#[template(path = "sign_in/add_passkey.html")]
pub struct AddPasskeyPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// Whose passkey it is to be.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// What the script asks the browser.
    pub passkey: Challenge,
    /// What the passkey is to be called, as typed.
    pub name: String,
    /// Why the last one was not added.
    pub error: Option<Sentence>,
    /// Why the person sees this page again.
    pub notice: Option<Sentence>,
}

impl Page for AddPasskeyPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        let policy = self.client.as_ref().map(ClientBrand::policy).unwrap_or_default();
        Policy { script: true, ..policy }
    }
}

/// Adds it and completes the sign-in.
pub(super) async fn post(visit: Visit<AddFactorStep>, device: &DeviceCookie) -> Result<Response, PageError> {
    let sent = |name: &str| visit.params.get(name).unwrap_or_default();
    let reply = Reply { challenge: sent("challenge"), answer: sent("answer") };
    let code = Code::NewPasskey(reply, second_factor::name(sent("name")), visit.step.place.place());
    match complete(&visit.app, &visit.browser.actor(), &visit.ask, answer(&visit, code, device)).await? {
        SignIn::Done(entered, device) => signed_in(visit, *entered, &device).await,
        SignIn::Half(halfway) => halfway_in(visit, *halfway).await,
        SignIn::Wrong | SignIn::AnotherAccount => {
            let error = sentence!("passkey-not-added");
            shown(&visit, Some(error)).await
        }
        SignIn::Over => Ok(see_other(&link(LOGIN, &visit.flow))?),
        SignIn::Wait(wait, user) => {
            let throttled = Throttled::for_now(&visit, wait, user);
            let form = form(&visit, Some(throttled.said())).await?;
            Ok(throttled.on(&form))
        }
        SignIn::Stopped(wait, user) => {
            let throttled = Throttled::for_strangers(&visit, wait, user);
            let form = form(&visit, Some(throttled.said())).await?;
            Ok(throttled.on(&form))
        }
    }
}

/// The form.
pub(super) async fn shown(visit: &Visit<AddFactorStep>, error: Option<Sentence>) -> Result<Response, PageError> {
    Ok(page(StatusCode::OK, &form(visit, error).await?))
}

async fn form(visit: &Visit<AddFactorStep>, error: Option<Sentence>) -> Result<AddPasskeyPage, PageError> {
    let notice = visit.params.get("stale").map(|_| sentence!("passkey-stale"));
    let passkey = passkey::begin(&visit.app, &visit.step.user, visit.step.place.place()).await?;
    Ok(AddPasskeyPage {
        layout: visit.layout(),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        account: account(&visit.ask),
        csrf: visit.browser.csrf(),
        flow: visit.flow.clone(),
        passkey,
        name: visit.params.get("name").unwrap_or_default().to_owned(),
        error,
        notice,
    })
}
