//! Adding an authenticator app to one's account.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Opened, Sent, Visit};
use super::frame::Frame;
use super::notice::Notice;
use super::throttled;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::factor::totp::TotpCode;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::extract::device::Device;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::qr_code::{QrDrawing, draw};
use crate::language::{Sentence, sentence};
use crate::services::ServiceError;
use crate::services::factor::totp::{self, Confirmed, NewApp};
use crate::services::sign_in::own_page::FreshSession;

/// The page. Its form posts `csrf`, `code` and `name` to itself.
#[derive(Template)]
#[template(path = "account/add_totp.html")]
pub struct AddTotpPage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// To be typed or copied into an app: without spaces, which not every app takes.
    pub secret: String,
    /// The same, to be scanned.
    pub drawing: Option<QrDrawing>,
    /// What the app is to be called, as typed.
    pub name: String,
    /// Why the last code was not taken.
    pub error: Option<Sentence>,
}

impl Page for AddTotpPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The page, for whoever has just proved who they are.
pub struct AddTotp;

impl AccountPage for AddTotp {
    const PAGE: OwnPage = OwnPage::AddTotp;
    type Who = FreshSession;
}

/// `GET /account/factors/totp`: the secret, and the form.
pub async fn get(Opened(visit): Opened<AddTotp>) -> Result<Response, PageError> {
    shown(&visit, None).await
}

/// `POST /account/factors/totp`: the app works, and is added.
pub async fn post(Device(device): Device, Sent(mut visit): Sent<AddTotp>) -> Result<Response, PageError> {
    let Some(code) = TotpCode::typed(visit.typed("code")) else {
        let error = sentence!("totp-no-code");
        return shown(&visit, Some(error)).await;
    };
    let new = NewApp {
        name: visit.typed("name"),
        code,
        address: visit.browser.address(),
        device: &device,
        browser: visit.browser.before(&visit.app),
    };
    match totp::confirm(&visit.app, &visit.browser.actor(), &visit.who, new).await? {
        Confirmed::Added(_, record) => {
            visit.browser.sign_in(&visit.app, record.map(|record| *record)).await?;
            visit.tell_at(OwnPage::Factors, Notice::FactorAdded)
        }
        Confirmed::Wait(wait) => Ok(throttled::with_wait(shown(&visit, Some(throttled::said(wait))).await?, wait)),
        Confirmed::Overtaken => visit.tell_at(OwnPage::Factors, Notice::Stale),
        Confirmed::Wrong => {
            let error = sentence!("totp-not-of-this");
            shown(&visit, Some(error)).await
        }
    }
}

async fn shown(visit: &Visit<FreshSession>, error: Option<Sentence>) -> Result<Response, PageError> {
    let (user, place) = (visit.who.user(), visit.who.session().set_up_in());
    let enrolment = match totp::continue_or_begin(&visit.app, &visit.browser.actor(), user, place).await {
        Ok(enrolment) => enrolment,
        Err(ServiceError::Factor(FactorRefusal::SwitchedOff | FactorRefusal::TooMany)) => {
            return visit.tell_at(OwnPage::Factors, Notice::NoMoreFactors);
        }
        Err(other) => return Err(other.into()),
    };
    let (layout, frame) = visit.frame();
    let form = AddTotpPage {
        layout,
        frame,
        secret: enrolment.secret.expose().to_owned(),
        drawing: draw(enrolment.uri.expose()),
        name: visit.typed("name").to_owned(),
        error,
    };
    Ok(page(StatusCode::OK, &form))
}
