//! Problems of our API (RFC 9457), each with a code that programs can tell and the id of its request.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::refused::{failed, log, with_trace};
use crate::domain::account::error::AccountError;
use crate::domain::factor::error::FactorRefusal;
use crate::domain::oauth::error::{Detail, ErrorCode, Kind, Refusal};
use crate::domain::oauth::token::own_account::StepUp;
use crate::domain::operation::decision_trace::{Told, Trace};
use crate::domain::operation::signing_key::KeyRefusal;
use crate::http::request_id;
use crate::services::ServiceError;

macro_rules! codes {
    ($($name:ident = $text:literal, $status:ident, $kind:ident, $title:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as it is sent.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)*
                }
            }

            const fn kind(self) -> Kind {
                match self {
                    $(Self::$name => Kind::$kind,)*
                }
            }

            const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }
        }
    };
}

codes! {
    TokenMissing = "token_missing", UNAUTHORIZED, Application, "There is no access token";
    InvalidRequest = "invalid_request", BAD_REQUEST, Application, "The access token was sent wrongly";
    InvalidToken = "invalid_token", UNAUTHORIZED, GrantEnded, "The access token does not hold";
    InsufficientScope = "insufficient_scope", FORBIDDEN, Scope, "The access token is not for this";
    InsufficientUserAuthentication = "insufficient_user_authentication", UNAUTHORIZED, Interaction, "The person has to sign in again";
    MalformedBody = "malformed_body", BAD_REQUEST, Application, "The body cannot be read";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, Application, "The body is of another type";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, Application, "The body is too large";
    BodyTooSlow = "body_too_slow", REQUEST_TIMEOUT, Application, "The body took too long";
    NotFound = "not_found", NOT_FOUND, Application, "There is nothing here";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, Application, "This cannot be done with that";
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, Application, "The account has changed since";
    ProfileRefused = "profile_refused", UNPROCESSABLE_ENTITY, Application, "The profile cannot be like that";
    PasswordRefused = "password_refused", UNPROCESSABLE_ENTITY, Application, "The password cannot be used";
    WrongPassword = "wrong_password", UNPROCESSABLE_ENTITY, Application, "The current password is not right";
    WrongCode = "wrong_code", UNPROCESSABLE_ENTITY, Application, "The code is not right";
    PasskeyRefused = "passkey_refused", UNPROCESSABLE_ENTITY, Application, "The passkey cannot be added";
    PasskeyKnown = "passkey_known", CONFLICT, Application, "The passkey is there already";
    AddressRefused = "address_refused", UNPROCESSABLE_ENTITY, Application, "The address cannot be taken";
    AddressUnchanged = "address_unchanged", CONFLICT, Application, "The account has that address already";
    AddressTaken = "address_taken", CONFLICT, Application, "Somebody else has that address";
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, LoginThrottled, "Too many attempts";
    Overtaken = "overtaken", CONFLICT, Application, "The account changed meanwhile";
    FactorsOff = "factors_off", CONFLICT, Application, "No second factor can be added here";
    TooManyFactors = "too_many_factors", CONFLICT, Application, "There are as many second factors as there may be";
    NoUpstreamToken = "no_upstream_token", NOT_FOUND, Application, "There is no token of that provider";
    UpstreamUnavailable = "upstream_unavailable", SERVICE_UNAVAILABLE, Unavailable, "The provider does not answer now";
    AlgorithmRefused = "algorithm_refused", UNPROCESSABLE_ENTITY, Application, "There are no keys for the algorithm";
    KeyTooYoung = "key_too_young", CONFLICT, Application, "The next key may not sign yet";
    ClockInDoubt = "clock_in_doubt", CONFLICT, Application, "The clock of the server is in doubt";
    NoFactor = "no_factor", CONFLICT, Application, "There is no second factor";
    Forbidden = "forbidden", FORBIDDEN, Application, "This is not allowed";
    TemporarilyUnavailable = "temporarily_unavailable", SERVICE_UNAVAILABLE, Unavailable, "The server cannot answer now";
    ServerError = "server_error", INTERNAL_SERVER_ERROR, Internal, "The server failed";
}

/// An answer that is none.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<Invalid>,
    wait: Option<Duration>,
    challenge: Option<String>,
    trace: Option<Trace>,
}

/// A member of the body that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// Where it is (RFC 6901).
    pub location: String,
    /// What is wrong with it, in English. Values are not quoted.
    pub message: String,
}

/// What is sent.
#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Invalid>,
}

impl Problem {
    /// Of this code, and in a sentence for the developer.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self(Box::new(Parts { code, detail, errors: Vec::new(), wait: None, challenge: None, trace: None }))
    }

    /// What is missing is at no such path, or not the caller's.
    pub fn not_found(detail: &'static str) -> Self {
        Self::new(Code::NotFound, detail)
    }

    /// With the member of the body that it is about.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.errors.push(Invalid { location: location.into(), message: message.into() });
        self
    }

    /// Worth trying again after so long.
    pub fn wait(wait: Duration) -> Self {
        let mut problem =
            Self::new(Code::TooManyAttempts, "There were too many attempts lately; wait as long as Retry-After says.");
        problem.0.wait = Some(wait);
        problem
    }

    /// Worth trying again after so long, in whole seconds.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        let more = u64::from(wait.subsec_nanos() > 0);
        self.0.wait = Some(Duration::from_secs(wait.as_secs().saturating_add(more)));
        self
    }

    /// The provider that has to be asked does not answer; worth trying again after so long.
    pub fn upstream_unavailable(wait: Duration) -> Self {
        let mut problem = Self::new(
            Code::UpstreamUnavailable,
            "The provider does not answer, and the token that it gave has expired. Try again.",
        );
        problem.0.wait = Some(wait);
        problem
    }

    /// The account or its session changed while this was under way.
    pub fn overtaken() -> Self {
        Self::new(Code::Overtaken, "The account was changed, or its session ended, meanwhile. Nothing was done.")
    }

    /// There is no token: the challenge names no error (RFC 6750 §3.1).
    pub fn token_missing() -> Self {
        let mut problem = Self::new(Code::TokenMissing, "This call takes an access token in the Authorization header.");
        problem.0.challenge = Some("Bearer realm=\"latchkey\"".to_owned());
        problem
    }

    /// The token holds, but the sign-in behind it is not enough (RFC 9470 §3).
    pub fn step_up(missing: StepUp) -> Self {
        let code = Code::InsufficientUserAuthentication;
        let mut challenge =
            format!("Bearer realm=\"latchkey\", error=\"{}\", error_description=\"{}\"", code.as_str(), missing.why);
        if let Some(acr) = missing.acr {
            challenge.push_str(&format!(", acr_values=\"{}\"", acr.as_str()));
        }
        if let Some(max_age) = missing.max_age {
            challenge.push_str(&format!(", max_age=\"{}\"", max_age.as_secs()));
        }
        let mut problem = Self::new(code, missing.why);
        problem.0.challenge = Some(challenge);
        problem
    }

    /// The token does not hold (RFC 6750 §3).
    fn bearer(refusal: &Refusal) -> Self {
        let code = match refusal.code {
            ErrorCode::InvalidRequest => Code::InvalidRequest,
            ErrorCode::InsufficientScope => Code::InsufficientScope,
            _ => Code::InvalidToken,
        };
        let mut problem = Self::new(code, refusal.description);
        let description = refusal.description;
        problem.0.challenge = Some(format!(
            "Bearer realm=\"latchkey\", error=\"{}\", error_description=\"{description}\"",
            code.as_str()
        ));
        problem.0.trace = Some(Trace::of(refusal, None));
        problem
    }

    fn failure(failure: &ServiceError) -> Self {
        let (code, detail, wait) = match failure {
            ServiceError::Unavailable(unavailable) => {
                let detail = match unavailable.may_be_done {
                    false => "The server cannot answer now; nothing was changed. Try again.",
                    true => "The server cannot tell whether this was done. Look before you try again.",
                };
                (Code::TemporarilyUnavailable, detail, Some(unavailable.retry_after))
            }
            _ => (Code::ServerError, "The server failed to answer this request.", None),
        };
        let mut problem = Self::new(code, detail);
        problem.0.wait = wait;
        problem.0.trace = Some(failed(failure, detail));
        problem
    }
}

impl<E: Into<ServiceError>> From<E> for Problem {
    fn from(error: E) -> Self {
        match error.into() {
            ServiceError::Protocol(refusal) => Self::bearer(&refusal),
            ServiceError::Account(AccountError::Password(why)) => {
                Self::new(Code::PasswordRefused, "The new password cannot be used; errors says why.")
                    .at("/new_password", why.to_string())
            }
            ServiceError::Account(AccountError::Gone { .. }) => Self::not_found("The account is gone."),
            ServiceError::Account(AccountError::Contended { .. }) => Self::overtaken(),
            ServiceError::Factor(FactorRefusal::SwitchedOff) => {
                Self::new(Code::FactorsOff, "This server takes no second factors.")
            }
            ServiceError::Factor(FactorRefusal::NoPasskeys) => {
                Self::new(Code::FactorsOff, "This server takes no passkeys.")
            }
            ServiceError::Factor(FactorRefusal::TooMany) => {
                Self::new(Code::TooManyFactors, "Remove a second factor before you add another.")
            }
            ServiceError::Factor(FactorRefusal::NoFactor) => {
                Self::new(Code::NoFactor, "Recovery codes stand in for a second factor: add one first.")
            }
            ServiceError::Key(KeyRefusal::ClockInDoubt { .. }) => Self::new(
                Code::ClockInDoubt,
                "Keys are not rotated while the clock of the server is in doubt; whoever runs it can confirm it.",
            ),
            ServiceError::Forbidden(_) => Self::new(Code::Forbidden, "Whoever holds this token may not do this."),
            failure => Self::failure(&failure),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Parts { code, detail, errors, wait, challenge, trace } = *self.0;
        let is_ours = matches!(code, Code::TemporarilyUnavailable | Code::ServerError);
        let trace = trace.unwrap_or_else(|| {
            let none = Detail::default();
            let told = Told { kind: code.kind(), error: code.as_str(), description: &detail, detail: &none };
            Trace::told(told, None)
        });
        // A failure has its line already, and whoever sends no token at all gets none.
        if !is_ours && code != Code::TokenMissing {
            log(&trace);
        }
        let body = Body {
            r#type: format!("urn:latchkey:problem:{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: &detail,
            code: code.as_str(),
            request_id: request_id::current(),
            errors,
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = wait {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        let body = serde_json::to_vec(&body).unwrap_or_default();
        with_trace((code.status(), headers, body).into_response(), trace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::is_sendable;

    #[test]
    fn each_code_is_a_word_of_its_own_with_a_title() {
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code:?}");
            assert!(is_sendable(code.title()) && code.status().as_u16() >= 400, "{code:?}");
            assert_eq!(Code::ALL.iter().filter(|other| other.as_str() == code.as_str()).count(), 1, "{code:?}");
        }
    }
}
