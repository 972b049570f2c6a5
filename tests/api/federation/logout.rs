//! A provider tells that somebody has signed out there.

use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{knowing, through, through_from};
use crate::harness::upstream::{CLIENT_ID, Upstream};
use crate::harness::{Answer, Receiver, Shows, TestApp, body, encode, jwt, seconds};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The provider says so, with these claims beside or instead of the usual ones.
async fn says(app: &TestApp, upstream: &Upstream, claims: &[(&str, Value)]) -> Answer {
    sends(app, &logout_token(app, upstream, claims)).await
}

async fn sends(app: &TestApp, token: &str) -> Answer {
    app.post("/federation/fake/backchannel-logout", &[("logout_token", token)]).await
}

fn logout_token(app: &TestApp, upstream: &Upstream, claims: &[(&str, Value)]) -> String {
    let now = app.app.clock.now().as_secs();
    let mut all = json!({
        "iss": upstream.issuer, "aud": CLIENT_ID, "sub": "carl", "iat": now, "exp": now + 120,
        "jti": format!("jti-{now}"), "events": { EVENT: {} },
    });
    for (name, value) in claims {
        match value {
            Value::Null => drop(all.as_object_mut().unwrap().remove(*name)),
            value => all[*name] = value.clone(),
        }
    }
    upstream.signs(&all, "logout+jwt")
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    assert_eq!(answer.json()["error"], "invalid_request");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_there_is_signed_out_here_with_the_tokens_of_that_session() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("scope", "openid").url()).await;
    let back = through_from(&app, &upstream, &mut browser, &page).await;
    let tokens = client.redeem(&back.code()).await.ok();
    let answer = says(&app, &upstream, &[]).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(browser.open("/account").await.shows(), Shows::Login);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    assert!(!client.finds_active(&tokens.access_token).await);
    // It is nothing new to whoever is signed out, and no fault of the provider's.
    app.advance(seconds(1));
    assert_eq!(says(&app, &upstream, &[]).await.status, StatusCode::OK);
    app.advance(seconds(1));
    assert_eq!(says(&app, &upstream, &[("sub", json!("nobody"))]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_there_is_signed_out_of_our_clients_too() {
    let (upstream, receiver) = (Upstream::start().await, Receiver::start().await);
    let app = knowing(&upstream, "").await;
    let hosts = format!("allow = [\"{}\", {:?}]\n", upstream.issuer.trim_start_matches("http://"), receiver.host);
    let app = app.another_with("allow = ", &hosts).await;
    let uri = receiver.url("/logged-out");
    let client = app.client().first_party().with(|m| m.logout.backchannel_logout_uri = Some(uri)).create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("scope", "openid").url()).await;
    let back = through_from(&app, &upstream, &mut browser, &page).await;
    let tokens = client.redeem(&back.code()).await.ok();
    says(&app, &upstream, &[]).await;
    app.work().await;
    let told: Vec<_> = receiver.tokens().iter().map(|token| jwt::claims(token)["sid"].clone()).collect();
    assert_eq!(told, [jwt::claims(&tokens.id_token)["sid"].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_sessions_there_the_one_that_is_named_ends_here() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let (mut laptop, mut phone, mut old) = (app.browser(), app.browser(), app.browser());
    for (browser, sid) in [(&mut laptop, json!("laptop")), (&mut phone, json!("phone")), (&mut old, Value::Null)] {
        upstream.does(|it| it.claims = vec![("sid", sid)]);
        through(&app, &upstream, browser).await;
    }
    assert_eq!(says(&app, &upstream, &[("sid", json!("elsewhere")), ("sub", Value::Null)]).await.status, 200);
    for browser in [&mut laptop, &mut phone, &mut old] {
        assert_eq!(browser.open("/account").await.shows(), Shows::Account);
    }
    // By the session alone.
    app.advance(seconds(1));
    says(&app, &upstream, &[("sid", json!("laptop")), ("sub", Value::Null)]).await;
    assert_eq!(laptop.open("/account").await.shows(), Shows::Login);
    assert_eq!(phone.open("/account").await.shows(), Shows::Account);
    // By both: also where it is not known in which session there it began.
    app.advance(seconds(1));
    says(&app, &upstream, &[("sid", json!("another"))]).await;
    assert_eq!(phone.open("/account").await.shows(), Shows::Account);
    assert_eq!(old.open("/account").await.shows(), Shows::Login);
    app.advance(seconds(1));
    says(&app, &upstream, &[("sid", json!("phone"))]).await;
    assert_eq!(phone.open("/account").await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_come_from_there_stays() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com")), ("sid", json!("s"))]);
    let (mut there, mut here) = (app.browser(), app.browser());
    through(&app, &upstream, &mut there).await;
    let page = here.open("/account").await;
    here.sign_in(&page, "alice").await;
    says(&app, &upstream, &[]).await;
    assert_eq!(here.open("/account").await.shows(), Shows::Account);
    assert_eq!(there.open("/account").await.shows(), Shows::Login);
    // A sign-in that is half done ends as well.
    app.add_totp("alice").await;
    let page = through(&app, &upstream, &mut there).await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    assert_eq!(app.rows().await["pending_sign_ins"], 1);
    app.advance(seconds(1));
    says(&app, &upstream, &[]).await;
    assert_eq!(app.rows().await["pending_sign_ins"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_there_is_known_after_a_second_factor_too() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com")), ("sid", json!("s"))]);
    let phone = app.add_totp("alice").await;
    let mut browser = app.browser();
    let page = through(&app, &upstream, &mut browser).await;
    let page = browser.press(&page, "mfa-submit", &[("code", &phone.code())]).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    says(&app, &upstream, &[("sub", Value::Null), ("sid", json!("s"))]).await;
    assert_eq!(browser.open("/account").await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_hold_ends_nothing() {
    let upstream = Upstream::start().await;
    let app =
        knowing(&upstream, "[providers.other]\ntype = \"github\"\nclient_id = \"a\"\nclient_secret = \"b\"\n").await;
    let mut browser = app.browser();
    through(&app, &upstream, &mut browser).await;
    let now = app.app.clock.now().as_secs();
    let rows = app.rows().await;
    let wrong = [
        ("iss", json!("https://evil.test")),
        ("iss", Value::Null),
        ("aud", json!("another client")),
        ("aud", Value::Null),
        ("iat", json!(now + 61)),
        ("iat", json!(now - 661)),
        ("iat", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("jti", Value::Null),
        ("events", Value::Null),
        ("events", json!({"https://evil.test/event": {}})),
        ("nonce", json!("n")),
        ("sub", Value::Null),
        ("sub", json!(7)),
    ];
    for claim in wrong {
        refused(&says(&app, &upstream, &[claim]).await);
    }
    let good = logout_token(&app, &upstream, &[]);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    for token in ["", "x", "x.y.z", &format!("{header}.e30.{signature}"), &format!("{head}."), &"x.".repeat(20_000)] {
        refused(&sends(&app, token).await);
    }
    for signs in ["none", "HS256", "other key", "unknown kid"] {
        upstream.does(|it| it.signs = signs);
        refused(&says(&app, &upstream, &[]).await);
        app.advance(seconds(31));
    }
    upstream.does(|it| it.signs = "ES256");
    let id_token = json!({"iss": upstream.issuer, "aud": CLIENT_ID, "sub": "carl", "iat": now, "exp": now + 300});
    refused(&sends(&app, &upstream.signs(&id_token, "JWT")).await);
    let stamped = logout_token(&app, &upstream, &[]);
    refused(&sends(&app, &upstream.signs(&payload(&stamped), "at+jwt")).await);
    for provider in ["other", "nobody"] {
        refused(&app.post(&format!("/federation/{provider}/backchannel-logout"), &[("logout_token", &stamped)]).await);
    }
    refused(&app.post("/federation/fake/backchannel-logout", &[("token", &stamped)]).await);
    refused(
        &app.post("/federation/fake/backchannel-logout", &[("logout_token", &stamped), ("logout_token", "x")]).await,
    );
    let large = encode(&[("logout_token", "x".repeat(70_000))]);
    let large = app.call(body(Request::post("/federation/fake/backchannel-logout"), large)).await;
    assert!(large.status.is_client_error(), "{}", large.status);
    assert_eq!(app.rows().await, rows, "nothing was stored for any of it");
    assert_eq!(browser.open("/account").await.shows(), Shows::Account);
    let answer = app.send(Request::builder().method(Method::GET).uri("/federation/fake/backchannel-logout")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(sends(&app, &stamped).await.status, StatusCode::OK, "a good one is taken");
    refused(&sends(&app, &stamped).await);
}

fn payload(token: &str) -> Value {
    Value::Object(jwt::claims(token))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_of_the_same_token_one_is_taken() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    through(&app, &upstream, &mut app.browser()).await;
    let token = logout_token(&app, &upstream, &[]);
    let sending = (0..20).map(|_| {
        let (app, token) = (app.clone(), token.clone());
        tokio::spawn(async move { sends(&app, &token).await.status == StatusCode::OK })
    });
    let mut taken = 0;
    for one in sending.collect::<Vec<_>>() {
        taken += usize::from(one.await.unwrap());
    }
    assert_eq!(taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_strangers_send_the_provider_is_asked_for_its_keys_twice_a_minute() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    through(&app, &upstream, &mut app.browser()).await;
    upstream.asked();
    upstream.does(|it| it.signs = "unknown kid");
    for _ in 0..60 {
        refused(&says(&app, &upstream, &[]).await);
        app.advance(seconds(1));
    }
    let asked = upstream.asked();
    assert!(asked.len() <= 2 && asked.iter().all(|path| path == "jwks"), "{asked:?}");
    // While they cannot be had, a token with another key is not refused for good.
    upstream.does(|it| it.jwks_status = Some(503));
    app.advance(seconds(30));
    for _ in 0..60 {
        let answer = says(&app, &upstream, &[]).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        app.advance(seconds(1));
    }
    let asked = upstream.asked();
    assert!((1..=2).contains(&asked.len()), "{asked:?}");
    // Whose key is known is taken all the same, and nobody who signs in is told that the provider is down.
    upstream.does(|it| it.signs = "ES256");
    assert_eq!(says(&app, &upstream, &[]).await.status, StatusCode::OK);
    assert!(!app.browser().open("/account").await.answer.text().contains("does not answer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_no_keys_yet_asks_for_them_once() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    through(&app, &upstream, &mut app.browser()).await;
    let another = app.another().await;
    upstream.asked();
    let sending = (0..20).map(|number| {
        let another = another.clone();
        let token = logout_token(&app, &upstream, &[("jti", json!(format!("jti-{number}")))]);
        tokio::spawn(async move { sends(&another, &token).await.status })
    });
    for one in sending.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(upstream.asked(), ["metadata", "jwks"]);
}
