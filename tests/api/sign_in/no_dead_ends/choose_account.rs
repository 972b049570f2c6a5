//! On the page that asks for an account.

use super::{arrived, at_choice, sign_in_in_another_tab, sign_out_in_another_tab};
use crate::harness::{Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn choice_reload_back_and_double_submit() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_choice(&app).await;
    assert_eq!(browser.reload(&page).await.shows(), Shows::ChooseAccount);
    for _ in 0..2 {
        let done = browser.press(&page, "account-continue", &[]).await;
        arrived(&client, &done, "alice").await;
    }
    arrived(&client, &browser.reload(&page).await, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choice_back_from_the_other_account() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_choice(&app).await;
    assert_eq!(browser.press(&page, "account-other", &[]).await.shows(), Shows::Login);
    let done = browser.press(&page, "account-continue", &[]).await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choice_expired_lost_cookie_and_restart() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_choice(&app).await;
    let mut without = browser.clone();
    without.cookies.clear();
    let fresh = without.press(&page, "account-continue", &[]).await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = without.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;

    let mut elsewhere = browser.clone();
    elsewhere.now_talks_to(&app.another().await);
    let done = elsewhere.press(&page, "account-continue", &[]).await;
    arrived(&client, &done, "alice").await;

    app.advance(seconds(3600));
    let fresh = browser.press(&page, "account-continue", &[]).await;
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choice_sign_out_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_choice(&app).await;
    sign_out_in_another_tab(&mut browser).await;
    let fresh = browser.press(&page, "account-continue", &[]).await;
    assert_eq!(fresh.shows(), Shows::Login);
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choice_other_person_in_another_tab() {
    let app = TestApp::start().await;
    let (client, mut browser, page) = at_choice(&app).await;
    sign_in_in_another_tab(&app, &mut browser, "bob").await;
    // The sign-in voided the form. It is shown again, with both; whoever is chosen is gone on with.
    let page = browser.press(&page, "account-continue", &[]).await;
    assert_eq!(page.shows(), Shows::ChooseAccount);
    assert!(page.answer.text().contains("Bob Builder") && page.answer.text().contains("Alice Liddell"));
    let done = browser.press(&page, "account-2", &[]).await;
    arrived(&client, &done, "alice").await;
}
