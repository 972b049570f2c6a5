//! An answer of the server, with what every test wants to know of it.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::Tokens;

/// An answer of the server, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{} {}", self.status, self.text());
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The JSON of a success.
    #[track_caller]
    pub fn success(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    /// The tokens of a success.
    #[track_caller]
    pub fn ok(&self) -> Tokens {
        let tokens = self.success();
        self.is_not_kept();
        assert_eq!(tokens["token_type"], "Bearer");
        serde_json::from_value(tokens).expect("tokens")
    }

    /// A refusal in the form of RFC 6749 §5.2 with this code; the request id in it leads to the log.
    #[track_caller]
    pub fn refused(&self, code: &str) {
        let status = if code == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        self.refused_with(status, code);
        if code == "invalid_client" {
            assert!(self.header("www-authenticate").starts_with("Basic realm="), "{:?}", self.headers);
        }
    }

    /// A refusal of an endpoint that takes a bearer token (RFC 6750 §3.1).
    #[track_caller]
    pub fn bearer_refused(&self, status: u16, code: &str) {
        self.refused_with(StatusCode::from_u16(status).expect("a status"), code);
        let challenge = self.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm="), "{challenge}");
        assert!(challenge.contains(&format!("error=\"{code}\"")), "{challenge}");
    }

    /// The same with any status.
    #[track_caller]
    pub fn refused_with(&self, status: StatusCode, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        let error = self.json();
        assert_eq!(error["error"], code, "{error}");
        let description = error["error_description"].as_str().expect("a description");
        assert!(!description.is_empty() && is_error_text(description), "{description}");
        let id = self.header("x-request-id");
        assert!(id.len() >= 8 && description.contains(id), "the request id {id:?} in {description:?}");
        self.is_not_kept();
    }

    /// Answers of the API stay out of every cache (RFC 6749 §5.1).
    #[track_caller]
    pub fn is_not_kept(&self) {
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.header("pragma"), "no-cache");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
    }

    /// The server cannot answer now, says so, and says when to come back.
    #[track_caller]
    pub fn unavailable(&self) {
        assert_eq!(self.status, StatusCode::SERVICE_UNAVAILABLE, "{}", self.text());
        let wait: u64 = self.header("retry-after").parse().expect("Retry-After in seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(!self.text().contains("invalid_"), "{}", self.text());
    }
}

/// The characters of an error_description (RFC 6749 §5.2).
pub fn is_error_text(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
