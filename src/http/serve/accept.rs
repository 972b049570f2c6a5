//! Takes connections out of the operating system's queue, and gives each a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use super::connection::{Answers, Connections};
use super::places::{Place, Places};
use super::shutdown::Shutdown;
use super::tls::Certificate;

/// How many connections may wait to be accepted: as many as the system allows, which cuts this to its own limit
/// (net.core.somaxconn). A burst that finds the queue full waits for the kernel's retries, a second and more.
const QUEUE: u32 = 65_535;

/// A peer that has vanished without a word is noticed within some three minutes; the idle limit may be hours.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_secs(120)).with_interval(Duration::from_secs(15)).with_retries(4);

/// How long we wait, when stopping, for connections whose TCP handshake has begun.
const HANDSHAKES: Duration = Duration::from_millis(100);

/// A connection that nobody serves yet.
type Waiting = (TcpStream, SocketAddr);

/// Listens on `address`.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Without this option a restart would fail until the kernel has forgotten the connections of the process before.
    socket.set_reuseaddr(true)?;
    // Every accepted connection inherits it. If it cannot be set, dead connections are noticed later; that is no reason not
    // to serve.
    let _not_vital = SockRef::from(&socket).set_tcp_keepalive(&KEEPALIVE);
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Accepts until `shutdown` says to finish. Then takes the connections that are still queued, because the kernel has
/// let them in, closes the listener, and returns once all of them are served.
pub async fn accept(
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    connections: &Arc<Connections<impl Answers>>,
    places: &Arc<Places>,
    shutdown: &Shutdown,
) {
    let serve = |(stream, peer): Waiting, place: Place| {
        tokio::spawn(Arc::clone(connections).connection(stream, peer, certificate.clone(), place));
    };
    let mut late = vec![];
    loop {
        let (stream, peer) = tokio::select! {
            accepted = next(&listener, places) => accepted,
            () = shutdown.finishing() => break,
        };
        tokio::select! {
            place = places.take(peer.ip()) => match place {
                Some(place) => serve((stream, peer), place),
                None => tracing::debug!(%peer, "connection refused: its network has its share of max_connections"),
            },
            () = shutdown.finishing() => {
                late.push((stream, peer));
                break;
            }
        }
    }
    last(listener, places, &mut late).await;
    for (stream, peer) in late {
        if let Some(place) = places.take(peer.ip()).await {
            serve((stream, peer), place);
        }
    }
}

/// The next connection. A client that gave up meanwhile is skipped; when the process has no file or memory left for
/// another one, it waits and tries again, because ending would help nobody.
async fn next(listener: &TcpListener, places: &Places) -> Waiting {
    let mut failing = false;
    loop {
        match listener.accept().await {
            Ok(accepted) => {
                if failing {
                    tracing::info!("connections are accepted again");
                }
                return accepted;
            }
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                if !failing {
                    failing = true;
                    tracing::error!(error = &error as &dyn std::error::Error, "cannot accept connections");
                }
                places.ask_to_leave(None);
                sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Takes the connections that are in the queue, or on their way into it, and closes the listener. The kernel resets
/// queued connections when a listener closes, and their clients may have sent a request already.
async fn last(listener: TcpListener, places: &Places, late: &mut Vec<Waiting>) {
    let no_more_come = let_nobody_else_in(&listener).is_ok();
    if no_more_come {
        let _over = timeout(HANDSHAKES, async {
            loop {
                late.push(next(&listener, places).await);
            }
        })
        .await;
    }
    // Asks the kernel itself: the runtime knows only the connections that it was told of.
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        late.extend(stream.map(|stream| (stream, peer)));
    }
}

/// Has the kernel drop every packet that asks for a new connection (SYN without ACK). Handshakes that have begun can
/// finish; other clients ask again a second later, and are refused because nobody listens any more.
#[cfg(target_os = "linux")]
fn let_nobody_else_in(listener: &TcpListener) -> io::Result<()> {
    use socket2::SockFilter;
    // Classic BPF, on the TCP header: the flags are its byte 13, SYN is 0x02 and ACK 0x10.
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(0x30, 0, 0, 13),       // load the byte at 13
        SockFilter::new(0x54, 0, 0, 0x12),     // and 0x12
        SockFilter::new(0x15, 0, 1, 0x02),     // equal to 0x02? else skip one
        SockFilter::new(0x06, 0, 0, 0),        // drop
        SockFilter::new(0x06, 0, 0, u32::MAX), // pass
    ])
}

#[cfg(not(target_os = "linux"))]
fn let_nobody_else_in(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
