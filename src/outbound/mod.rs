//! The only HTTP client of the server: for webhooks, back-channel logout, keys of clients, upstream providers.
//! Strangers choose most of the URLs, so each exchange is bounded in time and size, goes to public addresses only, and
//! follows no redirect (docs/decisions/0024).

mod candidate;
mod candidates;
mod dial;
mod error;
mod exchange;
mod network;
mod request;
mod target;
mod told;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub use hyper::{HeaderMap, Method, StatusCode, header};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

pub use self::candidate::Candidate;
pub use self::candidates::Candidates;
pub use self::error::{OutboundError, Part, Phase};
use self::network::Network;
pub use self::request::{Answer, Request};
pub use self::target::{Exception, Target, UrlRefused};
use self::told::Told;
use crate::foundation::deadline;
use crate::foundation::host_port::HostPort;

/// The most exchanges at one time; others wait within their own time limit. Each has one connection and one answer of
/// limited size, so this bounds both.
const EXCHANGES: usize = 32;

/// Calls of one server at the same time that is told of something,
const CALLS_TELLING: usize = 4;
/// and of one that strangers have it asked for something.
const CALLS_ASKING: usize = 2;

/// Calls other servers. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    settings: OutboundSettings,
    network: Network,
    /// Made at the first call: most processes make none.
    tls: OnceCell<TlsConnector>,
    turns: Semaphore,
    told: Told,
    /// Servers of strangers that are asked for something. Apart, so that nobody makes a server rest that is told of something.
    asked: Told,
}

/// What an operator decides.
#[derive(Clone, Debug, Default)]
pub struct OutboundSettings {
    /// Servers that may have private addresses, and plain http.
    pub allow: Vec<HostPort>,
    /// Certificate authorities to trust beside those of the system, PEM.
    pub extra_ca_file: Option<PathBuf>,
    /// Whether this machine itself may be called, at any port and by plain http: for development.
    pub allow_loopback: bool,
}

/// How far an exchange came, step by step: what `latchkey outbound check` shows.
#[derive(Debug, Default)]
pub struct Trace {
    /// What the URL names, once it was accepted.
    pub target: Option<Target>,
    /// Every address of the host, and which of them are refused.
    pub candidates: Candidates,
    phase: Phase,
}

impl Outbound {
    /// A client on the system's network.
    pub fn new(settings: OutboundSettings) -> Self {
        Self::on(Network::system(), settings)
    }

    fn on(network: Network, settings: OutboundSettings) -> Self {
        Self(Arc::new(Parts {
            settings,
            network,
            tls: OnceCell::new(),
            turns: Semaphore::new(EXCHANGES),
            told: Told::new(CALLS_TELLING),
            asked: Told::new(CALLS_ASKING),
        }))
    }

    /// Fetches `url`. Every status is an answer, a redirect too.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, url: &str) -> Result<Answer, OutboundError> {
        self.request(Request::new(Method::GET, url)).await
    }

    /// Posts a form (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// As [`Outbound::get`].
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Answer, OutboundError> {
        self.request(Request::new(Method::POST, url).form(fields)).await
    }

    /// Posts a JSON value.
    ///
    /// # Errors
    /// As [`Outbound::get`].
    pub async fn post_json(&self, url: &str, value: &serde_json::Value) -> Result<Answer, OutboundError> {
        self.request(Request::new(Method::POST, url).json(value)).await
    }

    /// Sends `request`.
    ///
    /// # Errors
    /// As [`Outbound::get`].
    pub async fn request(&self, request: Request) -> Result<Answer, OutboundError> {
        self.traced(request).await.1
    }

    /// Whether `url` is one that is called at all. Whether its host has an address that may be called is known only then.
    ///
    /// # Errors
    /// Why it is not.
    pub fn may_call(&self, url: &str) -> Result<(), UrlRefused> {
        let settings = &self.0.settings;
        Target::parse(url, &settings.allow, settings.allow_loopback).map(drop)
    }

    /// Sends `request` to a server that is told of something, if it is its turn: one that hangs keeps no other waiting.
    ///
    /// # Errors
    /// As [`Outbound::get`], and without a call: [`OutboundError::Busy`] when enough are under way to this server, and
    /// [`OutboundError::Resting`] when it let one wait in vain a moment ago.
    pub async fn tell(&self, request: Request) -> Result<Answer, OutboundError> {
        self.in_turn(&self.0.told, request).await
    }

    /// Sends `request` to a server that a stranger has named: one that hangs keeps no other waiting.
    ///
    /// # Errors
    /// As [`Outbound::tell`], for whose servers it makes no difference.
    pub async fn ask_stranger(&self, request: Request) -> Result<Answer, OutboundError> {
        self.in_turn(&self.0.asked, request).await
    }

    async fn in_turn(&self, turns: &Told, request: Request) -> Result<Answer, OutboundError> {
        let settings = &self.0.settings;
        let server = Target::parse(&request.url, &settings.allow, settings.allow_loopback)?.to_string();
        let turn = turns.turn(&server)?;
        let outcome = self.request(request).await;
        // While it waits for a place among all exchanges, nobody is called who could hang.
        if matches!(outcome, Err(OutboundError::TimedOut { waiting_for, .. }) if waiting_for != Phase::Turn) {
            turn.hung();
        }
        outcome
    }

    /// Sends `request`, and tells how far that came.
    pub async fn traced(&self, request: Request) -> (Trace, Result<Answer, OutboundError>) {
        let (mut trace, begun) = (Trace::default(), Instant::now());
        // No longer than the request that waits for the answer: after its deadline nobody needs it.
        let span = deadline::left(request.timeout);
        let outcome = timeout(span, self.attempt(request, &mut trace)).await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(OutboundError::TimedOut { after: span, waiting_for: trace.phase }));
        let (took_ms, host) = (begun.elapsed().as_millis(), trace.target.as_ref().map(ToString::to_string));
        // Debug only: strangers choose whom we call, and could flood the log.
        match &outcome {
            Ok(answer) => tracing::debug!(host, took_ms, status = answer.status.as_u16(), "called another server"),
            Err(error) => tracing::debug!(host, took_ms, %error, "called another server in vain"),
        }
        (trace, outcome)
    }

    async fn attempt(&self, request: Request, trace: &mut Trace) -> Result<Answer, OutboundError> {
        let Parts { settings, network, turns, .. } = &*self.0;
        let target = &*trace.target.insert(Target::parse(&request.url, &settings.allow, settings.allow_loopback)?);
        // An error would mean that the semaphore was closed, and nothing closes it.
        let _turn = turns.acquire().await.ok();
        trace.phase = Phase::Lookup;
        trace.candidates = Candidates::of(target, network).await?;
        let addresses = trace.candidates.usable(target)?;
        trace.phase = Phase::Connection;
        let connected = dial::connect(network, target, &addresses).await?;
        match target.is_https() {
            false => exchange::run(connected, target, request, &mut trace.phase).await,
            true => {
                trace.phase = Phase::Handshake;
                let secured = dial::secure(self.tls().await?, target, connected).await?;
                exchange::run(secured, target, request, &mut trace.phase).await
            }
        }
    }

    async fn tls(&self) -> Result<&TlsConnector, OutboundError> {
        let extra = self.0.settings.extra_ca_file.clone();
        let read = || async {
            let read = tokio::task::spawn_blocking(move || dial::connector(extra.as_deref())).await;
            read.map_err(io::Error::other).flatten().map_err(OutboundError::Authorities)
        };
        self.0.tls.get_or_try_init(read).await
    }
}

#[cfg(test)]
mod tests;
