//! The Rust program of docs/integrate/openidconnect.md, compiled and run as it stands there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::LATCHKEY;
use crate::support::Installation;
use crate::support::installation::{NewClient, free_port};
use crate::support::user_agent::UserAgent;

const PAGE: &str = "docs/integrate/openidconnect.md";
const PASSWORD: &str = "correct horse battery staple";

/// The program. It takes what it needs from its environment, so it runs as a process: as the ignored test below.
#[expect(clippy::print_stdout, reason = "the program says which address to open")]
mod app {
    include!("integrate/openidconnect_app.rs");

    pub fn run() {
        main().expect("the program succeeds");
    }
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "this is the program of the page, which the test below starts"]
fn program_of_the_page() {
    app::run();
}

#[test]
fn the_page_shows_the_program_that_is_tested() {
    let page = fs::read_to_string(PAGE).unwrap();
    let block = page.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a Rust program");
    assert!(
        block == include_str!("integrate/openidconnect_app.rs"),
        "copy tests/e2e/integrate/openidconnect_app.rs to {PAGE}"
    );
}

#[tokio::test]
async fn the_openidconnect_page_greets_a_person_by_name() {
    let server = Installation::start(LATCHKEY).await;
    let claims = server.config().with_file_name("alice.json");
    fs::write(&claims, r#"{"name": "Alice Liddell"}"#).unwrap();
    let claims = claims.to_str().expect("UTF-8");
    let alice = ["users", "create", "--username", "alice", "--email", "alice@example.com", "--claims", claims];
    server.run(&alice, &format!("{PASSWORD}\n"));
    let home = format!("http://127.0.0.1:{}", free_port());
    let callback = format!("{home}/callback");
    let client = server.create_client(&NewClient {
        name: "My App",
        redirect_uris: &[&callback],
        post_logout_redirect_uris: &[],
        grants: &["authorization_code", "refresh_token"],
        auth: "client_secret_basic",
        scope: "openid profile email",
        id_token_alg: None,
        first_party: false,
    });

    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "integrate::program_of_the_page", "--ignored", "--nocapture"])
        .env("ISSUER", &server.issuer)
        .env("HOME_URL", &home)
        .env("CLIENT_ID", &client.id)
        .env("CLIENT_SECRET", client.secret.expect("a secret"))
        .stdout(Stdio::piped())
        .spawn()
        .map(Running)
        .expect("the program starts");
    // Kept to the end: a program whose output nobody reads fails.
    let mut lines = BufReader::new(program.0.stdout.take().expect("its output")).lines();
    let url = lines.find_map(|line| Some(line.expect("its output can be read").split_once("Open ")?.1.to_owned()));
    let url = url.expect("it names an address to open");

    let answer = UserAgent::new().authorize(&url, &callback, "alice", PASSWORD).await;
    let greeting = reqwest::get(answer).await.expect("the program answers").text().await.expect("text");
    assert_eq!(greeting, "Hello Alice Liddell");
    assert!(program.0.wait().expect("the program ends").success());
}
