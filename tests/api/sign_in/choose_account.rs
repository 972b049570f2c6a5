//! `prompt=select_account`.

use crate::harness::{Browser, Client, Page, Shows, TestApp, seconds};

async fn asked(app: &TestApp) -> (Client, Browser, Page) {
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    app.advance(seconds(1));
    let page = browser.open(&client.request().with("prompt", "select_account").url()).await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    (client, browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_account_goes_on_without_a_password() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = asked(&app).await;
    assert!(page.answer.text().contains("Continue as Alice Liddell"));
    client.redeem(&browser.press(&page, "account-continue", &[]).await.code()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_account_for_a_browser_another_one_ends_the_first_ones_session() {
    let app = TestApp::configured().toml("[login]\naccounts_per_browser = 1").start().await;
    let (client, mut browser, page) = asked(&app).await;
    let online = client.sign_in_with(&mut browser, "alice", client.request().with("scope", "openid")).await;
    let page = browser.press(&page, "account-other", &[]).await;
    assert_eq!(page.shows(), Shows::Login);
    let tokens = client.redeem(&browser.sign_in(&page, "bob").await.code()).await.ok();
    assert_eq!(client.userinfo(&tokens.access_token).await.success()["name"], "Bob Builder");
    client.refresh(&online.refresh_token).await.refused("invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_tells_the_client() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = asked(&app).await;
    browser.press(&page, "account-cancel", &[]).await.client_refused("access_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_just_signs_in() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().with("prompt", "select_account").url()).await;
    assert_eq!(page.shows(), Shows::Login);
    browser.sign_in(&page, "alice").await.code();
}
