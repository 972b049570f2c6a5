//! The style sheet, the script and the icon, compiled in. A file's name carries the hash of its bytes, so that a browser may keep
//! it for ever and still sees a new version at once.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::etag::is_known;
use crate::app::App;
use crate::http::extract::named::Named;

/// One file that is compiled in.
pub struct StaticFile {
    /// Its URL path, `/static/` and the name with the hash.
    pub path: String,
    content_type: &'static str,
    body: &'static str,
}

/// The style sheet of our pages.
pub static STYLESHEET: LazyLock<StaticFile> = LazyLock::new(|| {
    let body = concat!(include_str!("../../static/tokens.css"), include_str!("../../static/latchkey.css"));
    StaticFile::new("latchkey", "css", "text/css; charset=utf-8", body)
});

/// The icon: a latchkey.
pub static FAVICON: LazyLock<StaticFile> =
    LazyLock::new(|| StaticFile::new("favicon", "svg", "image/svg+xml", include_str!("../../static/favicon.svg")));

/// The one script: it asks browsers for passkeys.
pub static PASSKEY_SCRIPT: LazyLock<StaticFile> = LazyLock::new(|| {
    StaticFile::new("passkey", "js", "text/javascript; charset=utf-8", include_str!("../../static/passkey.js"))
});

impl StaticFile {
    fn new(stem: &str, extension: &str, content_type: &'static str, body: &'static str) -> Self {
        let hash: String = Sha256::digest(body.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { path: format!("/static/{stem}.{hash}.{extension}"), content_type, body }
    }
}

/// `GET /static/{name}`.
pub async fn serve(State(app): State<App>, Named(name): Named, request: HeaderMap) -> Response {
    let path = format!("/static/{name}");
    match app.settings.brand.asset(&path) {
        Some(asset) => answer(&path, asset.media_type, Bytes::copy_from_slice(&asset.bytes), &request),
        None => compiled_in(&path, &request),
    }
}

fn compiled_in(path: &str, request: &HeaderMap) -> Response {
    match [&*STYLESHEET, &*FAVICON, &*PASSKEY_SCRIPT].into_iter().find(|file| file.path == path) {
        Some(file) => answer(path, file.content_type, Bytes::from_static(file.body.as_bytes()), request),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(path: &str, content_type: &'static str, body: Bytes, request: &HeaderMap) -> Response {
    let etag = HeaderValue::from_str(&format!("\"{}\"", path.trim_start_matches("/static/")))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("same-origin"));
    // An SVG that is opened by itself is a document; this one may do nothing.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    let known = is_known(request, &etag);
    headers.insert(header::ETAG, etag);
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_under_its_hashed_name_only_and_not_sent_twice() {
        let answer = compiled_in(&STYLESHEET.path, &HeaderMap::new());
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, answer.headers()[header::ETAG].clone());
        assert_eq!(compiled_in(&STYLESHEET.path, &again).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(compiled_in("/static/latchkey.css", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }
}
