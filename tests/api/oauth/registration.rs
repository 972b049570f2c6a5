//! Applications that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0).

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{REDIRECT, TestApp, operator, seconds};

fn usual() -> Value {
    json!({
        "client_name": "Their App",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "logo_uri": "https://app.test/logo.png",
        "tos_uri": "https://app.test/terms",
    })
}

#[tokio::test]
async fn the_answer_is_201_with_everything_registered_and_is_not_kept() {
    let app = TestApp::registering().await;
    let answer = app.register(None, &usual()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "RFC 7591 section 3.2.1");
    answer.is_not_kept();
    let registered = app.registered(&answer);
    let told = &registered.told;
    for (name, value) in usual().as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    assert!(told["client_secret"].as_str().unwrap().starts_with("lk_cs_"));
    assert_eq!(told["client_secret_expires_at"], 0, "required beside a secret");
    assert_eq!(told["client_id_issued_at"], app.clock.now().as_secs());
    assert_eq!(told["id_token_signed_response_alg"], "RS256", "the default is told too");
    assert!(told["registration_client_uri"].as_str().unwrap().starts_with("https://id.test/register/client-"));
    assert!(told["registration_access_token"].as_str().unwrap().starts_with("lk_rt_"));
    assert_eq!(told.get("first_party"), None);
    assert_eq!(
        app.get("/.well-known/openid-configuration").await.json()["registration_endpoint"],
        "https://id.test/register"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_registered_itself_signs_people_in_by_its_registered_method_alone() {
    let app = TestApp::registering().await;
    let registered = app.registered(&app.register(None, &usual()).await);
    let mut client = registered.client();
    let tokens = client.sign_in("alice").await;
    assert!(!tokens.id_token.is_empty() && !tokens.refresh_token.is_empty());
    client.refresh(&tokens.refresh_token).await.ok();
    client.method = latchkey::domain::oauth::client::AuthMethod::ClientSecretBasic;
    client.token(&[("grant_type", "authorization_code"), ("code", "x")]).await.refused("invalid_client");
}

#[tokio::test]
async fn a_public_client_gets_no_secret_and_no_time_at_which_it_ends() {
    let app = TestApp::registering().await;
    let document = json!({"redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"});
    let registered = app.registered(&app.register(None, &document).await);
    assert_eq!(registered.told.get("client_secret"), None);
    assert_eq!(registered.told.get("client_secret_expires_at"), None);
    assert_eq!(registered.told["grant_types"], json!(["authorization_code"]), "RFC 7591 section 2");
    assert_eq!(registered.told["response_types"], json!(["code"]));
}

#[tokio::test]
async fn what_cannot_be_registered_is_told_with_the_codes_of_rfc_7591_section_3_2_2() {
    let app = TestApp::registering().await;
    for (member, value, code) in [
        ("redirect_uris", json!(["https://app.test/cb#fragment"]), "invalid_redirect_uri"),
        ("redirect_uris", json!(["javascript:alert(1)"]), "invalid_redirect_uri"),
        ("redirect_uris", json!(["http://app.test/cb"]), "invalid_redirect_uri"),
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        ("redirect_uris", json!([7]), "invalid_client_metadata"),
        ("post_logout_redirect_uris", json!(["https://app.test/\"\\"]), "invalid_redirect_uri"),
        ("token_endpoint_auth_method", json!("telepathy"), "invalid_client_metadata"),
        ("grant_types", json!(["password"]), "invalid_client_metadata"),
        ("grant_types", json!(["authorization_code", "client_credentials"]), "invalid_client_metadata"),
        ("scope", json!("openid admin"), "invalid_client_metadata"),
        ("scope", json!("account"), "invalid_client_metadata"),
        ("logo_uri", json!("javascript:alert(1)"), "invalid_client_metadata"),
        ("client_name", json!("a\u{202e}b"), "invalid_client_metadata"),
        ("client_name", json!("x".repeat(10_000)), "invalid_client_metadata"),
    ] {
        let mut document = usual();
        document[member] = value.clone();
        let answer = app.register(None, &document).await;
        answer.refused(code);
        if code == "invalid_client_metadata" {
            let told = answer.json()["error_description"].as_str().unwrap().to_owned();
            assert!(told.contains(member) || told.contains("http"), "{member}: {told}");
        }
    }
    let rows = app.rows().await;
    assert_eq!((rows["client_registrations"], rows["clients"]), (0, 0), "nothing is left of them");
}

#[tokio::test]
async fn a_body_is_one_json_object_that_is_bounded() {
    let app = TestApp::registering().await;
    for (media_type, body) in [
        ("application/json", "[]".to_owned()),
        ("application/json", "{".to_owned()),
        ("application/json", format!("{{\"client_name\":\"a\",{}", "\"client_name\":\"b\"}")),
        ("text/plain", usual().to_string()),
        ("application/x-www-form-urlencoded", "client_name=a".to_owned()),
    ] {
        let request = Request::post("/register").header("content-type", media_type).body(Body::from(body));
        app.call(request.unwrap()).await.refused("invalid_client_metadata");
    }
    let request = Request::post("/register").header("content-type", "application/json");
    let large = app.call(request.body(Body::from(vec![b' '; 70_000])).unwrap()).await;
    assert!(large.status.is_client_error(), "{}", large.status);
}

#[tokio::test]
async fn where_it_is_off_there_is_nothing() {
    let app = TestApp::start().await;
    assert_eq!(app.register(None, &usual()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/register/client-1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/.well-known/openid-configuration").await.json().get("registration_endpoint"), None);
}

#[tokio::test]
async fn scripts_of_browsers_may_register_and_manage_as_they_may_ask_for_tokens() {
    let app = TestApp::registering().await;
    let preflight = Request::options("/register/client-1")
        .header("origin", "https://app.test")
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization,content-type");
    let answer = app.send(preflight).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    let answer = app.register(None, &usual()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn an_operator_sees_who_registered_itself_and_may_switch_it_off() {
    use latchkey::services::oauth::client;
    let app = TestApp::registering().await;
    let registered = app.registered(&app.register(None, &usual()).await);
    let id = registered.client().client_id();
    assert!(client::show(&app.app, &id).await.unwrap().registered_itself);
    client::set_enabled(&app.app, &operator(), &id, false).await.unwrap();
    registered.read().await.bearer_refused(401, "invalid_token");
    client::set_enabled(&app.app, &operator(), &id, true).await.unwrap();
    registered.read().await.success();
    app.advance(seconds(1));
}
