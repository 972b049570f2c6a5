//! On the login page.

use super::{arrived, at_login, sign_in_in_another_tab, sign_out_in_another_tab};
use crate::harness::{Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn login_reload() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    let page = browser.reload(&page).await;
    let page = browser.reload(&page).await;
    let page = browser.through(page, "alice").await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_back_and_again() {
    let app = TestApp::start().await;
    let (client, mut browser, login) = at_login(&app).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert_eq!(browser.sign_in(&login, "alice").await.shows(), Shows::Consent, "the old form, sent again");
    assert_eq!(browser.reload(&login).await.shows(), Shows::Consent, "the old page, loaded again");
    let page = browser.press(&consent, "consent-allow", &[]).await;
    arrived(&client, &page, "alice").await;
    arrived(&client, &browser.reload(&login).await, "alice").await;
    arrived(&client, &browser.sign_in(&login, "alice").await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_back_to_the_first_link() {
    let app = TestApp::start().await;
    let (client, mut browser, login) = at_login(&app).await;
    let page = browser.through(login, "alice").await;
    arrived(&client, &page, "alice").await;
    arrived(&client, &browser.open(&client.request().url()).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_second_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, first) = at_login(&app).await;
    let other = app.client().create().await;
    let second = browser.open(&other.request().url()).await;
    let page = browser.through(second, "alice").await;
    arrived(&other, &page, "alice").await;
    let page = browser.sign_in(&first, "alice").await;
    let page = browser.through(page, "alice").await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_expired() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    app.advance(seconds(3600));
    let fresh = browser.sign_in(&page, "alice").await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
    let by_reload = app.browser().open(&page.url).await;
    assert_eq!(by_reload.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn login_over_the_weekend() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    app.advance(seconds(3 * 24 * 3600));
    latchkey::services::operation::prune::all(&app.app, &crate::harness::operator()).await.unwrap();
    let fresh = browser.sign_in(&page, "alice").await;
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_of_last_month_says_so() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = at_login(&app).await;
    app.advance(seconds(30 * 24 * 3600));
    latchkey::services::operation::prune::all(&app.app, &crate::harness::operator()).await.unwrap();
    let answered = browser.sign_in(&page, "alice").await;
    answered.is_error_page(400);
    assert!(answered.answer.text().contains("Go back to the application"), "{}", answered.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn login_lost_cookie() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    browser.cookies.clear();
    let fresh = browser.sign_in(&page, "alice").await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_without_any_cookie_says_what_to_do() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let mut browser = app.browser();
    browser.keeps_cookies = false;
    let page = browser.open(&client.request().url()).await;
    page.is_error_page(400);
    assert!(page.answer.text().contains("Allow cookies"), "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn login_restart() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    browser.now_talks_to(&app.another().await);
    let page = browser.through(page, "alice").await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_double_submit() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    let (mut twin, twins_page) = (browser.clone(), page.clone());
    let first = tokio::spawn(async move { (browser.sign_in(&page, "alice").await, browser) });
    let second = twin.sign_in(&twins_page, "alice").await;
    let (first, mut browser) = first.await.unwrap();
    for page in [first, second] {
        assert!(matches!(page.shows(), Shows::Consent | Shows::Login), "{:?}", page.shows());
        let done = browser.through(page, "alice").await;
        arrived(&client, &done, "alice").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_same_person_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    sign_in_in_another_tab(&app, &mut browser, "alice").await;
    let page = browser.sign_in(&page, "alice").await;
    let page = browser.through(page, "alice").await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_other_person_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    sign_in_in_another_tab(&app, &mut browser, "bob").await;
    // The old form is void; this tab goes on with whoever is signed in now, and says so before anything is given.
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(page.shows(), Shows::Consent);
    assert!(page.answer.text().contains("Bob Builder"), "{}", page.answer.text());
    let page = browser.press(&page, "consent-allow", &[]).await;
    arrived(&client, &page, "bob").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_sign_out_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_login(&app).await;
    sign_in_in_another_tab(&app, &mut browser, "bob").await;
    sign_out_in_another_tab(&mut browser).await;
    let fresh = browser.sign_in(&page, "alice").await;
    assert_eq!(fresh.shows(), Shows::Login);
    let page = browser.through(fresh, "alice").await;
    arrived(&client, &page, "alice").await;
}
