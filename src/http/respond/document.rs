//! Public documents, served from memory.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// The copy that a caller already has, by its `If-None-Match`. Only this header is looked at: copying all of them would
/// cost more than the answer.
pub struct KnownCopy(Option<HeaderValue>);

impl<S: Send + Sync> FromRequestParts<S> for KnownCopy {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(header::IF_NONE_MATCH).cloned()))
    }
}

impl KnownCopy {
    /// Whether the caller's copy is this one (RFC 9110 §13.1.2).
    fn is(&self, etag: &HeaderValue) -> bool {
        let tags = self.0.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii));
        tags.into_iter().any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
    }
}

/// A tag as a header.
pub fn etag(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// A JSON document that others may keep as `cache` says, with the tag by which they ask whether it has changed
/// (RFC 9110 §8.8.3).
pub fn json(known: &KnownCopy, body: Bytes, etag: &HeaderValue, cache: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::ETAG, etag.clone()),
    ];
    match known.is(etag) {
        true => (StatusCode::NOT_MODIFIED, headers).into_response(),
        false => (headers, body).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_copy_is_recognised_in_each_form() {
        let etag = HeaderValue::from_static("\"abc\"");
        let known = |value: &'static str| KnownCopy(Some(HeaderValue::from_static(value))).is(&etag);
        assert!(known("\"abc\"") && known("W/\"abc\"") && known("\"x\", \"abc\"") && known("*"));
        assert!(!known("\"abcd\"") && !known("abc"));
        assert!(!KnownCopy(None).is(&etag));
    }
}
