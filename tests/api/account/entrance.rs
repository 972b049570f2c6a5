//! How one comes to an account page, and back to it after a sign-in.

use crate::harness::snapshot::assert_page;
use crate::harness::{Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_page_without_a_session_leads_to_the_login_and_back() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let before = app.rows().await;
    let login = browser.open("/account").await;
    assert_eq!(login.redirects, [303]);
    assert_page("account-login", &login);
    assert_eq!(app.rows().await, before, "nothing is stored for a stranger");
    let wrong = browser.try_password(&login, "alice", "wrong").await;
    assert_eq!(wrong.shows(), Shows::Login);
    let page = browser.sign_in(&wrong, "alice").await;
    assert_eq!((page.shows(), &*page.url), (Shows::Account, "/account"));
    assert_page("account", &page);
    let again = browser.open("/account").await;
    assert_eq!((again.shows(), again.redirects.len()), (Shows::Account, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_an_application_opens_the_account_and_the_other_way_round() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    client.authorize(&mut browser, "alice", client.request()).await;
    assert_eq!(browser.open("/account").await.shows(), Shows::Account);

    let mut browser = app.browser();
    let page = browser.open("/account").await;
    browser.sign_in(&page, "bob").await;
    browser.open(&client.request().url()).await.code();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cancels_is_not_left_on_the_login_page() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    let left = browser.press(&page, "login-cancel", &[]).await;
    assert_eq!((left.shows(), &*left.url), (Shows::Landing, "/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_to_an_account_page_ends_in_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    let page = browser.reload(&page).await;

    // Of another browser, which begins anew there.
    let mut other = app.browser();
    let elsewhere = other.open(&page.url).await;
    assert_ne!(elsewhere.url, page.url);
    assert_eq!(other.sign_in(&elsewhere, "bob").await.url, "/account");

    // Expired.
    app.advance(seconds(3600));
    let late = browser.sign_in(&page, "alice").await;
    assert_eq!(late.shows(), Shows::Login, "a fresh one");
    let there = browser.sign_in(&late, "alice").await;
    assert_eq!(there.url, "/account");

    // The form twice, the page again.
    assert_eq!(browser.sign_in(&late, "alice").await.url, "/account");
    assert_eq!(browser.reload(&late).await.url, "/account");

    // Signed out in another tab, or the cookie is lost.
    app.end_sessions().await;
    let login = browser.open("/account").await;
    assert_eq!(browser.sign_in(&login, "alice").await.url, "/account");
    browser.cookies.clear();
    let login = browser.open("/account").await;
    assert_eq!(browser.sign_in(&login, "alice").await.url, "/account");

    let mut without = app.browser();
    without.keeps_cookies = false;
    let page = without.open("/account").await;
    without.reload(&page).await.is_error_page(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_does_not_see_their_account_and_a_restart_is_not_noticed() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    browser.now_talks_to(&app.another().await);
    assert_eq!(browser.sign_in(&page, "alice").await.url, "/account");
    app.disable_user("alice").await;
    let page = browser.open("/account").await;
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_makes_a_sign_in_lead_elsewhere_or_a_page_tell_what_did_not_happen() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let login = browser.open("/account?then=https://evil.test&return_to=//evil.test&flow=x").await;
    assert_eq!(browser.sign_in(&login, "alice").await.url, "/account");
    for told in ["stale", "stale.AAAA", "stale.", "."] {
        let page = browser.open(&format!("/account?told={told}")).await;
        assert!(!page.answer.text().contains("id=\"notice\""), "{told}");
    }
    browser.open("/account?told=a&told=b").await.is_error_page(400);
}
