//! What clients meet while the server stops.

use super::*;
use crate::http::serve::shutdown::Phase;

#[tokio::test]
async fn a_request_in_progress_ends_while_new_connections_are_refused() {
    let server = start(Limits::default(), None).await;
    let mut client = server.at_work().await;
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
async fn while_it_drains_everything_is_served_and_handlers_know() {
    let server = start(Limits::default(), None).await;
    let mut kept = server.connect().await;
    for (phase, draining, closes) in
        [(Phase::Running, "no", false), (Phase::Draining, "yes", false), (Phase::Closing, "yes", true)]
    {
        server.stop.raise(phase);
        let mut fresh = server.connect().await;
        for client in [&mut kept, &mut fresh] {
            client.write_all(b"GET /draining HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
            let text = answer(client).await;
            assert!(text.ends_with(draining), "{phase:?}: {text}");
            assert_eq!(text.contains("connection: close"), closes, "{phase:?}: {text}");
        }
    }
    assert_eq!(rest(&mut kept).await, "");
    server.stop.finish();
    assert!(server.outcome().await);
}

#[tokio::test]
async fn what_is_in_the_queue_when_the_server_stops_is_still_answered() {
    let server = start(Limits { connections: 1, ..Limits::default() }, None).await;
    // The only place is taken, so that all the others wait: one in the server's hand, the rest in the kernel's queue.
    let mut first = server.at_work().await;
    let mut queued = vec![];
    for _ in 0..50 {
        let mut client = server.connect().await;
        client.write_all(REQUEST).await.unwrap();
        queued.push(client);
    }
    server.stop.finish();
    server.refuses().await;
    server.release.notify_one();
    assert!(rest(&mut first).await.ends_with("done"));
    for client in &mut queued {
        let text = rest(client).await;
        assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("connection: close"), "{text}");
    }
    assert!(server.outcome().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_on_a_fresh_connection_is_lost_when_the_server_stops() {
    let server = start(Limits::default(), None).await;
    let address = server.address;
    let (answers, mut answered) = tokio::sync::mpsc::unbounded_channel();
    let ask = move |answers: tokio::sync::mpsc::UnboundedSender<()>| async move {
        let mut answered = 0;
        // A client that is not let in learns that, and asks elsewhere; one that is let in is answered.
        while let Ok(Ok(mut client)) = timeout(Duration::from_millis(500), TcpStream::connect(address)).await {
            client.write_all(REQUEST).await.unwrap();
            let text = rest_of_one(&mut client).await;
            assert!(text.contains("200 OK"), "request {answered} was lost: {text:?}");
            answered += 1;
            answers.send(()).unwrap();
        }
    };
    let asking: Vec<_> = (0..16).map(|_| tokio::spawn(ask(answers.clone()))).collect();
    // Requests are certainly under way by then, however busy the machine is.
    for _ in 0..200 {
        answered.recv().await.unwrap();
    }
    server.stop.drain(Duration::from_millis(200)).await;
    for task in asking {
        task.await.unwrap();
    }
    assert!(server.outcome().await);
}

#[tokio::test]
async fn the_second_order_ends_at_once() {
    let server = start(Limits::default(), None).await;
    let _client = server.at_work().await;
    server.stop.finish();
    server.refuses().await;
    server.stop.end();
    assert!(!server.outcome().await);
}

#[tokio::test]
async fn a_request_that_outlasts_the_grace_period_is_left() {
    let server = start(Limits { grace: Duration::from_millis(1), ..Limits::default() }, None).await;
    let _client = server.at_work().await;
    server.stop.finish();
    assert!(!server.outcome().await);
}

/// A frame of HTTP/2: its type, its flags, its stream and what it holds (RFC 9113 §4.1).
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    holds: Vec<u8>,
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_OF_STREAM_AND_HEADERS: u8 = 0x5;
const ACK: u8 = 0x1;

impl Frame {
    async fn write(&self, client: &mut TcpStream) {
        let length = u32::try_from(self.holds.len()).unwrap().to_be_bytes();
        let mut bytes = [&length[1..], &[self.kind, self.flags], &self.stream.to_be_bytes()].concat();
        bytes.extend(&self.holds);
        client.write_all(&bytes).await.unwrap();
    }

    /// The next one, or `None` when the server has closed. Pings are answered.
    async fn read(client: &mut TcpStream) -> Option<Self> {
        loop {
            let mut head = [0; 9];
            let read = timeout(SOON, client.read_exact(&mut head)).await.expect("a frame comes, or the end");
            read.ok()?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let mut holds = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            client.read_exact(&mut holds).await.unwrap();
            let frame = Self { kind, flags, stream: u32::from_be_bytes(stream), holds };
            if kind != PING || flags & ACK != 0 {
                return Some(frame);
            }
            Self { flags: ACK, ..frame }.write(client).await;
        }
    }
}

#[tokio::test]
async fn a_client_of_http_2_is_told_to_go_away_and_its_request_ends() {
    let server = start(Limits::default(), None).await;
    let mut client = server.connect().await;
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    Frame { kind: SETTINGS, flags: 0, stream: 0, holds: vec![] }.write(&mut client).await;
    // GET http://a/wait: three names of the static table, the path and the authority spelt out (RFC 7541).
    let request = [b"\x82\x86\x04\x05/wait".as_slice(), b"\x01\x01a"].concat();
    Frame { kind: HEADERS, flags: END_OF_STREAM_AND_HEADERS, stream: 1, holds: request }.write(&mut client).await;
    server.started.notified().await;
    server.stop.finish();
    server.refuses().await;

    let (mut told, mut body) = (None, Vec::new());
    while let Some(frame) = Frame::read(&mut client).await {
        match frame.kind {
            GOAWAY => {
                if told.is_none() {
                    server.release.notify_one();
                }
                told = Some(frame.holds);
            }
            DATA if frame.stream == 1 => body.extend(frame.holds),
            _ => {}
        }
    }
    let told = told.expect("it was told to go away");
    assert_eq!(told[..8], [0, 0, 0, 1, 0, 0, 0, 0], "the last stream that is answered, and no error");
    assert_eq!(body, b"done");
    assert!(server.outcome().await);
}
