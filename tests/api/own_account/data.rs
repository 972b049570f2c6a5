//! All that is kept about one.

use super::{Caller, own_app};
use crate::harness::{TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn an_application_takes_along_what_the_page_gives_with_a_fresh_sign_in() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let data = caller.get("/data").await;
    assert_eq!(data["account"]["sub"], app.user("alice").await.id.to_string());
    assert_eq!(data["sessions"][0]["current"], true);
    for _ in 0..4 {
        caller.get("/data").await;
    }
    let refused = caller.call("GET", "/data", None).await;
    refused.problem(429, "too_many_attempts");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 3600);
    app.advance(seconds(301));
    caller.call("GET", "/data", None).await.demands_a_sign_in();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_only_read_gets_one_thing_at_a_time() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let tokens =
        client.sign_in_with(&mut app.browser(), "alice", client.request().with("scope", "openid account")).await;
    let caller = Caller::with(&app, &client, &tokens.access_token).await;
    caller.get("").await;
    caller.call("GET", "/data", None).await.problem(403, "insufficient_scope");
}
