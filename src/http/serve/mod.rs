//! Accepts connections and serves them: plain or TLS, HTTP/1.1 or HTTP/2.
//!
//! Nothing that one client does, or fails to do, holds up another: handshakes run in the connection's own task, and a
//! connection that stays silent, dribbles its headers or does not read its answer is closed. [`Server::bind`] is apart
//! from [`Server::serve`], so that a caller who asks for port 0 knows the address before the first request.

mod accept;
mod connection;
mod limits;
mod places;
pub mod shutdown;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use accept::{accept, listen};
pub use connection::Answers;
use connection::Connections;
pub use limits::Limits;
use places::Places;
use shutdown::Shutdown;
use tls::{Certificate, CertificateError};

/// How to listen.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address to bind; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain and private key (PEM files), to serve https.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Trusted proxies, exempt from the limit of one network: many people share the address of a proxy.
    pub trusted_proxies: Vec<IpNet>,
    /// Limits for clients.
    pub limits: Limits,
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
    certificate: Option<Arc<Certificate>>,
    hangups: Signal,
    trusted_proxies: Vec<IpNet>,
    limits: Limits,
}

impl Server {
    /// Binds the address and reads the certificate.
    ///
    /// # Errors
    /// When either cannot be done.
    pub async fn bind(settings: Listen) -> Result<Self, ListenError> {
        let unable = |error| ListenError::Address(settings.address, error);
        let hangups = signal(SignalKind::hangup()).map_err(unable)?;
        let certificate = settings.tls.map(|(cert, key)| Certificate::read(cert, key)).transpose()?.map(Arc::new);
        let listener = listen(settings.address).map_err(unable)?;
        let address = listener.local_addr().map_err(unable)?;
        let Listen { trusted_proxies, limits, .. } = settings;
        Ok(Self { listener, address, certificate, hangups, trusted_proxies, limits })
    }

    /// The address in use, with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `answers` until `shutdown` says to finish; then accepts nothing more, closes idle connections, lets
    /// requests in progress end within the grace period, and returns. Handlers find the peer's address as
    /// [`axum::extract::ConnectInfo<SocketAddr>`]. Returns whether every request could end.
    pub async fn serve(self, answers: impl Answers, shutdown: &Shutdown) -> bool {
        let Self { listener, certificate, hangups, trusted_proxies, limits, .. } = self;
        let places = Places::new(limits.connections, limits.connections_of_one_network, trusted_proxies);
        let connections = Arc::new(Connections::new(answers, shutdown.clone(), limits));
        let served = async {
            accept(listener, certificate.clone(), &connections, &places, shutdown).await;
            // The listener is closed by now: new connections are refused, not left waiting.
            places.all_left().await;
        };
        let too_long = async {
            shutdown.finishing().await;
            sleep(limits.grace).await;
        };
        tokio::select! {
            () = served => {}
            () = too_long => {}
            () = shutdown.ending() => {}
            never = tls::follow(certificate.clone(), hangups, limits.certificate_check) => match never {},
        }
        places.are_free()
    }
}

#[cfg(test)]
mod tests;
