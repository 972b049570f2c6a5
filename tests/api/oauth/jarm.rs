//! Answers of the authorization endpoint as JWTs (JWT Secured Authorization Response Mode for OAuth 2.0).

use std::collections::BTreeMap;

use latchkey::crypto::Algorithm;
use latchkey::domain::oauth::authorize::response_type::ResponseType;
use latchkey::domain::oauth::client::GrantType;
use serde_json::{Map, Value, json};

use crate::harness::{Client, ISSUER, Page, REDIRECT, Shows, TestApp, jwt};

/// What the JWT says that is the whole answer, once it is verified.
async fn said(app: &TestApp, client: &Client, page: &Page, alg: &str) -> Map<String, Value> {
    let answer: BTreeMap<_, _> = page.response();
    assert_eq!(answer.keys().collect::<Vec<_>>(), ["response"], "and nothing beside it");
    let jwt = jwt::verify(app, &answer["response"]).await;
    assert_eq!(jwt.header["alg"], alg);
    assert_eq!((&jwt.claims["iss"], &jwt.claims["aud"]), (&json!(ISSUER), &json!(client.id)));
    let lives = jwt.claims["exp"].as_i64().unwrap() - app.clock.now().as_secs();
    assert!((10..=600).contains(&lives), "{lives}");
    assert!(!jwt.claims.contains_key("sub") && !jwt.claims.contains_key("iat"), "it is no ID token");
    jwt.claims
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_travels_in_a_signed_jwt_as_asked() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    for (mode, place) in [("jwt", '?'), ("query.jwt", '?'), ("fragment.jwt", '#'), ("form_post.jwt", ' ')] {
        let page = client.authorize(&mut browser, "alice", client.request().with("response_mode", mode)).await;
        match place {
            ' ' => assert_eq!(page.form("response-continue").action, REDIRECT),
            place => assert!(page.target().starts_with(&format!("{REDIRECT}{place}response=")), "{}", page.target()),
        }
        let said = said(&app, &client, &page, "RS256").await;
        assert_eq!(said["state"], "st~ate-._1", "{mode}");
        client.redeem(said["code"].as_str().unwrap()).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_travel_in_it_too() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for (mode, name, value, error) in [
        ("jwt", "prompt", "none", "login_required"),
        ("query.jwt", "scope", "phone\u{7}", "invalid_scope"),
        ("fragment.jwt", "response_type", "nonsense", "unsupported_response_type"),
        ("form_post.jwt", "prompt", "none", "login_required"),
    ] {
        let page = browser.open(&client.request().with("response_mode", mode).with(name, value).url()).await;
        assert_eq!(page.shows() == Shows::FormPost, mode == "form_post.jwt");
        let said = said(&app, &client, &page, "RS256").await;
        assert_eq!((&said["error"], &said["state"]), (&json!(error), &json!("st~ate-._1")), "{mode}");
        assert!(!said.contains_key("code"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_signed_as_the_client_is_registered() {
    let app = TestApp::start().await;
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let client = app
            .client()
            .first_party()
            .with(|client| client.responses.authorization_signed_response_alg = Some(algorithm))
            .create()
            .await;
        let request = client.request().with("response_mode", "jwt");
        let page = client.authorize(&mut app.browser(), "alice", request).await;
        said(&app, &client, &page, algorithm.name()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_in_a_jwt_in_the_fragment_and_never_in_the_query() {
    let app = TestApp::start().await;
    let grants = [GrantType::AuthorizationCode, GrantType::Implicit];
    let client = app.client().first_party().grants(&grants);
    let client = client.with(|client| client.requests.response_types = ResponseType::ALL.into()).create().await;
    let mut browser = app.browser();
    let request = client.request().with("response_type", "code id_token token");
    let page = client.authorize(&mut browser, "alice", request.clone().with("response_mode", "jwt")).await;
    assert!(page.target().starts_with(&format!("{REDIRECT}#response=")), "{}", page.target());
    let answer = said(&app, &client, &page, "RS256").await;
    assert_eq!(answer["token_type"], "Bearer");
    jwt::verify(&app, answer["id_token"].as_str().unwrap()).await;
    client.userinfo(answer["access_token"].as_str().unwrap()).await.success();
    let refused = browser.open(&request.with("response_mode", "query.jwt").url()).await;
    assert!(refused.target().starts_with(&format!("{REDIRECT}#response=")), "{}", refused.target());
    assert_eq!(said(&app, &client, &refused, "RS256").await["error"], "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_no_id_token_hint() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = client.authorize(&mut browser, "alice", client.request().with("response_mode", "jwt")).await;
    let hinted = client.request().with("id_token_hint", &page.response()["response"]);
    browser.open(&hinted.url()).await.client_refused("invalid_request");
}
