//! What strangers send is not stored; and what must be, has so much room.

use std::collections::BTreeMap;
use std::net::IpAddr;

use latchkey::services::operation::prune;

use crate::harness::{Browser, Client, PASSWORD, Shows, TestApp, operator, seconds};

/// A state that makes a request too long for a URL.
fn long_state() -> String {
    "s".repeat(2000)
}

/// Everything that somebody who has not signed in can send, with this browser.
async fn everything(browser: &mut Browser, clients: &[&Client], foreign: &[String]) {
    for client in clients {
        for (name, value) in [("prompt", ""), ("prompt", "login"), ("prompt", "select_account"), ("max_age", "0")] {
            let request = client.request().with(name, value);
            let page = browser.open(&request.url()).await;
            browser.open(&page.url).await;
            browser.post("/authorize", &request.form()).await;
            browser.post_from_elsewhere("/authorize", &request.form()).await;
        }
        browser.open(&client.request().with("prompt", "none").url()).await;
        browser.open(&client.request().with("scope", "").url()).await;
        browser.open(&client.request().with("redirect_uri", "https://evil.test/").url()).await;

        let page = browser.open(&client.request().url()).await;
        if page.shows() == Shows::Login {
            let mut forged =
                page.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", PASSWORD)]);
            forged.retain(|(name, _)| name != "csrf");
            browser.post("/login", &forged).await;
            browser.press(&page, "login-cancel", &[]).await;
        }
    }
    let made_up = ["x".to_owned(), "A".repeat(43), "A".repeat(700)];
    for flow in foreign.iter().chain(&made_up) {
        for page in ["/login", "/consent", "/choose-account"] {
            browser.open(&format!("{page}?flow={flow}")).await;
            for action in ["sign_in", "cancel", "allow", "deny", "sign_out_all", "other"] {
                let form = [
                    ("flow", flow.as_str()),
                    ("action", action),
                    ("csrf", "x"),
                    ("username", "alice"),
                    ("password", PASSWORD),
                ];
                browser.post(page, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
            }
        }
    }
    for path in ["/token", "/introspect", "/revoke", "/userinfo"] {
        let form =
            [("grant_type", "authorization_code"), ("code", "x"), ("client_id", "nobody"), ("client_secret", "x")];
        browser.post(path, &form.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
    }
    browser.open("/logout").await;
    browser.post("/logout", &[]).await;
    for (name, value) in [("action", "all"), ("account", "x"), ("action", "sign_out_all"), ("sign_out", "x")] {
        let form = [("csrf", "x"), (name, value)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        browser.post("/logout/confirm", &form).await;
        browser.post("/account/switch", &form).await;
    }
    browser.open("/account/add").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_stranger_sends_stores_nothing() {
    let app = TestApp::start().await;
    let (client, first_party) = (app.client().create().await, app.client().first_party().create().await);
    let mut somebody = app.browser();
    let login = somebody.open(&client.request().url()).await;
    let consent = somebody.sign_in(&login, "bob").await;
    let foreign = [login.hidden("login-submit", "flow"), consent.hidden("consent-allow", "flow")];

    let before = app.rows().await;
    assert!(before.len() >= 13 && before["browser_sessions"] == 1, "{before:?}");
    let mut kinds = [app.browser(), app.browser(), app.browser(), app.browser()];
    kinds[1].keeps_cookies = false;
    for name in ["__Host-latchkey", "__Host-latchkey-browser"] {
        kinds[2].cookies.insert(name.to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
        kinds[3].cookies.insert(name.to_owned(), "A".repeat(43));
    }
    for browser in &mut kinds {
        everything(browser, &[&client, &first_party], &foreign).await;
        assert_eq!(app.rows().await, before);
    }
    app.advance(seconds(3601));
    everything(&mut app.browser(), &[], &foreign).await;
    assert_eq!(app.rows().await, before, "what has expired begins anew without a trace, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_leave_counters_and_no_more_for_more_of_them() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let grown = async |before: &BTreeMap<String, i64>| {
        let after = app.rows().await;
        before.keys().filter(|table| after[*table] != before[*table]).cloned().collect::<Vec<_>>()
    };
    let attempt = async |count: usize| {
        for _ in 0..count {
            let mut browser = app.browser();
            let page = browser.open(&client.request().url()).await;
            browser.try_password(&page, "alice", "wrong-password").await;
        }
    };
    let before = app.rows().await;
    attempt(2).await;
    let changed = grown(&before).await;
    let counts = ["counters", "login_throttles"];
    assert!(changed.iter().all(|table| counts.contains(&table.as_str())), "{changed:?}");
    let before = app.rows().await;
    attempt(5).await;
    assert_eq!(grown(&before).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_usual_request_fits_into_a_url_of_two_thousand_characters() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let page = app.browser().open(&client.request().url()).await;
    assert!(page.url.len() < 700, "{}", page.url.len());
    let page = app.browser().open(&client.request().with("state", &"s".repeat(900)).url()).await;
    let url = format!("{}{}", crate::harness::ISSUER, page.url.replace("/login", "/choose-account"));
    assert!((1500..=2000).contains(&url.len()), "sealed, and short enough: {}", url.len());
    let page = app.browser().open(&client.request().with("state", &long_state()).url()).await;
    assert!(page.url.len() < 100, "stored: {}", page.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_request_takes_the_same_way() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let before = app.rows().await;
    let page = browser.open(&client.request().with("state", &long_state()).url()).await;
    assert_eq!(app.rows().await["authorization_requests"], before["authorization_requests"] + 1);
    assert_eq!(app.browser().open(&page.url).await.shows(), Shows::Login, "begins anew elsewhere");
    let consent = browser.sign_in(&page, "alice").await;
    for _ in 0..2 {
        let done = browser.press(&consent, "consent-allow", &[]).await;
        assert_eq!(done.response()["state"], long_state());
        client.redeem(&done.code()).await.ok();
    }
    // Answered: it is of no use for much longer.
    app.advance(seconds(121));
    prune::all(&app.app, &operator()).await.unwrap();
    assert_eq!(app.rows().await["authorization_requests"], before["authorization_requests"] + 1, "the one elsewhere");
    app.advance(seconds(3600));
    prune::all(&app.app, &operator()).await.unwrap();
    assert_eq!(app.rows().await["authorization_requests"], before["authorization_requests"]);
    browser.open(&page.url).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_request_that_was_denied_is_of_no_use_for_much_longer_either() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let before = app.rows().await;
    let page = browser.open(&client.request().with("state", &long_state()).url()).await;
    let consent = browser.sign_in(&page, "alice").await;
    app.advance(seconds(121));
    prune::all(&app.app, &operator()).await.unwrap();
    assert_eq!(app.rows().await["authorization_requests"], before["authorization_requests"] + 1, "not answered yet");
    let denied = browser.press(&consent, "consent-deny", &[]).await;
    denied.client_refused("access_denied");
    assert_eq!(denied.response()["state"], long_state());
    app.advance(seconds(121));
    prune::all(&app.app, &operator()).await.unwrap();
    assert_eq!(app.rows().await["authorization_requests"], before["authorization_requests"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_requests_of_one_place_have_so_much_room_and_the_client_is_told() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let request = client.request().with("state", &long_state());
    let mut flows = Vec::new();
    for _ in 0..80 {
        flows.push(app.browser().open(&request.url()).await);
    }
    let before = app.rows().await;
    let mut neighbour = app.browser();
    neighbour.address = "192.0.2.200".parse::<IpAddr>().unwrap();
    neighbour.open(&request.url()).await.client_refused("temporarily_unavailable");
    let refused = app.browser().open(&request.url()).await;
    refused.client_refused("temporarily_unavailable");
    assert_eq!(refused.response()["state"], long_state());
    app.browser().open(&flows[0].url).await.client_refused("temporarily_unavailable");
    assert_eq!(app.rows().await, before);

    let page = app.browser().open(&client.request().url()).await;
    assert_eq!(page.shows(), Shows::Login, "a shorter one needs no room");
    let mut elsewhere = app.browser();
    elsewhere.address = "198.51.100.7".parse::<IpAddr>().unwrap();
    assert_eq!(elsewhere.open(&request.url()).await.shows(), Shows::Login);
    app.advance(seconds(3600));
    assert_eq!(app.browser().open(&request.url()).await.shows(), Shows::Login, "an hour later");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_version_before_has_stored_still_leads_to_the_application() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let hex = |text: &str| {
        let hash = latchkey::foundation::SecretHash::of(text);
        hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (cookie, flow) = ("AAAAAAAAAAAAAAAAAAAAAA", "F".repeat(43));
    let bytes = |text: &str| match app.database.url.starts_with("sqlite:") {
        true => format!("x'{}'", hex(text)),
        false => format!("'\\x{}'", hex(text)),
    };
    let request = format!(
        r#"{{"client":"{}","redirect_uri":"{}","response_mode":"query","state":"old","scope":"openid","nonce":null,
            "challenge":null,"prompt":[],"max_age":null,"login_hint":null,"subject":null,
            "claims":{{"userinfo":{{}},"id_token":{{}}}}}}"#,
        client.id, client.redirect_uri
    );
    let (at, until) = ("2026-05-28 20:26:40+00:00", "2026-05-28 21:26:40+00:00");
    app.sql(&format!(
        r#"INSERT INTO browser_sessions (hash, data, created_at, expires_at)
           VALUES ({}, '{{"browser":{{"binding":"b","csrf":"c","session":null}}}}', '{at}', '{until}');
           INSERT INTO authorization_requests (hash, browser_hash, client_id, parameters, created_at, expires_at)
           VALUES ({}, {}, '{}', '{request}', '{at}', '{until}')"#,
        bytes(cookie),
        bytes(&flow),
        bytes("b"),
        client.id
    ))
    .await;
    let mut browser = app.browser();
    browser.cookies.insert("__Host-latchkey".to_owned(), cookie.to_owned());
    let page = browser.open(&format!("/login?flow={flow}")).await;
    assert_eq!(page.hidden("login-submit", "csrf"), "c", "taken up where it was");
    let done = browser.through(page, "alice").await;
    assert_eq!(done.response()["state"], "old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_was_altered_is_none() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let flow = page.hidden("login-submit", "flow");
    for place in (0..flow.len()).step_by(17).chain([flow.len() - 1]) {
        let other = if &flow[place..=place] == "A" { "B" } else { "A" };
        let altered = format!("{}{other}{}", &flow[..place], &flow[place + 1..]);
        browser.open(&format!("/login?flow={altered}")).await.is_error_page(400);
        browser.open(&format!("/login?flow={}", &flow[..place])).await.is_error_page(400);
    }
    let elsewhere = TestApp::start().await;
    browser.now_talks_to(&elsewhere);
    assert_eq!(browser.reload(&page).await.shows(), Shows::Error, "the client is not known there");
}
