//! The server as its clients meet it, over real sockets.

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use axum::routing::get;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::ServiceExt;

use super::shutdown::Stop;
use super::tls::tests::Files;
use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const SOON: Duration = Duration::from_secs(20);
/// Enough for a first request on a slow machine, and next to nothing afterwards.
const IMPATIENT: Limits = Limits {
    connections: 100,
    handshake: SOON,
    first_request: Duration::from_secs(2),
    idle: Duration::from_millis(20),
    headers: 32 * 1024,
    grace: SOON,
};

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

async fn start(limits: Limits, files: Option<&Files>) -> Running {
    let tls = files.map(|files| (files.cert.clone(), files.key.clone()));
    let server = Server::bind(Listen { address: (Ipv4Addr::LOCALHOST, 0).into(), tls, limits }).await.unwrap();
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
    let (stop, shutdown) = Shutdown::manual();
    let address = server.address();
    let served = tokio::spawn(async move { server.serve(Routes(router), &shutdown).await });
    Running { address, stop, started, release, served }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
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

/// Whatever comes until the server closes.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = vec![];
    // A reset is a close too.
    let _ended = timeout(SOON, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_request_in_progress_ends_while_new_connections_are_refused() {
    let server = start(Limits::default(), None).await;
    let mut client = server.connect().await;
    client.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    server.started.notified().await;
    server.stop.finish();
    server.refuses().await;
    server.release.notify_one();
    let text = rest(&mut client).await;
    assert!(
        text.starts_with("HTTP/1.1 200 OK") && text.contains("connection: close") && text.ends_with("done"),
        "{text}"
    );
    assert!(server.outcome().await);
}

#[tokio::test]
async fn idle_and_half_open_connections_do_not_hold_up_the_end() {
    let server = start(Limits::default(), None).await;
    let (mut idle, mut silent) = (server.connect().await, server.connect().await);
    idle.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut idle).await.contains("200 OK"));
    server.stop.finish();
    assert_eq!((rest(&mut idle).await, rest(&mut silent).await), (String::new(), String::new()));
    assert!(server.outcome().await);
}

#[tokio::test]
async fn the_second_order_ends_at_once() {
    let server = start(Limits::default(), None).await;
    let mut client = server.connect().await;
    client.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    server.started.notified().await;
    server.stop.finish();
    server.refuses().await;
    server.stop.end();
    assert!(!server.outcome().await);
}

#[tokio::test]
async fn a_request_that_outlasts_the_grace_period_is_left() {
    let server = start(Limits { grace: Duration::from_millis(1), ..Limits::default() }, None).await;
    let mut client = server.connect().await;
    client.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    server.started.notified().await;
    server.stop.finish();
    assert!(!server.outcome().await);
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
        Limits { first_request: Duration::from_millis(20), idle: Duration::from_millis(20), ..Limits::default() };
    let server = start(limits, None).await;
    let mut client = server.connect().await;
    client.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
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
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    second.write_all(REQUEST).await.unwrap();
    first.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut first).await.contains("200 OK"));
    assert!(second.try_read(&mut [0; 1]).is_err(), "nobody answers the second one yet");
    drop(first);
    assert!(answer(&mut second).await.contains("200 OK"));
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
async fn https_is_served_while_another_client_dawdles_over_its_handshake() {
    let files = Files::new("localhost");
    let server = start(Limits::default(), Some(&files)).await;
    let _silent = server.connect().await;
    let mut client = tls(&server, &files, &[b"http/1.1"]).await;
    client.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut client).await.starts_with("HTTP/1.1 200 OK"));
    let client = tls(&server, &files, &[b"h2", b"http/1.1"]).await;
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_cut() {
    let files = Files::new("localhost");
    let server = start(Limits { handshake: Duration::from_millis(20), ..Limits::default() }, Some(&files)).await;
    assert_eq!(rest(&mut server.connect().await).await, "");
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let server = start(Limits::default(), None).await;
    let again = Server::bind(Listen { address: server.address, tls: None, limits: Limits::default() }).await;
    let error = again.err().unwrap().to_string();
    assert!(error.starts_with(&format!("cannot listen on {}", server.address)), "{error}");
}

async fn tls(server: &Running, files: &Files, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(files.roots())
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect("localhost".try_into().unwrap(), server.connect().await).await.unwrap()
}
