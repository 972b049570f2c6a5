//! An application reads, changes and deletes its registration (RFC 7592).

use axum::http::{Request, StatusCode, header};
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::services::oauth::client;
use serde_json::{Value, json};

use crate::harness::{REDIRECT, Registered, TestApp, operator, with_document};

fn usual() -> Value {
    json!({"client_name": "Their App", "redirect_uris": [REDIRECT], "logo_uri": "https://app.test/logo.png"})
}

async fn registered() -> Registered {
    let app = TestApp::registering().await;
    let answer = app.register(None, &usual()).await;
    app.registered(&answer)
}

#[tokio::test]
async fn a_read_tells_what_is_registered_and_the_token_stays_the_same() {
    let own = registered().await;
    for _ in 0..2 {
        let answer = own.read().await;
        answer.is_not_kept();
        let told = answer.success();
        for (name, value) in own.told.as_object().unwrap() {
            let secret = ["client_secret", "client_secret_expires_at"].contains(&name.as_str());
            assert_eq!(told.get(name), (!secret).then_some(value), "{name}");
        }
    }
}

#[tokio::test]
async fn a_change_replaces_the_whole_and_what_it_leaves_out_takes_its_default() {
    let own = registered().await;
    let document = json!({"client_id": own.id(), "redirect_uris": ["https://new.test/cb"], "client_name": "New"});
    let told = own.replace(&document).await.success();
    assert_eq!(told["redirect_uris"], json!(["https://new.test/cb"]));
    assert_eq!((told["client_name"].as_str(), told.get("logo_uri")), (Some("New"), None), "RFC 7592 section 2.2");
    assert_eq!(told["registration_access_token"], own.token());
    assert_eq!(told.get("client_secret"), None, "it keeps its secret");
    let mut same = told.clone();
    same["client_secret"] = own.told["client_secret"].clone();
    own.replace(&same).await.success();
    own.client().token(&[("grant_type", "authorization_code"), ("code", "x")]).await.refused("invalid_grant");
}

#[tokio::test]
async fn a_change_cannot_name_another_client_or_choose_a_secret_or_bring_in_what_registration_refuses() {
    let own = registered().await;
    let with = |member: &str, value: Value| {
        let mut document = usual();
        document["client_id"] = json!(own.id());
        document[member] = value;
        document
    };
    for document in [
        usual(),
        with("client_id", json!("client-other")),
        with("client_secret", json!("chosen-by-the-client-itself-0123456789")),
        with("scope", json!("admin")),
        with("grant_types", json!(["client_credentials"])),
    ] {
        own.replace(&document).await.refused("invalid_client_metadata");
    }
    own.replace(&with("redirect_uris", json!(["https://app.test/#x"]))).await.refused("invalid_redirect_uri");
    assert_eq!(own.read().await.success()["redirect_uris"], json!([REDIRECT]));
}

#[tokio::test]
async fn what_the_operator_has_said_of_it_outlives_its_own_changes() {
    let own = registered().await;
    let id = own.client().client_id();
    let changes = Changes { resources: Some(vec!["https://api.test".into()]), ..Changes::default() };
    client::update(&own.app.app, &operator(), &id, changes).await.unwrap();
    own.replace(&json!({"client_id": own.id(), "redirect_uris": [REDIRECT], "resources": []})).await.success();
    let metadata = client::show(&own.app.app, &id).await.unwrap().metadata;
    assert_eq!(metadata.resources, ["https://api.test"]);
}

#[tokio::test]
async fn a_client_that_becomes_confidential_gets_a_secret_and_one_that_becomes_public_has_none() {
    let own = registered().await;
    let as_method = |method: &str| {
        let redirect = "http://127.0.0.1/cb";
        json!({"client_id": own.id(), "redirect_uris": [redirect], "token_endpoint_auth_method": method})
    };
    let told = own.replace(&as_method("none")).await.success();
    assert_eq!(told.get("client_secret"), None);
    let told = own.replace(&as_method("client_secret_basic")).await.success();
    assert!(told["client_secret"].as_str().unwrap().starts_with("lk_cs_"));
    assert_ne!(told["client_secret"], own.told["client_secret"]);
    assert_eq!(told["client_secret_expires_at"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_answers_204_and_ends_everything_that_the_client_had() {
    let own = registered().await;
    let client = own.client();
    let tokens = client.sign_in_for("alice", "openid").await;
    let answer = own.delete().await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0), "RFC 7592 section 2.3");
    answer.is_not_kept();
    own.read().await.bearer_refused(401, "invalid_token");
    own.delete().await.bearer_refused(401, "invalid_token");
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    let rows = own.app.rows().await;
    assert_eq!((rows["clients"], rows["client_registrations"], rows["grants"]), (0, 0, 0));
}

#[tokio::test]
async fn every_wrong_token_has_the_same_answer_and_so_has_an_unknown_client() {
    let own = registered().await;
    let other = own.app.registered(&own.app.register(None, &usual()).await);
    let operators = own.app.client().create().await;
    let ask = async |path: String, token: &str| {
        own.app.send(Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"))).await
    };
    let mut answers = vec![own.read_with("wrong").await, own.read_with(other.token()).await];
    for id in ["client-unknown", operators.id.as_str(), "%00"] {
        answers.push(ask(format!("/register/{id}"), own.token()).await);
    }
    let without_id = |text: &str| text.split(" (request").next().unwrap().to_owned();
    for answer in &answers {
        answer.bearer_refused(401, "invalid_token");
        assert_eq!(without_id(answer.text()), without_id(answers[0].text()));
    }
    let none = own.app.get(own.path()).await;
    assert_eq!((none.status, none.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer realm=\"latchkey\""));
    let put = with_document(Request::put(own.path()), Some("wrong"), &usual());
    own.app.call(put).await.bearer_refused(401, "invalid_token");
    let secret = own.told["client_secret"].as_str().unwrap();
    own.read_with(secret).await.bearer_refused(401, "invalid_token");
}
