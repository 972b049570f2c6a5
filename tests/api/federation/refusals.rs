//! What a provider, or whoever poses as one, must not get away with.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{choose, knowing, through, way_back};
use crate::harness::upstream::{Behaviour, CLIENT_ID, Upstream};
use crate::harness::{Shows, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_that_is_not_for_us_and_for_this_sign_in_signs_nobody_in() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let claims: [Wrong; 13] = [
        ("nonce", |_| json!("another")),
        ("nonce", |_| Value::Null),
        ("aud", |_| json!("another client")),
        ("aud", |_| json!([CLIENT_ID, "another client"])),
        ("azp", |_| json!("another client")),
        ("azp", |_| json!(7)),
        ("iss", |_| json!("https://evil.test")),
        ("exp", |now| json!(now - 61)),
        ("iat", |now| json!(now + 61)),
        ("exp", |_| Value::Null),
        ("sub", |_| Value::Null),
        ("sub", |_| json!("")),
        ("email_verified", |_| json!(1)),
    ];
    for (name, value) in claims {
        let value = value(app.app.clock.now().as_secs());
        upstream.does(|it| it.claims = vec![(name, value.clone())]);
        let page = through(&app, &upstream, &mut app.browser()).await;
        assert_eq!(page.shows(), Shows::Login, "{name} = {value}");
        let text = page.answer.text();
        assert!(text.contains("could not be accepted"), "{name} = {value}: {text}");
        app.advance(seconds(30));
    }
    upstream.does(|it| it.claims = vec![]);
    for signs in ["none", "HS256", "other key", "unknown kid"] {
        upstream.does(|it| it.signs = signs);
        let page = through(&app, &upstream, &mut app.browser()).await;
        assert_eq!(page.shows(), Shows::Login, "{signs}");
        app.advance(seconds(60));
    }
    let rows = app.rows().await;
    assert_eq!((rows["identities"], rows["sessions"]), (0, 0));
    upstream.does(|it| it.signs = "ES256");
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account, "a good one is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_differs_by_a_minute_does_no_harm() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let now = app.app.clock.now().as_secs();
    for claims in [vec![("exp", json!(now - 59))], vec![("iat", json!(now + 59))]] {
        upstream.does(|it| it.claims = claims);
        assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_used_once_in_its_own_browser_and_at_its_own_provider() {
    let upstream = Upstream::start().await;
    let other = "[providers.other]\ntype = \"github\"\nclient_id = \"a\"\nclient_secret = \"b\"\n";
    let app = knowing(&upstream, other).await;
    let mut browser = app.browser();
    let back = way_back(&app, &upstream, &mut browser).await;
    let mut stranger = app.browser();
    stranger.open("/account").await;
    for page in [
        stranger.open(&back).await,
        browser.open(&back.replace("/fake/", "/other/")).await,
        browser.open(&back.replace("state=", "state=x")).await,
    ] {
        assert_eq!(page.shows(), Shows::Error);
        assert_eq!(page.answer.status, StatusCode::BAD_REQUEST);
    }
    assert!(!upstream.asked().contains(&"token".to_owned()), "nothing was sent there");
    assert_eq!(browser.open(&back).await.shows(), Shows::Account, "nobody has used it up");
    assert_eq!(browser.open(&back).await.shows(), Shows::Error, "it is used");
    let unknown = browser.open(&back.replace("/fake/", "/nobody/")).await;
    assert_eq!(unknown.answer.status, StatusCode::NOT_FOUND);
    // Whoever comes back too late begins anew.
    let mut late = app.browser();
    let back = way_back(&app, &upstream, &mut late).await;
    app.advance(seconds(15 * 60 + 1));
    assert_eq!(late.open(&back).await.shows(), Shows::Error);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_issuer_is_refused_before_its_code_is_sent_anywhere() {
    let upstream = Upstream::start().await;
    upstream.does(|it| it.metadata = vec![("authorization_response_iss_parameter_supported", json!(true))]);
    let app = knowing(&upstream, "").await;
    for (iss, shows) in [
        (String::new(), Shows::Login),
        ("&iss=https%3A%2F%2Fevil.test".to_owned(), Shows::Login),
        (format!("&iss={}", upstream.issuer.replace(':', "%3A").replace('/', "%2F")), Shows::Account),
    ] {
        let mut browser = app.browser();
        let page = browser.open("/account").await;
        let away = choose(&mut browser, &page).await;
        upstream.asked();
        let page = browser.open(&format!("{}{iss}", upstream.signs_in(&app, &away))).await;
        assert_eq!(page.shows(), shows, "{iss}");
        assert_eq!(upstream.asked().contains(&"token".to_owned()), shows == Shows::Account);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_does_not_want_to_is_told_so_and_can_go_on() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let mut browser = app.browser();
    let back = way_back(&app, &upstream, &mut browser).await;
    let state = back.split("state=").nth(1).unwrap();
    let page = browser.open(&format!("/federation/fake/callback?error=access_denied&state={state}")).await;
    assert!(page.answer.text().contains("You did not sign in with Fake"));
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_provider_is_led_to_ourselves_and_signs_in() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let mut browser = app.browser();
    let back = way_back(&app, &upstream, &mut browser).await;
    let (path, query) = back.split_once('?').unwrap();
    let form: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let form: Vec<_> = form.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let page = browser.post_from_elsewhere(path, &form).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    let long = vec![("state".to_owned(), "x".repeat(7000))];
    assert_eq!(browser.post_from_elsewhere(path, &long).await.answer.status, StatusCode::BAD_REQUEST);
}

type Change = fn(&mut Behaviour);

/// A claim, and what is wrong with it at a time.
type Wrong = (&'static str, fn(i64) -> Value);

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_is_shown_as_such_and_costs_others_nothing() {
    let wrong: [(&str, Change); 6] = [
        ("500", |it| it.token_status = Some(500)),
        ("nonsense", |it| it.token_body = Some("<html>".to_owned())),
        ("ten megabytes", |it| it.token_body = Some("x".repeat(10_000_000))),
        ("a redirect", |it| it.redirects_to = Some("http://169.254.169.254/latest".to_owned())),
        ("a refusal", |it| {
            it.token_status = Some(400);
            it.token_body = Some("{\"error\":\"invalid_grant\"}".to_owned());
        }),
        ("a refusal with 200", |it| it.token_body = Some("{\"error\":\"bad_verification_code\"}".to_owned())),
    ];
    for (name, change) in wrong {
        let upstream = Upstream::start().await;
        let app = knowing(&upstream, "").await;
        upstream.does(change);
        let mut browser = app.browser();
        let page = through(&app, &upstream, &mut browser).await;
        assert_eq!(page.shows(), Shows::Login, "{name}");
        let refused = name.starts_with("a refusal");
        let said = if refused { "could not be accepted" } else { "does not answer" };
        assert!(page.answer.text().contains(said), "{name}: {}", page.answer.text());
        assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Account, "{name}");
        assert_eq!(app.rows().await["identities"], 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_is_marked_on_the_login_page_and_tried_again_later() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.token_status = Some(503));
    for _ in 0..2 {
        through(&app, &upstream, &mut app.browser()).await;
    }
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert!(page.answer.text().contains("Fake does not answer"), "{}", page.answer.text());
    upstream.asked();
    let stays = choose(&mut browser, &page).await;
    assert!(stays.starts_with("/login"), "nobody is sent there: {stays}");
    assert_eq!(upstream.asked(), Vec::<String>::new());
    upstream.does(|it| it.token_status = None);
    app.advance(seconds(20));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
    assert!(!app.browser().open("/account").await.answer.text().contains("does not answer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_meanwhile_does_not_keep_a_provider_down() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let mut waiting = app.browser();
    let back = way_back(&app, &upstream, &mut waiting).await;
    upstream.does(|it| it.token_status = Some(503));
    for _ in 0..2 {
        through(&app, &upstream, &mut app.browser()).await;
    }
    upstream.does(|it| it.token_status = None);
    app.advance(seconds(19));
    upstream.asked();
    assert!(waiting.open(&back).await.answer.text().contains("does not answer"));
    assert_eq!(upstream.asked(), Vec::<String>::new(), "nobody waits for it");
    app.advance(seconds(1));
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_cannot_be_had_once_are_asked_for_again() {
    let upstream = Upstream::start().await;
    upstream.does(|it| it.metadata = vec![("issuer", json!("https://evil.test"))]);
    let app = knowing(&upstream, "").await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    choose(&mut browser, &page).await;
    upstream.does(|it| it.metadata = vec![]);
    assert_eq!(through(&app, &upstream, &mut app.browser()).await.shows(), Shows::Account, "once is no outage");
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_another_provider_are_not_its_own() {
    let upstream = Upstream::start().await;
    upstream.does(|it| it.metadata = vec![("issuer", json!("https://evil.test"))]);
    let app = knowing(&upstream, "").await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert!(choose(&mut browser, &page).await.starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_out_again_and_again_keeps_five_rows() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    for _ in 0..100 {
        assert!(choose(&mut browser, &page).await.starts_with(&upstream.issuer));
    }
    assert_eq!(app.rows().await["upstream_flows"], 5);
    assert!(choose(&mut browser, &page).await.starts_with("/login"), "a hundred are enough");
    let mut elsewhere = app.browser();
    elsewhere.address = "203.0.113.9".parse().unwrap();
    let page = elsewhere.open("/account").await;
    assert!(choose(&mut elsewhere, &page).await.starts_with(&upstream.issuer));
    app.advance(seconds(2 * 3600 + 15 * 60));
    app.work().await;
    assert_eq!(app.rows().await["upstream_flows"], 0);
}
