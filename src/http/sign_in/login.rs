//! The sign-in page.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::entrance::{Answered, Opened, PageStep, Visit};
use super::first_sign_in::CONFIRMED;
use super::next_page::code_page;
use super::providers::{self, NotSent};
use super::throttled::Throttled;
use super::{Account, Persona};
use crate::domain::account::sign_up::SignUpMode;
use crate::domain::federation::provider::{Mark, Provider};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::destination::OwnPage;
use crate::domain::sign_in::device::DeviceCookie;
use crate::domain::sign_in::mailed_code::bound_to;
use crate::foundation::{Secret, SecretHash, SecretString};
use crate::http::extract::device::{Device, set_cookie};
use crate::http::respond::authorization::see_other;
use crate::http::respond::client_brand::ClientBrand;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy, page};
use crate::http::respond::page_error::PageError;
use crate::http::respond::provider_button::ProviderButton;
use crate::http::respond::refused::with_trace;
use crate::http::set_out::LOGIN;
use crate::language::{Sentence, sentence};
use crate::services::account::asked_by_mail::{self, Heard, Wanted, ask};
use crate::services::factor;
use crate::services::factor::challenge::Challenge;
use crate::services::factor::signature::Reply;
use crate::services::federation;
use crate::services::sign_in::accounts::name_of;
use crate::services::sign_in::enter::{Entered, Halfway};
use crate::services::sign_in::login::{Attempt, SignIn, sign_in};
use crate::services::sign_in::passkey;
use crate::services::sign_in::progress::{Ask, Goal};

/// The sign-in page. Its form posts `username`, `password`, `remember` where it is offered and ticked, `csrf`, `flow` and
/// `action` (`sign_in`, `cancel` or, where it is offered, `email`; absent from a client that sends no button) to `/login`; that of
/// a passkey, `challenge`, `answer`, which the script fills in, `remember`, `csrf`, `flow` and `action` (`passkey`).
#[derive(Template)]
#[template(path = "sign_in/login.html")]
pub struct LoginPage {
    /// The shared part.
    pub layout: Layout,
    /// Who asks; `None` for a page of ours.
    pub client: Option<ClientBrand>,
    /// The only account that may sign in here, which is asked for a fresh proof.
    pub only: Option<Account>,
    /// The form's CSRF token.
    pub csrf: String,
    /// The id of the authorization request.
    pub flow: String,
    /// What to fill the name in with: `login_hint`, or what was typed before.
    pub username: String,
    /// Why the last attempt failed, in a sentence that is the same whether the account exists or not.
    pub error: Option<Sentence>,
    /// Why somebody did not come in through a provider: no field is wrong then.
    pub came: Option<Sentence>,
    /// Why the person sees this page although they may be signed in.
    pub notice: Option<Sentence>,
    /// Whether staying signed in is offered, and if so whether the box is ticked.
    pub remember: Option<bool>,
    /// Whether one can sign in with a password.
    pub passwords: bool,
    /// Whether an address without a password may lead to a provider.
    pub by_address: bool,
    /// Whether another password can be asked for by mail.
    pub recovers: bool,
    /// Whether one can sign in by mail.
    pub mails: bool,
    /// What the script asks the browser, where passkeys sign in by themselves.
    pub passkey: Option<Challenge>,
    /// Whether whoever has no account can make one.
    pub sign_up: bool,
    /// Through whom one can sign in.
    pub providers: Vec<ProviderButton>,
    /// Shown in development only, whatever is given.
    pub personas: Vec<Persona>,
}

impl Page for LoginPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        let policy = self.client.as_ref().map(ClientBrand::policy).unwrap_or_default();
        let leads_to_client = policy.leads_to_client || !self.providers.is_empty();
        Policy { script: self.passkey.is_some(), leads_to_client, ..policy }
    }
}

/// Signing in as a step.
pub struct LoginStep;

impl PageStep for LoginStep {
    const PATH: &'static str = LOGIN;
    const SAYS_WHY: bool = true;

    /// `switch` shows the form to whoever is signed in, too: to sign in as somebody else.
    fn due(ask: &Ask, params: &Params) -> Option<Self> {
        (ask.step == Step::SignIn || params.get("switch").is_some()).then_some(Self)
    }

    /// A password is an answer to whatever is asked.
    fn answerable(_: &Ask, _: &Params) -> Option<Self> {
        Some(Self)
    }
}

/// `GET /login`: the form.
pub async fn get(Opened(visit): Opened<LoginStep>) -> Result<Response, PageError> {
    if let Some(provider) = providers::hinted(&visit) {
        return send(&visit, &provider).await;
    }
    let stale = visit.params.get("stale").map(|_| sentence!("login-stale"));
    let again = visit.ask.only_account().map(|_| sentence!("login-again"));
    let confirmed = visit.params.get(CONFIRMED).map(|_| sentence!("sign-up-confirmed"));
    let mut form = form(&visit, None, stale.or(confirmed).or(again))?;
    form.came = providers::came(&visit);
    // Whoever was chosen, and is signed in no longer.
    if let Some(Ok(id)) = visit.params.get("account").map(str::parse)
        && let Some(name) = name_of(&visit.app, &visit.browser.sessions(), id).await?
    {
        form.username = name;
    }
    Ok(page(StatusCode::OK, &form))
}

/// `POST /login`: signs in, or goes back to the application without.
pub async fn post(Device(device): Device, Answered(visit): Answered<LoginStep>) -> Result<Response, PageError> {
    if visit.params.get("action") == Some("cancel") {
        return visit.deny().await;
    }
    if visit.params.get("action") == Some("email") && asked_by_mail::signs_in(&visit.app) {
        return by_mail(&visit).await;
    }
    if let Some(provider) = providers::chosen(&visit) {
        return send(&visit, &provider).await;
    }
    let (by, with_passkey) = (visit.browser.actor(), visit.params.get("action") == Some("passkey"));
    let outcome = match with_passkey {
        true => passkey::sign_in(&visit.app, &by, &visit.ask, passkey_attempt(&visit, &device)).await?,
        false => sign_in(&visit.app, &by, &visit.ask, attempt(&visit, &device)).await?,
    };
    match outcome {
        SignIn::Done(entered, device) => signed_in(visit, *entered, &device).await,
        SignIn::Half(halfway) => halfway_in(visit, *halfway).await,
        SignIn::Wrong | SignIn::Over => {
            let error = match with_passkey {
                true => sentence!("passkey-unknown"),
                false => sentence!("login-wrong"),
            };
            Ok(page(StatusCode::OK, &form(&visit, Some(error), None)?))
        }
        SignIn::AnotherAccount => {
            let error = sentence!("login-another-account");
            Ok(page(StatusCode::OK, &form(&visit, Some(error), None)?))
        }
        SignIn::Wait(wait, user) => {
            let throttled = Throttled::for_now(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()), None)?;
            Ok(throttled.on(&form))
        }
        SignIn::Stopped(wait, user) => {
            let throttled = Throttled::for_strangers(&visit, wait, user);
            let form = form(&visit, Some(throttled.said()), None)?;
            Ok(throttled.on(&form))
        }
    }
}

/// To a provider; or the page, which says why not.
async fn send(visit: &Visit<LoginStep>, provider: &Provider) -> Result<Response, PageError> {
    let NotSent { said, trace } = match providers::through(visit, provider).await? {
        Ok(sent) => return Ok(sent),
        Err(not_sent) => not_sent,
    };
    let mut form = form(visit, None, None)?;
    form.came = Some(said);
    let response = page(StatusCode::OK, &form);
    Ok(match trace {
        Some(trace) => with_trace(response, trace),
        None => response,
    })
}

/// The browser of whoever is signed in now gets its cookies, and is sent to whatever comes next.
pub(super) async fn signed_in<S>(
    mut visit: Visit<S>,
    entered: Entered,
    device: &DeviceCookie,
) -> Result<Response, PageError> {
    visit.browser.sign_in(&visit.app, entered.record).await?;
    if let Some(secret) = &entered.remembered {
        visit.browser.keep_remembered(&visit.app, secret);
    }
    let cookie = set_cookie(&visit.app, device)?;
    let mut response = visit.go_on(entered.progress).await?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The browser of whoever has to do something else before they are signed in keeps the secret of the half that is done.
pub(super) async fn halfway_in<S>(mut visit: Visit<S>, halfway: Halfway) -> Result<Response, PageError> {
    visit.browser.keep_half(&halfway.secret);
    visit.go_on(halfway.progress).await
}

/// Whoever was named is sent a link and a code, if there is anybody; the browser is led to where the code is typed all the same.
async fn by_mail(visit: &Visit<LoginStep>) -> Result<Response, PageError> {
    let Visit { app, browser, params, flow, .. } = visit;
    let (asked, binding) = (Secret::generate(&app.random).reveal(), browser.before(app).binding);
    let bound = SecretHash::of(&bound_to(&binding, &asked));
    let stays = app.settings.login.keep_signed_in.applies(params.get("remember").is_some());
    let (browser_hash, asking) = (bound.as_bytes().to_vec(), Some(asked.clone()));
    let wanted = Wanted::SignIn { flow: flow.clone(), browser: browser_hash, asked: asking, stays };
    let locale = Some(visit.layout().language().tag().to_owned());
    match ask(app, &browser.actor().origin, params.get("username").unwrap_or_default(), wanted, locale).await? {
        Heard::Yes => Ok(see_other(&code_page(flow, &asked))?),
        Heard::Wait(wait) => {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            let form = form(visit, Some(sentence!("recover-wait", minutes = minutes)), None)?;
            let mut response = page(StatusCode::TOO_MANY_REQUESTS, &form);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            Ok(response)
        }
    }
}

/// What the form sent.
fn attempt<'a>(visit: &'a Visit<LoginStep>, device: &'a DeviceCookie) -> Attempt<'a> {
    let typed = |name: &str| visit.params.get(name).unwrap_or_default();
    Attempt {
        username: typed("username"),
        password: SecretString::new(typed("password").to_owned()),
        address: visit.browser.address(),
        device,
        browser: visit.browser.before(&visit.app),
        flow: &visit.flow,
        stays: visit.app.settings.login.keep_signed_in.applies(visit.params.get("remember").is_some()),
    }
}

/// What the form of the passkey sent.
fn passkey_attempt<'a>(visit: &'a Visit<LoginStep>, device: &'a DeviceCookie) -> passkey::Attempt<'a> {
    let sent = |name: &str| visit.params.get(name).unwrap_or_default();
    passkey::Attempt {
        reply: Reply { challenge: sent("challenge"), answer: sent("answer") },
        address: visit.browser.address(),
        device,
        browser: visit.browser.before(&visit.app),
        flow: &visit.flow,
        stays: visit.app.settings.login.keep_signed_in.applies(visit.params.get("remember").is_some()),
    }
}

fn form(visit: &Visit<LoginStep>, error: Option<Sentence>, notice: Option<Sentence>) -> Result<LoginPage, PageError> {
    let Visit { app, browser, params, flow, ask, .. } = visit;
    let hint = ask.client().and_then(|goal| goal.request.login_hint.as_deref());
    let switching = params.get("switch").is_some() || matches!(ask.goal, Goal::Page(OwnPage::AddAccount));
    let signed_in = ask.signed_in.as_ref().map(|(_, user)| user).filter(|_| !switching);
    // Who was asked for by an ID token is who is signed in; a hint may name somebody else.
    let is_asked_for = ask.client().is_some_and(|goal| goal.request.subject.is_some());
    let signed_in = signed_in.filter(|user| is_asked_for || hint.is_none_or(|hint| user.is_named(hint)));
    let signed_in = signed_in.and_then(|user| user.login_name());
    let only = ask.signed_in.as_ref().filter(|(_, user)| ask.only_account() == Some(user.id)).map(|(_, user)| user);
    let typed = params.get("username").filter(|_| only.is_none());
    // Whoever signs in again, and sent nothing yet, finds the box as they left it.
    let sent = params.get("csrf").is_some();
    let ticked = if sent { params.get("remember").is_some() } else { browser.stays() };
    let username = typed.or(signed_in).or(hint);
    let personas = app.settings.dev.iter().flat_map(|dev| &dev.personas);
    let personas =
        personas.filter(|persona| only.is_none_or(|user| user.username.as_deref() == Some(persona.username)));
    let passkey = match browser.binding() {
        Some(binding) => factor::passkey::ask_anybody(app, binding, flow)?,
        None => None,
    };
    Ok(LoginPage {
        layout: visit.layout(),
        client: ask.client().map(|goal| ClientBrand::of(&goal.client)),
        only: only.map(Account::of),
        csrf: browser.csrf(),
        flow: flow.clone(),
        username: username.unwrap_or_default().to_owned(),
        error,
        came: None,
        notice,
        remember: app.settings.login.keep_signed_in.is_offered().then_some(ticked),
        passwords: app.settings.login.takes_passwords(),
        by_address: federation::goes_by_address(app),
        recovers: asked_by_mail::is_offered(app),
        mails: asked_by_mail::signs_in(app),
        passkey,
        sign_up: app.settings.sign_up.mode == SignUpMode::Open && only.is_none(),
        providers: providers::buttons(visit),
        personas: personas.filter(|_| app.settings.login.takes_passwords()).map(Persona::of).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    fn sample(dev: bool) -> LoginPage {
        LoginPage {
            layout: layout(dev),
            client: Some(hostile_client()),
            only: None,
            csrf: "c".into(),
            flow: "f".into(),
            username: "\"><b>".into(),
            error: Some(sentence!("login-wrong")),
            came: None,
            notice: None,
            remember: None,
            passwords: true,
            by_address: false,
            recovers: true,
            mails: true,
            passkey: None,
            sign_up: true,
            providers: vec![],
            personas: vec![Persona {
                username: "alice".into(),
                password: "hunter2".into(),
                role: "x".into(),
                totp: None,
            }],
        }
    }

    #[test]
    fn the_fields_are_those_of_the_contract_and_input_stays_text() {
        let html = sample(false).render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"name="username" type="text" autocomplete="username""#));
        assert!(html.contains(r#"name="password" type="password" autocomplete="current-password""#));
        assert!(html.contains(r#"id="login-submit""#) && html.contains(r#"id="login-cancel""#));
        assert!(html.contains(r#"value="&#34;&#62;&#60;b&#62;""#));
    }

    #[test]
    fn staying_signed_in_is_offered_where_the_setting_says_so_and_stays_ticked() {
        let html = |remember| LoginPage { remember, ..sample(false) }.render().unwrap();
        assert!(!html(None).contains("remember"));
        let unticked = r#"<input id="remember" name="remember" type="checkbox" value="1">"#;
        assert!(html(Some(false)).contains(unticked));
        assert!(html(Some(true)).contains(&unticked.replace('>', " checked>")));
    }

    #[test]
    fn a_passkey_is_offered_where_it_signs_in_and_to_scripts_alone() {
        let challenge = Challenge { options: "{\"a\":\"<b>\"}".into(), sealed: "s".into() };
        let with = LoginPage { passkey: Some(challenge), ..sample(false) };
        assert!(with.policy().script && !sample(false).policy().script);
        let html = with.render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"data-options="{&#34;a&#34;:&#34;&#60;b&#62;&#34;}" data-autofill hidden>"#), "{html}");
        assert!(html.contains("<script nonce=\"n0nce\" src=\"/static/passkey."), "{html}");
    }

    #[test]
    fn passwords_of_personas_are_shown_in_development_only() {
        assert!(sample(true).render().unwrap().contains("hunter2"));
        assert!(!sample(false).render().unwrap().contains("hunter2"));
    }
}
