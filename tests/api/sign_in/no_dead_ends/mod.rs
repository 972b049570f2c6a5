//! The matrix of docs/flows.md: whatever a person does on the way, they end in the app, or at a fresh sign-in for that
//! app, with its state.

mod choose_account;
mod consent;
mod login;
mod logout;
mod second_factor;

use crate::harness::{Browser, Client, Page, Shows, TestApp, seconds};

/// A third-party client, and a browser that shows its login page.
async fn at_login(app: &TestApp) -> (Client, Browser, Page) {
    let client = app.client().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert_eq!(page.shows(), Shows::Login);
    (client, browser, page)
}

/// The same, with the consent page that alice is asked on.
async fn at_consent(app: &TestApp) -> (Client, Browser, Page) {
    let (client, mut browser, page) = at_login(app).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    (client, browser, page)
}

/// The same, with the choice that alice is given.
async fn at_choice(app: &TestApp) -> (Client, Browser, Page) {
    let (client, mut browser, page) = at_consent(app).await;
    browser.press(&page, "consent-allow", &[]).await.code();
    app.advance(seconds(1));
    let page = browser.open(&client.request().with("prompt", "select_account").url()).await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    (client, browser, page)
}

/// The same, with the question whether alice wants to sign out.
async fn at_logout(app: &TestApp) -> (Client, Browser, Page) {
    let (client, mut browser, page) = at_consent(app).await;
    browser.press(&page, "consent-allow", &[]).await.code();
    let page = browser.open("/logout").await;
    assert_eq!(page.shows(), Shows::LogoutQuestion);
    (client, browser, page)
}

/// `name` is signed in at the client, with the state that it had sent.
async fn arrived(client: &Client, page: &Page, name: &str) {
    assert_eq!(page.response()["state"], "st~ate-._1");
    let tokens = client.redeem(&page.code()).await.ok();
    assert_eq!(client.userinfo(&tokens.access_token).await.success()["preferred_username"], name);
}

/// Somebody signs in in another tab of the same browser.
async fn sign_in_in_another_tab(app: &TestApp, browser: &mut Browser, name: &str) {
    let other = app.client().first_party().create().await;
    app.advance(seconds(1));
    let page = browser.open(&other.request().with("prompt", "login").url()).await;
    browser.sign_in(&page, name).await.code();
    app.advance(seconds(1));
}

/// Somebody signs out in another tab.
async fn sign_out_in_another_tab(browser: &mut Browser) {
    let page = browser.open("/logout").await;
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_disabled_on_the_way_gets_a_fresh_sign_in() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = at_consent(&app).await;
    app.disable_user("alice").await;
    let page = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(page.shows(), Shows::Login);
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Login, "and cannot sign in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_disabled_on_the_way_gets_a_page() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    app.disable_client(&client.id).await;
    browser.press(&page, "consent-allow", &[]).await.is_error_page(400);
}
