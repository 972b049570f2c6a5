//! Signing in through an application's own form (OAuth 2.0 for First-Party Applications, draft 04): the same request, decision
//! and steps as on the pages, but told to the application one at a time. What travels on the pages under `flow` and in the
//! cookie of half a sign-in is here the `auth_session`; what it is bound to is not a browser but the client.

use std::net::IpAddr;
use std::time::Duration;

use super::accounts::Accounts;
use super::authorization_request::carry;
use super::authorize::{self, Place, resume};
use super::browser_session::Before;
use super::login::{self, Attempt, SignIn};
use super::progress::{Ask, Goal, Progress};
use super::second_factor::{self, Answer};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::account::user::User;
use crate::domain::factor::method::Method;
use crate::domain::factor::recovery_code::RecoveryCode;
use crate::domain::factor::second_factor::Kind as FactorKind;
use crate::domain::factor::totp::TotpCode;
use crate::domain::oauth::authorize::request::Prompt;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::device::DeviceCookie;
use crate::foundation::{SecretHash, SecretString};
use crate::services::ServiceError;
use crate::services::factor::verify::Code;
use crate::services::factor::{self, recovery_codes};

/// What the application is told.
pub enum Told {
    /// The authorization code.
    Code(String),
    /// What is needed next, and by which methods it can be given.
    Next(Next),
    /// What was given is not right; the same is needed again.
    Wrong(Next),
    /// Too many attempts: wait so long.
    Wait(Duration),
    /// It takes a page of ours: the application sends its user to `/authorize`.
    Web,
}

/// What the application sends along next time, and what it asks its user for.
pub struct Next {
    /// The `auth_session`.
    pub session: String,
    /// The methods that do.
    pub methods: Vec<Method>,
}

/// Takes the next step of a sign-in in `client`. Before a right password nothing is stored but counts of wrong ones, and a
/// request that is too long to travel, for which there is room for so many; after it, one row of half a sign-in, of which a
/// person has ten at most.
///
/// # Errors
/// A refusal of the protocol: what is asked for cannot be had, or what waits for it is gone.
pub async fn advance(
    app: &App,
    by: &Actor,
    client: &Client,
    address: IpAddr,
    params: Params,
) -> Result<Told, ServiceError> {
    if !client.metadata.first_party {
        let description = "Only first-party clients may ask for passwords themselves.";
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, description).into());
    }
    params.once()?;
    let binding = format!("authorization challenge/{}", client.id);
    let (ask, flow, session) = match params.get("auth_session") {
        None => {
            let ask = begin(app, by, client, &params).await?;
            let destination = ask.goal.clone().into_destination();
            let Some(flow) = carry(app, &destination, SecretHash::of(&binding), address).await? else {
                let description =
                    "Too many long requests wait here. Ask again in a few minutes, or send a shorter one.";
                return Err(Refusal::new(ErrorCode::TemporarilyUnavailable, description).of(Kind::LongRequests).into());
            };
            (ask, flow.clone(), flow)
        }
        Some(session) => {
            let (flow, half) = session.split_once('.').map_or((session, None), |(flow, half)| (flow, Some(half)));
            let ask = go_on(app, by, flow, &binding, half).await?;
            (ask, flow.to_owned(), session.to_owned())
        }
    };
    if ask.client().is_some_and(|goal| goal.request.prompt.contains(&Prompt::Consent)) {
        return Ok(Told::Web);
    }
    let at = Here { app, by, ask: &ask, flow: &flow, binding: &binding, session, address };
    match ask.step {
        Step::SignIn => at.password(&params).await,
        Step::SecondFactor => at.code(&params).await,
        Step::AddFactor | Step::ChooseAccount | Step::KeepAccount | Step::Consent(_) | Step::Done => Ok(Told::Web),
    }
}

/// Takes up a request, as `/authorize` does. There is no redirect: the code is one for the first URI that the client has
/// registered, which the token request need not name.
async fn begin(app: &App, by: &Actor, client: &Client, params: &Params) -> Result<Ask, ServiceError> {
    let anywhere = client.metadata.redirect_uris.first().map(String::as_str).unwrap_or_default();
    let params = params.clone().or("client_id", client.id.as_str()).or("redirect_uri", anywhere);
    match authorize::begin(app, by, &params, Accounts::none()).await? {
        Progress::Ask(ask) => Ok(*ask),
        Progress::Respond(answer) => Err(match answer.response.refusal {
            Some(refusal) => refusal.into(),
            None => ServiceError::internal("a code was issued to nobody"),
        }),
        Progress::Visit(_) | Progress::Leave | Progress::Restart(_) => {
            Err(ServiceError::internal("a request that has just come in leads to a page"))
        }
    }
}

/// Takes up what waits.
async fn go_on(app: &App, by: &Actor, flow: &str, binding: &str, half: Option<&str>) -> Result<Ask, ServiceError> {
    let place = Place { browser: Some(SecretHash::of(binding)), half: half.map(SecretHash::of) };
    match resume(app, by, flow, place, Accounts::none(), false).await {
        // Without what its secret stands for it is none: it has been completed, or its time is over.
        Ok(Progress::Ask(ask)) if half.is_some() == ask.half.is_some() && matches!(ask.goal, Goal::Client(_)) => {
            Ok(*ask)
        }
        Ok(Progress::Respond(answer)) => match answer.response.refusal {
            Some(refusal) => Err(refusal.into()),
            None => Err(ServiceError::internal("a code was issued to nobody")),
        },
        Ok(Progress::Ask(_) | Progress::Visit(_) | Progress::Leave | Progress::Restart(_))
        | Err(ServiceError::Page(_)) => Err(over()),
        Err(other) => Err(other),
    }
}

fn over() -> ServiceError {
    let description = "The auth_session is unknown, another client's, or over. Begin anew.";
    Refusal::new(ErrorCode::InvalidSession, description).of(Kind::SignInUnknown).into()
}

/// Where a sign-in stands.
struct Here<'a> {
    app: &'a App,
    by: &'a Actor,
    ask: &'a Ask,
    flow: &'a str,
    binding: &'a str,
    session: String,
    address: IpAddr,
}

impl Here<'_> {
    async fn password(self, params: &Params) -> Result<Told, ServiceError> {
        let next = Next { session: self.session.clone(), methods: vec![Method::Password] };
        let (Some(username), Some(password)) = (params.get("username"), params.get("password")) else {
            return Ok(Told::Next(next));
        };
        let attempt = Attempt {
            username,
            password: SecretString::new(password.to_owned()),
            address: self.address,
            device: &DeviceCookie::default(),
            browser: self.before(),
            flow: self.flow,
            stays: false,
        };
        let done = login::sign_in(self.app, self.by, self.ask, attempt).await?;
        self.told(done, next).await
    }

    async fn code(self, params: &Params) -> Result<Told, ServiceError> {
        let methods = match self.ask.whom() {
            Some(user) => second_methods(self.app, user).await?,
            None => Vec::new(),
        };
        let next = Next { session: self.session.clone(), methods };
        let Some(typed) = params.get("code") else {
            return Ok(if next.methods.is_empty() { Told::Web } else { Told::Next(next) });
        };
        let method = params.get("method").map_or(Some(Method::Totp), Method::parse);
        let code = match method {
            Some(Method::Totp) => TotpCode::typed(typed).map(Code::Totp),
            Some(Method::RecoveryCode) => RecoveryCode::typed(typed).map(Code::Recovery),
            _ => {
                let refusal = Refusal::new(ErrorCode::InvalidRequest, "No code is given by this method.");
                return Err(refusal.with("method", method.map_or("unknown", Method::as_str)).into());
            }
        };
        // What cannot be a code need not be looked for.
        let Some(code) = code else { return Ok(Told::Wrong(next)) };
        let answer = Answer {
            code,
            address: self.address,
            device: &DeviceCookie::default(),
            browser: self.before(),
            flow: self.flow,
            remember: false,
        };
        let done = second_factor::complete(self.app, self.by, self.ask, answer).await?;
        self.told(done, next).await
    }

    fn before(&self) -> Before {
        Before::bound_to(self.binding.to_owned())
    }

    async fn told(self, done: SignIn, again: Next) -> Result<Told, ServiceError> {
        match done {
            SignIn::Done(entered, _) => match entered.progress {
                Progress::Respond(answer) => match (answer.response.given_code(), answer.response.refusal.clone()) {
                    (Some(code), _) => Ok(Told::Code(code.to_owned())),
                    (None, Some(refusal)) => Err(refusal.into()),
                    (None, None) => Err(ServiceError::internal("an answer without a code and without a refusal")),
                },
                _ => Ok(Told::Web),
            },
            SignIn::Half(halfway) => match halfway.progress {
                Progress::Ask(ask) if ask.step == Step::SecondFactor => {
                    let methods = match ask.whom() {
                        Some(user) => second_methods(self.app, user).await?,
                        None => Vec::new(),
                    };
                    let session = format!("{}.{}", self.flow, halfway.secret.reveal());
                    Ok(if methods.is_empty() { Told::Web } else { Told::Next(Next { session, methods }) })
                }
                _ => Ok(Told::Web),
            },
            SignIn::Wrong | SignIn::AnotherAccount => Ok(Told::Wrong(again)),
            SignIn::Over => Err(over()),
            SignIn::Wait(wait, _) | SignIn::Stopped(wait, _) => Ok(Told::Wait(wait)),
        }
    }
}

/// What a person can give here after the password. What needs a page of ours is none of it.
async fn second_methods(app: &App, user: &User) -> Result<Vec<Method>, ServiceError> {
    let mut methods = Vec::new();
    if factor::list(app, user).await?.iter().any(|factor| factor.kind == FactorKind::Totp) {
        methods.push(Method::Totp);
    }
    if recovery_codes::left(app, user).await?.is_some_and(|(left, _)| left > 0) {
        methods.push(Method::RecoveryCode);
    }
    Ok(methods)
}
