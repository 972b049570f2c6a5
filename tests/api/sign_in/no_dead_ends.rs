//! The matrix of docs/flows.md: whatever a person does on the way, they end in the app, or at a fresh sign-in for that
//! app, with its state.

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
    latchkey::services::operation::prune::all(&app.app).await.unwrap();
    let fresh = browser.sign_in(&page, "alice").await;
    let done = browser.through(fresh, "alice").await;
    arrived(&client, &done, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_of_last_month_says_so() {
    let app = TestApp::start().await;
    let (_, mut browser, page) = at_login(&app).await;
    app.advance(seconds(30 * 24 * 3600));
    latchkey::services::operation::prune::all(&app.app).await.unwrap();
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
    // What alice is shown does not count for bob: he is asked himself.
    let page = browser.press(&page, "consent-allow", &[]).await;
    assert_eq!(page.shows(), Shows::Consent);
    assert!(page.answer.text().contains("Bob Builder"), "{}", page.answer.text());
    let page = browser.press(&page, "consent-allow", &[]).await;
    arrived(&client, &page, "bob").await;
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
    // Alice cannot be gone on with any more. Bob allows the client himself, or goes elsewhere.
    let page = browser.press(&page, "account-continue", &[]).await;
    assert!(matches!(page.shows(), Shows::ChooseAccount | Shows::Consent), "{:?}", page.shows());
    assert!(page.answer.text().contains("Bob Builder"), "{}", page.answer.text());
    let done = browser.through(page, "bob").await;
    arrived(&client, &done, "bob").await;
}

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
    assert!(page.answer.text().contains("Bob Builder"));
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
