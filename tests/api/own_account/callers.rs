//! Who may call, and with what.

use axum::http::{Request, header};
use latchkey::domain::oauth::client::GrantType;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::services::oauth::client::update;
use serde_json::json;

use super::{ALL, Caller, own_app};
use crate::harness::{REDIRECT, TestApp, operator, seconds};

/// What whoever has no token is told: where to get one (RFC 9728 §5.1).
const NO_TOKEN: &str =
    "Bearer realm=\"latchkey\", resource_metadata=\"https://id.test/.well-known/oauth-protected-resource\"";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_that_holds_nothing_is_told() {
    let app = TestApp::start().await;
    let answer = app.get("/api/v1/me").await;
    answer.problem(401, "token_missing");
    assert_eq!(answer.header("www-authenticate"), NO_TOKEN, "no error is told (RFC 6750 3.1)");
    let caller = Caller::alice(&app).await;
    let refused = Caller::with(&app, &caller.client, "x.y.z").await.call("GET", "", None).await;
    refused.problem(401, "invalid_token");
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    let bearer = |request: axum::http::request::Builder| {
        request.header(header::AUTHORIZATION, format!("Bearer {}", caller.token))
    };
    app.send(bearer(bearer(Request::get("/api/v1/me")))).await.problem(400, "invalid_request");
    app.get(&format!("/api/v1/me?access_token={}", caller.token)).await.problem(401, "token_missing");
    caller.get("").await;
    app.advance(seconds(600));
    caller.call("GET", "", None).await.problem(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_of_no_use_here() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    browser.sign_in(&page, "alice").await;
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let answer = app.send(Request::get("/api/v1/me").header(header::COOKIE, cookies.join("; "))).await;
    answer.problem(401, "token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_applications_of_whoever_runs_the_server_may_ask_for_the_scopes() {
    let app = TestApp::start().await;
    let third = app.client().create().await;
    for scope in ["openid account", "account:write"] {
        let mut browser = app.browser();
        let page = browser.open(&third.request().with("scope", scope).url()).await;
        page.client_refused("invalid_scope");
    }
    let own = own_app(&app).await;
    let caller = Caller::of(&app, &own, &mut app.browser(), "alice").await;
    caller.get("").await;
    let change = Changes { first_party: Some(false), scope: Some("openid".parse().unwrap()), ..Changes::default() };
    update(&app.app, &operator(), &own.client_id(), change).await.expect("a change");
    caller.call("GET", "", None).await.problem(403, "insufficient_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_takes_its_scope() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let usual = client.sign_in_for("alice", "openid").await.access_token;
    Caller::with(&app, &client, &usual).await.call("GET", "", None).await.problem(403, "insufficient_scope");
    let reads = Caller::with(&app, &client, &client.sign_in_for("alice", "account").await.access_token).await;
    assert_eq!(reads.get("").await["username"], "alice");
    reads.patch(json!({"name": "Al"})).await.problem(403, "insufficient_scope");
    reads.delete("/sessions").await.problem(403, "insufficient_scope");
    reads.post("/factors/totp", None).await.problem(403, "insufficient_scope");
    let writes = client.sign_in_for("alice", "account:write").await.access_token;
    let writes = Caller::with(&app, &client, &writes).await;
    writes.call("GET", "", None).await.problem(403, "insufficient_scope");
    assert_eq!(writes.patch(json!({"name": "Al"})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_nobody() {
    let app = TestApp::start().await;
    let grants = [GrantType::AuthorizationCode, GrantType::ClientCredentials];
    let both = app.client().first_party().scope("account account:write jobs").grants(&grants).redirect(&[REDIRECT]);
    let both = both.create().await;
    let token = both.client_credentials().await.ok();
    assert_eq!(token.scope, "jobs", "what is about people it does not get for itself");
    let caller = Caller::with(&app, &both, &token.access_token).await;
    caller.call("GET", "", None).await.problem(403, "insufficient_scope");
    let machine = app.client().machine("account").create().await;
    let token = machine.client_credentials().await.ok().access_token;
    Caller::with(&app, &machine, &token).await.call("GET", "", None).await.problem(403, "insufficient_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_other_services_is_for_this_one_too_if_it_has_the_scope() {
    let app = TestApp::start().await;
    let client = app.client().first_party().scope(ALL).with(|m| m.audience = vec!["https://api.test".into()]);
    let client = client.create().await;
    let token = client.sign_in_for("alice", "account").await.access_token;
    Caller::with(&app, &client, &token).await.get("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_takes_a_sign_in_of_the_last_five_minutes_with_this_very_token() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let old = Caller::of(&app, &client, &mut browser, "alice").await;
    app.advance(seconds(300));
    assert_eq!(old.post("/factors/totp", None).await.status, 201);
    app.advance(seconds(1));
    let refused = old.post("/factors/totp", None).await;
    assert!(refused.demands_a_sign_in().contains(", max_age=\"300\","), "{:?}", refused.headers);
    old.get("/factors").await;
    assert_eq!(old.patch(json!({"name": "Al"})).await.status, 200, "what is not sensitive goes on");
    // The same session, signed in again: the application gets another token.
    let request = client.request().with("scope", ALL).with("max_age", "300");
    let tokens = client.sign_in_with(&mut browser, "alice", request).await;
    let new = Caller::with(&app, &client, &tokens.access_token).await;
    assert_eq!(new.post("/factors/totp", None).await.status, 201);
    old.post("/factors/totp", None).await.demands_a_sign_in();
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_takes_the_right_to_change_from_a_token_that_outlives_the_session() {
    let app = TestApp::start().await;
    let client = own_app(&app).await;
    let mut browser = app.browser();
    let caller = Caller::of(&app, &client, &mut browser, "alice").await;
    let bound = client.sign_in_with(&mut browser, "alice", client.request().with("scope", "account")).await;
    app.end_sessions().await;
    assert_eq!(caller.get("").await["username"], "alice");
    for (method, path, body) in [
        ("PATCH", "", Some(json!({"name": "Al"}))),
        ("DELETE", "/sessions", None),
        ("POST", "/factors/recovery-codes", None),
    ] {
        let refused = caller.call(method, path, body).await;
        assert!(!refused.demands_a_sign_in().contains("max_age"), "{method} {path}");
    }
    let bound = Caller::with(&app, &client, &bound.access_token).await;
    bound.call("GET", "", None).await.problem(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_not_served() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    app.disable_user("alice").await;
    caller.call("GET", "", None).await.problem(401, "invalid_token");
}
