//! `latchkey why` against a server that runs.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::LATCHKEY;
use crate::support::{Installation, until};

#[tokio::test(flavor = "multi_thread")]
async fn why_something_was_refused_is_read_within_two_seconds_by_the_id_of_the_answer() {
    let server = Installation::start(LATCHKEY).await;
    let uri = "https://app.example/callback";
    let create = ["clients", "create", "--name", "App", "--id", "app", "--redirect-uri", uri];
    server.run(&create, "");
    let sent = "https://app.example/callback/";
    let url = format!("{}/authorize?client_id=app&response_type=code&scope=openid&redirect_uri={sent}", server.issuer);
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let open = async || browser.get(&url).send().await.expect("an answer");
    let answer = open().await;
    let answered = Instant::now();
    assert_eq!(answer.status(), 400);
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(answer.text().await.unwrap().contains(&id), "it stands on the page");
    until("it is known why", async || server.output(&["why", &id], "").status.success()).await;
    // The command itself takes a moment in a debug build.
    assert!(answered.elapsed() < Duration::from_secs(10), "{:?}", answered.elapsed());
    let why = server.run(&["why", &id], "");
    assert_eq!((&why["request_id"], &why["client_id"]), (&json!(id), &json!("app")));
    assert_eq!((&why["error"], &why["endpoint"]), (&json!("invalid_request"), &json!("GET /authorize")));

    // What mends it, as it stands there, does.
    let command = why["remedy"]["commands"][0].as_str().unwrap();
    let config = format!("--config {}", server.config().display());
    assert_eq!(command, format!("latchkey {config} clients update app --redirect-uri {uri} --redirect-uri {sent}"));
    server.run(&command.split(' ').skip(3).collect::<Vec<_>>(), "");
    until("it is mended", async || open().await.status() == 303).await;

    let unknown = server.refused(&["why", "0000000000"], "");
    assert!(unknown.contains("nothing is known of request 0000000000") && unknown.contains("search"), "{unknown}");
    let mistyped = server.refused(&["why", "4D1G0YC2BE"], "");
    assert!(
        mistyped.contains("ten digits and lower-case letters") && mistyped.trim_end().lines().count() == 1,
        "{mistyped}"
    );
}
