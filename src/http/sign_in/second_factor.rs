//! The page of the second factor.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Account;
use super::entrance::{Answered, Opened, PageStep, Visit};
use super::login::{halfway_in, signed_in};
use super::next_page::SECOND_FACTOR;
use super::throttled::Throttled;
use crate::domain::account::user::User;
use crate::domain::factor::recovery_code::RecoveryCode;
use crate::domain::factor::second_factor::Kind;
use crate::domain::factor::totp::TotpCode;
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::device::DeviceCookie;
use crate::foundation::SecretHash;
use crate::http::extract::device::Device;
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::set_out::{LOGIN, link};
use crate::language::{Sentence, sentence};
use crate::services::factor;
use crate::services::factor::challenge::Challenge;
use crate::services::factor::signature::Reply;
use crate::services::factor::verify::Code;
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::lost_factors;
use crate::services::sign_in::progress::Ask;
use crate::services::sign_in::second_factor::{Answer, complete};

/// The page of the second factor. Its form posts `code`, or `challenge` and `answer` of a passkey, `method`, `remember_device`
/// where it is offered and ticked, `csrf`, `flow` and `action` (`verify` or `cancel`; absent from a client that sends no button)
/// to `/second-factor`.
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
    /// What is asked for.
    pub method: Method,
    /// For how many days the browser can be remembered, where that is offered, and whether the box is ticked.
    pub remember: Option<(u64, bool)>,
    /// What the script asks the browser, where a passkey is asked for.
    pub passkey: Option<Challenge>,
    /// What else the person has, that leads to another page.
    pub other: Option<Method>,
    /// Whether they can say that every second factor is lost.
    pub lost: bool,
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
        let policy = self.client.as_ref().map(ClientBrand::policy).unwrap_or_default();
        Policy { script: self.passkey.is_some(), ..policy }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A passkey.
    Passkey,
    /// A code of an authenticator app.
    Totp,
    /// A code of the list on paper.
    RecoveryCode,
}

impl Method {
    /// What the page's link, or its form, says.
    fn named(params: &Params) -> Option<Self> {
        [Self::Passkey, Self::Totp, Self::RecoveryCode]
            .into_iter()
            .find(|method| params.get("method") == Some(method.as_str()))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// What was sent, if it has the form of that; a passkey is asked for in `place`.
    fn read(self, params: &Params, place: SecretHash) -> Option<Code<'_>> {
        let sent = |name: &str| params.get(name).unwrap_or_default();
        let typed = sent("code");
        match self {
            Self::Passkey => Some(Code::Passkey(Reply { challenge: sent("challenge"), answer: sent("answer") }, place)),
            Self::Totp => TotpCode::typed(typed).map(Code::Totp),
            Self::RecoveryCode => RecoveryCode::typed(typed).map(Code::Recovery),
        }
    }
}

/// The second factor as a step.
pub struct SecondFactorStep {
    user: User,
    /// What the challenge of a passkey belongs to.
    place: SecretHash,
}

impl PageStep for SecondFactorStep {
    const PATH: &'static str = SECOND_FACTOR;
    const SAYS_WHY: bool = true;
    const AFTER_PASSWORD: bool = true;

    fn due(ask: &Ask, _: &Params) -> Option<Self> {
        let user = ask.whom().filter(|_| ask.step == Step::SecondFactor)?;
        Some(Self { user: user.clone(), place: ask.set_up_in()?.place() })
    }
}

/// `GET /second-factor`: the form.
pub async fn get(Opened(visit): Opened<SecondFactorStep>) -> Result<Response, PageError> {
    let notice = visit.params.get("stale").map(|_| sentence!("second-factor-stale"));
    Ok(page(StatusCode::OK, &form(&visit, None, notice).await?))
}

/// `POST /second-factor`: completes the sign-in, or goes back to the application without.
pub async fn post(Device(device): Device, Answered(visit): Answered<SecondFactorStep>) -> Result<Response, PageError> {
    if visit.params.get("action") == Some("cancel") {
        return visit.deny().await;
    }
    let method = Method::named(&visit.params).unwrap_or(Method::Totp);
    let Some(code) = method.read(&visit.params, visit.step.place) else {
        // It can be no code, so it is no guess.
        let error = match method {
            Method::Totp | Method::Passkey => sentence!("totp-no-code"),
            Method::RecoveryCode => sentence!("recovery-code-no-code"),
        };
        return Ok(page(StatusCode::OK, &form(&visit, Some(error), None).await?));
    };
    let answer = answer(&visit, code, &device);
    match complete(&visit.app, &visit.browser.actor(), &visit.ask, answer).await? {
        SignIn::Done(entered, device) => signed_in(visit, *entered, &device).await,
        SignIn::Half(halfway) => halfway_in(visit, *halfway).await,
        SignIn::Wrong | SignIn::AnotherAccount => {
            let error = match method {
                Method::Passkey => sentence!("passkey-wrong"),
                Method::Totp => sentence!("totp-wrong"),
                Method::RecoveryCode => sentence!("recovery-code-wrong"),
            };
            Ok(page(StatusCode::OK, &form(&visit, Some(error), None).await?))
        }
        // Whatever holds now decides where to: the sign-in was completed by the other of two clicks, or is over.
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

/// What a form sent with this code.
pub(super) fn answer<'a, S>(visit: &'a Visit<S>, code: Code<'a>, device: &'a DeviceCookie) -> Answer<'a> {
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

/// The page, for the method that was asked for, or else the safest that the person has.
async fn form(
    visit: &Visit<SecondFactorStep>,
    error: Option<Sentence>,
    notice: Option<Sentence>,
) -> Result<SecondFactorPage, PageError> {
    let (app, SecondFactorStep { user, place }) = (&visit.app, &visit.step);
    let factors = factor::list(app, user).await?;
    let has_app = factors.iter().any(|factor| factor.kind == Kind::Totp);
    let challenge = factor::passkey::ask(app, user, &factors, *place)?;
    let method = match Method::named(&visit.params) {
        None | Some(Method::Passkey) if challenge.is_some() => Method::Passkey,
        Some(Method::RecoveryCode) => Method::RecoveryCode,
        _ if has_app => Method::Totp,
        // The server's address was changed to one for which passkeys cannot be.
        _ => Method::RecoveryCode,
    };
    let other = match method {
        Method::Passkey => has_app.then_some(Method::Totp),
        Method::Totp => challenge.is_some().then_some(Method::Passkey),
        Method::RecoveryCode if challenge.is_some() => Some(Method::Passkey),
        Method::RecoveryCode => has_app.then_some(Method::Totp),
    };
    Ok(SecondFactorPage {
        layout: visit.layout(),
        client: visit.ask.client().map(|goal| ClientBrand::of(&goal.client)),
        account: account(&visit.ask),
        csrf: visit.browser.csrf(),
        flow: visit.flow.clone(),
        method,
        remember: remember(visit, method),
        passkey: challenge.filter(|_| method == Method::Passkey),
        other,
        lost: visit.ask.half.as_ref().is_some_and(|half| lost_factors::is_offered(&visit.app, half)),
        error,
        notice,
    })
}

/// The box to be remembered by.
const REMEMBER: &str = "remember_device";

/// Whoever uses a code from paper may be at somebody else's computer.
fn remember(visit: &Visit<SecondFactorStep>, method: Method) -> Option<(u64, bool)> {
    let days = visit.app.settings.remember_device.as_secs().div_ceil(86_400);
    let offered = days > 0 && method == Method::Totp;
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
            passkey: (method == Method::Passkey).then(|| Challenge { options: "{}".into(), sealed: "s".into() }),
            other: (method == Method::RecoveryCode).then_some(Method::Totp),
            lost: true,
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
    fn a_passkey_is_asked_for_by_the_script_and_leads_to_a_recovery_code() {
        let html = sample(Method::Passkey).render().unwrap();
        assert_inert(&html);
        assert!(sample(Method::Passkey).policy().script && !sample(Method::Totp).policy().script);
        assert!(html.contains(r#"name="method" value="passkey""#) && html.contains(r#"data-passkey="get""#));
        assert!(html.contains(r#"id="mfa-recovery""#) && !html.contains(r#"name="code""#));
    }

    #[test]
    fn a_recovery_code_has_letters_too_and_leads_back_to_the_app() {
        let html = sample(Method::RecoveryCode).render().unwrap();
        assert_inert(&html);
        assert!(!html.contains("remember_device"));
        assert!(!html.contains("inputmode") && !html.contains("one-time-code"));
        assert!(html.contains(r#"name="method" value="recovery_code""#));
        assert!(html.contains(r#"id="mfa-lost""#));
        assert!(html.contains(r#"id="mfa-other""#) && !html.contains(r#"id="mfa-recovery""#));
    }
}
