//! On the page that asks for consent.

use super::{arrived, at_consent, sign_in_in_another_tab, sign_out_in_another_tab};
use crate::harness::{Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn consent_reload() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    let page = browser.reload(&page).await;
    let page = browser.press(&page, "consent-allow", &[]).await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_back_and_again() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    for _ in 0..2 {
        let page = browser.press(&page, "consent-allow", &[]).await;
        arrived(&client, &page, "alice").await;
    }
    arrived(&client, &browser.reload(&page).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_back_after_refusing() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    browser.press(&page, "consent-deny", &[]).await.client_refused("access_denied");
    let page = browser.press(&page, "consent-allow", &[]).await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_second_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, first) = at_consent(&app).await;
    let other = app.client().create().await;
    let second = browser.open(&other.request().url()).await;
    let done = browser.press(&second, "consent-allow", &[]).await;
    arrived(&other, &done, "alice").await;
    let done = browser.press(&first, "consent-allow", &[]).await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_expired() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    app.advance(seconds(3600));
    let fresh = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(fresh.shows(), Shows::Consent, "still signed in, and asked anew");
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_after_the_session() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    app.advance(seconds(24 * 3600));
    let fresh = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_lost_cookie() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    browser.cookies.clear();
    let fresh = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_restart() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    let restarted = app.another().await;
    browser.now_talks_to(&restarted);
    let page = browser.press(&page, "consent-allow", &[]).await;
    arrived(&client.at(&restarted), &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_double_submit() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    let (mut twin, twins_page) = (browser.clone(), page.clone());
    let first = tokio::spawn(async move { browser.press(&page, "consent-allow", &[]).await });
    let second = twin.press(&twins_page, "consent-allow", &[]).await;
    arrived(&client, &first.await.unwrap(), "alice").await;
    arrived(&client, &second, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_other_person_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    sign_in_in_another_tab(&app, &mut browser, "bob").await;
    // The sign-in voided the form. This request is alice's, who signed in for it, and says so once more.
    let page = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(page.shows(), Shows::Consent);
    assert!(page.answer.text().contains("Alice Liddell"), "{}", page.answer.text());
    let page = browser.press(&page, "consent-allow", &[]).await;
    arrived(&client, &page, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_sign_out_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_consent(&app).await;
    sign_out_in_another_tab(&mut browser).await;
    let fresh = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}
