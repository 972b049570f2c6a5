//! Signing in with a password.

use std::net::IpAddr;

use crate::harness::{Answer, Client, PASSWORD, Page, Shows, TestApp, seconds};

const WRONG: &str = "not-the-password";

async fn app_with(toml: &str) -> (TestApp, Client) {
    let app = TestApp::configured().toml(toml).start().await;
    let client = app.client().first_party().create().await;
    (app, client)
}

/// Everything that a person or a script can tell two answers apart by, but for what is random in every answer.
fn look(page: &Page) -> (u16, Vec<String>, String) {
    let Answer { status, headers, .. } = &page.answer;
    let text = page.answer.text();
    let nonce = text.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a nonce").to_owned();
    let shown = page.hidden("login-submit", "username");
    let request = page.answer.header("x-request-id");
    let plain = |value: &str| value.replace(&nonce, "NONCE").replace(&shown, "NAME").replace(request, "REQUEST");
    // The length follows from the name that was typed.
    let headers = headers.iter().filter(|(name, _)| !["x-request-id", "content-length"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| plain(&format!("{name}: {}", value.to_str().unwrap()))).collect();
    let flow = page.hidden("login-submit", "flow");
    let csrf = page.hidden("login-submit", "csrf");
    let challenge = page.hidden("passkey-submit", "challenge");
    let asked = page.passkey_options()["challenge"].as_str().expect("a challenge").to_owned();
    let text = text.replace(&challenge, "CHALLENGE").replace(&asked, "ASKED");
    (status.as_u16(), headers, plain(&text.replace(&flow, "FLOW").replace(&csrf, "CSRF")))
}

#[tokio::test(flavor = "multi_thread")]
async fn name_and_address_both_work_however_they_are_written() {
    let (app, client) = app_with("").await;
    for name in ["alice", "ALICE", " alice ", "alice@example.com", "Alice@EXAMPLE.com"] {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        browser.sign_in(&page, name).await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_disabled_look_the_same() {
    let (app, client) = app_with("").await;
    app.disable_user("bob").await;
    let mut looks = Vec::new();
    for (name, password) in [
        ("alice", WRONG),
        ("nobody", WRONG),
        ("bob", PASSWORD),
        ("bob", WRONG),
        ("alice@example.com", WRONG),
        ("nobody@example.com", WRONG),
        ("alice", "x"),
        ("alice", &"x".repeat(1025)),
        ("no such name \u{202e}", WRONG),
    ] {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        let page = browser.try_password(&page, name, password).await;
        assert_eq!(page.shows(), Shows::Login, "{name}");
        assert!(page.answer.text().contains("The username or password is not right."), "{name}");
        assert!(!page.answer.text().contains(password) || password == "x", "the password is not shown");
        looks.push((name, look(&page)));
    }
    for (name, look) in &looks[1..] {
        assert!(*look == looks[0].1, "{name}: {look:?}");
    }
}

/// Time cannot be measured here as finely as somebody with patience measures it; the work that is done can be counted.
#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_costs_one_hash_whoever_it_is_for() {
    let (app, client) = app_with("").await;
    app.disable_user("bob").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let overlong = "x".repeat(1025);
    let mut hashes = async |name: &str, password: &str| {
        let before = app.app.passwords.computed();
        assert_eq!(browser.try_password(&page, name, password).await.shows(), Shows::Login, "{name}");
        app.app.passwords.computed() - before
    };
    for (name, password) in [
        ("alice", WRONG),
        ("nobody", WRONG),
        ("nobody@example.com", WRONG),
        ("bob", PASSWORD),
        ("bob", WRONG),
        ("no such name \u{202e}", WRONG),
        ("", WRONG),
        ("alice", ""),
        ("nobody", ""),
        ("alice", &overlong),
        ("nobody", &overlong),
    ] {
        assert_eq!(hashes(name, password).await, 1, "{name}");
    }
    app.sql("UPDATE users SET password_hash = NULL WHERE username = 'alice'").await;
    assert_eq!(hashes("alice", PASSWORD).await, 1, "an account without a password");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_signs_nobody_in() {
    let (app, client) = app_with("").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for (name, password) in [("", ""), ("alice", ""), ("", PASSWORD)] {
        assert_eq!(browser.try_password(&page, name, password).await.shows(), Shows::Login);
    }
    browser.sign_in(&page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_keeps_the_name_and_the_request() {
    let (app, client) = app_with("").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.try_password(&page, "alicf", WRONG).await;
    assert_eq!(page.hidden("login-submit", "username"), "alicf");
    let response = browser.sign_in(&page, "alice").await.response();
    assert_eq!(response["state"], "st~ate-._1");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_tells_the_client() {
    let (app, client) = app_with("").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.press(&page, "login-cancel", &[]).await;
    page.client_refused("access_denied");
    assert_eq!(page.response()["state"], "st~ate-._1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_who_asks_with_logo_and_links() {
    let (app, _) = app_with("").await;
    let client = app.client().named("<i>Shop</i>").with(|m| {
        m.logo_uri = Some("https://cdn.test/logo.png".into());
        m.policy_uri = Some("https://app.test/policy".into());
        m.tos_uri = Some("https://app.test/terms".into());
    });
    let client = client.create().await;
    let page = app.browser().open(&client.request().url()).await;
    let text = page.answer.text();
    for part in ["https://cdn.test/logo.png", "https://app.test/policy", "https://app.test/terms"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("<i>Shop"));
    assert!(page.answer.header("content-security-policy").contains("img-src 'self' https://cdn.test;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_failures_are_braked_and_tell_how_long() {
    let (app, client) = app_with("[login]\naccount_attempts = 3\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for _ in 0..3 {
        assert_eq!(browser.try_password(&page, "alice", WRONG).await.answer.status, 200);
    }
    app.advance(seconds(60));
    let braked = browser.try_password(&page, "alice", PASSWORD).await;
    assert_eq!(braked.answer.status, 429);
    assert_eq!(braked.answer.header("retry-after"), "840", "the rest of the window");
    assert_eq!(braked.shows(), Shows::Login);
    assert_eq!(browser.try_password(&page, "alice@example.com", PASSWORD).await.answer.status, 429, "the same account");

    let mut bobs = app.browser();
    let page = bobs.open(&client.request().url()).await;
    bobs.sign_in(&page, "bob").await.code();

    let mut elsewhere = app.browser();
    elsewhere.address = "198.51.100.7".parse::<IpAddr>().unwrap();
    let page = elsewhere.open(&client.request().url()).await;
    elsewhere.sign_in(&page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_in_one_place_locks_nobody_out_of_another() {
    let (app, client) = app_with("[login]\naccount_attempts = 2\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for _ in 0..25 {
        browser.try_password(&page, "alice", WRONG).await;
    }
    let mut owner = app.browser();
    owner.address = "198.51.100.7".parse::<IpAddr>().unwrap();
    let page = owner.open(&client.request().url()).await;
    owner.sign_in(&page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_passes() {
    let (app, client) = app_with("[login]\naccount_attempts = 2\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for status in [200, 200, 429] {
        assert_eq!(browser.try_password(&page, "alice", WRONG).await.answer.status, status);
    }
    app.advance(seconds(15 * 60) - std::time::Duration::from_micros(1));
    assert_eq!(browser.try_password(&page, "alice", PASSWORD).await.answer.status, 429);
    app.advance(std::time::Duration::from_micros(1));
    browser.sign_in(&page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_forgives() {
    let (app, client) = app_with("[login]\naccount_attempts = 3\n").await;
    for _ in 0..3 {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        for _ in 0..2 {
            assert_eq!(browser.try_password(&page, "alice", WRONG).await.answer.status, 200);
        }
        browser.sign_in(&page, "alice").await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_is_braked_like_a_known_one() {
    let (app, client) = app_with("[login]\naccount_attempts = 2\n").await;
    let mut looks = Vec::new();
    for name in ["alice", "nobody"] {
        let mut browser = app.browser();
        let page = browser.open(&client.request().url()).await;
        for status in [200, 200, 429] {
            let page = browser.try_password(&page, name, WRONG).await;
            assert_eq!(page.answer.status, status, "{name}");
            looks.push(look(&page));
        }
    }
    assert!(looks[..3] == looks[3..], "{looks:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_try_account_after_account() {
    let (app, client) = app_with("[login]\naddress_attempts = 4\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for name in ["a1", "a2", "a3", "a4"] {
        assert_eq!(browser.try_password(&page, name, WRONG).await.answer.status, 200);
    }
    assert_eq!(browser.try_password(&page, "alice", PASSWORD).await.answer.status, 429);
    browser.address = "198.51.100.7".parse::<IpAddr>().unwrap();
    browser.sign_in(&page, "alice").await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_attempts_at_once_count_as_many() {
    let (app, client) = app_with("[login]\naccount_attempts = 3\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let attempts = (0..12).map(|_| {
        let (mut browser, page) = (browser.clone(), page.clone());
        tokio::spawn(async move { browser.try_password(&page, "alice", WRONG).await.answer.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 3, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let (app, client) = app_with("[login]\naccount_attempts = 2\n").await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    for (attempt, status) in [200, 200, 429].into_iter().enumerate() {
        let form = page.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", WRONG)]);
        let request = axum::http::Request::post("/login").header("x-forwarded-for", format!("203.0.113.{attempt}"));
        let answer = browser.exchange(crate::harness::body(request, crate::harness::encode(&form))).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_two_transactions() {
    let (app, client) = app_with("").await;
    for _ in 0..3 {
        let mut browser = app.browser();
        let before = app.commits();
        let page = browser.open(&client.request().url()).await;
        assert_eq!(app.commits(), before, "nothing until the form is sent");
        browser.sign_in(&page, "alice").await.code();
        // The attempt is counted before the password is compared; then all that a success means.
        assert_eq!(app.commits(), before.map(|commits| commits + 2));
        let before = app.commits();
        browser.open(&client.request().url()).await.code();
        assert_eq!(app.commits(), before.map(|commits| commits + 1), "signed in: the code alone");
    }
}
