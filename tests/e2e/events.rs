//! `latchkey events list` against a server that runs.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::LATCHKEY;
use crate::support::Installation;

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
    let mut found = Vec::new();
    for _ in 0..100 {
        found = listed(&server, &["--action", "user.created"]);
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((&found[0]["action"], &found[0]["actor"]["kind"]), (&"user.created".into(), &"command_line".into()));
    assert!(found[0]["actor"]["id"].as_str().is_some_and(|name| !name.is_empty()));
    let seq = found[0]["seq"].as_i64().unwrap();
    assert_eq!(listed(&server, &["--since", &(seq - 1).to_string(), "--limit", "1"]), found);
    assert_eq!(listed(&server, &["--user", "alice"]), found);
    let everything = listed(&server, &["--since", "0"]);
    let numbers: Vec<_> = everything.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "the keys of the first start come first");

    // It polls every second.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(Command::new("kill").args(["-INT", &follow.id().to_string()]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || {
        let status = follow.wait().unwrap();
        (status, std::io::read_to_string(follow.stdout.take().unwrap()).unwrap())
    });
    let (status, text) = output.await.unwrap();
    assert!(status.success(), "{status}");
    assert!(text.lines().any(|line| line.contains("user.created")), "{text}");
}
