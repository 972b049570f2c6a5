//! `latchkey health`, as a container asks it.

use std::process::Command;

use super::LATCHKEY;
use super::support::Installation;

#[tokio::test]
async fn health_asks_the_server_that_runs_and_fails_if_there_is_none() {
    let mut server = Installation::start(LATCHKEY).await;
    assert_eq!(server.run(&["health"], "")["status"], "ok");
    assert_eq!(server.run(&["health", "--ready"], "")["status"], "ready");
    server.kill();
    let output =
        Command::new(LATCHKEY).args(["health", "--config"]).arg(server.config()).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with("latchkey: 127.0.0.1:") && told.contains("/healthz: no answer: "), "{told}");
    assert_eq!(told.lines().count(), 1);
}
