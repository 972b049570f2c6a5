//! Answers of `/authorize` with tokens in them: the implicit and hybrid flows (OAuth 2.0 Multiple Response Types, OpenID Connect
//! Core §3.2, §3.3).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey::domain::oauth::authorize::response_type::ResponseType;
use latchkey::domain::oauth::client::GrantType;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Browser, Client, REDIRECT, Shows, TestApp, jwt, seconds};

const TOKENS: [&str; 5] = ["id_token", "id_token token", "code id_token", "code token", "code id_token token"];

/// A client that is registered for all of them.
async fn of_every_kind(app: &TestApp) -> Client {
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit];
    let client = app.client().first_party().grants(&grants);
    client.with(|client| client.requests.response_types = ResponseType::ALL.into()).create().await
}

/// What the client is given for a response type.
async fn given(client: &Client, browser: &mut Browser, kind: &str) -> BTreeMap<String, String> {
    client.authorize(browser, "alice", client.request().with("response_type", kind)).await.response()
}

/// OpenID Connect Core §3.1.3.6, §3.3.2.11, for RS256.
fn half_hash(text: &str) -> Value {
    json!(URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16]))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_response_type_gives_what_its_name_says_in_the_fragment() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    for kind in TOKENS {
        for kind in [kind.to_owned(), kind.split(' ').rev().collect::<Vec<_>>().join(" ")] {
            let page = client.authorize(&mut browser, "alice", client.request().with("response_type", &kind)).await;
            assert!(page.target().starts_with(&format!("{REDIRECT}#")), "{kind}: {}", page.target());
            let response = page.response();
            let has = |word| kind.split(' ').any(|other| other == word);
            assert_eq!(response.contains_key("code"), has("code"), "{kind}");
            assert_eq!(response.contains_key("id_token"), has("id_token"), "{kind}");
            assert_eq!(response.contains_key("access_token"), has("token"), "{kind}");
            assert_eq!(response.get("token_type").map(String::as_str), has("token").then_some("Bearer"), "{kind}");
            assert_eq!(response.contains_key("expires_in"), has("token"), "{kind}");
            assert!(!response.contains_key("refresh_token"), "{kind}: RFC 6749 section 4.2.2");
            assert_eq!((response["state"].as_str(), response["iss"].as_str()), ("st~ate-._1", "https://id.test"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_the_authorization_endpoint_is_bound_to_what_comes_with_it() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    for kind in TOKENS.into_iter().filter(|kind| kind.contains("id_token")) {
        let response = given(&client, &mut browser, kind).await;
        let claims = jwt::verify(&app, &response["id_token"]).await.claims;
        assert_eq!(claims["nonce"], "n-1", "{kind}");
        assert_eq!(claims["aud"], json!(client.id), "{kind}");
        assert_eq!(claims.get("c_hash").cloned(), response.get("code").map(|code| half_hash(code)), "{kind}");
        assert_eq!(
            claims.get("at_hash").cloned(),
            response.get("access_token").map(|token| half_hash(token)),
            "{kind}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_the_scope_are_in_an_id_token_that_no_access_token_comes_with() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    for kind in TOKENS.into_iter().filter(|kind| kind.contains("id_token")) {
        let claims = jwt::claims(&given(&client, &mut browser, kind).await["id_token"]);
        assert_eq!(claims.get("email").is_some(), kind == "id_token", "{kind}: OpenID Connect Core section 5.4");
        assert_eq!(claims.get("name").is_some(), kind == "id_token", "{kind}");
    }
    let plain = client.request().with("scope", "openid").with("response_type", "id_token");
    let claims = jwt::claims(&client.authorize(&mut browser, "alice", plain).await.response()["id_token"]);
    assert!(claims.get("email").is_none() && claims.get("name").is_none(), "{claims:?}");
    let asked = r#"{"id_token":{"name":{"essential":true}}}"#;
    let named = client.request().with("scope", "openid").with("response_type", "id_token").with("claims", asked);
    let page = client.authorize(&mut browser, "alice", named).await;
    assert!(jwt::claims(&page.response()["id_token"]).get("name").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn both_id_tokens_of_a_hybrid_flow_are_about_the_same_sign_in() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    for kind in ["code id_token", "code token", "code id_token token"] {
        let response = given(&client, &mut browser, kind).await;
        let tokens = client.redeem(&response["code"]).await.ok();
        assert!(!tokens.refresh_token.is_empty(), "{kind}: the code brings one");
        let second = jwt::verify(&app, &tokens.id_token).await.claims;
        assert_eq!(second["nonce"], "n-1", "{kind}");
        assert_eq!(second["at_hash"], half_hash(&tokens.access_token), "{kind}");
        if let Some(first) = response.get("id_token").map(|token| jwt::claims(token)) {
            for name in ["iss", "sub", "aud", "auth_time", "sid", "acr"] {
                assert_eq!(first[name], second[name], "{kind}: {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_is_needed_where_an_id_token_is_asked_for() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    for kind in TOKENS {
        let request = client.request().with("response_type", kind).without("nonce");
        let page = browser.open(&request.url()).await;
        if kind.contains("id_token") {
            page.client_refused("invalid_request");
            assert!(page.target().starts_with(&format!("{REDIRECT}#")), "{kind}: {}", page.target());
        } else {
            browser.through(page, "alice").await.code();
        }
    }
    let page = browser.open(&client.request().without("nonce").url()).await;
    let tokens = client.redeem(&page.code()).await.ok();
    assert!(jwt::claims(&tokens.id_token).get("nonce").is_none());
    let no_openid = client.request().with("response_type", "id_token").with("scope", "email");
    browser.open(&no_openid.url()).await.client_refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_travel_in_the_fragment_or_a_form_and_never_in_the_query() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    for kind in TOKENS {
        let request = |mode| client.request().with("response_type", kind).with("response_mode", mode);
        for mode in ["query", "nonsense"] {
            let refused = browser.open(&request(mode).url()).await;
            refused.client_refused("invalid_request");
            assert!(refused.target().starts_with(&format!("{REDIRECT}#")), "{kind}: {}", refused.target());
        }
        let refused = browser.open(&request("form_post").with("prompt", "none login").url()).await;
        assert_eq!(refused.shows(), Shows::FormPost, "errors travel in the same mode");
        refused.client_refused("invalid_request");
        let page = client.authorize(&mut browser, "alice", request("form_post")).await;
        assert_eq!(page.form("response-continue").action, REDIRECT, "{kind}: nothing in the query");
        assert_eq!(page.response().contains_key("id_token"), kind.contains("id_token"), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_from_the_browser_is_short_lived_and_ends_with_its_grant() {
    let app = TestApp::start().await;
    for opaque in [false, true] {
        let grants = [GrantType::AuthorizationCode, GrantType::Implicit];
        let client = app.client().first_party().grants(&grants);
        let client = if opaque { client.opaque() } else { client };
        let client = client.with(|client| client.requests.response_types = ResponseType::ALL.into()).create().await;
        for kind in ["id_token token", "code token"] {
            let mut browser = app.browser();
            let response = given(&client, &mut browser, kind).await;
            let token = &response["access_token"];
            assert_eq!(response["expires_in"], "300");
            let about = client.userinfo(token).await.success();
            assert!(about.get("email").is_some(), "{about}");
            assert!(client.finds_active(token).await);
            app.end_sessions().await;
            client.userinfo(token).await.bearer_refused(401, "invalid_token");
        }
        let mut browser = app.browser();
        let old = given(&client, &mut browser, "id_token token").await;
        app.advance(seconds(301));
        client.userinfo(&old["access_token"]).await.bearer_refused(401, "invalid_token");
        let revoked = given(&client, &mut browser, "id_token token").await;
        client.revoke(&revoked["access_token"]).await;
        client.userinfo(&revoked["access_token"]).await.bearer_refused(401, "invalid_token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_code_ends_the_access_token_that_came_with_it() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let response = given(&client, &mut app.browser(), "code id_token token").await;
    client.userinfo(&response["access_token"]).await.success();
    client.redeem(&response["code"]).await.ok();
    app.advance(seconds(30));
    client.redeem(&response["code"]).await.refused("invalid_grant");
    client.userinfo(&response["access_token"]).await.bearer_refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_access_is_granted_with_a_code_alone() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let response = given(&client, &mut app.browser(), "id_token token").await;
    assert_eq!(response["scope"], "email openid profile", "OpenID Connect Core section 11");
}

#[tokio::test(flavor = "multi_thread")]
async fn pkce_is_needed_by_public_clients_for_whatever_has_a_code() {
    let app = TestApp::start().await;
    let grants = [GrantType::AuthorizationCode, GrantType::Implicit];
    let public = app.client().public().first_party().grants(&grants);
    let public = public.with(|client| client.requests.response_types = ResponseType::ALL.into()).create().await;
    let mut browser = app.browser();
    for kind in TOKENS {
        let page = browser.open(&public.request().with("response_type", kind).without_pkce().url()).await;
        match kind.contains("code") {
            true => page.client_refused("invalid_request"),
            false => drop(browser.through(page, "alice").await.response()["id_token"].clone()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_only_what_it_is_registered_for_and_nobody_tokens_where_they_are_off() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let plain = app.client().create().await;
    let codes_only = app.another_with_toml("[oauth]\nresponse_types = \"code\"\n").await;
    let (at, mut browser, mut elsewhere) = (client.at(&codes_only), codes_only.browser(), app.browser());
    for kind in TOKENS {
        let unregistered = elsewhere.open(&plain.request().with("response_type", kind).url()).await;
        unregistered.client_refused("unauthorized_client");
        let off = browser.open(&at.request().with("response_type", kind).url()).await;
        off.client_refused("unsupported_response_type");
    }
    at.redeem(&at.authorize(&mut browser, "alice", at.request()).await.code()).await.ok();
    let document = codes_only.get("/.well-known/openid-configuration").await.success();
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert!(!document["grant_types_supported"].as_array().unwrap().contains(&json!("implicit")));
    let document = app.get("/.well-known/openid-configuration").await.success();
    assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!("implicit")));
}

#[tokio::test(flavor = "multi_thread")]
async fn implicit_is_no_grant_of_the_token_endpoint() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    client.token(&[("grant_type", "implicit")]).await.refused("unsupported_grant_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_in_the_browser_is_among_the_connected_apps() {
    let app = TestApp::start().await;
    let client = of_every_kind(&app).await;
    let mut browser = app.browser();
    let before = app.rows().await["grants"];
    given(&client, &mut browser, "id_token").await;
    assert_eq!(app.rows().await["grants"], before + 1, "its session knows where it was used");
    assert_eq!(app.rows().await["authorization_codes"], 0);
}
