//! Adding a passkey to one's account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::ServiceError;
use crate::services::factor::challenge::Challenge;
use crate::services::factor::passkey::{self, Added, Made};
use crate::services::factor::signature::Reply;
use crate::services::sign_in::own_page::FreshSession;

/// The page. Its form posts `csrf`, `challenge`, `answer` and `name` to itself; the script fills in the answer.
#[derive(Template)]
#[template(path = "account/add_passkey.html")]
pub struct AddPasskeyPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// What the script asks the browser.
    pub passkey: Challenge,
    /// What the passkey is to be called, as typed.
    pub name: String,
    /// Why the last one was not added.
    pub error: Option<Sentence>,
}

impl Page for AddPasskeyPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { script: true, ..Policy::default() }
    }
}

/// The page, for whoever has just proved who they are.
pub struct AddPasskey;

impl AccountPage for AddPasskey {
    const PAGE: OwnPage = OwnPage::AddPasskey;
    type Who = FreshSession;
}

/// `GET /account/factors/passkey`: the question for the browser. Nothing is stored for it.
pub async fn get(Opened(visit): Opened<AddPasskey>) -> Result<Response, PageError> {
    shown(&visit, None).await
}

/// `POST /account/factors/passkey`: the browser's answer; the passkey is added. A person has ten at most, each of at most 8 KiB,
/// and each leaves the mark of its challenge for a day.
pub async fn post(Sent(mut visit): Sent<AddPasskey>) -> Result<Response, PageError> {
    let reply = Reply { challenge: visit.typed("challenge"), answer: visit.typed("answer") };
    let made = Made { name: visit.typed("name"), reply, browser: visit.browser.before(&visit.app) };
    match or_none(passkey::add(&visit.app, &visit.browser.actor(), &visit.who, made).await)? {
        Some(Added::Added(_, record)) => {
            visit.browser.sign_in(&visit.app, record.map(|record| *record)).await?;
            visit.tell_at(OwnPage::Factors, Notice::PasskeyAdded)
        }
        Some(Added::Overtaken) => visit.tell_at(OwnPage::Factors, Notice::Stale),
        Some(Added::Wrong) => shown(&visit, Some(sentence!("passkey-not-added"))).await,
        Some(Added::Known) => shown(&visit, Some(sentence!("passkey-known"))).await,
        None => visit.tell_at(OwnPage::Factors, Notice::NoMorePasskeys),
    }
}

async fn shown(visit: &Visit<FreshSession>, error: Option<Sentence>) -> Result<Response, PageError> {
    let (user, place) = (visit.who.user(), visit.who.session().set_up_in().place());
    let Some(passkey) = or_none(passkey::begin(&visit.app, user, place).await)? else {
        return visit.tell_at(OwnPage::Factors, Notice::NoMorePasskeys);
    };
    let (layout, frame) = visit.frame();
    let form = AddPasskeyPage { layout, frame, passkey, name: visit.typed("name").to_owned(), error };
    Ok(page(StatusCode::OK, &form))
}

/// `None` where none can be added.
fn or_none<T>(result: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ServiceError::Factor(FactorRefusal::NoPasskeys | FactorRefusal::TooMany)) => Ok(None),
        Err(other) => Err(other),
    }
}
