//! A log that nobody reads.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::LATCHKEY;
use super::support::Installation;

#[tokio::test]
async fn a_log_that_nobody_reads_does_not_stop_the_server_and_tells_later_what_is_missing() {
    let mut server = Installation::start(LATCHKEY).await;
    server.kill();
    let mut process = Command::new(LATCHKEY)
        .args(["serve", "--config"])
        .arg(server.config())
        .env("LATCHKEY_LOG__LEVEL", "debug")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let client = reqwest::Client::new();
    while client.get(format!("{}/healthz", server.issuer)).send().await.is_err() {}
    // A line of some 3 KB each: 1,500 of them are far more than a pipe, the queue and a batch hold.
    let path = "x".repeat(3000);
    for _ in 0..1500 {
        let answer = client.get(format!("{}/{path}", server.issuer)).send().await.expect("an answer");
        assert_eq!(answer.status(), 404);
    }
    let log = BufReader::new(process.stderr.take().expect("the log is ours to read"));
    let told = tokio::task::spawn_blocking(move || {
        log.lines().map_while(Result::ok).any(|line| line.contains("lines of this log were dropped"))
    });
    assert!(told.await.expect("the log is read"));
    process.kill().expect("the process can be killed");
    process.wait().expect("the process ends");
}
