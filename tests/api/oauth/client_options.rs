//! What a client is registered with shows in what it gets.

use axum::http::{Request, header};
use latchkey::crypto::Algorithm;
use latchkey::domain::oauth::client::AuthMethod;
use latchkey::services::operation::key_rotation::{rotate, rotate_due};
use serde_json::json;

use crate::harness::{Client, Shows, TestApp, body, encode, jwt, operator, seconds};

const HOUR: u64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_nobody_chose_a_method_for_sends_its_secret_in_the_header_or_in_the_body() {
    let app = TestApp::start().await;
    let either = app.client().machine("a").with(|m| m.secret_in_header_or_body = true).create().await;
    either.client_credentials().await.ok();
    let post = Client { method: AuthMethod::ClientSecretPost, ..either.clone() };
    post.client_credentials().await.ok();
    let wrong = Client { secret: "wrong".into(), ..post.clone() };
    wrong.client_credentials().await.refused("invalid_client");
    Client { method: AuthMethod::None, ..either.clone() }.client_credentials().await.refused("invalid_client");

    // The same secret in both places is two ways at once (RFC 6749 section 2.3).
    let form = [("grant_type", "client_credentials"), ("client_id", &either.id), ("client_secret", &either.secret)];
    let request = Request::post("/token").header(header::AUTHORIZATION, either.basic());
    app.call(body(request, encode(&form))).await.refused("invalid_request");

    let named = app.client().machine("a").create().await;
    Client { method: AuthMethod::ClientSecretPost, ..named }.client_credentials().await.refused("invalid_client");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claims_of_the_scope_are_in_the_id_token_of_a_client_that_cannot_ask_userinfo() {
    let app = TestApp::start().await;
    let client = app.client().with(|m| m.id_token_claims = true).create().await;
    let tokens = client.sign_in_for("alice", "openid email profile offline_access").await;
    let claims = jwt::verify(&app, &tokens.id_token).await.claims;
    assert_eq!(claims["email"], "alice@example.com");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["preferred_username"], "alice");
    let userinfo = client.userinfo(&tokens.access_token).await.success();
    for (name, value) in userinfo.as_object().unwrap() {
        assert_eq!(claims.get(name), Some(value), "{name}");
    }
    assert_eq!(claims.get("phone_number"), None, "a scope that was not granted");

    let refreshed = client.refresh(&tokens.refresh_token).await.ok();
    assert_eq!(jwt::claims(&refreshed.id_token)["email"], "alice@example.com");
    let less = client.refresh_for(&refreshed.refresh_token, "openid profile").await.ok();
    let claims = jwt::claims(&less.id_token);
    assert_eq!((claims.get("email"), claims.get("name")), (None, Some(&json!("Alice Liddell"))));

    let usual = app.client().create().await.sign_in("alice").await;
    assert_eq!(jwt::claims(&usual.id_token).get("email"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_tokens_are_signed_as_the_client_is_registered() {
    let app = TestApp::start().await;
    let rs256 = app.client().machine("a").with(|m| m.access_token_signed_response_alg = Algorithm::Rs256);
    let machine = rs256.create().await;
    let token = machine.client_credentials().await.ok().access_token;
    let verified = jwt::verify(&app, &token).await;
    assert_eq!((&verified.header["alg"], &verified.header["typ"]), (&json!("RS256"), &json!("at+jwt")));
    assert!(machine.finds_active(&token).await);

    let web = app.client().with(|m| m.access_token_signed_response_alg = Algorithm::Rs256).create().await;
    let tokens = web.sign_in("alice").await;
    assert_eq!(jwt::verify(&app, &tokens.access_token).await.header["alg"], "RS256");
    web.userinfo(&tokens.access_token).await.success();
    // An ID token is none, whatever it is signed with.
    web.userinfo(&tokens.id_token).await.bearer_refused(401, "invalid_token");

    let usual = app.client().machine("a").create().await.client_credentials().await.ok();
    assert_eq!(jwt::verify(&app, &usual.access_token).await.header["alg"], "ES256");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_live_as_long_as_the_client_is_registered_for() {
    let app = TestApp::start().await;
    let client = app
        .client()
        .with(|m| {
            m.lifetimes.access_token = Some(seconds(90));
            m.lifetimes.id_token = Some(seconds(12 * HOUR));
            m.lifetimes.refresh_token_idle = Some(seconds(HOUR));
            m.lifetimes.refresh_token_absolute = Some(seconds(2 * HOUR));
        })
        .create()
        .await;
    let tokens = client.sign_in("alice").await;
    let now = app.clock.now().as_secs();
    assert_eq!(tokens.expires_in, 90);
    assert_eq!(jwt::claims(&tokens.access_token)["exp"], now + 90);
    assert_eq!(jwt::claims(&tokens.id_token)["exp"], now + 12 * 3600);
    assert_eq!(client.introspect(&tokens.access_token).await["exp"], now + 90);
    assert_eq!(client.introspect(&tokens.refresh_token).await["exp"], now + 3600);
    app.advance(seconds(89));
    assert!(client.finds_active(&tokens.access_token).await);
    app.advance(seconds(1));
    assert!(!client.finds_active(&tokens.access_token).await);

    // Not idle, and refreshed until the absolute end.
    app.advance(seconds(HOUR - 91));
    let second = client.refresh(&tokens.refresh_token).await.ok();
    app.advance(seconds(HOUR - 1));
    let third = client.refresh(&second.refresh_token).await.ok();
    assert_eq!(third.expires_in, 90);
    app.advance(seconds(2));
    client.refresh(&third.refresh_token).await.refused("invalid_grant");

    // Idle.
    let idle = client.sign_in("bob").await;
    app.advance(seconds(HOUR));
    client.refresh(&idle.refresh_token).await.refused("invalid_grant");

    let usual = app.client().create().await.sign_in("alice").await;
    assert_eq!(usual.expires_in, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machines_token_lives_as_long_as_it_is_registered_for() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").with(|m| m.lifetimes.access_token = Some(seconds(HOUR))).create().await;
    let opaque = app.client().machine("a").opaque().with(|m| m.lifetimes.access_token = Some(seconds(HOUR)));
    let opaque = opaque.create().await;
    for client in [machine, opaque] {
        let token = client.client_credentials().await.ok();
        assert_eq!(token.expires_in, HOUR);
        app.advance(seconds(HOUR - 1));
        assert!(client.finds_active(&token.access_token).await);
        app.advance(seconds(1));
        assert!(!client.finds_active(&token.access_token).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_published_until_the_longest_token_of_any_client_has_expired() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").with(|m| m.lifetimes.access_token = Some(seconds(24 * HOUR)));
    let machine = machine.create().await;
    let token = machine.client_credentials().await.ok().access_token;
    rotate(&app.app, &operator(), None, false).await.unwrap();
    app.advance(seconds(24 * HOUR - 1));
    rotate_due(&app.app, &operator()).await.unwrap();
    jwt::verify(&app, &token).await;
    assert!(machine.finds_active(&token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_that_was_tightened_holds_for_clients_that_were_registered_before() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").with(|m| m.lifetimes.access_token = Some(seconds(HOUR))).create().await;
    let tighter = app.another_with_toml("[lifetimes]\naccess_token_max = \"20m\"\n").await;
    assert_eq!(machine.at(&tighter).client_credentials().await.ok().expires_in, 1200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_client_may_come_back_to_a_loopback_address_without_a_path() {
    let app = TestApp::start().await;
    let native = app.client().public().redirect(&["http://127.0.0.1"]).create().await;
    let sent = "http://127.0.0.1:61023";
    let page = native.authorize(&mut app.browser(), "alice", native.request().with("redirect_uri", sent)).await;
    assert!(page.target().starts_with("http://127.0.0.1:61023?code="), "{}", page.target());
    let code = page.code();
    let mut form = native.redemption(&code);
    form[2].1 = sent;
    native.token(&form).await.ok();
    for sent in ["http://127.0.0.1:61023/", "http://127.0.0.1:80@evil.test", "http://127.0.0.1.evil.test"] {
        app.browser().open(&native.request().with("redirect_uri", sent).url()).await.is_error_page(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn localhost_has_any_port_for_a_client_that_it_was_switched_on_for() {
    let app = TestApp::start().await;
    let uri = ["http://localhost/callback"];
    let on = app.client().public().redirect(&uri).with(|m| m.localhost_any_port = true).create().await;
    let off = app.client().public().redirect(&uri).create().await;
    let sent = "http://localhost:51004/callback";
    let page = on.authorize(&mut app.browser(), "alice", on.request().with("redirect_uri", sent)).await;
    assert!(page.target().starts_with(sent), "{}", page.target());
    app.browser().open(&off.request().with("redirect_uri", sent).url()).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_another_app_could_take_the_answer_people_are_asked_each_time_even_with_a_secret() {
    let app = TestApp::start().await;
    let immich = app
        .client()
        .redirect(&["https://immich.test/auth/login", "app.immich:///oauth-callback", "http://192.168.2.50:2283/cb"])
        .with(|m| m.private_http = true)
        .create()
        .await;
    let mut browser = app.browser();
    immich.authorize(&mut browser, "alice", immich.request()).await.code();
    browser.open(&immich.request().url()).await.code();
    for uri in ["app.immich:///oauth-callback", "http://192.168.2.50:2283/cb"] {
        let request = immich.request().with("redirect_uri", uri);
        assert_eq!(browser.open(&request.url()).await.shows(), Shows::Consent, "{uri}");
        let page = immich.authorize(&mut browser, "alice", request).await;
        assert!(page.target().starts_with(uri), "{}", page.target());
        let code = page.code();
        let mut form = immich.redemption(&code);
        form[2].1 = uri;
        immich.token(&form).await.ok();
    }
}
