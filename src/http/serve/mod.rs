//! Accepts connections and serves them: plain or TLS, HTTP/1.1 or HTTP/2.
//!
//! Nothing that one client does, or fails to do, holds up another: handshakes run in the connection's own task, and a
//! connection that stays silent, dribbles its headers or does not read its answer is closed. [`Server::bind`] is apart
//! from [`Server::serve`], so that a caller who asks for port 0 knows the address before the first request.

mod accept;
mod connection;
pub mod shutdown;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use accept::accept;
pub use connection::Answers;
use connection::Connections;
use shutdown::Shutdown;
use tls::{Certificate, CertificateError};

/// How to listen.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address to bind; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain and private key (PEM files), to serve https.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// What a client may take.
    pub limits: Limits,
}

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections served at one time; more wait in the operating system's queue.
    pub connections: u32,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// From the connection (after its handshake) to the end of the first request's headers.
    pub first_request: Duration,
    /// From one request to the end of the next one's headers: a connection is closed after this long without one, at
    /// the latest after twice as long. Longer than the idle limit of usual proxies (60 s), so that it is them who close:
    /// a proxy that sends a request into our closing answers with 502. One that goes on all the same, because a request
    /// is in progress, is cut another such time later, whatever it is doing.
    pub idle: Duration,
    /// Bytes of a request's headers.
    pub headers: u32,
    /// For requests in progress, after the order to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            handshake: Duration::from_secs(5),
            first_request: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            headers: 32 * 1024,
            grace: Duration::from_secs(20),
        }
    }
}

/// Why the server cannot listen.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address is taken, not ours, or needs more rights.
    #[error("cannot listen on {0}: {1}")]
    Address(SocketAddr, #[source] io::Error),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// A server that listens: connections queue up, nothing is answered yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    limits: Limits,
}

struct Tls {
    certificate: Arc<Certificate>,
    hangups: Signal,
}

impl Server {
    /// Binds the address and reads the certificate.
    ///
    /// # Errors
    /// When either cannot be done.
    pub async fn bind(listen: Listen) -> Result<Self, ListenError> {
        let unable = |error| ListenError::Address(listen.address, error);
        let tls = match listen.tls {
            Some((cert, key)) => {
                let hangups = signal(SignalKind::hangup()).map_err(unable)?;
                Some(Tls { certificate: Arc::new(Certificate::read(cert, key)?), hangups })
            }
            None => None,
        };
        let listener = TcpListener::bind(listen.address).await.map_err(unable)?;
        let address = listener.local_addr().map_err(unable)?;
        Ok(Self { listener, address, tls, limits: listen.limits })
    }

    /// The address in use, with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `answers` until `shutdown` says to finish; then accepts nothing more, closes idle connections, lets
    /// requests in progress end within the grace period, and returns. Handlers find the peer's address as
    /// [`ConnectInfo<SocketAddr>`]. Returns whether every request could end.
    pub async fn serve(self, answers: impl Answers, shutdown: &Shutdown) -> bool {
        let Self { listener, tls, limits, .. } = self;
        let all = limits.connections;
        let permits = Arc::new(Semaphore::new(all as usize));
        let connections = Arc::new(Connections::new(answers, shutdown.clone(), limits));
        tokio::select! {
            () = shutdown.finishing() => {}
            () = accept(listener, tls, &connections, &permits) => {}
        }
        // The listener is closed by now: new connections are refused, not left waiting.
        tokio::select! {
            // Each connection holds a permit; having them all means that the last one is gone.
            drained = permits.acquire_many(all) => drained.is_ok(),
            () = sleep(limits.grace) => false,
            () = shutdown.ending() => false,
        }
    }
}

#[cfg(test)]
mod tests;
