//! Snapshots of every page that a person can see, with the headers that it is sent with.

use crate::harness::snapshot::assert_page;
use crate::harness::{Client, Shows, TestApp, encode, seconds};

const AFTER: &str = "https://app.test/signed-out";

async fn shop(app: &TestApp) -> Client {
    let dressed = app.client().named("Shop").with(|m| {
        m.client_uri = Some("https://app.test".into());
        m.logo_uri = Some("https://app.test/logo.png".into());
        m.policy_uri = Some("https://app.test/policy".into());
        m.tos_uri = Some("https://app.test/terms".into());
        m.post_logout_redirect_uris = vec![AFTER.into()];
    });
    dressed.create().await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_login_to_the_consent() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let mut browser = app.browser();
    let login = browser.open(&shop.request().url()).await;
    assert_eq!(login.shows(), Shows::Login);
    assert_page("login", &login);
    let refused = browser.try_password(&login, "alice", "wrong").await;
    assert_page("login-refused", &refused);
    let consent = browser.sign_in(&refused, "alice").await;
    assert_eq!(consent.shows(), Shows::Consent);
    assert_page("consent", &consent);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_of_an_account() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let mut browser = app.browser();
    shop.authorize(&mut browser, "alice", shop.request()).await;
    app.advance(seconds(1));
    let page = browser.open(&shop.request().with("prompt", "select_account").url()).await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    assert_page("choose-account", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_that_posts_the_answer() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let request = shop.request().with("response_mode", "form_post");
    let page = shop.authorize(&mut app.browser(), "alice", request).await;
    assert_eq!(page.shows(), Shows::FormPost);
    assert_page("form-post", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let mut browser = app.browser();
    shop.authorize(&mut browser, "alice", shop.request()).await;
    let question = format!("/logout?{}", encode(&[("client_id", &*shop.id)]));
    let page = browser.open(&question).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion);
    assert_page("logout", &page);
    let stayed = browser.press(&page, "logout-stay", &[]).await;
    assert_eq!(stayed.shows(), Shows::StillSignedIn);
    assert_page("still-signed-in", &stayed);
    let page = browser.open(&question).await;
    let signed_out = browser.press(&page, "logout-confirm", &[]).await;
    assert_eq!(signed_out.shows(), Shows::SignedOut);
    assert_page("signed-out", &signed_out);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors() {
    let app = TestApp::start().await;
    let page = app.browser().open("/authorize?client_id=nobody&redirect_uri=https://app.test/callback").await;
    page.is_error_page(400);
    assert_page("error", &page);
    let page = app.browser().open("/no-such-page").await;
    page.is_error_page(404);
    assert_page("error-not-found", &page);
    let app = TestApp::configured().explaining().start().await;
    let page = app.browser().open("/authorize?client_id=nobody&redirect_uri=https://app.test/callback").await;
    page.is_error_page(400);
    assert_page("error-explained", &page);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_needs_to_be() {
    let app = TestApp::start().await;
    let page = app.browser().open("/").await;
    assert_eq!(page.shows(), Shows::Landing);
    assert_page("landing", &page);
    let app = TestApp::configured().explaining().start().await;
    assert_page("landing-development", &app.browser().open("/").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_factor() {
    let app = TestApp::configured().toml("[factors]\nsecond_factor = \"required\"\n").start().await;
    let shop = shop(&app).await;
    let phone = app.add_totp("alice").await;
    let mut browser = app.browser();
    let login = browser.open(&shop.request().url()).await;
    let page = browser.sign_in(&login, "alice").await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    assert_page("second-factor", &page);
    let refused = browser.give_code(&page, &phone.wrong()).await;
    assert_page("second-factor-refused", &refused);
    let recovery = browser.open(&format!("{}&method=recovery_code", page.url)).await;
    assert_page("recovery-code", &recovery);
    let mut browser = app.browser();
    let login = browser.open(&shop.request().url()).await;
    let page = browser.sign_in(&login, "bob").await;
    assert_eq!(page.shows(), Shows::AddFactor);
    assert_page("add-factor", &page);
}
