//! Accepts connections and serves them: plain or TLS, HTTP/1.1 or HTTP/2.
//!
//! Nothing that one client does, or fails to do, holds up another: handshakes run in the connection's own task, and a
//! connection that stays silent, dribbles its headers or does not read its answer is closed. [`Server::bind`] is apart
//! from [`Server::serve`], so that a caller who asks for port 0 knows the address before the first request.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::shutdown::Shutdown;
use super::tls::{Certificate, CertificateError};

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
        let connections =
            Arc::new(Connections { answers, builder: builder(&limits), shutdown: shutdown.clone(), limits });
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

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // Nor a timer for each request's headers: one for the whole connection sees to them, and costs less.
        .header_read_timeout(None)
        .max_buf_size((limits.headers as usize).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(limits.headers)
        .max_concurrent_streams(128)
        .keep_alive_interval(limits.idle / 3)
        .keep_alive_timeout(limits.first_request);
    builder
}

/// Accepts until it is dropped.
async fn accept(
    listener: TcpListener,
    mut tls: Option<Tls>,
    connections: &Arc<Connections<impl Answers>>,
    permits: &Arc<Semaphore>,
) {
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else { return };
        let (stream, peer) = tokio::select! {
            accepted = next(&listener) => accepted,
            () = reload(&mut tls) => continue,
        };
        let certificate = tls.as_ref().map(|tls| Arc::clone(&tls.certificate));
        tokio::spawn(Arc::clone(connections).connection(stream, peer, certificate, permit));
    }
}

/// The next connection. A client that gave up meanwhile is skipped; when the process has no file or memory left for
/// another one, waiting helps and ending would not.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot accept connections");
                sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Waits for SIGHUP and reads the certificate again; forever without TLS.
async fn reload(tls: &mut Option<Tls>) {
    let Some(Tls { certificate, hangups }) = tls else { return std::future::pending().await };
    if hangups.recv().await.is_none() {
        return std::future::pending().await;
    }
    match certificate.reload() {
        Ok(()) => tracing::info!("certificate read again"),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "certificate not replaced, the old one stays in use"
            );
        }
    }
}

/// Whatever answers requests.
pub trait Answers: Send + Sync + 'static {
    /// The answer. Infallible: a failure is an answer too.
    fn answer(&self, request: Request) -> impl Future<Output = Response> + Send;
}

/// What every connection needs.
struct Connections<A> {
    answers: A,
    builder: Builder<TokioExecutor>,
    shutdown: Shutdown,
    limits: Limits,
}

impl<A: Answers> Connections<A> {
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        certificate: Option<Arc<Certificate>>,
        permit: OwnedSemaphorePermit,
    ) {
        // Answers are small and complete: waiting for more to send (Nagle's algorithm) only delays them.
        let _not_vital = stream.set_nodelay(true);
        match certificate {
            None => self.http(stream, peer).await,
            Some(certificate) => {
                let handshake = TlsAcceptor::from(certificate.config()).accept(stream);
                let stream = tokio::select! {
                    done = timeout(self.limits.handshake, handshake) => done,
                    () = self.shutdown.finishing() => return,
                };
                match stream {
                    Ok(Ok(stream)) => self.http(stream, peer).await,
                    Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
                    Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
                }
            }
        }
        drop(permit);
    }

    async fn http(self: &Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, peer: SocketAddr) {
        let requests = AtomicU64::new(0);
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            requests.fetch_add(1, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            let this = Arc::clone(self);
            async move { Ok::<_, Infallible>(this.answers.answer(request.map(Body::new)).await) }
        });
        let mut connection = pin!(self.builder.serve_connection(TokioIo::new(stream), service));
        let mut finishing = pin!(self.shutdown.finishing());
        let mut tick = pin!(sleep(self.limits.first_request));
        let (mut seen, mut closing, mut stopping) = (0, false, false);
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, %error, "connection failed");
                    }
                    return;
                }
                () = finishing.as_mut(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = tick.as_mut() => {
                    let count = requests.load(Ordering::Relaxed);
                    if count == seen {
                        // The first silence: close when what is in progress is done. The second, or not even a first
                        // request: there is nothing worth waiting for.
                        if count == 0 || closing {
                            tracing::debug!(%peer, "connection cut: no complete request for too long");
                            return;
                        }
                        closing = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    seen = count;
                    tick.as_mut().reset(Instant::now() + self.limits.idle);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
