//! A session that is too weak for what is asked becomes stronger in the middle of a flow.

use crate::harness::{Browser, Client, Page, Shows, TestApp, jwt, seconds};

const ESSENTIAL: &str = r#"{"id_token":{"acr":{"essential":true,"values":["urn:latchkey:acr:mfa"]}}}"#;

/// alice has signed in with her password, and has added an app since.
async fn weak_session() -> (TestApp, Client, Browser, crate::harness::Authenticator) {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await.code();
    let phone = app.add_totp("alice").await;
    app.advance(seconds(60));
    (app, client, browser, phone)
}

fn payload(client_tokens: &crate::harness::Tokens) -> serde_json::Map<String, serde_json::Value> {
    jwt::claims(&client_tokens.id_token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_too_weak_is_asked_for_a_code_and_goes_on() {
    let (app, client, mut browser, phone) = weak_session().await;
    browser.open(&client.request().with("prompt", "none").url()).await.client_refused("login_required");
    let cookie = browser.cookies["__Host-latchkey"].clone();
    let page = browser.open(&client.request().with("claims", ESSENTIAL).url()).await;
    let done = browser.give_code(&page, &phone.code()).await;
    let claims = payload(&client.redeem(&done.code()).await.ok());
    assert_eq!(claims["acr"], "urn:latchkey:acr:mfa");
    assert_eq!(claims["auth_time"], app.clock.now().as_secs() - 60, "when the password was given");
    assert_ne!(browser.cookies["__Host-latchkey"], cookie, "by another cookie");
    assert_eq!(app.rows().await["sessions"], 1);
    browser.open(&client.request().with("prompt", "none").url()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_reach_is_told_to_the_client() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = client.authorize(&mut browser, "bob", client.request().with("claims", ESSENTIAL)).await;
    page.client_refused("unmet_authentication_requirements");
    let voluntary = client.request().with("acr_values", "urn:latchkey:acr:mfa");
    browser.open(&voluntary.url()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_is_not_brought_back_by_a_code() {
    let (app, client, mut browser, phone) = weak_session().await;
    let page = browser.open(&client.request().url()).await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    app.end_sessions().await;
    let page: Page = browser.give_code(&page, &phone.code()).await;
    assert_eq!(page.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_login_asks_for_both_again() {
    let (app, client, mut browser, phone) = weak_session().await;
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    let page = browser.sign_in(&page, "alice").await;
    let page = browser.give_code(&page, &phone.code()).await;
    let claims = payload(&client.redeem(&page.code()).await.ok());
    assert_eq!(claims["auth_time"], app.clock.now().as_secs());
    app.advance(seconds(30));
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::SecondFactor, "what the session holds is from before");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claim_is_one_that_the_client_insists_on() {
    let (_, client, mut browser, phone) = weak_session().await;
    let page = browser.open(&client.request().url()).await;
    browser.give_code(&page, &phone.code()).await.code();
    let weak = ESSENTIAL.replace("acr:mfa", "acr:password");
    let page = browser.open(&client.request().with("claims", &weak).url()).await;
    assert_eq!(payload(&client.redeem(&page.code()).await.ok())["acr"], "urn:latchkey:acr:password");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_page_asks_for_a_second_factor_too() {
    let (app, _, mut browser, phone) = weak_session().await;
    let page = browser.open("/account").await;
    assert_eq!(page.shows(), Shows::SecondFactor, "a password alone is not enough for whoever has more");
    let page = browser.give_code(&page, &phone.code()).await;
    assert_eq!(page.url, "/account");
    app.advance(seconds(30));
    let mut fresh = app.browser();
    let login = fresh.open("/account").await;
    let page = fresh.sign_in(&login, "alice").await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    assert_eq!(fresh.open("/account").await.shows(), Shows::Login, "half a sign-in opens nothing");
    assert_eq!(fresh.give_code(&page, &phone.code()).await.url, "/account");
}
