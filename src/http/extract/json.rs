//! What a caller of our API sends: one JSON object.

use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;

use super::form;
use crate::app::App;
use crate::crypto::strict_json::is_unambiguous_object;
use crate::domain::oauth::params::ParamsError;
use crate::http::respond::problem::{Code, Problem};

/// The body as `T`, which says what it may hold; a member that `T` does not know is refused, and so is one that is there
/// twice. What was sent is never quoted: a password may stand in the wrong place.
pub struct Sent<T>(pub T);

/// Merge patches are JSON too (RFC 7396 §3).
const TYPES: [&[u8]; 2] = [b"application/json", b"application/merge-patch+json"];

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let is_json = request.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
            let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
            TYPES.iter().any(|known| essence.eq_ignore_ascii_case(known))
        });
        if !is_json {
            return Err(Problem::new(Code::UnsupportedMediaType, "The body must be application/json."));
        }
        let body = form::body(request).await.map_err(|error| match error {
            ParamsError::TooSlow => Problem::new(Code::BodyTooSlow, error.description()),
            _ => Problem::new(Code::BodyTooLarge, error.description()),
        })?;
        if !is_unambiguous_object(&body) {
            let detail = "The body must be one JSON object in which no member stands twice.";
            return Err(Problem::new(Code::MalformedBody, detail));
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let takes = "The document at /api/v1/openapi.json says what it takes.";
            let detail =
                format!("The body is not what this call takes; it differs at line {line}, column {column}. {takes}");
            Problem::new(Code::MalformedBody, detail)
        })
    }
}
