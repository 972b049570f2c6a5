//! The server as its clients meet it, over real sockets.

mod https;
mod stopping;
mod suites;

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Extension, Request};
use axum::response::Response;
use axum::routing::get;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower::ServiceExt;

use super::shutdown::{Draining, Stop};
use super::*;
use crate::foundation::trust::tests::TestFiles;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const SOON: Duration = Duration::from_secs(20);
/// Enough for a first request on a slow machine, and next to nothing afterwards.
const IMPATIENT: Limits = Limits {
    connections: 100,
    connections_of_one_network: 100,
    handshake: SOON,
    first_request: Duration::from_secs(2),
    request: SOON,
    idle: Duration::from_millis(20),
    headers: 32 * 1024,
    grace: SOON,
    certificate_check: SOON,
};
const WAIT: &[u8] = b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n";

/// Routes and nothing before them.
struct Routes(Router);

impl Answers for Routes {
    async fn answer(&self, request: Request) -> Response {
        self.0.clone().oneshot(request).await.unwrap()
    }
}

/// A running server whose `/wait` answers when `release` is notified.
struct Running {
    address: SocketAddr,
    stop: Stop,
    started: Arc<Notify>,
    release: Arc<Notify>,
    served: JoinHandle<bool>,
}

fn listen_with(tls: Option<(PathBuf, PathBuf)>, limits: Limits) -> Listen {
    Listen { address: (Ipv4Addr::LOCALHOST, 0).into(), tls, trusted_proxies: vec![], limits }
}

async fn start(limits: Limits, files: Option<&TestFiles>) -> Running {
    let tls = files.map(|files| (files.cert.clone(), files.key.clone()));
    let server = Server::bind(listen_with(tls, limits)).await.unwrap();
    let (started, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begun, released) = (Arc::clone(&started), Arc::clone(&release));
    let router =
        Router::new().route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string())).route(
            "/wait",
            get(async move || {
                begun.notify_one();
                released.notified().await;
                "done"
            }),
        );
    let router = router.route(
        "/draining",
        get(async |draining: Option<Extension<Draining>>| if draining.is_some() { "yes" } else { "no" }),
    );
    let (stop, shutdown) = Shutdown::manual();
    let address = server.address();
    let served = tokio::spawn(async move { server.serve(Routes(router), &shutdown).await });
    Running { address, stop, started, release, served }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A client whose request is being worked on, until `release` is notified.
    async fn at_work(&self) -> TcpStream {
        let mut client = self.connect().await;
        client.write_all(WAIT).await.unwrap();
        self.started.notified().await;
        client
    }

    /// As from another machine.
    async fn connect_from(&self, last: u8) -> TcpStream {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    async fn outcome(self) -> bool {
        timeout(SOON, self.served).await.expect("the server returns").unwrap()
    }

    async fn refuses(&self) {
        let refused = async { while TcpStream::connect(self.address).await.is_ok() {} };
        timeout(SOON, refused).await.expect("new connections are refused");
    }
}

/// Reads one answer with a content-length.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = vec![];
    loop {
        bytes.push(timeout(SOON, stream.read_u8()).await.expect("an answer comes").unwrap());
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return text.into_owned();
            }
        }
    }
}

/// One answer, or less if the server closes before.
async fn rest_of_one(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let (mut bytes, mut buffer) = (vec![], [0; 1024]);
    while !String::from_utf8_lossy(&bytes).contains("127.0.0.1:") {
        match timeout(SOON, stream.read(&mut buffer)).await.expect("an answer comes") {
            Ok(count @ 1..) => bytes.extend(&buffer[..count]),
            _closed => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whatever comes until the server closes.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = vec![];
    // A reset is a close too.
    let _ended = timeout(SOON, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_headers_is_cut() {
    let server = start(Limits { first_request: Duration::from_millis(20), ..Limits::default() }, None).await;
    for start in ["", "GET / HTTP/1.1\r\nhost: a\r\nx: ", "PRI * HTTP/2.0\r\n"] {
        let mut client = server.connect().await;
        client.write_all(start.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut client).await, "");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let server = start(IMPATIENT, None).await;
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    let text = rest(&mut client).await;
    assert!(text.contains("200 OK"), "{text}");
}

#[tokio::test]
async fn a_client_that_does_not_finish_the_headers_of_a_later_request_is_cut() {
    let server = start(IMPATIENT, None).await;
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut client).await.contains("200 OK"));
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nx: ").await.unwrap();
    let (mut reader, mut writer) = client.into_split();
    // Slowly: a header that grows too long is refused for that.
    let dribbles = async {
        while writer.write_all(b"y").await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let (text, ()) = tokio::join!(rest(&mut reader), dribbles);
    assert_eq!(text, "", "nothing more is said");
}

#[tokio::test]
async fn a_connection_without_a_new_request_is_cut_whatever_it_does() {
    let limits =
        Limits { first_request: Duration::from_millis(20), request: Duration::from_millis(20), ..Limits::default() };
    let server = start(limits, None).await;
    let mut client = server.connect().await;
    client.write_all(WAIT).await.unwrap();
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused_and_the_server_goes_on() {
    let server = start(Limits::default(), None).await;
    let mut client = server.connect().await;
    let huge = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    let _may_be_cut = client.write_all(huge.as_bytes()).await;
    let text = rest(&mut client).await;
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 431"), "{text}");
    let mut other = server.connect().await;
    other.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut other).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_to_close() {
    let server = start(Limits { connections: 1, ..Limits::default() }, None).await;
    let mut first = server.at_work().await;
    let mut second = server.connect().await;
    second.write_all(REQUEST).await.unwrap();
    assert!(second.try_read(&mut [0; 1]).is_err(), "nobody answers the second one yet");
    server.release.notify_one();
    assert!(answer(&mut first).await.ends_with("done"));
    assert!(answer(&mut second).await.contains("200 OK"), "and it gives way now that it is idle");
    assert_eq!(rest(&mut first).await, "");
}

#[tokio::test]
async fn silent_connections_give_way_to_one_that_asks() {
    let limits =
        Limits { connections: 8, connections_of_one_network: 8, first_request: SOON * 10, ..Limits::default() };
    let server = start(limits, None).await;
    let mut working = server.at_work().await;
    let mut silent = vec![];
    for _ in 0..20 {
        silent.push(server.connect().await);
    }
    for _ in 0..20 {
        let mut honest = server.connect().await;
        honest.write_all(REQUEST).await.unwrap();
        assert!(answer(&mut honest).await.contains("200 OK"));
    }
    server.release.notify_one();
    assert!(answer(&mut working).await.ends_with("done"), "a request in progress is not disturbed");
}

#[tokio::test]
async fn one_address_does_not_get_all_places_however_busy_it_is() {
    let limits = Limits { connections: 4, connections_of_one_network: 2, ..Limits::default() };
    let server = start(limits, None).await;
    let mut held = vec![];
    for _ in 0..2 {
        held.push(server.at_work().await);
    }
    let mut third = server.connect().await;
    let _may_be_closed = third.write_all(REQUEST).await;
    assert_eq!(rest(&mut third).await, "", "closed: the share of its address is in use");
    let mut other = server.connect_from(2).await;
    other.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut other).await.contains("200 OK"));
}

#[tokio::test]
async fn a_burst_of_connections_finds_room_in_the_queue() {
    let system: usize = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap();
    let burst = system.saturating_sub(10).min(600);
    // Nobody accepts yet.
    let server = Server::bind(listen_with(None, Limits::default())).await.unwrap();
    let connects = (0..burst).map(|_| TcpStream::connect(server.address()));
    // What does not fit waits for the kernel's first retry, a second later.
    let all = timeout(Duration::from_millis(900), futures_util::future::try_join_all(connects)).await;
    assert_eq!(all.expect("none waits for the kernel").unwrap().len(), burst);
}

#[tokio::test]
async fn handlers_see_the_address_of_the_peer() {
    let server = start(Limits::default(), None).await;
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    let text = answer(&mut client).await;
    assert!(text.ends_with(&client.local_addr().unwrap().to_string()), "{text}");
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let server = start(Limits::default(), None).await;
    let again = Server::bind(Listen { address: server.address, ..listen_with(None, Limits::default()) }).await;
    let error = again.err().unwrap().to_string();
    assert!(error.starts_with(&format!("cannot listen on {}", server.address)), "{error}");
}
