//! Where a sign-in in an application's own form stands, and what the application is told.

use std::net::IpAddr;
use std::time::Duration;

use super::own_factors::OwnFactors;
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::account::sign_up::{SignUpMode, Wrong};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::challenge::{AuthSession, Stage, Way};
use crate::domain::sign_in::decision::Step;
use crate::domain::sign_in::mailed_code::bound_to;
use crate::services::ServiceError;
use crate::services::account::asked_by_mail;
use crate::services::factor;
use crate::services::factor::challenge::Challenge;
use crate::services::factor::signature::Reply;
use crate::services::sign_in::browser_session::Before;
use crate::services::sign_in::login::SignIn;
use crate::services::sign_in::progress::{Ask, Progress};

/// What the application is told.
pub enum Told {
    /// The authorization code.
    Code(String),
    /// What is needed next, and by which methods it can be given.
    Next(Next),
    /// What was given is not right; the same is needed again.
    Wrong(Next),
    /// An account cannot be like that: what is wrong, and what is needed again.
    Unfit(Vec<Wrong>, Next),
    /// Too many attempts: wait so long.
    Wait(Duration),
    /// It takes a page of ours: the application sends its user to `/authorize`.
    Web,
}

/// What the application sends along next time, and what it asks its user for.
pub struct Next {
    /// The `auth_session`.
    pub session: AuthSession,
    /// The ways that do.
    pub ways: Vec<Way>,
    /// What a passkey is asked, where the application wants to know it.
    pub passkey: Option<Challenge>,
}

impl Next {
    pub(super) fn new(session: AuthSession, ways: Vec<Way>) -> Self {
        Self { session, ways, passkey: None }
    }
}

/// What was sent along does not hold.
pub(super) fn over() -> ServiceError {
    let description = "The auth_session is unknown, another client's, or over. Begin anew.";
    Refusal::new(ErrorCode::InvalidSession, description).of(Kind::SignInUnknown).into()
}

/// The step cannot be taken in that way, here or by anybody.
pub(super) fn unknown_way(way: Option<Way>) -> ServiceError {
    let refusal = Refusal::new(ErrorCode::InvalidRequest, "This step cannot be taken by that method.");
    refusal.with("method", way.map_or("unknown", Way::as_str)).into()
}

/// Where a sign-in stands.
pub(super) struct Here<'a> {
    pub(super) app: &'a App,
    pub(super) by: &'a Actor,
    pub(super) ask: &'a Ask,
    pub(super) binding: &'a str,
    pub(super) session: AuthSession,
    pub(super) address: IpAddr,
    pub(super) locale: Option<String>,
}

impl Here<'_> {
    /// No browser, but this client.
    pub(super) fn before(&self) -> Before {
        Before::bound_to(self.binding.to_owned())
    }

    /// What can be given here first, whoever it is.
    pub(super) fn ways(&self) -> Vec<Way> {
        let mails = asked_by_mail::signs_in(self.app).then_some(Way::EmailCode);
        let signs = factor::passkey::can_sign_in(self.app).map(|_| Way::Passkey);
        let is_open = self.app.settings.sign_up.mode == SignUpMode::Open && self.ask.only_account().is_none();
        let made = is_open.then_some(Way::SignUp);
        let typed = self.app.settings.login.takes_passwords().then_some(Way::Password);
        typed.into_iter().chain(mails).chain(signs).chain(made).collect()
    }

    /// The request as it was before anything was given for it: whoever chooses another way begins anew.
    pub(super) fn begun(&self) -> Next {
        Next::new(AuthSession::new(self.session.flow.clone()), self.ways())
    }

    /// What a code is bound to that was mailed here: this client's request, and which time it was asked for.
    pub(super) fn bound_to_mail(&self, asked: &str) -> String {
        bound_to(&format!("{}/{}", self.binding, self.session.flow), asked)
    }

    /// What the application is told of what became of a step.
    pub(super) async fn told(self, done: SignIn, again: Next) -> Result<Told, ServiceError> {
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
                    let ways = OwnFactors::of(self.app, &ask).await?.ways();
                    let session = self.session.at(Stage::Half(halfway.secret.reveal()));
                    Ok(if ways.is_empty() { Told::Web } else { Told::Next(Next::new(session, ways)) })
                }
                _ => Ok(Told::Web),
            },
            SignIn::Wrong | SignIn::AnotherAccount => Ok(Told::Wrong(again)),
            SignIn::Over => Err(over()),
            SignIn::Wait(wait, _) | SignIn::Stopped(wait, _) => Ok(Told::Wait(wait)),
        }
    }
}

/// What a passkey answered, if anything was sent of it.
///
/// # Errors
/// When the one half is there without the other.
pub(super) fn reply(params: &Params) -> Result<Option<Reply<'_>>, ServiceError> {
    match (params.get("passkey_challenge"), params.get("passkey")) {
        (Some(challenge), Some(answer)) => Ok(Some(Reply { challenge, answer })),
        (None, None) => Ok(None),
        _ => {
            let description = "A passkey is answered with both passkey_challenge and passkey.";
            Err(Refusal::new(ErrorCode::InvalidRequest, description).into())
        }
    }
}
