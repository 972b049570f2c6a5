//! On the page that asks whether to sign out.

use super::{at_logout, sign_in_in_another_tab};
use crate::harness::{Shows, TestApp, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn logout_reload_back_and_double_submit() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = at_logout(&app).await;
    let page = browser.reload(&page).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion);
    for _ in 0..2 {
        assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
    }
    assert_eq!(browser.reload(&page).await.shows(), Shows::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_expired_lost_cookie_and_restart() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = at_logout(&app).await;
    let mut without = browser.clone();
    without.cookies.clear();
    assert_eq!(without.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
    let mut late = browser.clone();
    browser.now_talks_to(&app.another().await);
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
    app.advance(seconds(48 * 3600));
    assert_eq!(late.press(&page, "logout-confirm", &[]).await.shows(), Shows::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_other_person_in_another_tab() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = at_logout(&app).await;
    sign_in_in_another_tab(&app, &mut browser, "bob").await;
    let page = browser.press(&page, "logout-confirm", &[]).await;
    assert_eq!(page.shows(), Shows::LogoutQuestion, "alice's answer is not bob's");
    assert!(page.answer.text().contains("Sign out Bob Builder"));
    assert!(page.answer.text().contains("Sign out Alice Liddell"));
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::OneSignedOut);
    assert_eq!(browser.press(&page, "logout-confirm", &[]).await.shows(), Shows::OneSignedOut, "the form twice");
    assert_eq!(browser.press(&page, "logout-2", &[]).await.shows(), Shows::SignedOut);
}
