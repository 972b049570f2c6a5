//! The end of one's account.

use super::signed_in;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, Page, Shows, TestApp, seconds};

const DAY: u64 = 86_400;

async fn server() -> TestApp {
    TestApp::configured().explaining().start().await
}

/// Somebody deletes their account.
async fn delete(browser: &mut Browser, name: &str) -> Page {
    let page = browser.open("/account/delete").await;
    browser.press(&page, "delete-submit", &[("confirmation", name)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_their_account_is_signed_out_everywhere_and_keeps_it_by_signing_in() {
    let app = server().await;
    let client = app.client().first_party().create().await;
    let mut phone = app.browser();
    let tokens = client.sign_in_with(&mut phone, "alice", client.request()).await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/delete").await;
    assert_page("account-delete", &page);
    let wrong = browser.press(&page, "delete-submit", &[("confirmation", "bob")]).await;
    assert!(wrong.answer.text().contains("confirmation-error"), "{}", wrong.answer.text());
    let begun = browser.press(&wrong, "delete-submit", &[("confirmation", "Alice")]).await;
    assert!(begun.answer.text().contains("11 June 2026"), "{}", begun.answer.text());
    assert_page("account-deletion-begun", &begun);
    assert_eq!(browser.open("/account").await.shows(), Shows::Login);
    assert_eq!(phone.open("/account").await.shows(), Shows::Login);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    app.work().await;
    let mail = &app.mails("alice@example.com")[0];
    assert!(mail.text.contains("2026-06-11"), "{}", mail.text);

    // Neither an application nor a page of ours opens before the question is answered.
    let mut browser = app.browser();
    let login = browser.open(&client.request().url()).await;
    let question = browser.sign_in(&login, "alice").await;
    assert!(question.url.starts_with("/keep-account"), "{}", question.url);
    assert_page("keep-account", &question);
    // Chromium holds the way to the application, which follows the form, against the policy of this page.
    assert!(!question.answer.header("content-security-policy").contains("form-action"));
    let own = browser.open("/account/profile").await;
    assert!(own.url.starts_with("/keep-account"), "{}", own.url);
    let silent = browser.open(&client.request().with("prompt", "none").url()).await;
    silent.client_refused("interaction_required");
    let fields = [("csrf", "x"), ("flow", &*question.hidden("keep-account", "flow")), ("action", "keep")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    browser.post("/keep-account", &fields).await;
    assert!(app.user("alice").await.delete_at.is_some(), "without the form's token");
    browser.press(&question, "keep-account", &[]).await.code();
    assert_eq!(app.user("alice").await.delete_at, None);
    assert_eq!(browser.open("/account/profile").await.shows(), Shows::Account);
    app.advance(seconds(30 * DAY));
    app.work().await;
    app.user("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_when_its_time_is_over_and_not_before() {
    let app = server().await;
    let (mut alice, _bob) = (signed_in(&app, "alice").await, signed_in(&app, "bob").await);
    delete(&mut alice, "alice@example.com").await;
    let rows = app.rows().await;
    app.advance(seconds(14 * DAY - 1));
    app.work().await;
    assert_eq!(app.rows().await["users"], rows["users"]);
    app.advance(seconds(3601));
    app.work().await;
    let left = app.rows().await;
    assert_eq!((rows["users"], left["users"]), (2, 1));
    assert_eq!(left["login_identifiers"], 2, "those of bob");
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_and_whoever_may_not_delete_nothing() {
    let app = TestApp::configured().toml("[account]\nself_deletion = \"off\"\n").start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/delete").await;
    assert!(!page.answer.text().contains("delete-submit"), "{}", page.answer.text());
    let csrf = browser.open("/account/sessions").await.hidden("sign-out-everywhere", "csrf");
    let form = [("csrf".to_owned(), csrf), ("confirmation".to_owned(), "alice".to_owned())];
    browser.post("/account/delete", &form).await;
    assert_eq!(app.user("alice").await.delete_at, None);

    let app = TestApp::start().await;
    app.sql("UPDATE users SET administrator = TRUE WHERE username = 'alice'").await;
    let mut browser = signed_in(&app, "alice").await;
    let csrf = browser.open("/account/sessions").await.hidden("sign-out-everywhere", "csrf");
    let form = [("csrf".to_owned(), csrf), ("confirmation".to_owned(), "alice".to_owned())];
    let page = browser.post("/account/delete", &form).await;
    assert!(page.answer.text().contains("Another administrator"), "{}", page.answer.text());
    assert_eq!(app.user("alice").await.delete_at, None);
    app.advance(seconds(301));
    assert_eq!(browser.open("/account/delete").await.shows(), Shows::Login, "only for whoever has just signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delay_of_hours_is_told_in_hours_and_to_the_minute() {
    let app = TestApp::configured().explaining().toml("[account]\ndelete_after = \"6h\"\n").start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/delete").await;
    assert!(page.answer.text().contains("after 6 hours"), "{}", page.answer.text());
    let begun = browser.press(&page, "delete-submit", &[("confirmation", "alice")]).await;
    assert!(begun.answer.text().contains("29 May 2026, 02:26 UTC"), "{}", begun.answer.text());
    app.work().await;
    let mail = &app.mails("alice@example.com")[0];
    assert!(mail.text.contains("2026-05-29 02:26"), "{}", mail.text);
    let page = browser.open("/account").await;
    let kept = browser.sign_in(&page, "alice").await;
    assert!(kept.answer.text().contains("29 May 2026, 02:26 UTC"), "{}", kept.answer.text());
}
