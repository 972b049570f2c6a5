//! The id that every request gets: on each of its log lines, in its answer, and on the page or in the error that a
//! person reports.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::Response;
use tower::{Layer, Service};

use crate::foundation::Random;
use crate::telemetry::request::{self, RequestId};

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives each request its id. It is ours: one that a caller sends could be made to look like another's.
#[derive(Clone)]
pub struct RequestIds(Arc<AtomicU64>);

impl RequestIds {
    /// Ids that begin anywhere, so that those of two runs rarely meet.
    pub fn new(random: &Random) -> Self {
        Self(Arc::new(AtomicU64::new(u64::from_le_bytes(random.bytes()))))
    }

    /// Ids are no secret, only distinct: a counter in steps of an odd number, its bits spread by another.
    fn next(&self) -> RequestId {
        let count = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        RequestId::new((count ^ (count >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }
}

/// The id of the request that is being answered, as text; empty outside of one.
pub fn current() -> String {
    request::current().map(|id| id.as_str().to_owned()).unwrap_or_default()
}

/// An error's description with the id by which its log line is found.
pub fn with_request_id(description: &str) -> String {
    match current() {
        id if id.is_empty() => description.to_owned(),
        id => format!("{description} (request {id})"),
    }
}

impl<S> Layer<S> for RequestIds {
    type Service = Identified<S>;

    fn layer(&self, inner: S) -> Identified<S> {
        Identified { ids: self.clone(), inner }
    }
}

/// A service whose requests have ids.
#[derive(Clone)]
pub struct Identified<S> {
    ids: RequestIds,
    inner: S,
}

impl<S> Service<Request> for Identified<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = self.ids.next();
        let seen = tracing::enabled!(tracing::Level::DEBUG)
            .then(|| (request.method().clone(), request.uri().path().to_owned()));
        let answer = self.inner.call(request);
        Box::pin(request::scope(id, async move {
            let mut response = answer.await?;
            if let Some((method, path)) = seen {
                tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
            }
            if let Ok(header) = HeaderValue::from_str(id.as_str()) {
                response.headers_mut().insert(HEADER, header);
            }
            Ok(response)
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_comes_twice() {
        let ids = RequestIds::new(&Random::seeded(1));
        let seen: HashSet<String> = (0..100_000).map(|_| ids.next().as_str().to_owned()).collect();
        assert_eq!(seen.len(), 100_000);
    }
}
