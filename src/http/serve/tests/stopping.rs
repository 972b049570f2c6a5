//! What clients meet while the server stops.

use super::*;
use crate::http::serve::shutdown::Phase;

#[tokio::test]
async fn a_request_in_progress_ends_while_new_connections_are_refused() {
    let server = start(Limits::default(), None).await;
    let mut client = server.connect().await;
    client.write_all(WAIT).await.unwrap();
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
    let mut first = server.connect().await;
    first.write_all(WAIT).await.unwrap();
    server.started.notified().await;
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
        // Whoever is not let in knows, and asks elsewhere; whoever is let in is answered.
        while let Ok(Ok(mut client)) = timeout(Duration::from_millis(500), TcpStream::connect(address)).await {
            client.write_all(REQUEST).await.unwrap();
            let text = rest_of_one(&mut client).await;
            assert!(text.contains("200 OK"), "request {answered} was lost: {text:?}");
            answered += 1;
            answers.send(()).unwrap();
        }
    };
    let asking: Vec<_> = (0..16).map(|_| tokio::spawn(ask(answers.clone()))).collect();
    // In full swing, however busy the machine is.
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
    let mut client = server.connect().await;
    client.write_all(WAIT).await.unwrap();
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
    client.write_all(WAIT).await.unwrap();
    server.started.notified().await;
    server.stop.finish();
    assert!(!server.outcome().await);
}
