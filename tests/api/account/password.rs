//! Changing one's own password.

use super::signed_in;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, PASSWORD, Page, Shows, TestApp, seconds};

const OTHER: &str = "quite-another-passphrase";

async fn change(browser: &mut Browser, page: &Page, current: &str, new: &str) -> Page {
    browser.press(page, "password-submit", &[("current_password", current), ("password", new)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_everything_but_the_session_that_it_was_chosen_in() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut elsewhere = app.browser();
    let tokens = client.sign_in_with(&mut elsewhere, "alice", client.request()).await;
    let mut bob = signed_in(&app, "bob").await;
    let mut browser = signed_in(&app, "alice").await;
    let (before, cookies) = (browser.clone(), browser.cookies.clone());
    let page = browser.open("/account/password").await;
    assert_page("account-password", &page);
    let changed = change(&mut browser, &page, PASSWORD, OTHER).await;
    assert_eq!(changed.shows(), Shows::Account);
    assert_eq!(changed.redirects, [303]);
    assert!(changed.answer.text().contains("Your password was changed"), "{}", changed.answer.text());
    assert_ne!(browser.cookies, cookies, "another cookie");
    app.advance(seconds(11));
    assert_eq!(before.clone().open("/account").await.shows(), Shows::Login, "the old cookie");
    assert_eq!(browser.open("/account").await.shows(), Shows::Account, "it goes on");
    assert_eq!(elsewhere.open("/account").await.shows(), Shows::Login);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    assert!(!client.finds_active(&tokens.access_token).await);
    assert_eq!(bob.open("/account").await.shows(), Shows::Account, "somebody else's");

    let mut anew = app.browser();
    let page = anew.open("/account").await;
    let page = anew.try_password(&page, "alice", PASSWORD).await;
    assert_eq!(anew.try_password(&page, "alice", OTHER).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_password_is_asked_for_and_counted_and_the_new_one_judged() {
    let app = TestApp::configured().toml("[login]\naccount_attempts = 3\n").start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/password").await;
    let hash = app.user("alice").await.password_hash;
    let weak = change(&mut browser, &page, PASSWORD, "short").await;
    assert!(weak.answer.text().contains("id=\"new-password-error\""), "{}", weak.answer.text());
    assert_page("account-password-weak", &weak);
    for _ in 0..4 {
        let wrong = change(&mut browser, &page, "wrong", OTHER).await;
        assert!(wrong.answer.text().contains("id=\"current-password-error\""), "{}", wrong.answer.text());
    }
    let none = change(&mut browser, &page, "", OTHER).await;
    assert_eq!(none.answer.status, 429);
    let right = change(&mut browser, &page, PASSWORD, OTHER).await;
    assert_eq!(right.answer.status, 429, "also the right one");
    assert_eq!(app.user("alice").await.password_hash, hash);
    app.advance(seconds(3600));
    let page = browser.open("/account/password").await;
    assert_eq!(page.shows(), Shows::Login, "and a fresh proof is asked for by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_no_longer_fresh_proves_itself_again_as_the_same_account() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let form = browser.open("/account/password").await;
    app.advance(seconds(301));
    assert_eq!(browser.open("/account").await.shows(), Shows::Account, "the others still open");
    let late = change(&mut browser, &form, PASSWORD, OTHER).await;
    assert_eq!(late.shows(), Shows::Login, "nor is the form taken");
    let again = browser.open("/account/password").await;
    assert_page("account-login-again", &again);
    let bobs = browser.try_password(&again, "bob", PASSWORD).await;
    assert_eq!(bobs.shows(), Shows::Login);
    assert!(bobs.answer.text().contains("another account"), "{}", bobs.answer.text());
    assert!(browser.open("/account").await.answer.text().contains("Alice"), "nobody else was signed in");
    let cancelled = browser.press(&again, "login-cancel", &[]).await;
    assert_eq!(cancelled.url, "/account");
    let page = browser.try_password(&again, "alice", PASSWORD).await;
    assert_eq!(page.url, "/account/password");
    assert!(change(&mut browser, &page, PASSWORD, OTHER).await.answer.text().contains("was changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_sign_in_another_site_or_another_person_changes_nothing() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let form = browser.open("/account/password").await;
    let fields =
        form.form("password-submit").submit("password-submit", &[("current_password", PASSWORD), ("password", OTHER)]);
    let hashes = (app.user("alice").await.password_hash, app.user("bob").await.password_hash);

    let elsewhere = browser.post_from_elsewhere("/account/password", &fields).await;
    assert!(!elsewhere.answer.text().contains("was changed"), "without our cookie it is nobody's");
    let without: Vec<_> = fields.iter().filter(|(name, _)| name != "csrf").cloned().collect();
    let stale = browser.post("/account/password", &without).await;
    assert!(stale.answer.text().contains("nothing was changed"), "{}", stale.answer.text());
    let mut bob = signed_in(&app, "bob").await;
    assert!(bob.post("/account/password", &fields).await.answer.text().contains("nothing was changed"));
    assert_eq!((app.user("alice").await.password_hash, app.user("bob").await.password_hash), hashes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_sent_twice_at_once_changes_it_once() {
    let app = TestApp::start().await;
    let browser = signed_in(&app, "alice").await;
    let page = browser.clone().open("/account/password").await;
    let (mut one, mut other) = (browser.clone(), browser.clone());
    let (first, second) = tokio::join!(
        change(&mut one, &page, PASSWORD, OTHER),
        change(&mut other, &page, PASSWORD, "tulip copper seven marble")
    );
    let done = [&first, &second].into_iter().filter(|page| page.answer.text().contains("was changed")).count();
    assert_eq!(done, 1, "{} {}", first.answer.text(), second.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_any_number_of_passwords_judged() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/password").await;
    for _ in 0..20 {
        let weak = change(&mut browser, &page, PASSWORD, "short").await;
        assert!(weak.answer.text().contains("id=\"new-password-error\""), "{}", weak.answer.text());
    }
    assert_eq!(change(&mut browser, &page, PASSWORD, OTHER).await.answer.status, 429);
    let mut bob = signed_in(&app, "bob").await;
    let page = bob.open("/account/password").await;
    assert!(change(&mut bob, &page, PASSWORD, OTHER).await.answer.text().contains("was changed"), "by account");
}
