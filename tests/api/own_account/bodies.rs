//! What can be wrong with a body. Nothing of it is ever quoted.

use axum::body::Body;
use axum::http::{Request, Version, header};
use serde_json::json;

use super::Caller;
use crate::harness::{Answer, TestApp};

async fn sent(app: &TestApp, caller: &Caller, media_type: &str, body: &str) -> Answer {
    let request = Request::put("/api/v1/me/password").header(header::AUTHORIZATION, format!("Bearer {}", caller.token));
    let request = request.header(header::CONTENT_TYPE, media_type).body(Body::from(body.to_owned()));
    app.call(request.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_what_was_described_is_refused_and_not_quoted() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    for body in [
        "",
        "hunter2",
        "{",
        "[\"hunter2\"]",
        "{\"new_password\":\"hunter2\"",
        "{\"new_password\":\"hunter2\",\"new_password\":\"hunter3\"}",
        "{\"new_password\":[\"hunter2\"]}",
        "{\"new_password\":\"a\",\"hunter2\":1}",
        "{\"current_password\":\"hunter2\"}",
        "{\"new_password\":null}",
    ] {
        let answer = sent(&app, &caller, "application/json", body).await;
        answer.problem(400, "malformed_body");
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
    }
    let deep = format!("{{\"new_password\":{}{}}}", "[".repeat(9_000), "]".repeat(9_000));
    sent(&app, &caller, "application/json", &deep).await.problem(400, "malformed_body");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_and_bounded() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    for media_type in ["application/x-www-form-urlencoded", "text/plain", "", "application/jsonx"] {
        let answer = sent(&app, &caller, media_type, "{\"new_password\":\"hunter2\"}").await;
        answer.problem(415, "unsupported_media_type");
    }
    let large = json!({"new_password": "a".repeat(70_000)}).to_string();
    sent(&app, &caller, "application/json; charset=utf-8", &large).await.problem(413, "body_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_before_the_body_was_read_says_that_the_connection_ends() {
    let app = TestApp::start().await;
    let caller = Caller::alice(&app).await;
    let call = async |token: &str, media_type: &str, version: Version, body: String| {
        let request = Request::put("/api/v1/me/password").version(version).header(header::CONTENT_TYPE, media_type);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::from(body));
        app.call(request.unwrap()).await
    };
    let (json, body, one) = ("application/json", || "{}".to_owned(), Version::HTTP_11);
    for (answer, status, connection) in [
        (call("x", json, one, body()).await, 401, "close"),
        (call(&caller.token, "text/plain", one, body()).await, 415, "close"),
        (call(&caller.token, json, one, "a".repeat(70_000)).await, 413, "close"),
        (call("x", json, Version::HTTP_2, body()).await, 401, ""),
        (call("x", json, one, String::new()).await, 401, ""),
        (call(&caller.token, json, one, body()).await, 400, ""),
    ] {
        assert_eq!((answer.status.as_u16(), answer.header("connection")), (status, connection), "{}", answer.text());
    }
}
