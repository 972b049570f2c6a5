//! Snapshots of what applications and services read: discovery, keys, tokens and what is told about them. A change here
//! is a change of the interface: it belongs into CHANGELOG.md.

use axum::http::Request;

use crate::harness::TestApp;
use crate::harness::snapshot::assert_json;

/// Made anew in each run. Times are not: the tests choose the clock.
const VOLATILE: [&str; 7] = ["sub", "client_id", "aud", "jti", "at_hash", "refresh_token", "sid"];

#[tokio::test(flavor = "multi_thread")]
async fn discovery() {
    let app = TestApp::start().await;
    assert_json("openid-configuration", &app.get("/.well-known/openid-configuration").await, &[]);
    assert_json("oauth-authorization-server", &app.get("/.well-known/oauth-authorization-server").await, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys() {
    let app = TestApp::start().await;
    assert_json("jwks", &app.get("/jwks").await, &["n", "x", "y"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_response_and_what_userinfo_and_introspection_say_about_it() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let scope = "openid profile email phone address offline_access";
    let request = client.request().with("scope", scope).with("nonce", "n-0S6_WzA2Mj").with("max_age", "600");
    let code = client.authorize(&mut app.browser(), "alice", request).await.code();
    let answer = client.redeem(&code).await;
    assert_json("token", &answer, &VOLATILE);
    let tokens = answer.ok();
    assert_json("token-refreshed", &client.refresh(&tokens.refresh_token).await, &VOLATILE);
    assert_json("userinfo", &client.userinfo(&tokens.access_token).await, &VOLATILE);
    let introspect = async |token: &str| client.post("/introspect", &[("token", token)]).await;
    assert_json("introspection", &introspect(&tokens.access_token).await, &VOLATILE);
    assert_json("introspection-inactive", &introspect("never-issued").await, &VOLATILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_machine() {
    let app = TestApp::start().await;
    let machine = app.client().machine("orders:read").with(|m| m.audience = vec!["https://api.test".into()]);
    let machine = machine.create().await;
    assert_json("token-machine", &machine.client_credentials().await, &["sub", "client_id", "jti"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let volatile = ["error_description"];
    assert_json("token-refused", &client.redeem("never-issued").await, &volatile);
    let nobody = app.post("/token", &[("grant_type", "client_credentials")]).await;
    assert_json("token-refused-client", &nobody, &volatile);
    let userinfo = app.send(Request::get("/userinfo").header("authorization", "Bearer never-issued")).await;
    assert_json("userinfo-refused", &userinfo, &volatile);
}
