//! Who may register applications, and how many.

use std::net::IpAddr;

use axum::http::{Request, StatusCode};
use futures_util::future::join_all;
use latchkey::domain::access::actor::Actor;
use latchkey::services::oauth::registration::{NewToken, create_token, delete_unused, revoke_token};
use latchkey::services::operation::events;
use serde_json::{Value, json};

use crate::harness::{Answer, REDIRECT, TestApp, operator, seconds, with_document};

fn usual() -> Value {
    json!({"redirect_uris": [REDIRECT], "grant_types": ["authorization_code", "refresh_token"]})
}

async fn by_token() -> TestApp {
    TestApp::configured().toml("[registration]\ndynamic = \"token\"\n").start().await
}

fn partners(uses: u32) -> NewToken {
    NewToken { name: "Partners".into(), uses, lifetime: seconds(3600) }
}

#[tokio::test]
async fn without_a_token_there_is_a_challenge_and_with_one_as_many_as_it_has_uses() {
    let app = by_token().await;
    let refused = app.register(None, &usual()).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"latchkey\"");
    app.register(Some("wrong"), &usual()).await.bearer_refused(401, "invalid_token");

    let (_, token) = create_token(&app.app, &operator(), partners(2)).await.unwrap();
    let token = token.expose();
    app.register(Some(token), &json!({"redirect_uris": ["nonsense"]})).await.refused("invalid_redirect_uri");
    let first = app.registered(&app.register(Some(token), &usual()).await);
    app.registered(&app.register(Some(token), &usual()).await);
    app.register(Some(token), &usual()).await.bearer_refused(401, "invalid_token");
    first.read().await.success();
    first.read_with(token).await.bearer_refused(401, "invalid_token");
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_when_it_is_revoked() {
    let app = by_token().await;
    let (made, token) = create_token(&app.app, &operator(), partners(9)).await.unwrap();
    app.registered(&app.register(Some(token.expose()), &usual()).await);
    revoke_token(&app.app, &operator(), made.id).await.unwrap();
    app.register(Some(token.expose()), &usual()).await.bearer_refused(401, "invalid_token");
    assert!(revoke_token(&app.app, &operator(), made.id).await.is_err());

    let (_, token) = create_token(&app.app, &operator(), partners(9)).await.unwrap();
    app.advance(seconds(3600));
    app.register(Some(token.expose()), &usual()).await.bearer_refused(401, "invalid_token");
}

#[tokio::test]
async fn whom_the_operator_let_in_may_get_tokens_for_itself() {
    let app = by_token().await;
    let (_, token) = create_token(&app.app, &operator(), partners(1)).await.unwrap();
    let machine = json!({"client_name": "Machine", "grant_types": ["client_credentials"], "response_types": []});
    let registered = app.registered(&app.register(Some(token.expose()), &machine).await);
    registered.client().client_credentials().await.success();
    let mut again = machine.clone();
    again["client_id"] = json!(registered.id());
    registered.replace(&again).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_place_has_so_many_that_nobody_uses_and_other_places_have_their_own() {
    let app = TestApp::configured()
        .toml("[registration]\ndynamic = \"open\"\nunused_per_address = 2\nmax_clients = 5\n")
        .start()
        .await;
    let from = async |address: &str| -> Answer {
        let address: IpAddr = address.parse().unwrap();
        app.call_from(with_document(Request::post("/register"), None, &usual()), address).await
    };
    let first = app.registered(&from("192.0.2.1").await);
    app.registered(&from("192.0.2.1").await);
    let full = from("192.0.2.1").await;
    full.refused_with(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    assert_eq!(full.header("retry-after"), "604800", "when the first of them ends");
    app.registered(&from("198.51.100.1").await);
    first.client().sign_in_for("alice", "openid").await;
    events::flush(&app.app, &Actor::system("test")).await.unwrap();
    app.registered(&from("192.0.2.1").await);
    app.registered(&from("203.0.113.1").await);
    from("203.0.113.1").await.refused_with(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
}

#[tokio::test]
async fn whoever_registers_and_deletes_again_and_again_is_braked() {
    let app = TestApp::configured().toml("[registration]\ndynamic = \"open\"\nunused_per_address = 1\n").start().await;
    for _ in 0..10 {
        let own = app.registered(&app.register(None, &usual()).await);
        assert_eq!(own.delete().await.status, StatusCode::NO_CONTENT);
    }
    let braked = app.register(None, &usual()).await;
    braked.refused_with(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    app.advance(seconds(3600));
    app.registered(&app.register(None, &usual()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_uses_goes_and_what_somebody_has_signed_in_to_stays() {
    let app = TestApp::registering().await;
    let unused = app.registered(&app.register(None, &usual()).await);
    let used = app.registered(&app.register(None, &usual()).await);
    used.client().sign_in("alice").await;
    events::flush(&app.app, &Actor::system("test")).await.unwrap();
    let prune = async || delete_unused(&app.app, &Actor::system("prune")).await.unwrap();
    app.advance(seconds(6 * 86_400));
    assert_eq!(prune().await, 0);
    app.advance(seconds(2 * 86_400));
    assert_eq!(prune().await, 1);
    unused.read().await.bearer_refused(401, "invalid_token");
    used.read().await.success();
    app.advance(seconds(400 * 86_400));
    assert_eq!(prune().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_place_has_no_more_however_many_it_sends_at_once() {
    let app = TestApp::configured().toml("[registration]\ndynamic = \"open\"\nunused_per_address = 30\n").start().await;
    let answers = join_all((0..50).map(|_| {
        let app = app.clone();
        tokio::spawn(async move { app.register(None, &usual()).await.status })
    }));
    let answers: Vec<_> = answers.await.into_iter().map(Result::unwrap).collect();
    let count = |status: StatusCode| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((count(StatusCode::CREATED), count(StatusCode::TOO_MANY_REQUESTS)), (30, 20));
    assert_eq!(app.rows().await["clients"], 30);
}
