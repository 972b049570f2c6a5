//! What every page, and every answer, has in common.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use latchkey::http::router::front_with;
use latchkey::http::serve::Answers;

use crate::harness::{Answer, Page, Shows, TestApp, seconds};

/// The headers that keep a page from being framed, cached or made to load something foreign.
#[track_caller]
fn is_guarded(page: &Page) {
    let answer = &page.answer;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{}", page.url);
    assert_eq!(answer.header("cache-control"), "no-store", "{}", page.url);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let csp = answer.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'nonce-"] {
        assert!(csp.contains(part), "{}: {csp}", page.url);
    }
    assert!(!csp.contains("unsafe"), "{csp}");
    let nonce = csp.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert!(nonce.len() >= 22);
    let text = answer.text();
    for tag in ["<script", "<style", "rel=\"stylesheet\""] {
        for part in text.match_indices(tag).map(|(at, _)| &text[at..]) {
            assert!(part.split('>').next().unwrap().contains(&format!("nonce=\"{nonce}\"")), "{}: {tag}", page.url);
        }
    }
    for foreign in ["src=\"http", "src=\"//", "style=\"", "onclick="] {
        assert!(!text.contains(foreign), "{}: {foreign}", page.url);
    }
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_guarded() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let mut seen = Vec::new();
    seen.push(browser.open("/").await);
    seen.push(browser.open("/nothing").await);
    seen.push(browser.open("/authorize").await);
    seen.push(browser.open("/login").await);
    let login = browser.open(&client.request().url()).await;
    seen.push(login.clone());
    seen.push(browser.try_password(&login, "alice", "wrong-password").await);
    let consent = browser.sign_in(&login, "alice").await;
    seen.push(consent.clone());
    browser.press(&consent, "consent-allow", &[]).await.code();
    app.advance(seconds(1));
    seen.push(browser.open(&client.request().with("prompt", "select_account").url()).await);
    seen.push(browser.open(&client.request().with("response_mode", "form_post").url()).await);
    let logout = browser.open("/logout").await;
    seen.push(logout.clone());
    seen.push(browser.press(&logout, "logout-stay", &[]).await);
    seen.push(browser.press(&logout, "logout-confirm", &[]).await);
    seen.iter().for_each(is_guarded);
    let kinds: BTreeSet<String> = seen.iter().map(|page| format!("{:?}", page.shows())).collect();
    assert_eq!(kinds.len(), 9, "{kinds:?}");
    let nonces: BTreeSet<_> =
        seen.iter().map(|page| page.answer.header("content-security-policy").to_owned()).collect();
    assert_eq!(nonces.len(), seen.len(), "no nonce is used twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_forms_that_lead_to_a_client_may_leave() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    let csp = |page: &Page| page.answer.header("content-security-policy").to_owned();
    let login = browser.open(&client.request().url()).await;
    assert!(!csp(&login).contains("form-action"), "Chromium would stop the redirect after it");
    assert!(csp(&browser.open("/nothing").await).contains("form-action 'self'"));
    let without = app.another_with_toml("[factors]\npasskeys = \"off\"\n").await;
    browser.now_talks_to(&without);
    let login = browser.open(&client.request().url()).await;
    assert!(!csp(&login).contains("script-src"), "only passkeys need a script, and the page that posts itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut ids = BTreeSet::new();
    let note = |answer: &Answer, ids: &mut BTreeSet<String>| {
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id:?}");
        assert!(ids.insert(id), "an id came twice");
    };
    for path in
        ["/", "/jwks", "/healthz", "/readyz", "/nothing", "/token", "/userinfo", "/authorize", "/logout", "/static/x"]
    {
        note(&app.get(path).await, &mut ids);
        let claimed = app.send(Request::get(path).header("x-request-id", "mine")).await;
        assert_ne!(claimed.header("x-request-id"), "mine");
        note(&claimed, &mut ids);
    }
    note(&client.client_credentials().await, &mut ids);
    note(&client.refresh("x").await, &mut ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_does_not_exist_gets_a_page() {
    let app = TestApp::start().await;
    let page = app.browser().open("/no/such/%3Cb%3Epage%3C/b%3E").await;
    page.is_error_page(404);
    assert!(!page.answer.text().contains("<b>page"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_are_shown_in_development_only() {
    for explains in [true, false] {
        let settings = TestApp::configured();
        let app = if explains { settings.explaining() } else { settings }.start().await;
        let page = app.browser().open("/authorize?client_id=nobody-knows-me").await;
        page.is_error_page(400);
        assert_eq!(page.answer.text().contains("nobody-knows-me"), explains);
        assert_eq!(page.answer.text().contains("<details"), explains);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_of_the_process_and_of_the_database_can_be_asked() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.success()["status"], "ok");
    assert_eq!(app.get("/readyz").await.success()["status"], "ready");
    assert_eq!(app.browser().open("/").await.shows(), Shows::Landing);
}

#[tokio::test]
async fn a_panic_is_a_500_with_an_id_and_the_server_lives_on() {
    let app = TestApp::start().await;
    let guest = Router::new().route("/panics", get(async || -> () { panic!("by the test") }));
    let front = front_with(app.app.clone(), guest);
    for _ in 0..2 {
        let answer = front.answer(Request::get("/panics").body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()["x-request-id"].len(), 10);
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
}
