//! Codes, tokens, and how clients authenticate for them.

use std::collections::BTreeSet;

use latchkey::domain::oauth::client::AuthMethod;
use serde_json::{Value, json};

use super::checks::{cannot_be_guessed, discovery, is_a_token_error, lists};
use super::plan::Plan;
use super::suite::{Module, registration};
use crate::harness::{Client, TestApp, Tokens, jwt, seconds};

/// What a client registers that wants refresh tokens.
fn refreshing() -> Value {
    json!({"grant_types": ["authorization_code", "refresh_token"]})
}

/// Signs in for a refresh token, as modules do that need one.
async fn stays(module: &mut Module) -> Tokens {
    let request = module.request().with("scope", "openid offline_access").with("prompt", "consent");
    module.runs(request).await.tokens.unwrap()
}

/// `oidcc-server`: the hashes, the entropy of code and token, and claims of nobody are looked at in every run.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_server() {
    let app = TestApp::registering().await;
    for plan in Plan::all() {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let brought = module.runs(request).await;
        if let (Some(front), Some(back)) = (&brought.front, &brought.back) {
            assert_eq!((&front["sub"], &front["iss"]), (&back["sub"], &back["iss"]), "{plan:?}");
        }
        module.ends().await;
    }
}

/// `oidcc-server-client-secret-post`: a second client that sends its secret in the form, and no other way.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_server_client_secret_post() {
    let app = TestApp::registering().await;
    for plan in Plan::types().filter(|plan| plan.has("code")) {
        let first = Module::begin(&app, plan).await;
        let mut second = first.second(plan.by("client_secret_post"), json!({})).await;
        let request = second.request();
        second.runs(request).await;
        let in_the_header = Client { method: AuthMethod::ClientSecretBasic, ..second.client() };
        let refused = in_the_header.token(&[("grant_type", "authorization_code"), ("code", "x")]).await;
        is_a_token_error(&refused, 401, "invalid_client");
    }
}

/// `oidcc-idtoken-signature`: whoever says nothing of it gets RS256, which is looked at in every run.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_idtoken_signature() {
    let app = TestApp::registering().await;
    for plan in Plan::types() {
        let mut module = Module::begin(&app, plan).await;
        assert_eq!(module.registered.told["id_token_signed_response_alg"], "RS256");
        let request = module.request();
        let header = jwt::header(module.runs(request).await.id_token_text());
        assert_eq!(header["alg"], "RS256");
        assert!(header["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
    }
}

/// `oidcc-idtoken-rs256`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_idtoken_rs256() {
    let app = TestApp::registering().await;
    for plan in Plan::dynamic() {
        let mut module = Module::with(&app, plan, json!({"id_token_signed_response_alg": "RS256"})).await;
        let request = module.request();
        assert_eq!(jwt::header(module.runs(request).await.id_token_text())["alg"], "RS256");
    }
}

/// `oidcc-idtoken-unsigned` is skipped where it is not listed; then it cannot be registered either.
#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let app = TestApp::registering().await;
    assert!(!lists(&discovery(&app).await, "id_token_signing_alg_values_supported", "none"));
    let unsigned = registration(Plan::CODE, &json!({"id_token_signed_response_alg": "none"}));
    app.register(None, &unsigned).await.refused("invalid_client_metadata");
}

/// `oidcc-codereuse`.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_codereuse() {
    let app = TestApp::registering().await;
    for plan in Plan::types().filter(|plan| plan.has("code")) {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let brought = module.runs(request).await;
        is_a_token_error(&module.redeems(&brought.response["code"], None).await, 400, "invalid_grant");
    }
}

/// `oidcc-codereuse-30seconds`: what the code had given ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_codereuse_30seconds() {
    let app = TestApp::registering().await;
    for plan in Plan::types().filter(|plan| plan.has("code")) {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request();
        let brought = module.runs(request).await;
        app.advance(seconds(30));
        is_a_token_error(&module.redeems(&brought.response["code"], None).await, 400, "invalid_grant");
        let refused = module.client().userinfo(brought.access_token().unwrap()).await;
        assert!(refused.status.is_client_error(), "{plan:?}: {}", refused.status);
    }
}

/// `oidcc-refresh-token`: client 1 names a scope, and client 2's token is nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_refresh_token() {
    let app = TestApp::registering().await;
    let document = discovery(&app).await;
    assert!(lists(&document, "grant_types_supported", "refresh_token"));
    assert!(lists(&document, "scopes_supported", "offline_access"));
    for plan in Plan::types().chain(Plan::dynamic()).filter(|plan| plan.has("code")) {
        let mut grants = refreshing();
        if plan.has_tokens() {
            grants["grant_types"] = json!(["authorization_code", "implicit", "refresh_token"]);
        }
        let mut module = Module::with(&app, plan, grants.clone()).await;
        let first = stays(&mut module).await;
        cannot_be_guessed(&first.refresh_token);
        let mut second = module.second(plan, grants).await;
        let others = stays(&mut second).await;

        app.advance(seconds(2));
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*first.refresh_token), ("scope", "openid")];
        let renewed = module.token(&form).await.ok();
        assert!(renewed.token_type == "Bearer" && renewed.expires_in > 0);
        cannot_be_guessed(&renewed.refresh_token);
        cannot_be_guessed(&renewed.access_token);
        let (old, new) =
            (jwt::verify(&app, &first.id_token).await.claims, jwt::verify(&app, &renewed.id_token).await.claims);
        for name in ["iss", "sub", "aud", "azp", "auth_time", "sid", "acr"] {
            assert_eq!(old.get(name), new.get(name), "{plan:?}: {name}");
        }
        assert_ne!(old["iat"], new["iat"]);
        module.client().userinfo(&renewed.access_token).await.success();

        let stolen = [("grant_type", "refresh_token"), ("refresh_token", &*others.refresh_token)];
        is_a_token_error(&module.token(&stolen).await, 400, "invalid_grant");
        second.token(&stolen).await.ok();
    }
}

/// Codes, access tokens and refresh tokens are made anew each time.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_given_twice() {
    let app = TestApp::registering().await;
    let grants = json!({"grant_types": ["authorization_code", "implicit", "refresh_token"]});
    let mut module = Module::with(&app, Plan::of("code token"), grants).await;
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let request = module.request().with("scope", "openid offline_access").with("prompt", "consent");
        let brought = module.runs(request).await;
        let tokens = brought.tokens.unwrap();
        let front = brought.response["access_token"].clone();
        seen.extend([brought.response["code"].clone(), front, tokens.access_token, tokens.refresh_token]);
    }
    assert_eq!(seen.len(), 12);
}

/// `oidcc-ensure-client-assertion-with-iss-aud-succeeds`; all other modules name the token endpoint.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    let app = TestApp::registering().await;
    let mut module = Module::begin(&app, Plan::CODE.by("private_key_jwt")).await;
    let request = module.request();
    module.runs(request).await;
    for audience in [json!("https://id.test"), json!("https://id.test/token"), json!(["https://id.test/token"])] {
        let request = module.request();
        let page = module.browser.open(&request.url()).await;
        let code = module.arrives(&page)["code"].clone();
        let mut assertion = module.assertion("");
        assertion["aud"] = audience;
        let form = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", super::suite::CALLBACK)];
        let signed = module.key.sign(&assertion);
        crate::harness::signer::by_assertion(&app, "/token", &signed, &form).await.ok();
    }
}

/// `oidcc-ensure-request-with-valid-pkce-succeeds`; every other module does without.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let app = TestApp::registering().await;
    for plan in Plan::types().filter(|plan| plan.has("code")) {
        let mut module = Module::begin(&app, plan).await;
        let request = module.request_with_pkce();
        module.runs(request).await;
        let request = module.request();
        module.runs_silently(request).await;
    }
}
