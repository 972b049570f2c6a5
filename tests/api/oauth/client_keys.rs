//! The keys of clients: registered, or published at a URL of theirs (RFC 7591 §2, OpenID Connect Registration §2).

use axum::http::StatusCode;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::oauth::client::{AuthMethod, Metadata};
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::{Registration, register, update};
use serde_json::{Value, json};

use crate::harness::signer::{Publisher, Signer, assertion, by_assertion};
use crate::harness::{Client, TestApp, operator, seconds};

/// A service whose keys are at this server.
async fn service(app: &TestApp, publisher: &Publisher) -> Client {
    let with_keys = app.client().machine("a").auth(AuthMethod::PrivateKeyJwt);
    with_keys.with(|metadata| metadata.keys.jwks_uri = Some(publisher.url.clone())).create().await
}

async fn asks(client: &Client, key: &Signer) -> StatusCode {
    key.client_credentials(client, &assertion(client)).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_at_a_url_are_fetched_once() {
    let key = Signer::new("ES256").named("one");
    let publisher = Publisher::start(key.jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let service = service(&app, &publisher).await;
    assert_eq!(publisher.asked(), 0, "not before they are needed");
    let mut tasks = Vec::new();
    for _ in 0..10 {
        let (service, key) = (service.clone(), key.clone());
        tasks.push(tokio::spawn(async move { asks(&service, &key).await }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(publisher.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_known_is_looked_for_once_in_half_a_minute() {
    let (one, two, three) =
        (Signer::new("ES256").named("one"), Signer::new("ES256").named("two"), Signer::new("ES256").named("three"));
    let publisher = Publisher::start(one.jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let service = service(&app, &publisher).await;
    assert_eq!(asks(&service, &one).await, StatusCode::OK);
    // The client changes its key.
    publisher.answers(200, two.jwks());
    app.advance(seconds(30));
    assert_eq!(asks(&service, &two).await, StatusCode::OK);
    assert_eq!(publisher.asked(), 2);
    assert_eq!(asks(&service, &one).await, StatusCode::UNAUTHORIZED, "the old key is gone");
    // Whoever names keys that do not exist has us ask no more often.
    for _ in 0..5 {
        assert_eq!(asks(&service, &three).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(publisher.asked(), 2);
    app.advance(seconds(30));
    assert_eq!(asks(&service, &three).await, StatusCode::UNAUTHORIZED);
    assert_eq!(publisher.asked(), 3);
    assert_eq!(asks(&service, &two).await, StatusCode::OK, "and the right one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_without_names_can_be_changed_too() {
    let (one, two) = (Signer::new("EdDSA"), Signer::new("EdDSA"));
    let publisher = Publisher::start(one.jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let service = service(&app, &publisher).await;
    assert_eq!(asks(&service, &one).await, StatusCode::OK);
    publisher.answers(200, json!({"keys": [one.public(), two.public()]}));
    app.advance(seconds(30));
    assert_eq!(asks(&service, &two).await, StatusCode::OK);
    assert_eq!(asks(&service, &one).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_to_be_had_prove_nothing_against_a_client() {
    let key = Signer::new("ES256").named("one");
    let publisher = Publisher::start("").await;
    publisher.answers(500, "");
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let service = service(&app, &publisher).await;
    for _ in 0..3 {
        let answer = key.client_credentials(&service, &assertion(&service)).await;
        answer.refused_with(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "10");
    }
    assert_eq!(publisher.asked(), 1, "a failure is remembered for a moment");
    for nonsense in ["", "[]", "{\"keys\":7}", "<html>"] {
        publisher.answers(200, nonsense);
        app.advance(seconds(10));
        assert_eq!(asks(&service, &key).await, StatusCode::SERVICE_UNAVAILABLE, "{nonsense}");
    }
    publisher.answers(302, "");
    app.advance(seconds(10));
    assert_eq!(asks(&service, &key).await, StatusCode::SERVICE_UNAVAILABLE, "no redirect is followed");
    publisher.answers(200, key.jwks());
    app.advance(seconds(10));
    assert_eq!(asks(&service, &key).await, StatusCode::OK);
    // Once they are known they go on to count while they are not to be had.
    publisher.answers(503, "");
    app.advance(seconds(3_600));
    assert_eq!(asks(&service, &key).await, StatusCode::OK);
    app.advance(seconds(24 * 3_600));
    assert_eq!(asks(&service, &key).await, StatusCode::SERVICE_UNAVAILABLE, "but not for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_that_is_not_to_be_had_yet_proves_nothing_against_a_client() {
    let (one, two) = (Signer::new("ES256").named("one"), Signer::new("ES256").named("two"));
    let publisher = Publisher::start(one.jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let service = service(&app, &publisher).await;
    assert_eq!(asks(&service, &one).await, StatusCode::OK);
    assert_eq!(asks(&service, &two).await, StatusCode::UNAUTHORIZED, "the keys were fetched a moment ago");
    // It has changed its key, and its server is down.
    publisher.answers(503, "");
    app.advance(seconds(30));
    for _ in 0..2 {
        let answer = two.client_credentials(&service, &assertion(&service)).await;
        answer.refused_with(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    }
    assert_eq!(publisher.asked(), 2, "a failure is remembered");
    assert_eq!(asks(&service, &one).await, StatusCode::OK, "what is known goes on to count");
    publisher.answers(200, two.jwks());
    app.advance(seconds(30));
    assert_eq!(asks(&service, &two).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_registered_itself_has_no_server_after_server_called() {
    let key = Signer::new("ES256");
    let (down, other) = (Publisher::start("").await, Publisher::start(key.jwks()).await);
    down.answers(500, "");
    let hosts = [&down, &other].map(|one| one.url.trim_start_matches("http://").replace('/', ""));
    let allow = format!("[outbound]\nallow = [\"{}\", \"{}\"]\n", hosts[0], hosts[1]);
    let app = TestApp::configured().toml(&format!("{allow}[registration]\ndynamic = \"open\"\n")).start().await;
    let document = |uri: &str| json!({"redirect_uris": ["https://app.test/cb"], "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri});
    let registered = app.registered(&app.register(None, &document(&down.url)).await);
    let client = registered.client();
    let revoke = async || by_assertion(&app, "/revoke", &key.sign(&assertion(&client)), &[("token", "x")]).await.status;
    assert_eq!(revoke().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(registered.replace(&with_id(document(&other.url), &client.id)).await.status, StatusCode::OK);
    assert_eq!(revoke().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((down.asked(), other.asked()), (1, 0), "the failure is the client's, whatever it names next");
    app.advance(seconds(10));
    assert_eq!(revoke().await, StatusCode::OK);
}

fn with_id(mut document: Value, id: &str) -> Value {
    document["client_id"] = json!(id);
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_taken_away_counts_for_ten_minutes_at_most() {
    let (one, two) = (Signer::new("ES256").named("one"), Signer::new("ES256").named("two"));
    let publisher = Publisher::start(one.jwks()).await;
    let app = TestApp::configured().toml(&publisher.toml()).start().await;
    let service = service(&app, &publisher).await;
    assert_eq!(asks(&service, &one).await, StatusCode::OK);
    publisher.answers(200, two.jwks());
    app.advance(seconds(600));
    assert_eq!(asks(&service, &one).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_at_another_url_are_other_keys() {
    let (one, two) = (Signer::new("ES256"), Signer::new("ES256"));
    let publishers = (Publisher::start(one.jwks()).await, Publisher::start(two.jwks()).await);
    let hosts = [&publishers.0, &publishers.1].map(|one| one.url.trim_start_matches("http://").replace('/', ""));
    let toml = format!("[outbound]\nallow = [\"{}\", \"{}\"]\n", hosts[0], hosts[1]);
    let app = TestApp::configured().toml(&toml).start().await;
    let service = service(&app, &publishers.0).await;
    assert_eq!(asks(&service, &one).await, StatusCode::OK);
    let changes = Changes { jwks_uri: Some(Some(publishers.1.url.clone())), ..Changes::default() };
    update(&app.app, &operator(), &service.client_id(), changes).await.unwrap();
    assert_eq!(asks(&service, &two).await, StatusCode::OK);
    assert_eq!(asks(&service, &one).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_clients_keys_is_not_registered() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let refused = async |change: &dyn Fn(&mut Metadata)| {
        let mut metadata = Metadata {
            token_endpoint_auth_method: AuthMethod::PrivateKeyJwt,
            grant_types: [latchkey::domain::oauth::client::GrantType::ClientCredentials].into(),
            ..Metadata::default()
        };
        change(&mut metadata);
        let registration = Registration { id: None, secret: None, name: "Service".into(), metadata };
        match register(&app.app, &operator(), registration).await.err() {
            Some(ServiceError::Registration(refusal)) => refusal.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let set = |keys: Value| Some(json!({ "keys": keys }).into());
    let mut private = key.public();
    private["d"] = json!("AAAA");
    assert!(refused(&|metadata| metadata.keys.jwks = set(json!([private]))).await.contains("private"));
    let symmetric = json!([{"kty": "oct", "k": "AAAA"}]);
    assert!(refused(&|metadata| metadata.keys.jwks = set(symmetric.clone())).await.contains("symmetric"));
    assert!(refused(&|metadata| metadata.keys.jwks = set(json!([]))).await.contains("no key"));
    assert!(refused(&|_| ()).await.contains("needs jwks or jwks_uri"));
    let both = |metadata: &mut Metadata| {
        metadata.keys.jwks = set(json!([key.public()]));
        metadata.keys.jwks_uri = Some("https://app.test/jwks".into());
    };
    assert!(refused(&both).await.contains("exclude each other"));
    for uri in ["http://app.test/jwks", "ftp://app.test/", "https://a:b@app.test/", "/jwks", "https://app.test/#x"] {
        let why = refused(&|metadata| metadata.keys.jwks_uri = Some(uri.into())).await;
        assert!(why.starts_with("jwks_uri"), "{uri}: {why}");
    }
    let secret = Registration {
        id: None,
        secret: Some(latchkey::foundation::SecretString::new("x".repeat(40))),
        name: "Service".into(),
        metadata: Metadata {
            token_endpoint_auth_method: AuthMethod::PrivateKeyJwt,
            keys: latchkey::domain::oauth::client::keys::KeysMetadata {
                jwks: set(json!([key.public()])),
                ..Default::default()
            },
            grant_types: [latchkey::domain::oauth::client::GrantType::ClientCredentials].into(),
            ..Metadata::default()
        },
    };
    let refusal = register(&app.app, &operator(), secret).await.err().unwrap();
    assert!(matches!(refusal, ServiceError::Registration(RegistrationError::NoSecret { id: None })), "{refusal}");
}
