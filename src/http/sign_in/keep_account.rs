//! The page for whoever signs in to an account that is to be deleted: they keep it, or leave it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::entrance::{Answered, Opened, PageStep};
use super::next_page::KEEP_ACCOUNT;
use crate::domain::account::user::User;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::session::Session;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::when::When;
use crate::services::account::stay;
use crate::services::sign_in::progress::Ask;

/// Whether to keep the account. Its form posts `csrf`, `flow` and `action` (`keep`) to `/keep-account`.
#[derive(Template)]
#[template(path = "sign_in/keep_account.html")]
pub struct KeepAccountPage {
    /// The shared part.
    pub layout: Layout,
    /// The client that asks; `None` where a page of ours waits for the answer.
    pub client: Option<ClientBrand>,
    /// Which account.
    pub account: Account,
    /// When it is deleted.
    pub at: When,
    /// The form's CSRF token.
    pub csrf: String,
    /// What waits for the sign-in.
    pub flow: String,
}

impl Page for KeepAccountPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.as_ref().map(ClientBrand::policy).unwrap_or_default()
    }
}

/// The question as a step: nothing else opens before the answer.
pub struct KeepAccountStep {
    session: Session,
    user: User,
}

impl PageStep for KeepAccountStep {
    const PATH: &'static str = KEEP_ACCOUNT;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        let (session, user) = ask.signed_in.clone().filter(|_| ask.step == Step::KeepAccount)?;
        Some(Self { session, user })
    }
}

/// `GET /keep-account`: the question.
pub async fn get(Opened(visit): Opened<KeepAccountStep>) -> Response {
    let user = &visit.step.user;
    let now = visit.app.clock.now();
    let at = When::ahead(user.delete_at.unwrap_or(now), now);
    let question = KeepAccountPage {
        layout: visit.layout(),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        account: Account::of(user),
        at,
        csrf: visit.browser.csrf(),
        flow: visit.flow,
    };
    page(StatusCode::OK, &question)
}

/// `POST /keep-account`: it is kept, and whatever waited goes on.
pub async fn post(Answered(visit): Answered<KeepAccountStep>) -> Result<Response, PageError> {
    match visit.params.get("action") {
        Some("keep") => {
            let KeepAccountStep { session, user } = &visit.step;
            stay(&visit.app, &visit.browser.actor(), user.id).await?;
            let kept = (session.clone(), User { delete_at: None, ..user.clone() });
            visit.done(Some(kept), false).await
        }
        _ => visit.ask_again(),
    }
}
