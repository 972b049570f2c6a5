//! `latchkey events list` against a server that runs.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::LATCHKEY;
use crate::support::{Installation, until};

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

fn listed(server: &Installation, more: &[&str]) -> Vec<Value> {
    let output = server.output(&[&["events", "list"], more].concat(), "");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_did_is_read_soon_afterwards_and_followed_until_ctrl_c() {
    let server = Installation::start(LATCHKEY).await;
    let mut follow = Command::new(LATCHKEY)
        .args(["--config", server.config().to_str().unwrap(), "--json", "events", "list", "--follow", "--since", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    server.create_user("alice", "correct horse battery staple");
    let created = || listed(&server, &["--action", "user.created"]);
    until("the event has its number", async || !created().is_empty()).await;
    let found = created();
    assert_eq!((&found[0]["action"], &found[0]["actor"]["kind"]), (&"user.created".into(), &"command_line".into()));
    assert!(found[0]["actor"]["id"].as_str().is_some_and(|name| !name.is_empty()));
    let seq = found[0]["seq"].as_i64().unwrap();
    assert_eq!(listed(&server, &["--since", &(seq - 1).to_string(), "--limit", "1"]), found);
    assert_eq!(listed(&server, &["--user", "alice"]), found);
    let everything = listed(&server, &["--since", "0"]);
    let numbers: Vec<_> = everything.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "the keys of the first start come first");

    let mut followed = BufReader::new(follow.stdout.take().unwrap()).lines();
    let followed = tokio::task::spawn_blocking(move || followed.any(|line| line.unwrap().contains("user.created")));
    let seen = timeout(PATIENCE, followed).await;
    if seen.is_err() {
        // Ends the reading thread, for which the test would wait.
        follow.kill().unwrap();
    }
    assert!(seen.expect("the event is followed in time").unwrap(), "it ended without the event");
    assert!(follow.try_wait().unwrap().is_none(), "it goes on until it is told to end");
    assert!(Command::new("kill").args(["-INT", &follow.id().to_string()]).status().unwrap().success());
    let status = tokio::task::spawn_blocking(move || follow.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
}
