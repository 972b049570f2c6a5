//! One reading of an e-mail address: the claim, the name and the mail are of one mailbox.

use latchkey::domain::account::error::AccountError;
use latchkey::domain::account::identifier::IdentifierError;
use latchkey::domain::account::profile::Profile;
use latchkey::foundation::SecretString;
use latchkey::services::ServiceError;
use latchkey::services::account::{self, NewUser, UserChanges, find, set_password};

use super::signed_in;
use crate::harness::{Browser, PASSWORD, Page, TestApp, operator};

const ASCII: &str = "a@xn--bcher-kva.example";
const UNICODE: &str = "a@b\u{fc}cher.example";

async fn server() -> TestApp {
    TestApp::configured().explaining().start().await
}

async fn sign_up(browser: &mut Browser, email: &str) -> Page {
    let page = browser.open("/signup").await;
    browser.press(&page, "signup-submit", &[("email", email), ("password", PASSWORD)]).await
}

fn with_email(email: &str) -> NewUser {
    let (email, profile) = (Some(email.to_owned()), Profile::default());
    NewUser { username: None, email, email_verified: true, administrator: false, profile, password: None }
}

fn address(email: &str) -> UserChanges {
    UserChanges { email: Some(Some(email.to_owned())), ..UserChanges::default() }
}

/// What an operator was told who wanted that.
fn refused<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> AccountError {
    match result {
        Err(ServiceError::Account(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_another_spelling_of_its_domain_is_the_same_mailbox() {
    let app = server().await;
    let mut browser = app.browser();
    sign_up(&mut browser, "A@B\u{dc}CHER.example").await;
    let link = app.link_to("A@xn--bcher-kva.example", "/signup/confirm").await;
    let question = browser.open(&link).await;
    assert_eq!(browser.press(&question, "link-confirm", &[]).await.url, "/account");
    let user = app.user(UNICODE).await;
    assert_eq!(user.email.as_deref(), Some("A@xn--bcher-kva.example"), "what is told is what is written to");
    for typed in [ASCII, UNICODE, "A@XN--BCHER-KVA.example", "a@bu\u{308}cher.example"] {
        assert_eq!(find(&app.app, typed).await.unwrap().map(|found| found.id), Some(user.id), "{typed}");
        let mut browser = app.browser();
        let page = browser.open("/account").await;
        assert_eq!(browser.try_password(&page, typed, PASSWORD).await.url, "/account", "{typed}");
    }

    sign_up(&mut app.browser(), ASCII).await;
    let told = app.mail_to("A@xn--bcher-kva.example").await;
    assert!(told.text.contains("You have an account already"), "{}", told.text);
    let taken = refused(account::create(&app.app, &operator(), with_email(ASCII)).await);
    assert!(matches!(taken, AccountError::Taken { .. }), "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_mail_servers_read_in_two_ways_is_nobodys() {
    let app = server().await;
    let page = sign_up(&mut app.browser(), "\u{ff41}lice@example.com").await;
    assert!(page.answer.text().contains("email-error"), "{}", page.answer.text());
    let alice = app.user("alice").await;
    for (bad, why) in [
        ("\u{ff41}lice@example.com", IdentifierError::Compatibility),
        ("a..b@example.com", IdentifierError::Email),
        ("a@ex%61mple.com", IdentifierError::Email),
        ("a@b@example.com", IdentifierError::Email),
    ] {
        let expected = AccountError::Email { email: bad.to_owned(), why };
        assert_eq!(refused(account::create(&app.app, &operator(), with_email(bad)).await), expected);
        assert_eq!(refused(account::update(&app.app, &operator(), alice.id, address(bad)).await), expected);
    }
    app.work().await;
    assert!(app.inbox().await.is_empty());
    assert_eq!(app.user("alice").await.updated_at, alice.updated_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_an_address_of_before_goes_on_as_it_was() {
    let app = server().await;
    for (name, email) in [("bob", UNICODE), ("alice", "a..b@example.com")] {
        app.sql(&format!("UPDATE users SET email = '{email}' WHERE username = '{name}'")).await;
        let old = format!("{name}@example.com");
        app.sql(&format!("UPDATE login_identifiers SET identifier = '{email}' WHERE identifier = '{old}'")).await;
    }
    for (name, email) in [("bob", UNICODE), ("bob", ASCII), ("alice", "a..b@example.com")] {
        let mut browser = app.browser();
        let page = browser.open("/account").await;
        assert_eq!(browser.try_password(&page, email, PASSWORD).await.url, "/account", "{email}");
        assert_eq!(find(&app.app, email).await.unwrap().map(|user| user.id), Some(app.user(name).await.id));
    }
    // Its person and an operator change something else of it; the address is looked at by nobody.
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/profile").await;
    browser.press(&page, "profile-submit", &[("nickname", "Al")]).await;
    let groups = UserChanges { groups: Some(vec!["staff".into()]), ..UserChanges::default() };
    for name in ["alice", "bob"] {
        let before = app.user(name).await;
        Box::pin(account::update(&app.app, &operator(), before.id, groups.clone())).await.unwrap();
        let same = address(before.email.as_deref().unwrap());
        Box::pin(account::update(&app.app, &operator(), before.id, same)).await.unwrap();
        let after = app.user(name).await;
        assert_eq!((after.email, after.email_verified), (before.email, before.email_verified));
    }
    let alice = app.user("alice").await;
    assert_eq!(alice.profile.claim("nickname"), Some("Al".into()));
    let password = SecretString::new("quite-another-passphrase".into());
    Box::pin(set_password(&app.app, &operator(), &alice, password)).await.unwrap();
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    assert_eq!(browser.try_password(&page, "a..b@example.com", "quite-another-passphrase").await.url, "/account");
    // Nobody else gets either mailbox, in whatever spelling.
    let taken = refused(account::create(&app.app, &operator(), with_email(ASCII)).await);
    assert!(matches!(taken, AccountError::Taken { .. }), "{taken}");
    // What is given anew has to be one.
    let bob = app.user("bob").await;
    let changed = Box::pin(account::update(&app.app, &operator(), bob.id, address(ASCII))).await.unwrap();
    assert_eq!(changed.email.as_deref(), Some(ASCII));
    assert!(find(&app.app, UNICODE).await.unwrap().is_some());
}
