//! The page of the second factor.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::entrance::{Answered, Opened, PageStep, Visit};
use super::login::{halfway_in, signed_in};
use super::next_page::SECOND_FACTOR;
use super::throttled::Throttled;
use crate::domain::factor::recovery_code::RecoveryCode;
use crate::domain::factor::totp::TotpCode;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::device::DeviceCookie;
use crate::http::extract::device::Device;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, link};
use crate::language::{Sentence, sentence};
use crate::services::factor::verify::Code;
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::progress::Ask;
use crate::services::sign_in::second_factor::{Answer, complete};

/// The page of the second factor. Its form posts `code`, `method`, `remember_device` where it is offered and ticked, `csrf`, `flow` and `action` (`verify` or `cancel`; absent
/// from a client that sends no button) to `/second-factor`.
#[derive(Template)]
#[template(path = "sign_in/second_factor.html")]
pub struct SecondFactorPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// Whose code it is to be.
    pub account: Account,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// Which code is asked for.
    pub method: Method,
    /// For how many days the browser can be remembered, where that is offered, and whether the box is ticked.
    pub remember: Option<(u64, bool)>,
    /// Why the last code was not taken.
    pub error: Option<Sentence>,
    /// Why the person sees this page again.
    pub notice: Option<Sentence>,
}

impl Page for SecondFactorPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.as_ref().map(ClientBrand::policy).unwrap_or_default()
    }
}

/// Which code is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Of an authenticator app.
    Totp,
    /// Of the list on paper.
    RecoveryCode,
}

impl Method {
    fn of(params: &Params) -> Self {
        match params.get("method") {
            Some("recovery_code") => Self::RecoveryCode,
            _ => Self::Totp,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// What was typed, if it has the form of such a code.
    fn read(self, typed: &str) -> Option<Code> {
        match self {
            Self::Totp => TotpCode::typed(typed).map(Code::Totp),
            Self::RecoveryCode => RecoveryCode::typed(typed).map(Code::Recovery),
        }
    }
}

/// The second factor as a step.
pub struct SecondFactorStep;

impl PageStep for SecondFactorStep {
    const PATH: &'static str = SECOND_FACTOR;
    const SAYS_WHY: bool = true;
    const AFTER_PASSWORD: bool = true;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        (ask.step == Step::SecondFactor).then_some(Self)
    }
}

/// `GET /second-factor`: the form.
pub async fn get(Opened(visit): Opened<SecondFactorStep>) -> Response {
    let notice = visit.params.get("stale").map(|_| sentence!("second-factor-stale"));
    page(StatusCode::OK, &form(&visit, None, notice))
}

/// `POST /second-factor`: completes the sign-in, or goes back to the application without.
pub async fn post(Device(device): Device, Answered(visit): Answered<SecondFactorStep>) -> Result<Response, PageError> {
    if visit.params.get("action") == Some("cancel") {
        return visit.deny().await;
    }
    let method = Method::of(&visit.params);
    let Some(code) = method.read(visit.params.get("code").unwrap_or_default()) else {
        // It can be no code, so it is no guess.
        let error = match method {
            Method::Totp => sentence!("totp-no-code"),
            Method::RecoveryCode => sentence!("recovery-code-no-code"),
        };
        return Ok(page(StatusCode::OK, &form(&visit, Some(error), None)));
    };
    let answer = answer(&visit, code, &device);
    match complete(&visit.app, &visit.browser.actor(), &visit.ask, answer).await? {
        SignIn::Done(entered, device) => signed_in(visit, *entered, &device).await,
        SignIn::Half(halfway) => halfway_in(visit, *halfway).await,
        SignIn::Wrong | SignIn::AnotherAccount => {
            let error = match method {
                Method::Totp => sentence!("totp-wrong"),
                Method::RecoveryCode => sentence!("recovery-code-wrong"),
            };
            Ok(page(StatusCode::OK, &form(&visit, Some(error), None)))
        }
        // Whatever holds now decides where to: the sign-in was completed by the other of two clicks, or is over.
        SignIn::Over => Ok(see_other(&link(LOGIN, &visit.flow))?),
        SignIn::Wait(wait, user) => {
            let throttled = Throttled::for_now(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()), None);
            Ok(throttled.on(&form))
        }
        SignIn::Stopped(wait, user) => {
            let throttled = Throttled::for_strangers(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()), None);
            Ok(throttled.on(&form))
        }
    }
}

/// What a form sent with this code.
pub(super) fn answer<'a, S>(visit: &'a Visit<S>, code: Code, device: &'a DeviceCookie) -> Answer<'a> {
    Answer {
        remember: matches!(code, Code::Totp(_)) && visit.params.get(REMEMBER).is_some(),
        code,
        address: visit.browser.address(),
        device,
        browser: visit.browser.before(&visit.app),
        flow: &visit.flow,
    }
}

/// Who is asked: whoever gave a password here, or else is signed in.
pub(super) fn account(ask: &Ask) -> Account {
    ask.whom().map_or_else(|| Account { name: String::new(), detail: None }, Account::of)
}

fn form(visit: &Visit<SecondFactorStep>, error: Option<Sentence>, notice: Option<Sentence>) -> SecondFactorPage {
    SecondFactorPage {
        layout: visit.layout(),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        account: account(&visit.ask),
        csrf: visit.browser.csrf(),
        flow: visit.flow.clone(),
        method: Method::of(&visit.params),
        remember: remember(visit),
        error,
        notice,
    }
}

/// The box to be remembered by.
const REMEMBER: &str = "remember_device";

/// Whoever uses a code from paper may be at somebody else's computer.
fn remember(visit: &Visit<SecondFactorStep>) -> Option<(u64, bool)> {
    let days = visit.app.settings.remember_device.as_secs().div_ceil(86_400);
    let offered = days > 0 && Method::of(&visit.params) == Method::Totp;
    // A link does not tick it.
    let sent = visit.params.get("csrf").is_some();
    offered.then(|| (days, sent && visit.params.get(REMEMBER).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    fn sample(method: Method) -> SecondFactorPage {
        SecondFactorPage {
            layout: layout(false),
            client: Some(hostile_client()),
            account: Account { name: "<b>Alice".into(), detail: Some("\"><i>".into()) },
            csrf: "c".into(),
            flow: "f".into(),
            method,
            remember: (method == Method::Totp).then_some((30, false)),
            error: Some(sentence!("login-wrong")),
            notice: None,
        }
    }

    #[test]
    fn the_fields_are_those_of_the_contract_and_input_stays_text() {
        let html = sample(Method::Totp).render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"name="code" type="text" inputmode="numeric" autocomplete="one-time-code""#));
        assert!(html.contains(r#"id="mfa-submit""#) && html.contains(r#"id="mfa-recovery""#));
        assert!(!html.contains(r#"id="mfa-other""#), "there is no other method but the list");
        assert!(html.contains(r#"name="remember_device" type="checkbox" value="1">"#), "offered, and not ticked");
    }

    #[test]
    fn a_recovery_code_has_letters_too_and_leads_back_to_the_app() {
        let html = sample(Method::RecoveryCode).render().unwrap();
        assert_inert(&html);
        assert!(!html.contains("remember_device"));
        assert!(!html.contains("inputmode") && !html.contains("one-time-code"));
        assert!(html.contains(r#"name="method" value="recovery_code""#));
        assert!(html.contains(r#"id="mfa-other""#) && !html.contains(r#"id="mfa-recovery""#));
    }
}
