//! `POST /authorize-challenge` (OAuth 2.0 for First-Party Applications §4.1, draft 04).

use std::net::{IpAddr, Ipv4Addr};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::account::sign_up::Wrong;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::operation::decision_trace::Trace;
use crate::domain::sign_in::challenge::Way;
use crate::http::extract::client::AuthenticatedClient;
use crate::http::request_id::with_request_id;
use crate::http::respond::layout::Layout;
use crate::http::respond::oauth_error::OAuthError;
use crate::http::respond::refused::with_trace;
use crate::http::sign_in::sign_up_words;
use crate::services::ServiceError;
use crate::services::factor::challenge::Challenge;
use crate::services::sign_in::challenge::{From, Next, Told, advance};

/// The code (§5.2.1).
#[derive(Serialize)]
struct Given {
    authorization_code: String,
}

/// Why there is none yet (§5.2.2).
#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_session: Option<String>,
    /// How the next step can be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    methods: Vec<&'static str>,
    /// What a passkey is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey: Option<Asked>,
    /// What is wrong with an account that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Unfit>,
}

/// A parameter of an account that cannot be.
#[derive(Serialize)]
struct Unfit {
    parameter: &'static str,
    /// For whoever typed it, in their language.
    message: String,
}

/// What a passkey is asked, and what comes back with its answer.
#[derive(Serialize)]
struct Asked {
    /// For `navigator.credentials.get`, or what a system has in its place (WebAuthn §5.5).
    options: Value,
    challenge: String,
}

/// Takes the next step of a sign-in in an application's own form. What it can make us store is said at [`advance`].
pub async fn challenge(
    State(app): State<App>,
    AuthenticatedClient { client, by, params }: AuthenticatedClient,
) -> Result<Response, OAuthError> {
    let address = by.origin.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    // The application is who sends it, but whoever signs in has yet to prove who they are.
    let person = Actor::nobody(by.origin);
    let locale = Some(Layout::new(&app).language().tag().to_owned());
    let told = advance(&app, &person, &client, From { address, locale }, params).await;
    Ok(match told.map_err(|error| error.asked_by(&client.id))? {
        Told::Code(authorization_code) => Json(Given { authorization_code }).into_response(),
        Told::Next(next) => {
            let description = "More is needed; methods says what.";
            let refusal = Refusal::new(ErrorCode::InsufficientAuthorization, description);
            unfinished(StatusCode::FORBIDDEN, &refusal, Some(next))?
        }
        Told::Wrong(next) => {
            let refusal = Refusal::new(ErrorCode::InvalidCredentials, "What was given is not right.");
            unfinished(StatusCode::BAD_REQUEST, &refusal.of(Kind::Interaction), Some(next))?
        }
        Told::Unfit(wrong, next) => {
            let layout = Layout::new(&app);
            let errors = wrong
                .iter()
                .map(|wrong| Unfit { parameter: parameter(wrong), message: layout.say(sign_up_words::of(wrong)) });
            let description = "An account cannot be like that; errors says why.";
            let refusal = Refusal::new(ErrorCode::InvalidRequest, description).of(Kind::Interaction);
            unfinished_with(StatusCode::BAD_REQUEST, &refusal, Some(next), errors.collect())?
        }
        Told::Web => {
            let description = "This takes a page of this server: send the user to the authorization endpoint.";
            let refusal = Refusal::new(ErrorCode::RedirectToWeb, description).of(Kind::Interaction);
            unfinished(StatusCode::FORBIDDEN, &refusal, None)?
        }
        Told::Wait(wait) => {
            let description = "There were too many attempts; wait as long as Retry-After says.";
            let refusal = Refusal::new(ErrorCode::TooManyAttempts, description).of(Kind::LoginThrottled);
            let mut response = unfinished(StatusCode::TOO_MANY_REQUESTS, &refusal, None)?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            response
        }
    })
}

/// It is no line of the log: the service has written what is worth one.
fn unfinished(status: StatusCode, refusal: &Refusal, next: Option<Next>) -> Result<Response, ServiceError> {
    unfinished_with(status, refusal, next, Vec::new())
}

fn unfinished_with(
    status: StatusCode,
    refusal: &Refusal,
    next: Option<Next>,
    errors: Vec<Unfit>,
) -> Result<Response, ServiceError> {
    let (session, ways, passkey) = match next {
        Some(Next { session, ways, passkey }) => (Some(session.written()), ways, passkey),
        None => (None, Vec::new(), None),
    };
    let passkey = match passkey {
        Some(Challenge { options, sealed }) => {
            let options = serde_json::from_str(&options).map_err(ServiceError::internal)?;
            Some(Asked { options, challenge: sealed })
        }
        None => None,
    };
    let body = Body {
        error: refusal.code.as_str(),
        error_description: with_request_id(refusal.description),
        auth_session: session,
        methods: ways.into_iter().map(Way::as_str).collect(),
        passkey,
        errors,
    };
    Ok(with_trace((status, Json(body)).into_response(), Trace::of(refusal, None)))
}

const fn parameter(wrong: &Wrong) -> &'static str {
    match wrong {
        Wrong::Email(_) | Wrong::Domain => "email",
        Wrong::Username(_) | Wrong::UsernameMissing | Wrong::UsernameTaken => "username",
        Wrong::Password(_) => "password",
    }
}
