//! `/userinfo`.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::harness::{TestApp, body, encode, seconds};

/// What whoever has no token is told: where to get one (RFC 9728 §5.1).
const NO_TOKEN: &str =
    "Bearer realm=\"latchkey\", resource_metadata=\"https://id.test/.well-known/oauth-protected-resource\"";

#[tokio::test(flavor = "multi_thread")]
async fn each_scope_brings_its_claims_and_no_others() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let sub = app.user("alice").await.id.to_string();
    let profile = [
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ];
    for (scope, claims) in [
        ("openid", &[][..]),
        ("openid profile", &profile),
        ("openid email", &["email", "email_verified"]),
        ("openid phone", &["phone_number", "phone_number_verified"]),
        ("openid address", &["address"]),
    ] {
        let tokens = client.sign_in_with(&mut browser, "alice", client.request().with("scope", scope)).await;
        let userinfo = client.userinfo(&tokens.access_token).await.success();
        let mut expected: Vec<&str> = claims.iter().copied().chain(["sub"]).collect();
        let mut found: Vec<&str> = userinfo.as_object().unwrap().keys().map(String::as_str).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{scope}");
        assert_eq!(userinfo["sub"], *sub);
    }
    let all = client
        .sign_in_with(&mut browser, "alice", client.request().with("scope", "openid profile email phone address"))
        .await;
    let userinfo = client.userinfo(&all.access_token).await.success();
    assert_eq!(userinfo["email_verified"], true);
    assert_eq!(userinfo["phone_number_verified"], true);
    assert_eq!(userinfo["birthdate"], "1990-01-31");
    assert_eq!(userinfo["updated_at"], app.clock.now().as_secs());
    assert_eq!(userinfo["address"]["postal_code"], "OX1 1AA");
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_without_a_value_are_left_out() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let token = client.sign_in_for("bob", "openid profile phone address email").await.access_token;
    let userinfo = client.userinfo(&token).await.success();
    let mut keys: Vec<_> = userinfo.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["email", "email_verified", "name", "preferred_username", "sub", "updated_at"]);
    assert_eq!(userinfo["email_verified"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_comes_in_the_header_or_in_the_form_but_once_and_never_in_the_query() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let token = client.sign_in("alice").await.access_token;
    let bearer =
        |request: axum::http::request::Builder| request.header(header::AUTHORIZATION, format!("bEaReR {token}"));
    app.send(bearer(Request::get("/userinfo"))).await.success();
    app.send(bearer(Request::post("/userinfo"))).await.success();
    let form = encode(&[("access_token", &*token)]);
    app.call(body(Request::post("/userinfo"), form.clone())).await.success();
    app.call(body(bearer(Request::post("/userinfo")), form.clone())).await.bearer_refused(400, "invalid_request");
    app.call(body(Request::post("/userinfo"), format!("{form}&{form}"))).await.bearer_refused(400, "invalid_request");
    app.send(bearer(bearer(Request::get("/userinfo")))).await.bearer_refused(400, "invalid_request");
    for request in [Request::get(format!("/userinfo?{form}")), Request::get("/userinfo"), Request::post("/userinfo")] {
        let answer = app.send(request).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), NO_TOKEN, "no error is told (RFC 6750 3.1)");
    }
    let as_json = Request::post("/userinfo").header(header::CONTENT_TYPE, "application/json");
    let answer = app.call(as_json.body(Body::from(json!({"access_token": token}).to_string())).unwrap()).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_access_token_of_ours_is_refused() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    let elsewhere = TestApp::start().await;
    let foreign = elsewhere.client().create().await.sign_in("alice").await.access_token;
    let (signed, signature) = tokens.access_token.rsplit_once('.').unwrap();
    let payload = signed.split_once('.').unwrap().1;
    for bad in [
        tokens.id_token.clone(),
        tokens.refresh_token.clone(),
        foreign,
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{payload}."),
        format!("{signed}.{}", &signature[..signature.len() - 4]),
        format!("{signed}.{signature}A"),
        format!("{}x", tokens.access_token),
        "x".into(),
        "..".into(),
        "a".repeat(10_000),
    ] {
        client.userinfo(&bad).await.bearer_refused(401, "invalid_token");
    }
    let twice = app.send(Request::get("/userinfo").header(header::AUTHORIZATION, "Bearer")).await;
    assert!(twice.status.is_client_error());
    let without_openid = client.sign_in_for("alice", "profile").await.access_token;
    client.userinfo(&without_openid).await.bearer_refused(403, "insufficient_scope");
    client.userinfo(&tokens.access_token).await.success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_to_the_second() {
    let app = TestApp::start().await;
    for client in [app.client().create().await, app.client().opaque().create().await] {
        let token = client.sign_in("alice").await.access_token;
        app.advance(seconds(599));
        client.userinfo(&token).await.success();
        app.advance(seconds(1));
        client.userinfo(&token).await.bearer_refused(401, "invalid_token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_works_like_any_other_and_says_nothing() {
    let app = TestApp::start().await;
    let client = app.client().opaque().create().await;
    let tokens = client.sign_in("alice").await;
    assert!(!tokens.access_token.contains('.'));
    assert_eq!(client.userinfo(&tokens.access_token).await.success()["name"], "Alice Liddell");
    assert!(client.finds_active(&tokens.access_token).await);
    let cut = &tokens.access_token[..tokens.access_token.len() - 1];
    client.userinfo(cut).await.bearer_refused(401, "invalid_token");
    client.revoke(&tokens.access_token).await;
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_other_services_is_good_here_only_with_openid() {
    let app = TestApp::start().await;
    let client = app.client().first_party().with(|m| m.audience = vec!["https://api.test".into()]).create().await;
    let with = client.sign_in_for("alice", "openid profile").await.access_token;
    client.userinfo(&with).await.success();
    let without = client.sign_in_for("alice", "profile").await.access_token;
    let answer = client.userinfo(&without).await;
    assert!(answer.status == 401 || answer.status == 403, "{}", answer.status);
}
