//! The page of one's identities at other providers.

use serde_json::json;

use super::{identity, knowing, own_csrf, through};
use crate::harness::upstream::Upstream;
use crate::harness::{Browser, Page, Shows, TestApp, seconds};

async fn at_connections(app: &TestApp, name: &str) -> (Browser, Page) {
    let mut browser = app.browser();
    let page = browser.open("/account/connections").await;
    let page = browser.sign_in(&page, name).await;
    assert_eq!(page.shows(), Shows::Account, "{}", page.answer.text());
    (browser, page)
}

/// The form of the page that connects, sent.
async fn connect(browser: &mut Browser, page: &Page) -> String {
    let form = vec![("csrf".to_owned(), own_csrf(page)), ("provider".to_owned(), "fake".to_owned())];
    browser.post("/account/connections", &form).await.url
}

async fn disconnect(browser: &mut Browser, page: &Page) -> Page {
    let form = vec![("csrf".to_owned(), own_csrf(page)), ("identity".to_owned(), identity(page))];
    browser.post("/account/connections", &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_connects_signs_in_with_it_and_disconnects() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let (mut browser, page) = at_connections(&app, "alice").await;
    let away = connect(&mut browser, &page).await;
    let page = browser.open(&upstream.signs_in(&app, &away)).await;
    assert!(page.answer.text().contains("You can sign in with it"), "{}", page.answer.text());
    assert!(app.mail_to("alice@example.com").await.subject.contains("Fake was connected"));
    let there = through(&app, &upstream, &mut app.browser()).await;
    assert!(there.answer.text().contains("Alice Liddell"));
    let page = disconnect(&mut browser, &page).await;
    assert!(page.answer.text().contains("signs nobody in here"), "{}", page.answer.text());
    assert!(app.mail_to("alice@example.com").await.subject.contains("connected account was removed"));
    assert_eq!(app.rows().await["identities"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_connected_to_one_account_is_not_connected_to_another() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    upstream.does(|it| it.claims = vec![("email", json!("alice@example.com"))]);
    through(&app, &upstream, &mut app.browser()).await;
    let (mut browser, page) = at_connections(&app, "bob").await;
    let away = connect(&mut browser, &page).await;
    let page = browser.open(&upstream.signs_in(&app, &away)).await;
    assert!(page.answer.text().contains("connected to another account"), "{}", page.answer.text());
    assert_eq!(app.rows().await["identities"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_begun_in_one_session_is_not_finished_in_another() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let (mut browser, page) = at_connections(&app, "alice").await;
    let away = connect(&mut browser, &page).await;
    let back = upstream.signs_in(&app, &away);
    // The proof has grown old: it is given anew, and nothing was connected.
    app.advance(seconds(6 * 60));
    let page = browser.open(&back).await;
    assert_eq!(page.shows(), Shows::Login);
    assert_eq!(app.rows().await["identities"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_way_to_sign_in_is_kept() {
    let upstream = Upstream::start().await;
    let app = TestApp::configured().explaining().toml(&upstream.github_toml()).start().await;
    upstream.does(|it| it.user = json!({"id": 7, "login": "octo"}));
    let mut browser = app.browser();
    through(&app, &upstream, &mut browser).await;
    let page = browser.open("/account/connections").await;
    assert_eq!(page.shows(), Shows::Account);
    let page = disconnect(&mut browser, &page).await;
    assert!(page.answer.text().contains("only way to sign in"), "{}", page.answer.text());
    assert_eq!(app.rows().await["identities"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_thief_connected_goes_with_the_change_of_the_address_that_is_undone() {
    let upstream = Upstream::start().await;
    let app = knowing(&upstream, "").await;
    let (mut thief, page) = at_connections(&app, "alice").await;
    let email = thief.open("/account/email").await;
    thief.press(&email, "email-submit", &[("email", "thief@evil.test")]).await;
    let question = thief.open(&app.link_to("thief@evil.test", "/account/email/confirm").await).await;
    thief.press(&question, "link-confirm", &[]).await;
    let away = connect(&mut thief, &page).await;
    thief.open(&upstream.signs_in(&app, &away)).await;
    assert_eq!(app.rows().await["identities"], 1);
    let mut owner = app.browser();
    let undo = owner.open(&app.link_to("alice@example.com", "/account/email/undo").await).await;
    owner.press(&undo, "link-confirm", &[]).await;
    assert_eq!(app.rows().await["identities"], 0);
}
