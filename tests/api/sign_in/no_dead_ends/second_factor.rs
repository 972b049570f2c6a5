//! Between the password and the session.

use futures_util::future::join;

use super::arrived;
use crate::harness::{Authenticator, Browser, Client, Page, Shows, TestApp, seconds};

/// A first-party client, and a browser that asks for alice's code.
async fn at_second_factor(app: &TestApp) -> (Client, Browser, Page, Authenticator) {
    let phone = app.add_totp("alice").await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    (client, browser, page, phone)
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_reload_and_back() {
    let app = TestApp::start().await;
    let (client, mut browser, page, phone) = at_second_factor(&app).await;
    let page = browser.reload(&page).await;
    assert_eq!(page.shows(), Shows::SecondFactor);
    let back = browser.open(&page.url.replace("/second-factor", "/login")).await;
    assert_eq!(back.shows(), Shows::SecondFactor, "the login page is behind them");
    arrived(&client, &browser.give_code(&back, &phone.code()).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_back_and_again() {
    let app = TestApp::start().await;
    let (client, mut browser, page, phone) = at_second_factor(&app).await;
    let code = phone.code();
    arrived(&client, &browser.give_code(&page, &code).await, "alice").await;
    arrived(&client, &browser.give_code(&page, &code).await, "alice").await;
    arrived(&client, &browser.reload(&page).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_double_submit() {
    let app = TestApp::start().await;
    let (client, browser, page, phone) = at_second_factor(&app).await;
    let code = phone.code();
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let (first, second) = join(one.give_code(&page, &code), two.give_code(&page, &code)).await;
    let (done, mut other) = if first.shows() == Shows::Client { (first, second) } else { (second, first) };
    arrived(&client, &done, "alice").await;
    if other.shows() == Shows::SecondFactor {
        // It was told that the code is used, and has the cookies of the one that was faster.
        one.cookies.extend(two.cookies.clone());
        other = one.reload(&page).await;
    }
    assert!(matches!(other.shows(), Shows::Client | Shows::Login), "{:?}", other.shows());
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_second_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page, phone) = at_second_factor(&app).await;
    let other = app.client().first_party().create().await;
    let second = browser.open(&other.request().url()).await;
    let second = browser.sign_in(&second, "alice").await;
    arrived(&other, &browser.give_code(&second, &phone.code()).await, "alice").await;
    arrived(&client, &browser.give_code(&page, "000000").await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_expired_and_lost_cookie() {
    let app = TestApp::start().await;
    let (client, mut browser, page, phone) = at_second_factor(&app).await;
    app.advance(seconds(600));
    let mut other = browser.clone();
    let login = browser.give_code(&page, &phone.code()).await;
    assert_eq!(login.shows(), Shows::Login);
    assert!(login.answer.text().contains("class=\"notice\""), "it says why");
    let page = browser.sign_in(&login, "alice").await;
    arrived(&client, &browser.give_code(&page, &phone.code()).await, "alice").await;
    other.cookies.clear();
    let login = other.reload(&page).await;
    app.advance(seconds(30));
    let page = other.sign_in(&login, "alice").await;
    arrived(&client, &other.give_code(&page, &phone.code()).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_restart() {
    let app = TestApp::start().await;
    let (client, mut browser, page, phone) = at_second_factor(&app).await;
    let restarted = app.another().await;
    browser.now_talks_to(&restarted);
    arrived(&client.at(&restarted), &browser.give_code(&page, &phone.code()).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_not_you() {
    let app = TestApp::start().await;
    let (client, mut browser, page, _) = at_second_factor(&app).await;
    let flow = page.hidden("mfa-submit", "flow");
    let link = format!("/login?flow={flow}&amp;switch=1");
    assert!(page.answer.text().contains(&link));
    let login = browser.open(&link.replace("&amp;", "&")).await;
    arrived(&client, &browser.sign_in(&login, "bob").await, "bob").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_cancel() {
    let app = TestApp::start().await;
    let (_, mut browser, page, _) = at_second_factor(&app).await;
    browser.press(&page, "mfa-cancel", &[]).await.client_refused("access_denied");
    assert_eq!(browser.open(&page.url).await.shows(), Shows::Login, "whoever comes next is not half signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_a_factor_expired() {
    let app = TestApp::configured().toml("[factors]\nsecond_factor = \"required\"\n").start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let page = browser.sign_in(&page, "bob").await;
    assert_eq!(page.shows(), Shows::AddFactor);
    app.advance(seconds(1_800));
    let login = browser.press(&page, "totp-confirm", &[("code", "123456")]).await;
    assert_eq!(login.shows(), Shows::Login);
    let page = browser.sign_in(&login, "bob").await;
    let secret = page.answer.text().split("id=\"totp-secret\" class=\"copyable\">").nth(1).unwrap();
    let phone = Authenticator::with(secret.split('<').next().unwrap(), &app);
    arrived(&client, &browser.press(&page, "totp-confirm", &[("code", &phone.code())]).await, "bob").await;
}
