//! Client metadata as an application sends it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use super::form;
use crate::app::App;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::http::respond::registration_error::RegistrationFailure;

/// The body of a registration, bounded in size and time. It has to be sent as JSON: no form of another site's page can.
pub struct SentMetadata(pub Bytes);

impl FromRequest<App> for SentMetadata {
    type Rejection = RegistrationFailure;

    async fn from_request(request: Request, _: &App) -> Result<Self, RegistrationFailure> {
        let is_json = request.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
            let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
            essence.eq_ignore_ascii_case(b"application/json")
        });
        let body = form::body(request).await?;
        match is_json {
            true => Ok(Self(body)),
            false => {
                Err(Refusal::new(ErrorCode::InvalidClientMetadata, "The body must be sent as application/json.").into())
            }
        }
    }
}
