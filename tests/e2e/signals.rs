//! What the process does with signals.

use std::process::Command;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::LATCHKEY;
use super::support::Installation;

fn send(signal: &str, server: &Installation) {
    let sent = Command::new("kill").args([signal, &server.pid().to_string()]).status().expect("kill runs");
    assert!(sent.success(), "kill {signal}");
}

#[tokio::test]
async fn signals_that_mean_nothing_to_it_do_not_end_it() {
    let server = Installation::start(LATCHKEY).await;
    for signal in ["-HUP", "-USR1", "-USR2", "-PIPE"] {
        send(signal, &server);
        sleep(Duration::from_millis(50)).await;
        let answer = reqwest::get(format!("{}/readyz", server.issuer)).await.expect("it lives");
        assert!(answer.status().is_success(), "after {signal}");
    }
    assert!(server.log_tail().contains("SIGHUP: there is no certificate to read again"), "{}", server.log_tail());
}

#[tokio::test]
async fn signals_that_come_while_it_starts_do_not_end_it() {
    let mut server = Installation::start(LATCHKEY).await;
    server.kill();
    server.spawn();
    // It listens before it opens the database.
    let address = server.issuer.trim_start_matches("http://").to_owned();
    while TcpStream::connect(&address).await.is_err() {}
    for signal in ["-HUP", "-USR1", "-USR2"] {
        send(signal, &server);
    }
    let answer = reqwest::get(format!("{}/readyz", server.issuer)).await.expect("it lives");
    assert!(answer.status().is_success());
}

#[tokio::test]
async fn after_sigterm_it_is_not_ready_but_serves_and_a_second_signal_ends_it_at_once() {
    let mut server = Installation::start(LATCHKEY).await;
    send("-TERM", &server);
    let ready = format!("{}/readyz", server.issuer);
    // The default drain is five seconds.
    let told = Instant::now();
    while reqwest::get(&ready).await.expect("it still serves").status() != 503 {
        assert!(told.elapsed() < Duration::from_secs(3), "it never says that it stops");
    }
    let served = reqwest::get(format!("{}/jwks", server.issuer)).await.expect("it still serves");
    assert!(served.status().is_success());
    send("-TERM", &server);
    let ended = Instant::now();
    assert!(server.wait().await.success());
    assert!(ended.elapsed() < Duration::from_secs(3));
}
