//! The page that adds a second factor in the middle of a sign-in that demands one.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::add_factor_step::AddFactorStep;
use super::add_passkey;
use super::entrance::{Answered, Opened, Visit};
use super::login::{halfway_in, signed_in};
use super::second_factor::{account, answer};
use super::throttled::Throttled;
use crate::domain::factor::second_factor;
use crate::domain::factor::totp::TotpCode;
use crate::http::extract::device::Device;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::qr_code::{QrDrawing, draw};
use crate::http::set_out::{LOGIN, link};
use crate::language::{Sentence, sentence};
use crate::services::factor::verify::Code;
use crate::services::factor::{passkey, totp};
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::second_factor::complete;

/// The page that adds a second factor. Its form posts `code`, `name`, `csrf`, `flow` and `action` (`confirm` or `cancel`;
/// absent from a client that sends no button) to `/add-factor`.
#[derive(Template)]
#[template(path = "sign_in/add_factor.html")]
pub struct AddFactorPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// Whose factor it is to be.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// To be typed or copied into an app: without spaces, which not every app takes.
    pub secret: String,
    /// The same, to be scanned.
    pub drawing: Option<QrDrawing>,
    /// What the app is to be called, as typed.
    pub name: String,
    /// Whether it may be a passkey instead.
    pub passkeys: bool,
    /// Why the last code was not taken.
    pub error: Option<Sentence>,
    /// Why the person sees this page again.
    pub notice: Option<Sentence>,
}

impl Page for AddFactorPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.as_ref().map(ClientBrand::policy).unwrap_or_default()
    }
}

/// `GET /add-factor`: the secret, and the form.
pub async fn get(Opened(visit): Opened<AddFactorStep>) -> Result<Response, PageError> {
    if visit.wants_passkey() {
        return add_passkey::shown(&visit, None).await;
    }
    let notice = visit.params.get("stale").map(|_| sentence!("second-factor-stale"));
    Ok(page(StatusCode::OK, &form(&visit, None, notice).await?))
}

/// `POST /add-factor`: adds it and completes the sign-in, or goes back to the application without.
pub async fn post(Device(device): Device, Answered(visit): Answered<AddFactorStep>) -> Result<Response, PageError> {
    if visit.params.get("action") == Some("cancel") {
        return visit.deny().await;
    }
    if visit.wants_passkey() {
        return add_passkey::post(visit, &device).await;
    }
    let name = second_factor::name(visit.params.get("name").unwrap_or_default());
    let Some(code) = TotpCode::typed(visit.params.get("code").unwrap_or_default()) else {
        let error = sentence!("totp-no-code");
        return Ok(page(StatusCode::OK, &form(&visit, Some(error), None).await?));
    };
    let answer = answer(&visit, Code::NewTotp(code, name, visit.step.place.place()), &device);
    match complete(&visit.app, &visit.browser.actor(), &visit.ask, answer).await? {
        SignIn::Done(entered, device) => signed_in(visit, *entered, &device).await,
        SignIn::Half(halfway) => halfway_in(visit, *halfway).await,
        SignIn::Wrong | SignIn::AnotherAccount => {
            let error = sentence!("totp-not-of-this");
            Ok(page(StatusCode::OK, &form(&visit, Some(error), None).await?))
        }
        SignIn::Over => Ok(see_other(&link(LOGIN, &visit.flow))?),
        SignIn::Wait(wait, user) => {
            let throttled = Throttled::for_now(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()), None).await?;
            Ok(throttled.on(&form))
        }
        SignIn::Stopped(wait, user) => {
            let throttled = Throttled::for_strangers(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()), None).await?;
            Ok(throttled.on(&form))
        }
    }
}

async fn form(
    visit: &Visit<AddFactorStep>,
    error: Option<Sentence>,
    notice: Option<Sentence>,
) -> Result<AddFactorPage, PageError> {
    let enrolment =
        totp::continue_or_begin(&visit.app, &visit.browser.actor(), &visit.step.user, visit.step.place).await?;
    Ok(AddFactorPage {
        layout: visit.layout(),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        account: account(&visit.ask),
        csrf: visit.browser.csrf(),
        flow: visit.flow.clone(),
        secret: enrolment.secret.expose().to_owned(),
        drawing: draw(enrolment.uri.expose()),
        name: visit.params.get("name").unwrap_or_default().to_owned(),
        passkeys: passkey::can_be_added(&visit.app).is_some(),
        error,
        notice,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    #[test]
    fn the_fields_are_those_of_the_contract_and_the_secret_is_text_and_drawing() {
        let page = AddFactorPage {
            layout: layout(false),
            client: Some(hostile_client()),
            account: Account { name: "<b>Alice".into(), detail: None },
            csrf: "c".into(),
            flow: "f".into(),
            secret: "GEZDGNBV".into(),
            drawing: draw("otpauth://totp/x"),
            name: "\"><b>".into(),
            passkeys: true,
            error: Some(sentence!("login-wrong")),
            notice: None,
        };
        let html = page.render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"<code id="totp-secret" class="copyable">GEZDGNBV</code>"#));
        assert!(html.contains(r#"name="code" type="text" inputmode="numeric" autocomplete="one-time-code""#));
        assert!(html.contains(r#"id="totp-confirm""#) && html.contains("<svg class=\"qr\""));
    }
}
