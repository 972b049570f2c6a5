//! Taking the next step.

use std::net::IpAddr;

use super::here::{Here, Told, over};
use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::oauth::authorize::request::Prompt;
use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::authorize::response_type_rules::asked_for;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::sign_in::challenge::{AuthSession, Stage};
use crate::domain::sign_in::decision::Step;
use crate::foundation::SecretHash;
use crate::services::ServiceError;
use crate::services::oauth::authorization_parameters::Resolved;
use crate::services::sign_in::accounts::Accounts;
use crate::services::sign_in::authorization_request::carry;
use crate::services::sign_in::authorize::{self, Place, resume};
use crate::services::sign_in::progress::{Ask, Goal, Progress};

/// Where an application's form comes from, and in which language whoever fills it in reads.
pub struct From {
    /// The address of the person, or of the application's server.
    pub address: IpAddr,
    /// The language of mails to whoever has chosen none.
    pub locale: Option<String>,
}

/// Takes the next step of a sign-in in `client`. Before a right password, code or passkey nothing is stored but counts of wrong
/// ones, a request that is too long to travel, for which there is room for so many, and the job of a mail, of which there are
/// as many as the sign-in page may cause; after it, one row of half a sign-in, of which a person has ten at most.
///
/// # Errors
/// A refusal of the protocol: what is asked for cannot be had, or what waits for it is gone.
pub async fn advance(app: &App, by: &Actor, client: &Client, from: From, params: Params) -> Result<Told, ServiceError> {
    if !client.metadata.first_party {
        let description = "Only first-party clients may ask for passwords themselves.";
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, description).into());
    }
    params.once()?;
    let From { address, locale } = from;
    let binding = format!("authorization challenge/{}", client.id);
    let (ask, session) = match params.get("auth_session") {
        None => {
            let ask = begin(app, by, client, &params).await?;
            let destination = ask.goal.clone().into_destination();
            let Some(flow) = carry(app, &destination, SecretHash::of(&binding), address).await? else {
                let description =
                    "Too many long requests wait here. Ask again in a few minutes, or send a shorter one.";
                return Err(Refusal::new(ErrorCode::TemporarilyUnavailable, description).of(Kind::LongRequests).into());
            };
            (ask, AuthSession::new(flow))
        }
        Some(session) => {
            let session = AuthSession::read(session);
            (go_on(app, by, &session, &binding).await?, session)
        }
    };
    if ask.client().is_some_and(|goal| goal.request.prompt.contains(&Prompt::Consent)) {
        return Ok(Told::Web);
    }
    let at = Here { app, by, ask: &ask, binding: &binding, session, address, locale };
    match ask.step {
        Step::SignIn => at.first(&params).await,
        Step::SecondFactor => at.second(&params).await,
        Step::AddFactor | Step::ChooseAccount | Step::KeepAccount | Step::Consent(_) | Step::Done => Ok(Told::Web),
    }
}

/// Takes up a request, as `/authorize` does. There is no redirect: the code is one for the first URI that the client has
/// registered, which the token request need not name.
async fn begin(app: &App, by: &Actor, client: &Client, params: &Params) -> Result<Ask, ServiceError> {
    let anywhere = client.metadata.redirect_uris.first().map(String::as_str).unwrap_or_default();
    if asked_for(params)? != ResponseType::Code {
        let description = "The authorization challenge endpoint gives codes alone.";
        return Err(Refusal::new(ErrorCode::UnsupportedResponseType, description).into());
    }
    let params = params.clone().or("client_id", client.id.as_str()).or("redirect_uri", anywhere);
    match authorize::begin(app, by, &Resolved::of_client(&params), Accounts::none()).await? {
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
async fn go_on(app: &App, by: &Actor, session: &AuthSession, binding: &str) -> Result<Ask, ServiceError> {
    let half = match &session.stage {
        Stage::Half(secret) => Some(SecretHash::of(secret)),
        Stage::Begun | Stage::Mailed(_) | Stage::SigningUp(_) => None,
    };
    let place = Place { browser: Some(SecretHash::of(binding)), half };
    match resume(app, by, &session.flow, place, Accounts::none(), false).await {
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
