//! One connection, from its handshake to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::Version;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::Limits;
use super::places::{Doing, Place, Work};
use super::shutdown::{Draining, Phase, Shutdown};
use super::tls::Certificate;

/// How long a connection that was let in just before the stop has for its handshake and its first request.
const LAST_CALL: Duration = Duration::from_secs(1);

/// How often an HTTP/2 connection that says nothing is asked whether it is still there.
const PING: Duration = Duration::from_secs(25);

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
        place: Place,
    ) {
        // Answers are small and complete: waiting for more to send (Nagle's algorithm) only delays them.
        let _not_vital = stream.set_nodelay(true);
        let Some(certificate) = certificate else { return self.http(stream, peer, &place).await };
        let handshake = TlsAcceptor::from(certificate.config()).accept(stream);
        let stream = tokio::select! {
            done = timeout(self.limits.handshake, handshake) => done,
            () = self.last_call() => return,
            () = place.wanted() => return tracing::debug!(%peer, "connection cut in its handshake: places run short"),
        };
        match stream {
            Ok(Ok(stream)) => self.http(stream, peer, &place).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        }
    }

    async fn last_call(&self) {
        self.shutdown.finishing().await;
        sleep(LAST_CALL).await;
    }

    async fn http(
        self: &Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
        peer: SocketAddr,
        place: &Place,
    ) {
        let is_http2 = AtomicBool::new(false);
        let service = service_fn(|request: hyper::Request<Incoming>| {
            is_http2.fetch_or(request.version() == Version::HTTP_2, Ordering::Relaxed);
            let (this, work) = (Arc::clone(self), place.work());
            async move { Ok::<_, Infallible>(this.answer(request.map(Body::new), peer, work).await) }
        });
        let mut connection = pin!(self.builder.serve_connection(TokioIo::new(stream), service));
        let mut phases = self.shutdown.phases();
        let mut tick = pin!(sleep(self.limits.first_request));
        // If stopping began before this connection did, this reports it as well.
        let (mut phase, mut leaving) = (Phase::Running, false);
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, %error, "connection failed");
                    }
                    return;
                }
                next = phases.next() => {
                    phase = next;
                    match place.doing() {
                        // Its first request may be on its way. The answer will close the connection.
                        Doing::Nothing(_) if phase == Phase::Finishing => {
                            let soon = tick.deadline().min(Instant::now() + LAST_CALL);
                            tick.as_mut().reset(soon);
                        }
                        Doing::Nothing(_) => {}
                        // HTTP/2 has a message for this (GOAWAY), with which no request is lost.
                        _ if phase >= Phase::Finishing || (phase == Phase::Closing && is_http2.load(Ordering::Relaxed)) => {
                            leaving = true;
                            connection.as_mut().graceful_shutdown();
                        }
                        _ => {}
                    }
                }
                () = place.wanted() => {
                    // A request may have arrived meanwhile.
                    let Doing::Working(_) = place.doing() else {
                        return tracing::debug!(%peer, "idle connection cut: places run short");
                    };
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = tick.as_mut() => {
                    let now = Instant::now();
                    match verdict(place.doing(), leaving, phase, now, &self.limits) {
                        Verdict::Cut => {
                            return tracing::debug!(%peer, "connection cut: no complete request for too long");
                        }
                        Verdict::Leave => {
                            leaving = true;
                            connection.as_mut().graceful_shutdown();
                            tick.as_mut().reset(now + self.limits.first_request);
                        }
                        Verdict::Stay(until) => tick.as_mut().reset(until),
                    }
                }
            }
        }
    }

    async fn answer(&self, mut request: Request, peer: SocketAddr, work: Work) -> Response {
        request.extensions_mut().insert(ConnectInfo(peer));
        if self.shutdown.phase() >= Phase::Draining {
            request.extensions_mut().insert(Draining);
        }
        let is_http1 = request.version() < Version::HTTP_2;
        let mut response = self.answers.answer(request).await;
        if is_http1 && self.shutdown.phase() >= Phase::Closing {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        drop(work);
        response
    }
}

/// What is to be done with a connection.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Look again then.
    Stay(Instant),
    /// Close it as soon as nothing is in progress.
    Leave,
    /// Close it now, whatever it is doing.
    Cut,
}

/// Decides what is to be done with a connection. `leaving`: it has been told to close before.
fn verdict(doing: Doing, leaving: bool, phase: Phase, now: Instant, limits: &Limits) -> Verdict {
    match doing {
        Doing::Nothing(since) if phase < Phase::Finishing && now < since + limits.first_request => {
            Verdict::Stay(since + limits.first_request)
        }
        Doing::Nothing(_) => Verdict::Cut,
        Doing::Working(since) if now < since + limits.request => Verdict::Stay(since + limits.request),
        Doing::Working(_) => Verdict::Cut,
        // An incomplete request does not count as work.
        Doing::Idling(_) if leaving => Verdict::Cut,
        Doing::Idling(_) if phase >= Phase::Finishing => Verdict::Leave,
        // Looks again after one request's time at most: it may begin one that never ends.
        Doing::Idling(since) if now < since + limits.idle => {
            Verdict::Stay((since + limits.idle).min(now + limits.request))
        }
        Doing::Idling(_) => Verdict::Leave,
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // No timer for each request's headers either: one timer for the whole connection does the same and costs less.
        .header_read_timeout(None)
        .max_buf_size((limits.headers as usize).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(limits.headers)
        .max_concurrent_streams(128)
        .keep_alive_interval(PING)
        .keep_alive_timeout(limits.first_request);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_judged_by_what_it_does() {
        let limits = Limits::default();
        let start = Instant::now();
        let after = |span: Duration| start + span;
        let second = Duration::from_secs(1);
        let judge = |doing, leaving, phase, span| verdict(doing, leaving, phase, after(span), &limits);
        let (silent, idle, busy) = (Doing::Nothing(start), Doing::Idling(start), Doing::Working(start));
        let running = Phase::Running;

        let first = limits.first_request;
        assert_eq!(judge(silent, false, running, first - second), Verdict::Stay(after(first)));
        assert_eq!(judge(silent, false, running, first), Verdict::Cut);
        assert_eq!(judge(silent, false, Phase::Finishing, second), Verdict::Cut);

        assert_eq!(judge(busy, true, Phase::Finishing, limits.request - second), Verdict::Stay(after(limits.request)));
        assert_eq!(judge(busy, false, running, limits.request), Verdict::Cut);

        let soon = second + limits.request;
        assert_eq!(judge(idle, false, running, second), Verdict::Stay(after(soon)), "looked at again before the limit");
        assert_eq!(judge(idle, false, running, limits.idle - second), Verdict::Stay(after(limits.idle)));
        assert_eq!(judge(idle, false, running, limits.idle), Verdict::Leave);
        assert_eq!(judge(idle, true, running, limits.idle + first), Verdict::Cut);
        assert_eq!(judge(idle, false, Phase::Finishing, second), Verdict::Leave);
    }
}
