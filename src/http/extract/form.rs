//! Parameters of a form body.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header;
use tokio::time::{Instant, timeout};

use super::unread;
use crate::domain::oauth::params::{Params, ParamsError};
use crate::foundation::deadline;

/// The largest body: a form with a few tokens in it.
const LIMIT: usize = 64 * 1024;
/// How long a body of a few kilobytes may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the parameters of an `application/x-www-form-urlencoded` body; an empty body has none, whatever its type.
///
/// # Errors
/// When the body is of another type, too large, too slow or malformed.
pub async fn read(request: Request) -> Result<Params, ParamsError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let is_form = content_type.is_some_and(|value| {
        let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    });
    let body = body(request).await?;
    match is_form || body.is_empty() {
        true => Params::parse(&body),
        false => Err(ParamsError::NotAForm),
    }
}

/// The whole body, whatever it is; bounded in size and time.
///
/// # Errors
/// When it is too large, or too slow.
pub(super) async fn body(request: Request) -> Result<Bytes, ParamsError> {
    let begun = Instant::now();
    let body = timeout(PATIENCE, to_bytes(request.into_body(), LIMIT)).await;
    deadline::prolong(begun.elapsed());
    match body {
        Ok(Ok(body)) => {
            unread::was_read();
            Ok(body)
        }
        Ok(Err(_)) => Err(ParamsError::CutOff),
        Err(_) => Err(ParamsError::TooSlow),
    }
}
