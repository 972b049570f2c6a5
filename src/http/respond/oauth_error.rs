//! Errors of the OAuth endpoints, as JSON (RFC 6749 §5.2) and in `WWW-Authenticate` (RFC 6750 §3).

use std::time::Duration;

use axum::Json;
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::refused::{failed, log, with_trace};
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::operation::decision_trace::Trace;
use crate::http::request_id::with_request_id;
use crate::services::ServiceError;

/// An error of the token, introspection and revocation endpoints.
pub struct OAuthError(pub ServiceError);

/// Why a client is not authenticated.
pub enum ClientError {
    /// The usual answer: 401.
    Error(OAuthError),
    /// Too many failures came before this one: 429, with how long to wait. What is wrong with this one is not told.
    Throttled(Duration, Refusal),
    /// This client has proven itself too often lately: 429, with how long to wait.
    TooOften(Duration, ClientId),
}

/// An error of an endpoint that takes a bearer token.
pub struct BearerError(pub ServiceError);

/// What is sent.
#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: String,
}

impl<E: Into<ServiceError>> From<E> for OAuthError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<E: Into<ServiceError>> From<E> for ClientError {
    fn from(error: E) -> Self {
        Self::Error(OAuthError(error.into()))
    }
}

impl<E: Into<ServiceError>> From<E> for BearerError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        match self.0 {
            ServiceError::Protocol(refusal) => {
                let trace = Trace::of(&refusal, None);
                log(&trace);
                let mut headers = HeaderMap::new();
                let status = match refusal.code {
                    ErrorCode::InvalidClient => {
                        let challenge = HeaderValue::from_static("Basic realm=\"latchkey\", charset=\"UTF-8\"");
                        headers.insert(header::WWW_AUTHENTICATE, challenge);
                        StatusCode::UNAUTHORIZED
                    }
                    _ => StatusCode::BAD_REQUEST,
                };
                let body = json(refusal.code.as_str(), refusal.description);
                with_trace((status, headers, body).into_response(), trace)
            }
            failure => fault(&failure),
        }
    }
}

/// After failures the error code stays `invalid_client`, because sending the same again will not help; whoever has only come too
/// often is told to come again. Neither is logged: these answers exist to keep floods out.
impl IntoResponse for ClientError {
    fn into_response(self) -> Response {
        let (wait, error, trace) = match self {
            Self::Error(error) => return error.into_response(),
            Self::Throttled(wait, refusal) => {
                let description = "Client authentication failed too often from here; correct it, or wait.".to_owned();
                (wait, "invalid_client", Trace { description, ..Trace::of(&refusal, None) })
            }
            Self::TooOften(wait, client) => {
                let description = "Too many assertions of applications that registered themselves. Try again later.";
                let refusal = Refusal::new(ErrorCode::TemporarilyUnavailable, description).of(Kind::Assertions);
                (wait, refusal.code.as_str(), Trace::of(&refusal.with("client", client), None))
            }
        };
        let body = json(error, &trace.description);
        let mut response = (StatusCode::TOO_MANY_REQUESTS, body).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        with_trace(response, trace)
    }
}

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        let refusal = match self.0 {
            ServiceError::Protocol(refusal) => refusal,
            failure => return fault(&failure),
        };
        let trace = Trace::of(&refusal, None);
        log(&trace);
        let status = match refusal.code {
            ErrorCode::InvalidRequest => StatusCode::BAD_REQUEST,
            ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
            _ => StatusCode::UNAUTHORIZED,
        };
        let (code, description) = (refusal.code.as_str(), refusal.description);
        let challenge = format!("Bearer realm=\"latchkey\", error=\"{code}\", error_description=\"{description}\"");
        with_trace((status, challenge_header(&challenge), json(code, description)).into_response(), trace)
    }
}

/// The answer to a request without any token: its challenge names no error (RFC 6750 §3.1).
pub fn token_missing() -> Response {
    let refusal = Refusal::new(ErrorCode::InvalidToken, "This endpoint needs an access token.");
    let body = json(refusal.code.as_str(), refusal.description);
    let response = (StatusCode::UNAUTHORIZED, challenge_header("Bearer realm=\"latchkey\""), body).into_response();
    with_trace(response, Trace::of(&refusal, None))
}

/// A failure of ours: 503 while something does not answer, 500 otherwise, and never a word that makes a client throw
/// its tokens away (RFC 6749 §5.2 has no code for it; §4.1.2.1 has the names). The refusals of other subjects (accounts,
/// registrations, keys, pages) have no code of OAuth: that one of them comes here is our failure too.
pub fn fault(failure: &ServiceError) -> Response {
    let (status, code, description, retry_after) = match failure {
        ServiceError::Unavailable(unavailable) => {
            let wait = unavailable.retry_after.as_secs().max(1);
            let description = match unavailable.may_be_done {
                false => "The server cannot answer now; nothing was changed. Try again.",
                true => "The server cannot tell whether this was done. Try again within ten seconds.",
            };
            (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description, Some(wait))
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The server failed to answer this request.", None),
    };
    let trace = failed(failure, description);
    let mut response = (status, json(code, description)).into_response();
    if let Some(wait) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    with_trace(response, trace)
}

fn challenge_header(challenge: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(challenge) {
        headers.insert(header::WWW_AUTHENTICATE, value);
    }
    headers
}

fn json(error: &'static str, description: &str) -> Json<Body> {
    Json(Body { error, error_description: with_request_id(description) })
}
