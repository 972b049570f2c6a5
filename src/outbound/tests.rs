//! Against servers that answer as badly as they can. No test calls anybody outside: its network leads to its own server.

mod addresses;
mod certificates;

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, yield_now};

use super::*;

/// Short, since the server that is asked never answers in time.
const SHORT: Duration = Duration::from_millis(500);

/// Enough for what does happen, though not always at once.
const SOON: Duration = Duration::from_secs(20);

/// A network where the next lookup gets the next answer, and every address leads to one server.
pub struct Script {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    server: SocketAddr,
    called: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Script {
    fn new(server: SocketAddr, answers: &[&[&str]]) -> Self {
        let answer = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Self { answers: Mutex::new(answers.iter().map(answer).collect()), server, called: Arc::default() }
    }

    pub fn look_up(&self) -> Vec<IpAddr> {
        self.answers.lock().unwrap().pop_front().unwrap_or_default()
    }

    /// Where `address` leads; it is remembered.
    pub fn detour(&self, address: SocketAddr) -> SocketAddr {
        self.called.lock().unwrap().push(address);
        self.server
    }
}

/// A client on a scripted network, and whom it called.
fn on(script: Script, settings: OutboundSettings) -> (Outbound, Arc<Mutex<Vec<SocketAddr>>>) {
    let called = Arc::clone(&script.called);
    (Outbound::on(Network::Scripted(script), settings), called)
}

/// A server that does `serve` with each connection, and counts them.
async fn server<F: Future<Output = ()> + Send>(
    serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (counted, serve) = (Arc::clone(&count), Arc::new(serve));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let serve = Arc::clone(&serve);
            tokio::spawn(async move { serve(stream).await });
        }
    });
    (address, count)
}

/// A server that reads a request and then says `text`.
async fn saying(text: impl Into<Vec<u8>>) -> (SocketAddr, Arc<AtomicUsize>) {
    let text = text.into();
    server(move |mut stream| {
        let text = text.clone();
        async move {
            head(&mut stream).await;
            // The client may have closed the connection by now.
            drop(stream.write_all(&text).await);
        }
    })
    .await
}

/// A server that takes a request and never answers.
async fn silent() -> (SocketAddr, Arc<AtomicUsize>) {
    server(|mut stream| async move {
        head(&mut stream).await;
        pending().await
    })
    .await
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// The head of the request, without the empty line.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = vec![];
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(read).unwrap().trim_end().to_owned()
}

/// A client that may call `server` by its address.
fn allowing(server: SocketAddr) -> Outbound {
    let allow = vec![HostPort::parse(&server.to_string()).unwrap()];
    Outbound::new(OutboundSettings { allow, ..OutboundSettings::default() })
}

async fn fails(server: SocketAddr) -> OutboundError {
    allowing(server).get(&format!("http://{server}/path?s3cret")).await.expect_err("no proper answer")
}

fn get(server: SocketAddr) -> Request {
    Request::new(Method::GET, format!("http://{server}/"))
}

#[tokio::test]
async fn a_request_says_who_asks_and_carries_what_it_should() {
    let (tell, told) = oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let (address, _) = server(move |mut stream| {
        let tell = tell.lock().unwrap().take().expect("one request");
        async move {
            let head = head(&mut stream).await;
            let mut body = [0; 14];
            stream.read_exact(&mut body).await.unwrap();
            stream.write_all(HELLO.as_bytes()).await.unwrap();
            tell.send((head.to_lowercase(), body)).unwrap();
        }
    })
    .await;
    let url = format!("http://{address}/hook?a=b");
    let answer = allowing(address).post_form(&url, &[("a", "b c"), ("d", "&=")]).await.unwrap();
    assert_eq!((answer.status, &answer.body[..], answer.from), (StatusCode::OK, &b"hello"[..], address));
    let (head, body) = told.await.unwrap();
    assert_eq!(&body, b"a=b+c&d=%26%3D");
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "post /hook?a=b http/1.1");
    lines.sort_unstable();
    let wanted = [
        "accept-encoding: identity".to_owned(),
        "connection: close".to_owned(),
        "content-length: 14".to_owned(),
        "content-type: application/x-www-form-urlencoded".to_owned(),
        format!("host: {address}"),
        format!("user-agent: latchkey/{}", env!("CARGO_PKG_VERSION")),
    ];
    assert_eq!(lines, wanted);
}

#[tokio::test]
async fn json_and_headers_of_the_callers_own_are_sent() {
    let (tell, told) = oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let (address, _) = server(move |mut stream| {
        let tell = tell.lock().unwrap().take().expect("one request");
        async move {
            tell.send(head(&mut stream).await.to_lowercase()).unwrap();
            stream.write_all(HELLO.as_bytes()).await.unwrap();
        }
    })
    .await;
    let request = Request::new(Method::PUT, format!("http://{address}/")).json(&json!({"a": 1}));
    let request = request.header(header::AUTHORIZATION, header::HeaderValue::from_static("Bearer x"));
    allowing(address).request(request).await.unwrap();
    let head = told.await.unwrap();
    for line in ["put / http/1.1", "content-type: application/json", "content-length: 7", "authorization: bearer x"] {
        assert!(head.lines().any(|found| found == line), "{line}: {head}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (other, called) = saying(HELLO).await;
    let (address, _) =
        saying(format!("HTTP/1.1 302 Found\r\nLocation: http://{other}/\r\nContent-Length: 0\r\n\r\n")).await;
    let both = [address, other].map(|address| HostPort::parse(&address.to_string()).unwrap());
    let client = Outbound::new(OutboundSettings { allow: both.to_vec(), ..OutboundSettings::default() });
    let answer = client.get(&format!("http://{address}/")).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (StatusCode::FOUND, 0));
    assert_eq!(answer.headers[header::LOCATION], format!("http://{other}/"));
    assert_eq!(called.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn nothing_is_decompressed_and_no_cookie_is_kept() {
    let heads = Arc::new(Mutex::new(vec![]));
    let seen = Arc::clone(&heads);
    let (address, connections) = server(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            let head = head(&mut stream).await;
            seen.lock().unwrap().push(head);
            let answer =
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x08x";
            stream.write_all(answer.as_bytes()).await.unwrap();
            // The connection stays open: it is the client that does not use it again.
            pending().await
        }
    })
    .await;
    let client = allowing(address);
    for _ in 0..2 {
        assert_eq!(&client.request(get(address)).await.unwrap().body[..], b"\x1f\x08x");
    }
    assert!(heads.lock().unwrap().iter().all(|head| !head.to_lowercase().contains("cookie")));
    assert_eq!(connections.load(Ordering::SeqCst), 2, "each exchange has a connection of its own");
}

#[tokio::test]
async fn a_body_is_taken_up_to_the_limit_and_not_a_byte_further() {
    let (address, _) = saying(HELLO).await;
    let client = allowing(address);
    assert_eq!(client.request(get(address).at_most(5)).await.unwrap().body.len(), 5);
    let error = client.request(get(address).at_most(4)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{address}: the body of the answer is larger than 4 bytes"));

    // The announced body is never sent: the client does not wait for it.
    let (address, _) = server(|mut stream| async move {
        head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await.unwrap();
        pending().await
    })
    .await;
    assert!(matches!(fails(address).await, OutboundError::TooLarge { part: Part::Body, .. }));
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_at_the_limit_and_the_server_hung_up_on() {
    let (tell, told) = oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let (address, _) = server(move |mut stream| {
        let tell = tell.lock().unwrap().take().expect("one request");
        async move {
            head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let mut sent = 0;
            while stream.write_all(chunk.as_bytes()).await.is_ok() {
                sent += 1;
            }
            tell.send(sent).unwrap();
        }
    })
    .await;
    let error = fails(address).await;
    assert!(matches!(error, OutboundError::TooLarge { part: Part::Body, limit: 1_048_576, .. }), "{error}");
    let sent: usize = timeout(SOON, told).await.expect("the connection ends").unwrap();
    // 16 chunks are the limit; the sockets hold some more.
    assert!((16..1024).contains(&sent), "{sent}");
}

#[tokio::test]
async fn a_head_is_bounded_in_bytes_and_in_lines() {
    for headers in [format!("A: {}\r\n", "x".repeat(70_000)), "A: b\r\n".repeat(101)] {
        let (address, _) = saying(format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n")).await;
        let error = fails(address).await;
        assert!(matches!(error, OutboundError::TooLarge { part: Part::Head, .. }), "{error}");
    }
    let (address, _) = saying(format!("HTTP/1.1 204 No Content\r\n{}\r\n", "A: b\r\n".repeat(99))).await;
    assert_eq!(allowing(address).request(get(address)).await.unwrap().headers.len(), 99);
}

#[tokio::test]
async fn whoever_answers_slowly_byte_by_byte_has_one_deadline_for_all_of_it() {
    let slowly = |begin: &'static str, endless: &'static str| {
        server(move |mut stream| async move {
            head(&mut stream).await;
            stream.write_all(begin.as_bytes()).await.unwrap();
            let mut beat = tokio::time::interval(Duration::from_millis(10));
            while stream.write_all(endless.as_bytes()).await.is_ok() {
                beat.tick().await;
            }
        })
    };
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (begin, endless, phase) in [("HTTP/1.1 200 OK\r\nA: ", "x", Phase::Head), (chunked, "1\r\nx\r\n", Phase::Body)]
    {
        let (address, _) = slowly(begin, endless).await;
        let error = allowing(address).request(get(address).within(SHORT)).await.unwrap_err();
        assert!(
            matches!(error, OutboundError::TimedOut { after: SHORT, waiting_for } if waiting_for == phase),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_exchange_takes_no_longer_than_its_request_has_left() {
    let (address, _) = silent().await;
    let client = allowing(address);
    let error = deadline::scope(SHORT, client.request(get(address))).await.unwrap_err();
    assert!(matches!(error, OutboundError::TimedOut { after, .. } if after <= SHORT), "{error}");
    let error = deadline::scope(Duration::ZERO, client.request(get(address))).await.unwrap_err();
    assert_eq!(error.to_string().split(':').next(), Some("no answer within 0 ms"));
}

#[tokio::test]
async fn only_so_many_are_called_at_one_time_and_the_others_wait_within_their_own_time() {
    let (address, connections) = silent().await;
    let client = allowing(address);
    let mut held = JoinSet::new();
    for _ in 0..EXCHANGES {
        let (client, request) = (client.clone(), get(address).within(SOON));
        held.spawn(async move { client.request(request).await });
    }
    let all_are_called = async {
        while connections.load(Ordering::SeqCst) < EXCHANGES {
            yield_now().await;
        }
    };
    timeout(SOON, all_are_called).await.expect("so many are called");
    let one_more = client.request(get(address).within(SHORT)).await.unwrap_err();
    assert!(matches!(one_more, OutboundError::TimedOut { waiting_for: Phase::Turn, .. }), "{one_more}");
    assert_eq!(connections.load(Ordering::SeqCst), EXCHANGES);
    held.shutdown().await;
    // Exchanges that timed out have given their places back.
    assert_eq!(client.0.turns.available_permits(), EXCHANGES);
}

#[tokio::test]
async fn a_lookup_has_a_place_or_waits_for_one_within_the_time() {
    let places = Arc::new(Semaphore::new(0));
    let client = Outbound::on(Network::System { places }, OutboundSettings::default());
    let error = client.request(Request::new(Method::GET, "https://localhost/").within(SHORT)).await.unwrap_err();
    assert!(matches!(error, OutboundError::TimedOut { waiting_for: Phase::Lookup, .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    assert!(matches!(fails(nobody).await, OutboundError::Unreachable { .. }));
    for text in [
        "",
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "HTTP/1.1 2000 OK\r\n\r\n",
    ] {
        let (address, _) = saying(text).await;
        let error = fails(address).await;
        assert!(matches!(error, OutboundError::Broken { .. }), "{text}: {error}");
        let said = error.to_string();
        assert!(said.contains(&address.to_string()) && !said.contains("s3cret") && !said.contains("/path"), "{said}");
    }
}

#[test]
fn what_is_written_of_a_request_for_debugging_holds_no_secret() {
    let request = Request::new(Method::POST, "https://a.example/s3cret?s3cret").form(&[("a", "s3cret")]);
    let request = request.header(header::AUTHORIZATION, header::HeaderValue::from_static("Bearer s3cret"));
    let target = Target::parse(&request.url, &[], false).unwrap();
    let written = format!("{request:?} {target:?}");
    assert!(written.contains("POST") && written.contains("a.example:443") && !written.contains("s3cret"), "{written}");
}
