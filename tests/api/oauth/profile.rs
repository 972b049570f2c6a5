//! `oauth.profile = "oauth-2.1"`: what is there for old applications only is gone, for those that were registered before too.

use axum::http::{Request, header};
use latchkey::domain::oauth::authorize::response_type::ResponseType;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::oauth::client::{AuthMethod, GrantType, Metadata};
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::{Registration, register, update};
use serde_json::json;

use crate::harness::signer::{Signer, assertion};
use crate::harness::{Client, ISSUER, Page, Shows, TestApp, body, encode, operator};

const STRICT: &str = "[oauth]\nprofile = \"oauth-2.1\"\n";
const CODES: &str = "[oauth]\nresponse_types = \"code\"\n";

/// The client was refused, in a sentence that names the profile.
fn refused(page: &Page, error: &str) {
    page.client_refused(error);
    let said = &page.response()["error_description"];
    assert!(said.contains("oauth-2.1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_uses_pkce_and_is_answered_with_codes() {
    let app = TestApp::start().await;
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit];
    let client = app.client().first_party().grants(&grants);
    let client = client.with(|client| client.requests.response_types = ResponseType::ALL.into()).create().await;
    let strict = app.another_with_toml(STRICT).await;
    let (at, mut browser) = (client.at(&strict), strict.browser());
    assert_eq!(app.browser().open(&client.request().without_pkce().url()).await.shows(), Shows::Login);
    refused(&browser.open(&at.request().without_pkce().url()).await, "invalid_request");
    for kind in ["id_token", "id_token token", "code id_token", "code token", "code id_token token"] {
        let page = browser.open(&at.request().with("response_type", kind).url()).await;
        refused(&page, "unsupported_response_type");
    }
    let tokens = at.sign_in_with(&mut browser, "alice", at.request()).await;
    at.refresh(&tokens.refresh_token).await.ok();
    let form = [("response_type", "code"), ("redirect_uri", &at.redirect_uri), ("scope", "openid")];
    at.post("/par", &form).await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_http_in_a_private_network() {
    let app = TestApp::start().await;
    let uris = ["http://nas.local/cb", "http://127.0.0.1:3000/cb"];
    let client = app.client().redirect(&uris).with(|metadata| {
        metadata.private_http = true;
        metadata.post_logout_redirect_uris = vec!["http://nas.local/bye".into()];
    });
    let client = client.create().await;
    let strict = app.another_with_toml(STRICT).await;
    assert_eq!(app.browser().open(&client.request().url()).await.shows(), Shows::Login);
    let mut browser = strict.browser();
    let page = browser.open(&client.request().url()).await;
    assert_eq!(page.shows(), Shows::Error, "it is told to whoever sits there, and nobody is sent there");
    let logout = [("client_id", client.id.as_str()), ("post_logout_redirect_uri", "http://nas.local/bye")];
    let page = browser.open(&format!("/logout?{}", encode(&logout))).await;
    assert_eq!(page.shows(), Shows::Error);
    let loopback = client.request().with("redirect_uri", uris[1]);
    assert_eq!(browser.open(&loopback.url()).await.shows(), Shows::Login, "a loopback address is the machine itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn request_objects_are_signed() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let strict = app.another_with_toml(STRICT).await;
    let claims = json!({"response_type": "code", "client_id": client.id, "redirect_uri": client.redirect_uri, "scope": "openid"});
    let jwt = Signer::hmac("HS256", "x".repeat(32)).sign_with(&json!({"alg": "none"}), &claims);
    let unsigned = format!("{}.", jwt.rsplit_once('.').unwrap().0);
    let request = client.request().with("request", &unsigned);
    assert_eq!(app.browser().open(&request.url()).await.shows(), Shows::Login);
    refused(&strict.browser().open(&request.url()).await, "invalid_request_object");
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_takes_a_token_in_the_header_alone() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let tokens = client.sign_in("alice").await;
    let strict = app.another_with_toml(STRICT).await;
    let in_form = || {
        let request = Request::post("/userinfo").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        body(request, encode(&[("access_token", tokens.access_token.as_str())]))
    };
    app.call(in_form()).await.success();
    strict.call(in_form()).await.bearer_refused(400, "invalid_request");
    client.at(&strict).userinfo(&tokens.access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_signs_to_prove_itself_is_for_the_issuer_alone() {
    let app = TestApp::start().await;
    let key = Signer::new("ES256");
    let service = app.client().machine("a").auth(AuthMethod::PrivateKeyJwt);
    let service = service.with(|metadata| metadata.keys.jwks = Some(key.jwks().into())).create().await;
    let strict = service.at(&app.another_with_toml(STRICT).await);
    let to = |aud: &str| {
        let mut claims = assertion(&service);
        claims["aud"] = json!(aud);
        claims
    };
    let endpoint = format!("{ISSUER}/token");
    key.client_credentials(&service, &to(&endpoint)).await.ok();
    key.client_credentials(&strict, &to(&endpoint)).await.refused("invalid_client");
    key.client_credentials(&strict, &to(ISSUER)).await.ok();
}

/// What registering such a client, and changing one, is refused for.
async fn refusals(app: &TestApp, before: &Client, metadata: &Metadata, changes: Changes) -> [String; 2] {
    let registration = Registration { id: None, secret: None, name: "Old".to_owned(), metadata: metadata.clone() };
    let registered = register(&app.app, &operator(), registration).await.map(drop);
    let updated = update(&app.app, &operator(), &before.client_id(), changes).await.map(drop);
    [registered, updated].map(|outcome| match outcome {
        Err(ServiceError::Registration(RegistrationError::Excluded(excluded))) => excluded.to_string(),
        other => panic!("not refused for what is excluded: {:?}", other.err()),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_excluded_cannot_be_registered_by_anybody() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let types = [ResponseType::Code, ResponseType::CodeIdToken].into();
    let grants: std::collections::BTreeSet<_> = [GrantType::AuthorizationCode, GrantType::Implicit].into();
    let mut hybrid = Metadata { redirect_uris: vec!["https://app.test/cb".into()], ..Metadata::default() };
    hybrid.grant_types = grants.clone();
    hybrid.requests.response_types = types;
    let to_hybrid = Changes {
        grant_types: Some(grants),
        response_types: Some(hybrid.requests.response_types.clone()),
        ..Changes::default()
    };
    for (toml, by) in [(STRICT, "oauth.profile = oauth-2.1"), (CODES, "oauth.response_types = code")] {
        let other = app.another_with_toml(toml).await;
        for said in refusals(&other, &client, &hybrid, to_hybrid.clone()).await {
            assert!(said.ends_with(by), "{said}");
        }
    }
    let strict = app.another_with_toml(STRICT).await;
    let private = Metadata { private_http: true, redirect_uris: vec!["http://nas/cb".into()], ..Metadata::default() };
    let changes = Changes { private_http: Some(true), ..Changes::default() };
    for said in refusals(&strict, &client, &private, changes).await {
        assert!(said.contains("private_http"), "{said}");
    }
    let registering =
        TestApp::configured().toml(&format!("{STRICT}[registration]\ndynamic = \"open\"\n")).start().await;
    let hybrid = json!({"redirect_uris": ["https://app.test/cb"], "response_types": ["code id_token"]});
    let answer = registering.register(None, &hybrid).await;
    answer.refused("invalid_client_metadata");
    let said = answer.json()["error_description"].to_string();
    assert!(said.contains("oauth-2.1"), "{said}");
    let unsigned = json!({"redirect_uris": ["https://app.test/cb"], "request_object_signing_alg": "none"});
    registering.register(None, &unsigned).await.refused("invalid_client_metadata");
    registering.registered(&registering.register(None, &json!({"redirect_uris": ["https://app.test/cb"]})).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_names_nothing_that_is_excluded() {
    let strict = TestApp::configured().toml(STRICT).start().await;
    for document in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let document = strict.get(document).await.success();
        assert_eq!(document["response_types_supported"], json!(["code"]));
        assert!(!document["grant_types_supported"].as_array().unwrap().contains(&json!("implicit")));
        assert!(!document["request_object_signing_alg_values_supported"].as_array().unwrap().contains(&json!("none")));
    }
}
