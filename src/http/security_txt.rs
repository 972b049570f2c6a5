//! `/.well-known/security.txt` (RFC 9116): whom to tell of a weakness.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::respond::page_error;
use crate::app::App;
use crate::foundation::Timestamp;

/// Where it is (§3).
pub const PATH: &str = "/.well-known/security.txt";

/// How long a copy of it may be believed: §2.5.5 recommends less than a year.
const VALID: Duration = Duration::from_secs(180 * 86_400);

/// The file, if there is somebody to tell.
pub async fn get(State(app): State<App>) -> Response {
    if app.settings.security.contact.is_empty() {
        return page_error::not_found(State(app)).await;
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text(&app, app.clock.now())).into_response()
}

fn text(app: &App, now: Timestamp) -> String {
    let security = &app.settings.security;
    let mut lines: Vec<_> = security.contact.iter().map(|uri| format!("Contact: {uri}\n")).collect();
    // To the day, so that the file is the same all day long.
    let day = now.after(VALID).as_secs().div_euclid(86_400);
    lines.push(format!("Expires: {}\n", Timestamp::from_secs(day * 86_400)));
    if !security.preferred_languages.is_empty() {
        lines.push(format!("Preferred-Languages: {}\n", security.preferred_languages.join(", ")));
    }
    lines.push(format!("Canonical: {}\n", app.issuer.join(PATH)));
    lines.concat()
}
