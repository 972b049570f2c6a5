//! One connection, from its handshake to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::Limits;
use super::shutdown::Shutdown;
use super::tls::Certificate;

/// Whatever answers requests.
pub trait Answers: Send + Sync + 'static {
    /// The answer. Infallible: a failure is an answer too.
    fn answer(&self, request: Request) -> impl Future<Output = Response> + Send;
}

/// What every connection needs.
pub struct Connections<A> {
    answers: A,
    builder: Builder<TokioExecutor>,
    shutdown: Shutdown,
    limits: Limits,
}

impl<A: Answers> Connections<A> {
    pub fn new(answers: A, shutdown: Shutdown, limits: Limits) -> Self {
        Self { answers, builder: builder(&limits), shutdown, limits }
    }

    /// Serves `stream` until it ends.
    pub async fn connection(
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
