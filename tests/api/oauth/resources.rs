//! Tokens for one API of several (RFC 8707).

use axum::http::StatusCode;
use latchkey::domain::oauth::client::GrantType;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::token::scope::Scope;
use latchkey::services::oauth::client::update;
use serde_json::{Value, json};

use super::challenge::CHALLENGE;
use crate::harness::signer::Signer;
use crate::harness::{
    Answer, Client, ISSUER, PASSWORD, Shows, TestApp, Tokens, VERIFIER, encode, jwt, operator, seconds,
};

const ORDERS: &str = "https://api.test/orders";
const BILLS: &str = "urn:test:bills";
const TOML: &str = r#"
[resources.orders]
identifier = "https://api.test/orders"
name = "Orders & more"
scopes = ["orders:read", "orders:write"]

[resources.bills]
identifier = "urn:test:bills"
scopes = ["bills:read"]
access_token_format = "opaque"
access_token_lifetime = "1m"
"#;
const SCOPE: &str = "openid email offline_access orders:read orders:write bills:read";

async fn server() -> TestApp {
    TestApp::configured().toml(TOML).start().await
}

/// An application that may have both.
async fn shop(app: &TestApp) -> Client {
    app.client().first_party().scope(SCOPE).create().await
}

/// The code of a sign-in for these resources.
async fn code(client: &Client, resources: &[&str]) -> String {
    let request =
        resources.iter().fold(client.request().with("scope", SCOPE), |request, one| request.and("resource", one));
    client.authorize(&mut client.app.browser(), "alice", request).await.code()
}

/// The form that redeems it, for these.
async fn redeem(client: &Client, code: &str, resources: &[&str]) -> Answer {
    let mut form = client.redemption(code);
    form.extend(resources.iter().map(|one| ("resource", *one)));
    client.token(&form).await
}

async fn refresh(client: &Client, tokens: &Tokens, more: &[(&str, &str)]) -> Answer {
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh_token.as_str())];
    client.token(&[&form, more].concat()).await
}

/// For whom a JWT is, and what it allows there.
fn told(tokens: &Tokens) -> (Value, String) {
    let claims = jwt::claims(&tokens.access_token);
    assert_eq!(claims["scope"].as_str().unwrap_or_default(), tokens.scope, "RFC 6749 section 5.1");
    (claims["aud"].clone(), tokens.scope.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_resource_is_for_it_alone_and_holds_its_scopes() {
    let app = server().await;
    let client = shop(&app).await;
    let orders = redeem(&client, &code(&client, &[ORDERS, BILLS]).await, &[ORDERS]).await.ok();
    assert_eq!(told(&orders), (json!(ORDERS), "orders:read orders:write".into()));
    let id_token = jwt::claims(&orders.id_token);
    assert_eq!(id_token["aud"], json!(client.id), "who signed in is told all the same");
    client.userinfo(&orders.access_token).await.bearer_refused(401, "invalid_token");

    let bills = refresh(&client, &orders, &[("resource", BILLS)]).await.ok();
    assert!(!bills.access_token.contains('.'), "it is opaque, as the resource wants it");
    assert_eq!((bills.scope.as_str(), bills.expires_in), ("bills:read", 60));
    assert!(!bills.id_token.is_empty());

    let all = refresh(&client, &bills, &[]).await.ok();
    assert_eq!(all.scope, "bills:read email offline_access openid orders:read orders:write");
    assert!(!all.access_token.contains('.'), "the stricter of both decides");
    client.userinfo(&all.access_token).await.success();
    let found = client.introspect(&all.access_token).await;
    assert_eq!(found["aud"], json!([ORDERS, BILLS, ISSUER]));

    let less = refresh(&client, &all, &[("resource", ORDERS), ("scope", "orders:read openid")]).await.ok();
    assert_eq!(told(&less), (json!(ORDERS), "orders:read".into()));
    refresh(&client, &less, &[("resource", BILLS), ("scope", "orders:read")]).await.refused("invalid_scope");
    let person = refresh(&client, &less, &[("scope", "openid")]).await.ok();
    assert_eq!(told(&person), (json!(ISSUER), "openid".into()), "for those alone that it has a scope of");
    let both = refresh(&client, &person, &[("resource", ORDERS), ("resource", BILLS)]).await.ok();
    assert_eq!(both.scope, "bills:read orders:read orders:write");
    assert_eq!(client.introspect(&both.access_token).await["aud"], json!([ORDERS, BILLS]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_had_that_was_not_asked_for_at_the_beginning_and_no_code_is_lost_over_it() {
    let app = server().await;
    let client = shop(&app).await;
    let code = code(&client, &[ORDERS]).await;
    for bad in [BILLS, "urn:test:unknown", "https://api.test/orders/", "orders", "https://api.test/orders#x"] {
        redeem(&client, &code, &[bad]).await.refused("invalid_target");
        redeem(&client, &code, &[ORDERS, bad]).await.refused("invalid_target");
    }
    let tokens = redeem(&client, &code, &[]).await.ok();
    assert_eq!(told(&tokens).0, json!([ORDERS, ISSUER]));
    assert_eq!(tokens.scope, "email offline_access openid orders:read orders:write", "bills were not allowed");
    client.userinfo(&tokens.access_token).await.success();
    refresh(&client, &tokens, &[("resource", BILLS)]).await.refused("invalid_target");
    let us = refresh(&client, &tokens, &[("resource", ORDERS)]).await.ok();
    refresh(&client, &us, &[]).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_resource_all_is_as_it_was_and_a_token_can_still_be_narrowed() {
    let app = server().await;
    let client = shop(&app).await;
    let tokens = redeem(&client, &code(&client, &[]).await, &[]).await.ok();
    assert_eq!(
        told(&tokens),
        (json!(ISSUER), "bills:read email offline_access openid orders:read orders:write".into())
    );
    let orders = refresh(&client, &tokens, &[("resource", ORDERS)]).await.ok();
    assert_eq!(told(&orders), (json!(ORDERS), "orders:read orders:write".into()));
    let us = refresh(&client, &orders, &[("resource", ISSUER)]).await.ok();
    assert_eq!(told(&us), (json!(ISSUER), "email offline_access openid".into()));
    client.userinfo(&us.access_token).await.success();
    let audience =
        app.client().first_party().scope("openid other").with(|client| client.audience = vec!["https://x.test".into()]);
    let audience = audience.create().await;
    let tokens = audience.sign_in_for("alice", "openid other").await;
    assert_eq!(told(&tokens).0, json!(["https://x.test", ISSUER]));
    let alone = refresh(&audience, &tokens, &[("resource", "https://x.test")]).await.ok();
    assert_eq!(told(&alone), (json!("https://x.test"), "other".into()), "what it is registered for can be named");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_request_is_refused_at_its_redirect_uri() {
    let app = server().await;
    let client = shop(&app).await;
    let mut browser = app.browser();
    for bad in ["urn:test:unknown", "orders", "https://api.test/orders#x", "https://api.test/a b", "https://other.test"]
    {
        let request = client.request().with("scope", SCOPE).and("resource", ORDERS).and("resource", bad);
        browser.open(&request.url()).await.client_refused("invalid_target");
    }
    // Whoever asks for no scope of it would get a token that nobody has allowed anything by.
    let without = client.request().with("scope", "openid").and("resource", ORDERS);
    browser.open(&without.url()).await.client_refused("invalid_target");
    let many = (0..6).fold(client.request(), |request, i| request.and("resource", &format!("urn:r{i}")));
    browser.open(&many.url()).await.client_refused("invalid_target");
    let unregistered = app.client().scope("openid bills:read").create().await;
    let request = unregistered.request().with("scope", SCOPE).and("resource", ORDERS);
    browser.open(&request.url()).await.client_refused("invalid_target");
    let twice = client.request().with("scope", SCOPE).and("resource", ORDERS).and("resource", BILLS);
    assert_eq!(browser.open(&twice.url()).await.shows(), Shows::Login, "the one parameter that may be repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn they_may_stand_in_a_request_object_and_be_pushed() {
    let app = server().await;
    let key = Signer::new("ES256");
    let client = app.client().first_party().scope(SCOPE).with(|client| client.keys.jwks = Some(key.jwks().into()));
    let client = client.create().await;
    let mut browser = app.browser();
    let members: serde_json::Map<_, _> = client
        .request()
        .with("scope", SCOPE)
        .form()
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    for (resource, aud) in
        [(json!(ORDERS), json!([ORDERS, ISSUER])), (json!([ORDERS, BILLS]), json!([ORDERS, BILLS, ISSUER]))]
    {
        let mut claims = Value::Object(members.clone());
        claims["resource"] = resource;
        let object = key.sign(&claims);
        let link =
            [("client_id", client.id.as_str()), ("request", &object), ("response_type", "code"), ("scope", "openid")];
        let page = browser.open(&format!("/authorize?{}", encode(&link))).await;
        let tokens = client.redeem(&browser.through(page, "alice").await.code()).await.ok();
        assert_eq!(client.introspect(&tokens.access_token).await["aud"], aud);
    }
    let asked = client.request().with("scope", SCOPE).and("resource", ORDERS).and("resource", BILLS).form();
    let pairs: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = client.post("/par", &pairs).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    let uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let page =
        browser.open(&format!("/authorize?{}", encode(&[("client_id", &client.id), ("request_uri", &uri)]))).await;
    let tokens = redeem(&client, &browser.through(page, "alice").await.code(), &[ORDERS]).await.ok();
    assert_eq!(told(&tokens).0, json!(ORDERS));
    let bad = [&pairs[..], &[("resource", "urn:test:unknown")]].concat();
    client.post("/par", &bad).await.refused("invalid_target");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_gets_tokens_for_what_it_is_registered_for() {
    let app = server().await;
    let machine = app.client().machine("orders:read bills:read jobs").create().await;
    let ask =
        async |more: &[(&str, &str)]| machine.token(&[&[("grant_type", "client_credentials")], more].concat()).await;
    let orders = ask(&[("resource", ORDERS)]).await.ok();
    assert_eq!(told(&orders), (json!(ORDERS), "orders:read".into()));
    let bills = ask(&[("resource", BILLS)]).await.ok();
    assert_eq!((bills.scope.as_str(), bills.expires_in, bills.access_token.contains('.')), ("bills:read", 60, false));
    assert_eq!(told(&ask(&[]).await.ok()), (json!(ISSUER), "bills:read jobs orders:read".into()));
    ask(&[("resource", ORDERS), ("scope", "bills:read")]).await.refused("invalid_scope");
    ask(&[("resource", "urn:test:unknown")]).await.refused("invalid_target");
    let other = app.client().machine("jobs").create().await;
    let form = [("grant_type", "client_credentials"), ("resource", ORDERS)];
    other.token(&form).await.refused("invalid_target");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_asks_about_tokens_for_it_and_no_others() {
    let app = server().await;
    let client = shop(&app).await;
    let orders = app.client().machine("x").with(|client| client.resources = vec![ORDERS.into()]).create().await;
    let bills = app.client().machine("x").with(|client| client.resources = vec![BILLS.into()]).create().await;
    let tokens = redeem(&client, &code(&client, &[ORDERS, BILLS]).await, &[BILLS]).await.ok();
    let found = bills.introspect(&tokens.access_token).await;
    assert_eq!((&found["active"], &found["aud"], &found["scope"]), (&json!(true), &json!(BILLS), &json!("bills:read")));
    assert!(!orders.finds_active(&tokens.access_token).await);
    app.advance(seconds(60));
    assert!(!bills.finds_active(&tokens.access_token).await, "it lives as long as the resource says");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_may_no_longer_have_it_no_longer_gets() {
    let app = server().await;
    let client = shop(&app).await;
    let tokens = redeem(&client, &code(&client, &[ORDERS, BILLS]).await, &[]).await.ok();
    let only = async |scope: &str| {
        let changes = Changes { scope: Some(Scope::parse(scope).unwrap()), ..Changes::default() };
        update(&app.app, &operator(), &client.client_id(), changes).await.unwrap();
        app.advance(seconds(1));
    };
    only("openid offline_access bills:read").await;
    let left = refresh(&client, &tokens, &[]).await.ok();
    assert_eq!(client.introspect(&left.access_token).await["aud"], json!([BILLS, ISSUER]));
    refresh(&client, &left, &[("resource", ORDERS)]).await.refused("invalid_target");
    only("openid offline_access").await;
    refresh(&client, &left, &[]).await.refused("invalid_target");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_come_through_the_browser_are_for_what_was_named() {
    let app = server().await;
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit];
    let client = app.client().first_party().grants(&grants).scope(SCOPE);
    let types = latchkey::domain::oauth::authorize::response_type::ResponseType::ALL;
    let client = client.with(|client| client.requests.response_types = types.into()).create().await;
    let request =
        client.request().with("response_type", "code token").with("scope", "orders:read").and("resource", ORDERS);
    let response = client.authorize(&mut app.browser(), "alice", request).await.response();
    let claims = jwt::claims(&response["access_token"]);
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!(ORDERS), &json!("orders:read")));
    client.userinfo(&response["access_token"]).await.bearer_refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_which_api_a_scope_is_of_and_discovery_has_both() {
    let app = server().await;
    let client = app.client().scope(SCOPE).create().await;
    let mut browser = app.browser();
    let request = client.request().with("scope", "openid orders:read bills:read").and("resource", ORDERS);
    let page = browser.open(&request.url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    let text = page.answer.text();
    assert!(text.contains("At Orders &#38; more"), "{text}");
    assert!(text.contains("orders:read") && !text.contains("bills:read"), "what would be in vain is not asked: {text}");
    let document = app.get("/.well-known/openid-configuration").await.success();
    assert_eq!(document["protected_resources"], json!([ISSUER, BILLS, ORDERS]));
    assert!(document["scopes_supported"].as_array().unwrap().contains(&json!("orders:write")));
    let own = app.get("/.well-known/oauth-protected-resource").await.success();
    assert_eq!(own["resource"], json!(ISSUER), "our own API is named like that too");
    let plain = TestApp::start().await.get("/.well-known/openid-configuration").await.success();
    assert!(plain.get("protected_resources").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applications_own_form_may_name_them_too() {
    let app = server().await;
    let client = app.client().first_party().public().scope(SCOPE).create().await;
    let least = [
        ("response_type", "code"),
        ("scope", "openid orders:read bills:read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("username", "alice"),
        ("password", PASSWORD),
    ];
    let ask =
        async |resource| client.post("/authorize-challenge", &[&least[..], &[("resource", resource)]].concat()).await;
    ask("urn:test:unknown").await.refused("invalid_target");
    let code = ask(ORDERS).await.authorization_code();
    let form =
        [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER), ("resource", ORDERS)];
    assert_eq!(told(&client.token(&form).await.ok()), (json!(ORDERS), "orders:read".into()));
}
