//! The cookie by which an account recognises a browser that signed in to it before.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;

use crate::app::App;
use crate::domain::sign_in::device::{DeviceCookie, REMEMBERED};
use crate::services::ServiceError;

/// What the browser's cookie says of earlier sign-ins. It proves nothing until it is asked about an account.
pub struct Device(pub DeviceCookie);

impl FromRequestParts<App> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let lines = parts.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let value = pairs.find(|(known, _)| *known == name(app)).map(|(_, value)| value);
        Ok(Self(value.map(DeviceCookie::read).unwrap_or_default()))
    }
}

/// The cookie by which the browser is known next time. It outlives the session and its sign-out, and no script reads it.
///
/// # Errors
/// None in practice: a cookie is ASCII.
pub fn set_cookie(app: &App, cookie: &DeviceCookie) -> Result<HeaderValue, ServiceError> {
    let secure = if app.issuer.is_https() { "; Secure" } else { "" };
    let seconds = REMEMBERED.as_secs();
    let text = format!("{}={cookie}; HttpOnly; SameSite=Lax{secure}; Path=/; Max-Age={seconds}", name(app));
    HeaderValue::try_from(text).map_err(ServiceError::internal)
}

/// With the `__Host-` prefix on https: no other host, not even a subdomain, can plant it.
fn name(app: &App) -> &'static str {
    if app.issuer.is_https() { "__Host-latchkey-device" } else { "latchkey-device" }
}
