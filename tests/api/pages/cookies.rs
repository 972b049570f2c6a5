//! The cookie of a visit.

use crate::harness::{Browser, Shows, TestApp, seconds};

fn set_cookie(answer: &crate::harness::Answer) -> String {
    answer.header("set-cookie").to_owned()
}

async fn login_cookie(app: &TestApp) -> (Browser, String) {
    let client = app.client().create().await;
    let mut browser = app.browser();
    let request = axum::http::Request::get(client.request().url()).body(axum::body::Body::empty()).unwrap();
    let answer = browser.exchange(request).await;
    (browser, set_cookie(&answer))
}

#[tokio::test(flavor = "multi_thread")]
async fn on_https_it_is_bound_to_this_host() {
    let app = TestApp::start().await;
    let (browser, cookie) = login_cookie(&app).await;
    assert!(cookie.starts_with("__Host-latchkey="), "{cookie}");
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(&attribute), "{cookie}");
    }
    assert_eq!(attributes.len(), 4, "no domain, and it ends with the browser: {cookie}");
    assert!(browser.cookies["__Host-latchkey"].len() >= 22, "128 bits");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_http_for_development_it_works_without() {
    let app = TestApp::configured().issuer("http://127.0.0.1:8080").start().await;
    let (browser, cookie) = login_cookie(&app).await;
    assert!(cookie.starts_with("latchkey=") && !cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.cookies.len(), 1);
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    assert_eq!(crate::harness::jwt::verify(&app, &tokens.id_token).await.claims["iss"], "http://127.0.0.1:8080");
    let mut browser = app.browser();
    let id_token = client.sign_in_with(&mut browser, "alice", client.request()).await.id_token;
    assert_eq!(browser.open(&format!("/logout?id_token_hint={id_token}")).await.shows(), Shows::SignedOut);
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["latchkey-device"], "what it is known by next time");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_changes_it_and_the_old_one_leads_nowhere() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let mut fixed = browser.clone();
    let before = browser.cookies.clone();
    browser.sign_in(&page, "alice").await.code();
    assert_ne!(browser.cookies, before);
    let silent = client.request().with("prompt", "none").url();
    fixed.open(&silent).await.client_refused("login_required");
    browser.open(&silent).await.code();

    let mut again = browser.clone();
    app.advance(seconds(1));
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    browser.sign_in(&page, "alice").await.code();
    assert_ne!(browser.cookies, again.cookies, "a step up changes it too");
    again.open(&silent).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_or_malformed_cookie_is_no_cookie() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    for value in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "\"", "%00", &"A".repeat(5000), "../../etc/passwd", "=;="] {
        let mut browser = app.browser();
        browser.cookies.insert("__Host-latchkey".into(), value.to_owned());
        browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
        let page = browser.open(&client.request().url()).await;
        assert_eq!(page.shows(), Shows::Login, "{value}");
        assert_ne!(browser.cookies["__Host-latchkey"], value, "never adopted: session fixation");
        browser.through(page, "alice").await.code();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_a_day_and_when_it_is_not_used() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let silent = client.request().with("prompt", "none").url();
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    app.advance(seconds(8 * 3600 - 1));
    browser.open(&silent).await.code();
    app.advance(seconds(8 * 3600));
    browser.open(&silent).await.client_refused("login_required");

    let mut busy = app.browser();
    client.authorize(&mut busy, "alice", client.request()).await;
    for _ in 0..3 {
        app.advance(seconds(8 * 3600 - 1));
        busy.open(&silent).await.code();
    }
    app.advance(seconds(3));
    busy.open(&silent).await.client_refused("login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_one_without_need() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    for path in
        ["/", "/jwks", "/healthz", "/.well-known/openid-configuration", "/nothing", "/authorize", "/login", "/logout"]
    {
        browser.open(path).await;
    }
    browser.open(&client.request().with("prompt", "none").url()).await;
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
}
