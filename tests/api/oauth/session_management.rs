//! `session_state` and the page at `check_session_iframe` (OpenID Connect Session Management 1.0).

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::harness::{Browser, Client, REDIRECT, Shows, TestApp};

const COOKIE: &str = "__Host-latchkey-state";

/// What the page in the frame answers a client at this origin that got this state.
fn asks(browser: &Browser, client: &Client, state: &str, origin: &str) -> &'static str {
    let salt = state.split_once('.').expect("a salt").1;
    let shown = browser.cookies.get(COOKIE).map(String::as_str).unwrap_or_default();
    let hash = Sha256::digest(format!("{} {origin} {shown} {salt}", client.id));
    match format!("{}.{salt}", URL_SAFE_NO_PAD.encode(hash)) == state {
        true => "unchanged",
        false => "changed",
    }
}

async fn state(client: &Client, browser: &mut Browser, prompt: &str) -> String {
    let page = browser.open(&client.request().with("scope", "openid").with("prompt", prompt).url()).await;
    browser.through(page, "alice").await.response().remove("session_state").expect("a session_state")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_authorization_response_has_a_session_state_that_holds_until_somebody_signs_out() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let origin = "https://app.test";
    assert!(REDIRECT.starts_with(origin));
    let mut browser = app.browser();
    let nobody = state(&client, &mut browser, "none").await;
    assert!(!nobody.contains(' '));
    assert_eq!(asks(&browser, &client, &nobody, origin), "unchanged", "an error has it too");

    let first = state(&client, &mut browser, "login").await;
    assert_eq!(asks(&browser, &client, &first, origin), "unchanged");
    assert_eq!(asks(&browser, &client, &nobody, origin), "changed", "somebody has signed in");
    assert_eq!(asks(&browser, &client, &first, "https://other.test"), "changed", "it is of use to its client alone");
    let second = state(&client, &mut browser, "none").await;
    assert_ne!(first, second, "salted");
    assert_eq!(asks(&browser, &client, &second, origin), "unchanged");
    assert_eq!(asks(&browser, &client, &first, origin), "unchanged", "both hold");

    let question = browser.open("/logout").await;
    browser.press(&question, "logout-confirm", &[]).await;
    assert_eq!(browser.cookies.get(COOKIE), None);
    for state in [first, second] {
        assert_eq!(asks(&browser, &client, &state, origin), "changed");
    }
    assert_eq!(asks(&browser, &client, &nobody, origin), "unchanged", "as it was before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_and_the_end_of_the_session_elsewhere_change_it() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let alices = state(&client, &mut browser, "login").await;
    let page = browser.open("/account/add").await;
    browser.sign_in(&page, "bob").await;
    assert_eq!(asks(&browser, &client, &alices, "https://app.test"), "changed");
    let both = state(&client, &mut browser, "none").await;
    let page = browser.open(&client.request().with("prompt", "select_account").url()).await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    let id =
        page.answer.text().split("name=\"account\" value=\"").nth(2).unwrap().split('"').next().unwrap().to_owned();
    let csrf = page.hidden("account-continue", "csrf");
    let flow = page.hidden("account-continue", "flow");
    let form = [("csrf", csrf), ("flow", flow), ("account", id)].map(|(name, value)| (name.to_owned(), value));
    browser.post("/choose-account", &form).await;
    assert_eq!(asks(&browser, &client, &both, "https://app.test"), "changed");

    let now = state(&client, &mut browser, "none").await;
    app.end_sessions().await;
    drop(browser.exchange(Request::get("/check-session").body(Body::empty()).unwrap()).await);
    assert_eq!(asks(&browser, &client, &now, "https://app.test"), "changed", "the frame looks when it is loaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sign_in_has_none() {
    let app = TestApp::start().await;
    let plain = app.client().first_party().scope("profile").create().await;
    let page = plain.authorize(&mut app.browser(), "alice", plain.request().with("scope", "profile")).await;
    assert_eq!(page.response().get("session_state"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_frame_may_be_shown_by_any_site_and_can_load_and_send_nothing() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    state(&client, &mut browser, "login").await;
    let (rows, commits) = (app.rows().await, app.commits());
    let answer = app.get("/check-session").await;
    assert_eq!((app.rows().await, app.commits()), (rows, commits), "a stranger has nothing stored");
    assert_eq!(answer.status, 200);
    assert!(answer.headers.get("x-frame-options").is_none());
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("frame-ancestors"));
    let text = answer.text();
    assert!(text.contains("data-cookie=\"__Host-latchkey-state\""), "{text}");
    let script = text.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    for later in ["const ", "let ", "=>", "`", "crypto.subtle"] {
        assert!(!script.contains(later), "{later}: old browsers run it too");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_can_read_the_cookie_in_a_frame_of_any_site() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let cookies: Vec<_> = page.answer.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with(COOKIE)).expect("the cookie");
    assert!(!cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=None") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
}
