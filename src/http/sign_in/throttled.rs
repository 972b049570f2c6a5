//! What is answered after too many wrong passwords or codes: on the page that they were typed into.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use super::entrance::Visit;
use crate::domain::oauth::client::ClientId;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::operation::decision_trace::Trace;
use crate::foundation::id::UserId;
use crate::http::request_id;
use crate::http::respond::page::{Page, page};
use crate::http::respond::refused::with_trace;
use crate::language::{Sentence, sentence};

/// An attempt that was not made, because of too many failures before it.
pub struct Throttled {
    wait: Duration,
    said: Sentence,
    trace: Trace,
}

impl Throttled {
    /// There were too many failures lately: the next attempt may be made after `wait`. `user`: whose account it is, if it
    /// is one.
    pub fn for_now<S>(visit: &Visit<S>, wait: Duration, user: Option<UserId>) -> Self {
        let minutes = wait.as_secs().div_ceil(60).max(1);
        Self {
            wait,
            said: sentence!("throttled-wait", minutes = minutes, request = request_id::current()),
            trace: why(visit, Kind::LoginThrottled, "There were too many attempts lately.", user),
        }
    }

    /// There were too many failures in a row, and the browser is not known. `user`: whose account it is, if it is one.
    pub fn for_strangers<S>(visit: &Visit<S>, wait: Duration, user: Option<UserId>) -> Self {
        let said = sentence!("throttled-strangers", request = request_id::current());
        let description = "There were too many failed attempts in a row, and this browser is not known.";
        Self { wait, said, trace: why(visit, Kind::LoginStopped, description, user) }
    }

    /// The sentence for the page.
    pub fn said(&self) -> Sentence {
        self.said.clone()
    }

    /// The answer: the page, which says it.
    pub fn on<P: Page>(self, form: &P) -> Response {
        let mut response = page(StatusCode::TOO_MANY_REQUESTS, form);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(self.wait.as_secs().max(1)));
        with_trace(response, self.trace)
    }
}

/// For operators. What was typed is not in it.
fn why<S>(visit: &Visit<S>, kind: Kind, description: &'static str, user: Option<UserId>) -> Trace {
    let refusal = Refusal::new(ErrorCode::AccessDenied, description).of(kind);
    let refusal = match user {
        Some(user) => refusal.with("user", user),
        None => refusal,
    };
    Trace::of(&refusal, visit.ask.client_id().map(ClientId::as_str))
}
