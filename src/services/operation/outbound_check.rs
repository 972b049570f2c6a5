//! What happens when the server calls a URL: for operators who decide on `outbound.allow`.

pub use crate::outbound::Candidate;
use crate::outbound::{Answer, Exception, Method, Outbound, OutboundError, Request};

/// How far a call came.
#[derive(Debug)]
pub struct Report {
    /// The host and the port, once the URL was accepted.
    pub server: Option<String>,
    /// Why any address of it may be called, if so.
    pub exception: Option<Exception>,
    /// Every address of it.
    pub addresses: Vec<Candidate>,
    /// What came of it.
    pub outcome: Result<Answer, OutboundError>,
}

impl Report {
    /// Whether nobody is called at `candidate`.
    pub fn refuses(&self, candidate: &Candidate) -> bool {
        candidate.is_refused(self.exception)
    }
}

/// Fetches `url` as any use of the client would, and tells each step.
pub async fn check(outbound: &Outbound, url: &str) -> Report {
    let (trace, outcome) = outbound.traced(Request::new(Method::GET, url)).await;
    Report {
        server: trace.target.as_ref().map(ToString::to_string),
        exception: trace.target.and_then(|target| target.exception()),
        addresses: trace.candidates.0,
        outcome,
    }
}
