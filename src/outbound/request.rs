//! What is asked of another server, and what it answers.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};

/// A request to another server.
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) timeout: Duration,
    pub(super) limit: usize,
}

/// The answer of another server.
pub struct Answer {
    /// Any status: a redirect is not followed.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole and as it came: nothing is decompressed.
    pub body: Bytes,
    /// The address that answered.
    pub from: SocketAddr,
}

/// The default time limit, from looking up the name to the last byte of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The default size limit: a JWKS or a metadata document has some kilobytes.
const LIMIT: usize = 1024 * 1024;

impl Request {
    /// A request without a body, with the default limits: five seconds, and one mebibyte for the answer.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { method, url: url.into(), headers, body, timeout: TIMEOUT, limit: LIMIT }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, kind: &'static str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }.header(CONTENT_TYPE, HeaderValue::from_static(kind))
    }

    /// Sets a form as the body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", form)
    }

    /// Sets a JSON value as the body.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.body("application/json", value.to_string())
    }

    /// Limits the time of the whole exchange. The deadline of the request that waits for it may be earlier.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Limits the body of the answer, in bytes.
    #[must_use]
    pub fn at_most(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

/// Without the URL, the headers and the body: any of them may hold a secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Without the headers and the body, which may be somebody's token.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("from", &self.from).finish_non_exhaustive()
    }
}
