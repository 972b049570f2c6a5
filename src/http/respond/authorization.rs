//! The authorization response, on its way through the browser.

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::page::page;
use crate::app::App;
use crate::domain::oauth::response::ResponseMode;
use crate::http::pages::Layout;
use crate::http::pages::form_post::FormPostPage;
use crate::services::ServiceError;
use crate::services::authorize::Answer;

/// Sends an answer to its client: by redirect, or as a form that the browser posts.
///
/// # Errors
/// When the redirect URI is no header value, which its registration rules out.
pub fn send(app: &App, answer: Answer) -> Result<Response, ServiceError> {
    let Answer { client, response } = answer;
    if response.mode == ResponseMode::FormPost {
        let parameters = response.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let layout = Layout::new(&app.random, app.settings.dev.is_some());
        let form = FormPostPage { layout, client_name: client.name.clone(), action: response.location(), parameters };
        return Ok(page(StatusCode::OK, &form));
    }
    see_other(&response.location())
}

/// A redirect after which nothing of the request is sent again: 303, never 307 (RFC 9700 §4.12).
///
/// # Errors
/// When `location` is no header value.
pub fn see_other(location: &str) -> Result<Response, ServiceError> {
    let location = HeaderValue::from_str(location)
        .map_err(|_| ServiceError::Internal("a location is no header value".to_owned()))?;
    let mut headers = HeaderMap::with_capacity(3);
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
