//! `/api/v1/keys`: machines of whoever runs the server see its keys, and rotate them.

use axum::body::Body;
use axum::http::{Request, header};
use latchkey::domain::oauth::client::GrantType;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::registration_error::RegistrationError;
use latchkey::domain::oauth::token::scope::Scope;
use latchkey::domain::operation::audit_event::Action;
use latchkey::services::ServiceError;
use latchkey::services::oauth::client::update;
use latchkey::services::operation::clock_guard;
use latchkey::services::operation::events::{self, Filter};
use latchkey::services::operation::key_administration::{MOST, WINDOW};
use latchkey::services::operation::key_rotation::PUBLISHED_AHEAD;
use latchkey::services::operation::keys::reload;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, jwt, operator, seconds};
use crate::own_account::description::conforms;

const KEYS: &str = "/api/v1/keys";
const ROTATE: &str = "/api/v1/keys/rotate";
const SCOPE: &str = "latchkey:keys";

/// A machine that manages keys.
async fn machine(app: &TestApp) -> Client {
    app.client().machine("reports:read latchkey:keys").create().await
}

async fn token(machine: &Client) -> String {
    machine.token(&[("grant_type", "client_credentials"), ("scope", SCOPE)]).await.ok().access_token
}

/// A call, which is compared with the description.
async fn call(app: &TestApp, token: &str, path: &str, body: Option<Value>) -> Answer {
    let method = if body.is_some() { "POST" } else { "GET" };
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = match &body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let answer = app.call(request.unwrap()).await;
    let document = app.get("/api/v1/openapi.json").await.success();
    conforms(&document, method, path, body.as_ref(), &answer);
    answer
}

async fn rotate(app: &TestApp, token: &str) -> Answer {
    call(app, token, ROTATE, Some(json!({}))).await
}

/// The key of an algorithm in a state.
fn key<'a>(keys: &'a Value, alg: &str, state: &str) -> &'a Value {
    let fits = |key: &&Value| key["alg"] == alg && key["state"] == state;
    keys["keys"].as_array().unwrap().iter().find(fits).unwrap_or_else(|| panic!("{alg} {state}: {keys}"))
}

async fn published(app: &TestApp) -> Vec<String> {
    let jwks = app.get("/jwks").await.success();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// As the test oidcc-server-rotate-keys of the OpenID Foundation looks at it: between two fetches of /jwks there is a new key,
/// and those from before are still there.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_rotates_the_keys_and_is_told_what_signs_from_when() {
    let app = TestApp::start().await;
    let machine = machine(&app).await;
    let token = token(&machine).await;
    let before = call(&app, &token, KEYS, None).await.json();
    let (known, next) = (published(&app).await, key(&before, "ES256", "next"));
    assert_eq!((&next["use"], &next["published"]), (&json!("sig"), &json!(true)));
    assert_eq!(next["signs_from"], next["created_at"], "there never was a /jwks without it");

    let after = rotate(&app, &token).await.json();
    let now = app.clock.now();
    let (active, new) = (key(&after, "ES256", "active"), key(&after, "ES256", "next"));
    assert_eq!((&active["kid"], &active["signs_from"]), (&next["kid"], &json!(now.to_string())));
    assert_eq!(new["signs_from"], now.after(PUBLISHED_AHEAD).to_string());
    assert_eq!(key(&after, "ES256", "retired").get("signs_from"), None);
    assert_eq!(call(&app, &token, KEYS, None).await.json(), after);
    let later = published(&app).await;
    assert!(known.iter().all(|kid| later.contains(kid)) && later.len() == known.len() + 4);
    assert!(later.iter().any(|kid| new["kid"] == *kid));
    let signed = machine.client_credentials().await.ok().access_token;
    assert_eq!(jwt::verify(&app, &signed).await.header["kid"], active["kid"]);

    events::seal(&app.app).await.unwrap();
    let filter = Filter { action: Some(Action::KeyRotated), ..Filter::default() };
    let rotated = events::after(&app.app, 0, 9, &filter).await.unwrap();
    let by = (rotated[0].actor_kind.as_str(), rotated[0].actor_id.as_deref());
    assert_eq!((rotated.len(), by), (4, ("client", Some(machine.id.as_str()))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_one_algorithm_are_rotated_alone_and_never_too_early() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let machine = machine(&app).await;
    let token_of = async || token(&machine).await;
    let one = |alg: &str| Some(json!({"algorithm": alg}));
    let before = call(&app, &token_of().await, KEYS, None).await.json();
    let after = call(&app, &token_of().await, ROTATE, one("EdDSA")).await.json();
    assert_eq!(key(&after, "EdDSA", "active")["kid"], key(&before, "EdDSA", "next")["kid"]);
    assert_eq!(key(&after, "RS256", "active")["kid"], key(&before, "RS256", "active")["kid"]);
    for body in [one("EdDSA"), Some(json!({}))] {
        let early = call(&beside, &token_of().await, ROTATE, body).await;
        early.problem(409, "key_too_young");
        assert_eq!(early.header("retry-after"), PUBLISHED_AHEAD.as_secs().to_string());
    }
    for wrong in ["PS512", "HS256", "none", ""] {
        let refused = call(&app, &token_of().await, ROTATE, one(wrong)).await;
        assert_eq!(refused.problem(422, "algorithm_refused")["errors"][0]["location"], "/algorithm");
    }
    call(&app, &token_of().await, ROTATE, Some(json!({"force": true}))).await.problem(400, "malformed_body");
    app.advance(PUBLISHED_AHEAD);
    assert_eq!(call(&beside, &token_of().await, ROTATE, one("EdDSA")).await.status, 200);
    reload(&app.app).await.unwrap();
    assert_eq!(published(&app).await, published(&beside).await);
}

/// Keys stay in /jwks for as long as a token may live: somebody with the token of a machine must not make it long.
#[tokio::test(flavor = "multi_thread")]
async fn the_keys_are_rotated_a_few_times_a_day_at_most() {
    let app = TestApp::start().await;
    let machine = machine(&app).await;
    for _ in 0..MOST {
        let token = token(&machine).await;
        assert_eq!(rotate(&app, &token).await.status, 200);
        rotate(&app, &token).await.problem(409, "key_too_young");
        app.advance(PUBLISHED_AHEAD);
    }
    let refused = rotate(&app, &token(&machine).await).await;
    refused.problem(429, "too_many_attempts");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(wait <= WINDOW.as_secs() && published(&app).await.len() == 8 + 4 * MOST as usize);
    app.advance(seconds(wait));
    assert_eq!(rotate(&app, &token(&machine).await).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_a_machine_that_was_let_and_asks_by_name_sees_or_rotates_keys() {
    let app = TestApp::start().await;
    let machine = machine(&app).await;
    app.get(KEYS).await.problem(401, "token_missing");
    let unnamed = machine.client_credentials().await.ok();
    assert_eq!(unnamed.scope, "reports:read", "to administer the server is asked for by name");
    let other = app.client().machine("reports:read").create().await;
    other.token(&[("grant_type", "client_credentials"), ("scope", SCOPE)]).await.refused("invalid_scope");
    let person = app.client().first_party().scope("openid account account:write").create().await;
    for token in [&unnamed.access_token, &person.sign_in("alice").await.access_token] {
        call(&app, token, KEYS, None).await.problem(403, "insufficient_scope");
        rotate(&app, token).await.problem(403, "insufficient_scope");
    }
    rotate(&app, "x.y.z").await.problem(401, "invalid_token");

    // What was taken away is gone, also from a token that there is.
    let token = token(&machine).await;
    assert_eq!(call(&app, &token, KEYS, None).await.status, 200);
    let changes = Changes { scope: Some(Scope::parse("reports:read").unwrap()), ..Changes::default() };
    update(&app.app, &operator(), &machine.client_id(), changes).await.unwrap();
    call(&app, &token, KEYS, None).await.problem(403, "insufficient_scope");
    let before = published(&app).await;
    rotate(&app, &token).await.problem(403, "insufficient_scope");
    assert_eq!(published(&app).await, before);
}

/// An application that people use gets it from none of them, even if it is a machine besides.
#[tokio::test(flavor = "multi_thread")]
async fn no_person_can_let_an_application_manage_keys() {
    let app = TestApp::start().await;
    let both = app.client().first_party().scope("openid latchkey:keys").grants(&[
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::ClientCredentials,
    ]);
    let both = both.create().await;
    let request = both.request().with("scope", "openid latchkey:keys");
    let tokens = both.sign_in_with(&mut app.browser(), "alice", request).await;
    assert_eq!(tokens.scope, "openid");
    call(&app, &tokens.access_token, KEYS, None).await.problem(403, "insufficient_scope");
    assert_eq!(call(&app, &token(&both).await, KEYS, None).await.status, 200, "for itself");
    let client = app.client().create().await;
    let scope = Scope::parse("openid latchkey:keys").unwrap();
    let changes = Changes { scope: Some(scope), ..Changes::default() };
    let refused = update(&app.app, &operator(), &client.client_id(), changes).await;
    let Err(ServiceError::Registration(RegistrationError::MachineScope { scope })) = refused else {
        panic!("it was registered")
    };
    assert_eq!(scope.to_string(), SCOPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_server_is_of_no_use_and_one_with_the_scope_is_for_this_one_too() {
    let app = TestApp::start().await;
    let builder = app.client().machine("reports:read latchkey:keys");
    let elsewhere = builder.with(|metadata| metadata.audience = vec!["https://api.test".into()]).create().await;
    let plain = elsewhere.client_credentials().await.ok().access_token;
    assert_eq!(jwt::claims(&plain)["aud"], "https://api.test");
    call(&app, &plain, KEYS, None).await.problem(403, "insufficient_scope");
    assert_eq!(call(&app, &token(&elsewhere).await, KEYS, None).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_clock_is_in_doubt_no_key_is_rotated() {
    let app = TestApp::start().await;
    let machine = machine(&app).await;
    let right = app.clock.now();
    app.clock.set(right.after(seconds(3_650 * 86_400)));
    clock_guard::check(&app.app).await.unwrap();
    rotate(&app, &token(&machine).await).await.problem(409, "clock_in_doubt");
}
