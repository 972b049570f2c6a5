//! Userinfo and introspection as JWTs.

use axum::http::{Request, header};
use latchkey::crypto::Algorithm;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, ISSUER, TestApp, jwt};

const INTROSPECTION: &str = "application/token-introspection+jwt";

async fn introspected(client: &Client, token: &str) -> Answer {
    let mut request = client.authenticated("/introspect", &[("token", token)]);
    request.headers_mut().insert(header::ACCEPT, INTROSPECTION.parse().unwrap());
    client.app.call(request).await
}

/// standards.md 2.4, oidcc-userinfo-rs256; OpenID Connect Core §5.3.2.
#[tokio::test(flavor = "multi_thread")]
async fn userinfo_is_a_jwt_for_a_client_that_registered_an_algorithm() {
    let app = TestApp::start().await;
    let discovered = app.get("/.well-known/openid-configuration").await.success();
    let wanted = json!(["RS256", "PS256", "ES256", "EdDSA"]);
    assert_eq!(discovered["userinfo_signing_alg_values_supported"], wanted);
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa] {
        let signed = app.client().first_party().with(|m| m.responses.userinfo_signed_response_alg = Some(algorithm));
        let client = signed.create().await;
        let tokens = client.sign_in("alice").await;
        let answer = client.userinfo(&tokens.access_token).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jwt"));
        assert!(answer.header("cache-control").contains("no-store"));
        let said = jwt::verify(&app, answer.text()).await;
        assert_eq!(said.header["alg"], algorithm.name());
        assert_eq!((&said.claims["iss"], &said.claims["aud"]), (&json!(ISSUER), &json!(client.id)));
        assert_eq!(said.claims["sub"], jwt::claims(&tokens.id_token)["sub"]);
        assert_eq!(said.claims["email"], "alice@example.com");
        assert_eq!(said.claims["iat"], app.clock.now().as_secs());
        assert_eq!((said.claims.get("nonce"), said.claims.get("exp")), (None, None));

        // It is no ID token, wherever it is shown (RFC 8725 section 2.8), and no access token.
        let hinted = client.request().with("prompt", "none").with("id_token_hint", answer.text());
        app.browser().open(&hinted.url()).await.client_refused("invalid_request");
        client.userinfo(answer.text()).await.bearer_refused(401, "invalid_token");
    }
    let usual = app.client().first_party().create().await;
    let tokens = usual.sign_in("alice").await;
    let mut accepting =
        Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token));
    accepting = accepting.header(header::ACCEPT, "application/jwt");
    let answer = app.send(accepting).await;
    assert_eq!(answer.header("content-type"), "application/json", "what is registered decides");
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_errors_are_the_same_for_a_client_of_jwts() {
    let app = TestApp::start().await;
    let signed = |m: &mut latchkey::domain::oauth::client::Metadata| {
        m.responses.userinfo_signed_response_alg = Some(Algorithm::Es256);
    };
    let client = app.client().first_party().with(signed).create().await;
    client.userinfo("nothing").await.bearer_refused(401, "invalid_token");
    let tokens = client.sign_in_for("alice", "offline_access").await;
    client.userinfo(&tokens.access_token).await.bearer_refused(403, "insufficient_scope");
}

/// RFC 9701 §4, §5.
#[tokio::test(flavor = "multi_thread")]
async fn introspection_is_a_jwt_for_whoever_accepts_one() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    let plain = client.introspect(&tokens.access_token).await;
    let answer = introspected(&client, &tokens.access_token).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, INTROSPECTION));
    let said = jwt::verify(&app, answer.text()).await;
    assert_eq!((&said.header["alg"], &said.header["typ"]), (&json!("RS256"), &json!("token-introspection+jwt")));
    let now = app.clock.now().as_secs();
    let wanted = json!({"iss": ISSUER, "aud": client.id, "iat": now, "token_introspection": plain});
    assert_eq!(Value::Object(said.claims), wanted, "neither sub nor exp beside it");

    // It is no token itself (RFC 9701 section 8.1).
    client.userinfo(answer.text()).await.bearer_refused(401, "invalid_token");
    assert!(!client.finds_active(answer.text()).await);
    introspected(&client, "").await.refused("invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_is_signed_with_what_its_caller_registered_and_is_for_it_alone() {
    let app = TestApp::start().await;
    let client = app.client().with(|m| m.audience = vec!["https://api.test".into()]).create().await;
    let service = app.client().machine("x").with(|m| {
        m.resources = vec!["https://api.test".into()];
        m.responses.introspection_signed_response_alg = Some(Algorithm::EdDsa);
    });
    let service = service.create().await;
    let stranger = app.client().machine("x").create().await;
    let token = client.sign_in("alice").await.access_token;
    let said = jwt::verify(&app, introspected(&service, &token).await.text()).await;
    assert_eq!((&said.header["alg"], &said.claims["aud"]), (&json!("EdDSA"), &json!(service.id)));
    assert_eq!(said.claims["token_introspection"]["aud"], service.introspect(&token).await["aud"]);
    let nothing = jwt::verify(&app, introspected(&stranger, &token).await.text()).await;
    assert_eq!(nothing.claims["token_introspection"], json!({"active": false}), "no more than in JSON");
    assert_eq!(nothing.claims["aud"], *stranger.id);
}
