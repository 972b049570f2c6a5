//! What every answer says about how to reach us.

use axum::http::{Method, Request};

use crate::harness::{Answer, TestApp};

const NAME: &str = "strict-transport-security";

/// One of every kind: documents, pages, files, JSON, refusals, redirects, paths and methods that do not exist.
async fn one_of_each(app: &TestApp) -> Vec<(String, Answer)> {
    let client = app.client().create().await;
    let authorize =
        format!("/authorize?client_id={}&response_type=code&redirect_uri=https://app.test/nowhere", client.id);
    let mut answers = vec![];
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/jwks"),
        (Method::HEAD, "/jwks"),
        (Method::GET, "/.well-known/openid-configuration"),
        (Method::GET, "/healthz"),
        (Method::GET, "/readyz"),
        (Method::GET, "/login"),
        (Method::GET, "/static/nothing"),
        (Method::GET, "/nothing"),
        (Method::DELETE, "/token"),
        (Method::OPTIONS, "/token"),
        (Method::POST, "/token"),
        (Method::POST, "/introspect"),
        (Method::GET, "/userinfo"),
        (Method::GET, authorize.as_str()),
        (Method::GET, "/logout"),
    ] {
        let answer = app.send(Request::builder().method(method.clone()).uri(path)).await;
        answers.push((format!("{method} {path}: {}", answer.status), answer));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_an_https_issuer_demands_https_for_a_year() {
    let app = TestApp::start().await;
    for (what, answer) in one_of_each(&app).await {
        let sent: Vec<_> = answer.headers.get_all(NAME).iter().collect();
        assert_eq!(sent, ["max-age=31536000"], "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developers_machine_is_never_told_to_use_https_only() {
    for issuer in ["https://localhost:8443", "https://127.0.0.1", "http://127.0.0.1:8080"] {
        let app = TestApp::configured().issuer(issuer).start().await;
        for (what, answer) in one_of_each(&app).await {
            assert!(!answer.headers.contains_key(NAME), "{issuer}: {what}");
        }
    }
}
