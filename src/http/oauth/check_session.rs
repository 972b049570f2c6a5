//! The page that clients load in a frame and ask whether the browser's sign-in state has changed (OpenID Connect Session
//! Management 1.0 §3.3).

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::http::extract::browser::Browser;
use crate::http::respond::page_error::PageError;
use crate::http::under_path::name_for_scripts;

const SCRIPT: &str = include_str!("../../../static/check-session.js");

/// The policy: this one script, which can load and send nothing.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    HeaderValue::try_from(format!("default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'")).ok()
});

/// `GET /check-session`: for frames of any site, so it lacks what keeps our other pages out of them. It shows nothing, takes
/// nothing, and answers whoever asks whether a hash that they had from us still holds. Stores nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn get(State(app): State<App>, browser: Browser) -> Result<Response, PageError> {
    browser.show_state(&app);
    let html = format!(
        "<!doctype html>\n<html data-cookie=\"{}\">\n<head><meta charset=\"utf-8\"><title></title></head>\n<body>\
         <script>{SCRIPT}</script></body>\n</html>\n",
        name_for_scripts(&app.issuer, browser.state_cookie())
    );
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    headers.extend(POLICY.clone().map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    Ok((StatusCode::OK, headers, html).into_response())
}
