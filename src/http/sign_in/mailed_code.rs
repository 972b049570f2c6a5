//! The page on which the code of a mail is typed. There is one for each time that a mail was asked for: it takes the code of that
//! mail, and whether another one was sent later, to whomever, makes no difference to it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{Answered, Opened, PageStep, Visit};
use super::login::{halfway_in, signed_in};
use super::next_page::{MAILED_CODE, code_page};
use super::throttled::Throttled;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::mailed_code::bound_to;
use crate::http::extract::device::Device;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::sign_in::by_mail::{Came, by_code};
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::progress::Ask;

/// The form. It posts `code`, `csrf`, `flow`, `asked` and `action` (`verify` or `cancel`) to `/login/code`. Whether anybody
/// was written to makes no difference to it.
#[derive(Template)]
#[template(path = "sign_in/mailed_code.html")]
pub struct MailedCodePage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// Which time the mail was asked for.
    pub asked: String,
    /// Why the last code was not taken.
    pub error: Option<Sentence>,
}

impl Page for MailedCodePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        self.client.as_ref().map(ClientBrand::policy).unwrap_or_default()
    }
}

/// The code of a mail as a step: another answer to what the sign-in page asks. It knows which time the mail was asked for.
pub struct MailedCodeStep(String);

impl PageStep for MailedCodeStep {
    const PATH: &'static str = MAILED_CODE;

    /// Whoever is signed in may sign in as somebody else here, as on the sign-in page.
    fn due(ask: &Ask, params: &Params) -> Option<Self> {
        let asked = params.get("asked").filter(|asked| is_sound(asked))?;
        matches!(ask.step, Step::SignIn | Step::ChooseAccount | Step::Consent(_)).then(|| Self(asked.to_owned()))
    }
}

/// `GET /login/code`: the form.
pub async fn get(Opened(visit): Opened<MailedCodeStep>) -> Response {
    page(StatusCode::OK, &form(&visit, None))
}

/// `POST /login/code`: signs in, or goes back to the application without.
pub async fn post(Device(device): Device, Answered(visit): Answered<MailedCodeStep>) -> Result<Response, PageError> {
    if visit.params.get("action") == Some("cancel") {
        return visit.deny().await;
    }
    let (address, browser) = (visit.browser.address(), visit.browser.before(&visit.app));
    let mailed_to = bound_to(&browser.binding, &visit.step.0);
    let came = Came { address, device: &device, browser, flow: &visit.flow, mailed_to: Some(&mailed_to) };
    let typed = visit.params.get("code").unwrap_or_default();
    match by_code(&visit.app, &visit.browser.actor(), &visit.ask, typed, came).await? {
        SignIn::Done(entered, device) => signed_in(visit, *entered, &device).await,
        SignIn::Half(halfway) => halfway_in(visit, *halfway).await,
        SignIn::AnotherAccount => Ok(page(StatusCode::OK, &form(&visit, Some(sentence!("login-another-account"))))),
        SignIn::Wrong | SignIn::Over => Ok(page(StatusCode::OK, &form(&visit, Some(sentence!("mailed-code-wrong"))))),
        SignIn::Wait(wait, user) | SignIn::Stopped(wait, user) => {
            let throttled = Throttled::for_now(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()));
            Ok(throttled.on(&form))
        }
    }
}

fn form(visit: &Visit<MailedCodeStep>, error: Option<Sentence>) -> MailedCodePage {
    let asked = visit.step.0.clone();
    MailedCodePage {
        layout: Layout::new(&visit.app).or_back_to(|| code_page(&visit.flow, &asked)),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        csrf: visit.browser.csrf(),
        flow: visit.flow.clone(),
        asked,
        error,
    }
}

/// Whether it can be one that we made.
fn is_sound(asked: &str) -> bool {
    (1..=64).contains(&asked.len()) && asked.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
