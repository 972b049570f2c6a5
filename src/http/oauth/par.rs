//! `POST /par` (RFC 9126 §2).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::App;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::http::extract::client::AuthenticatedClient;
use crate::http::respond::oauth_error::OAuthError;
use crate::services::oauth::pushed_request::push;

/// What a client is given for its request (§2.2).
#[derive(Serialize)]
struct Body {
    request_uri: String,
    expires_in: u64,
}

/// Takes an authorization request from its client. A connection can make us store a row of 16 KiB at most with each, which is
/// gone two and a half minutes later; of clients without a secret, and of those that registered themselves, 80 wait for one network and 2,000 in all, then the answer is
/// 429 (§2.3).
pub async fn par(
    State(app): State<App>,
    AuthenticatedClient { client, by, params }: AuthenticatedClient,
) -> Result<Response, OAuthError> {
    let given = push(&app, by.origin.address, &client, &params).await.map_err(|error| error.asked_by(&client.id))?;
    let Some(given) = given else {
        let description = "Too many pushed requests wait. Try again in a minute.";
        let refusal = Refusal::new(ErrorCode::TemporarilyUnavailable, description).of(Kind::LongRequests);
        let mut response = OAuthError::from(refusal.with("client", &client.id)).into_response();
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return Ok(response);
    };
    let body = Body { request_uri: given.request_uri, expires_in: given.expires_in };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}
