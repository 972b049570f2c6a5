//! What is answered after too many wrong passwords or codes on an account page: the page that they were typed into.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;

use crate::http::request_id;
use crate::language::{Sentence, sentence};

/// The sentence for the page.
pub fn said(wait: Duration) -> Sentence {
    let minutes = wait.as_secs().div_ceil(60).max(1);
    sentence!("throttled-wait", minutes = minutes, request = request_id::current())
}

/// The page that says it, as the answer to whoever has to wait; what is no page stays as it is.
pub fn with_wait(mut answer: Response, wait: Duration) -> Response {
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    answer
}
