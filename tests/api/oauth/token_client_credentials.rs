//! `grant_type=client_credentials`.

use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use latchkey::domain::oauth::client::AuthMethod;
use latchkey::services::oauth::client::rotate_secret;

use crate::harness::{ISSUER, TestApp, body, encode, jwt, operator, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_gets_a_token_for_itself() {
    let app = TestApp::start().await;
    let machine = app.client().machine("reports:read reports:write").create().await;
    let tokens = machine.client_credentials().await.ok();
    assert_eq!((tokens.refresh_token.as_str(), tokens.id_token.as_str()), ("", ""));
    let token = jwt::verify(&app, &tokens.access_token).await;
    assert_eq!(token.header["typ"], "at+jwt");
    assert_eq!(token.claims["sub"], *machine.id);
    assert_eq!(token.claims["client_id"], *machine.id);
    assert_eq!((&token.claims["iss"], &token.claims["aud"]), (&ISSUER.into(), &ISSUER.into()));
    assert_eq!(token.claims["scope"], "reports:read reports:write");
    assert!(!token.claims.contains_key("auth_time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_ask_for_less_but_not_for_more() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a b").create().await;
    let ask = async |scope: &str| machine.token(&[("grant_type", "client_credentials"), ("scope", scope)]).await;
    assert_eq!(ask("b").await.ok().scope, "b");
    ask("a c").await.refused("invalid_scope");
    ask("openid").await.refused("invalid_scope");
    ask("a\tb").await.refused("invalid_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_token_has_the_audience_that_it_was_registered_for() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").with(|m| m.audience = vec!["https://api.test".into()]).create().await;
    let token = machine.client_credentials().await.ok().access_token;
    assert_eq!(jwt::verify(&app, &token).await.claims["aud"], "https://api.test");
    let several = app.client().machine("a").with(|m| m.audience = vec!["x".into(), "y".into()]).create().await;
    let token = several.client_credentials().await.ok().access_token;
    assert_eq!(jwt::claims(&token)["aud"], serde_json::json!(["x", "y"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn its_token_opens_nobodys_userinfo() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let token = machine.client_credentials().await.ok().access_token;
    machine.userinfo(&token).await.bearer_refused(403, "insufficient_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_disabled_look_the_same() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let other = app.client().machine("a").create().await;
    let attempt = async |id: &str, secret: &str| {
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let request = Request::post("/token").header(header::AUTHORIZATION, basic);
        let answer = app.call(body(request, encode(&[("grant_type", "client_credentials")]))).await;
        answer.refused("invalid_client");
        answer.text().replace(answer.header("x-request-id"), "ID")
    };
    let unknown = attempt("nobody", &machine.secret).await;
    let wrong = attempt(&machine.id, &other.secret).await;
    let empty = attempt(&machine.id, "").await;
    app.disable_client(&machine.id).await;
    let disabled = attempt(&machine.id, &machine.secret).await;
    assert_eq!([&unknown, &wrong, &empty], [&disabled; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_ways_of_authentication_at_once_are_refused_at_every_endpoint() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", machine.id, machine.secret)));
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    let secret = ("client_secret", machine.secret.as_str());
    for endpoint in ["/token", "/introspect", "/revoke"] {
        let grant = [("grant_type", "client_credentials"), ("token", "x"), ("client_id", machine.id.as_str())];
        for second in [vec![secret], vec![kind], vec![("client_assertion", "e30.e30.x")], vec![kind, secret]] {
            let form = encode(&[&grant[..], &second].concat());
            let request = Request::post(endpoint).header(header::AUTHORIZATION, &basic);
            app.call(body(request, form)).await.refused("invalid_request");
        }
        let form = [&grant[..], &[secret, kind]].concat();
        app.post(endpoint, &form).await.refused("invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_secrets_are_braked_and_the_right_one_is_taken_from_anywhere() {
    let app = TestApp::configured().toml("[login]\nclient_attempts = 3\n").start().await;
    let machine = app.client().machine("a").create().await;
    let other = app.client().machine("a").create().await;
    let wrong = |id: &str| {
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{}", other.secret)));
        app.call(body(Request::post("/token").header(header::AUTHORIZATION, basic), "grant_type=client_credentials"))
    };
    let mut braked = Vec::new();
    for id in [machine.id.as_str(), "nobody"] {
        for _ in 0..3 {
            wrong(id).await.refused("invalid_client");
        }
        app.advance(seconds(60));
        let answer = wrong(id).await;
        answer.refused_with(StatusCode::TOO_MANY_REQUESTS, "invalid_client");
        braked
            .push((answer.header("retry-after").to_owned(), answer.text().replace(answer.header("x-request-id"), "")));
    }
    assert_eq!((braked[0].0.as_str(), braked[1].0.as_str()), ("840", "840"), "the rest of the window");
    assert_eq!(braked[0].1, braked[1].1, "whether there is such a client is not told");
    machine.client_credentials().await.ok();
    for endpoint in ["/introspect", "/revoke"] {
        let form = encode(&[("token", "x"), ("client_id", &machine.id), ("client_secret", "wrong")]);
        app.call(body(Request::post(endpoint), form))
            .await
            .refused_with(StatusCode::TOO_MANY_REQUESTS, "invalid_client");
    }
    let elsewhere = "198.51.100.7".parse().unwrap();
    let form = encode(&[("client_id", machine.id.as_str()), ("client_secret", "wrong")]);
    app.call_from(body(Request::post("/token"), form), elsewhere).await.refused("invalid_client");
    app.advance(seconds(840));
    wrong(&machine.id).await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_ends_the_old_one_everywhere_within_a_second() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let machine = app.client().machine("a").create().await;
    machine.at(&beside).client_credentials().await.ok();
    let mut renewed = machine.clone();
    rotate_secret(&app.app, &operator(), &machine.client_id(), None)
        .await
        .unwrap()
        .expose()
        .clone_into(&mut renewed.secret);
    machine.client_credentials().await.refused("invalid_client");
    renewed.client_credentials().await.ok();
    app.advance(seconds(1));
    machine.at(&beside).client_credentials().await.refused("invalid_client");
    renewed.at(&beside).client_credentials().await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_ends_with_its_tokens_everywhere_within_a_second() {
    let app = TestApp::start().await;
    let beside = app.another().await;
    let machine = app.client().machine("a").create().await;
    let watcher = app.client().machine("a").with(|m| m.resources = vec![ISSUER.into()]).create().await;
    let token = machine.at(&beside).client_credentials().await.ok().access_token;
    assert!(watcher.at(&beside).finds_active(&token).await);
    app.disable_client(&machine.id).await;
    machine.at(&beside).client_credentials().await.refused("invalid_client");
    assert!(!watcher.at(&beside).finds_active(&token).await);
    assert!(!watcher.finds_active(&token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_in_the_header_are_form_decoded() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    let encoded: String = machine.id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let basic = format!("bAsIc {}", STANDARD.encode(format!("{encoded}:{}", machine.secret)));
    let request = Request::post("/token").header(header::AUTHORIZATION, basic);
    app.call(body(request, encode(&[("grant_type", "client_credentials")]))).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires_to_the_second() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").auth(AuthMethod::ClientSecretPost).create().await;
    let token = machine.client_credentials().await.ok().access_token;
    app.advance(seconds(599));
    assert!(machine.finds_active(&token).await);
    app.advance(seconds(1));
    assert!(!machine.finds_active(&token).await);
}
