//! The id that every request gets: on each of its log lines, in its answer, and on the page or in the error that a
//! person reports.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::header::HeaderName;

use crate::foundation::Random;
use crate::telemetry::request::{self, RequestId};

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives each request its id. It is ours: one that a caller sends could be made to look like another's.
#[derive(Clone)]
pub struct RequestIds(Arc<AtomicU64>);

impl RequestIds {
    /// Begins at a random place, so that the ids of two runs of the server are rarely the same.
    pub fn new(random: &Random) -> Self {
        Self(Arc::new(AtomicU64::new(u64::from_le_bytes(random.bytes()))))
    }

    /// The next id. Ids are no secret, but all different: a counter that goes up by an odd number, its bits mixed
    /// so that neighbours look different.
    pub fn next(&self) -> RequestId {
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
