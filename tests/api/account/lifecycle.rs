//! Accounts are listed, changed, switched off and on, and deleted.

use latchkey::domain::account::error::AccountError;
use latchkey::domain::account::identifier::{IdentifierError, LoginIdentifier};
use latchkey::domain::account::password_policy::PasswordRefused;
use latchkey::domain::account::profile::ProfileError;
use latchkey::domain::account::user::Status;
use latchkey::foundation::SecretString;
use latchkey::services::ServiceError;
use latchkey::services::account::{UserChanges, delete, find, list, set_enabled, set_password, show, update};

use crate::harness::{Browser, Client, PASSWORD, Shows, TestApp, Tokens, operator};

const OTHER: &str = "quite-another-passphrase";

fn refused<T>(result: Result<T, ServiceError>) -> AccountError {
    match result {
        Err(ServiceError::Account(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

fn names(texts: &[&str]) -> Vec<LoginIdentifier> {
    texts.iter().map(|text| LoginIdentifier::typed(text).unwrap()).collect()
}

/// Signed in in a browser, with tokens that outlive the session and a code that was not redeemed yet.
struct SignedIn {
    client: Client,
    browser: Browser,
    tokens: Tokens,
    code: String,
}

impl SignedIn {
    async fn new(app: &TestApp, name: &str) -> Self {
        let client = app.client().first_party().create().await;
        let mut browser = app.browser();
        let tokens = client.sign_in_with(&mut browser, name, client.request()).await;
        let code = browser.open(&client.request().url()).await.code();
        Self { client, browser, tokens, code }
    }

    /// Whether all of it still works.
    async fn holds(mut self) -> bool {
        let active = self.client.finds_active(&self.tokens.access_token).await;
        let refreshed = self.client.refresh(&self.tokens.refresh_token).await.status == 200;
        let redeemed = self.client.redeem(&self.code).await.status == 200;
        let signed_in = self.browser.open(&self.client.request().url()).await.shows() != Shows::Login;
        let all = [active, refreshed, redeemed, signed_in];
        assert!(all == [true; 4] || all == [false; 4], "{all:?}");
        active
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_has_nothing_left_and_signs_in_anew_once_enabled() {
    let app = TestApp::start().await;
    let (alice, bob) = (SignedIn::new(&app, "alice").await, SignedIn::new(&app, "bob").await);
    let client = alice.client.clone();
    let refresh_token = alice.tokens.refresh_token.clone();
    let id = app.user("alice").await.id;
    set_enabled(&app.app, &operator(), id, false).await.unwrap();
    assert!(!alice.holds().await);
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    assert_eq!(browser.sign_in(&page, "alice").await.shows(), Shows::Login);
    assert_eq!(app.user("alice").await.status, Status::Disabled);

    set_enabled(&app.app, &operator(), id, true).await.unwrap();
    client.refresh(&refresh_token).await.refused("invalid_grant");
    client.sign_in("alice").await;
    assert!(bob.holds().await, "somebody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_the_old_one_had_opened() {
    let app = TestApp::start().await;
    let (alice, bob) = (SignedIn::new(&app, "alice").await, SignedIn::new(&app, "bob").await);
    let client = alice.client.clone();
    let user = app.user("alice").await;
    let password = |text: &str| SecretString::new(text.to_owned());
    let short = refused(set_password(&app.app, &operator(), &user, password("short")).await);
    assert!(matches!(short, AccountError::Password(PasswordRefused::TooShort { found: 5, least: 12 })), "{short}");
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    set_password(&app.app, &operator(), &user, password(OTHER)).await.unwrap();
    assert!(!alice.holds().await);
    assert_eq!(browser.try_password(&page, "alice", PASSWORD).await.shows(), Shows::Login);
    let page = browser.open(&client.request().url()).await;
    browser.try_password(&page, "alice", OTHER).await.code();
    assert!(bob.holds().await, "somebody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_person_has_nothing_left_and_the_name_is_free() {
    let app = TestApp::start().await;
    let (alice, bob) = (SignedIn::new(&app, "alice").await, SignedIn::new(&app, "bob").await);
    let id = app.user("alice").await.id;
    delete(&app.app, &operator(), id).await.unwrap();
    assert!(!alice.holds().await);
    assert!(find(&app.app, "alice").await.unwrap().is_none());
    assert_eq!(refused(delete(&app.app, &operator(), id).await), AccountError::Gone { id });
    let unknown = AccountError::Unknown { name: id.to_string() };
    assert_eq!(refused(show(&app.app, &id.to_string()).await), unknown);
    let bobs = app.user("bob").await.id;
    let renamed = UserChanges { username: Some(Some("Alice".into())), ..UserChanges::default() };
    update(&app.app, &operator(), bobs, renamed).await.unwrap();
    assert_eq!(app.user("alice").await.id, bobs);
    assert!(bob.holds().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_any_name_or_the_id() {
    let app = TestApp::start().await;
    let id = app.user("alice").await.id;
    for name in ["alice", " ALICE ", "alice@example.com", &id.to_string(), &id.to_string().to_uppercase()] {
        assert_eq!(show(&app.app, name).await.unwrap().id, id, "{name}");
    }
    // Whoever takes another's id for a username does not become them, and hides them from nobody.
    let bobs = app.user("bob").await.id;
    let renamed = UserChanges { username: Some(Some(id.to_string())), ..UserChanges::default() };
    update(&app.app, &operator(), bobs, renamed).await.unwrap();
    let ambiguous = AccountError::Ambiguous { name: id.to_string(), id, named: bobs };
    assert_eq!(refused(show(&app.app, &id.to_string()).await), ambiguous);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_checked_as_a_whole_and_names_stay_unique() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let none = UserChanges::default();
    let taken = |name: &str| AccountError::Taken { names: names(&[name]) };
    let at = AccountError::Username { username: "a@b".into(), why: IdentifierError::AtInUsername };
    for (changes, refusal) in [
        (UserChanges { username: Some(Some("ALICE".into())), ..none.clone() }, taken("alice")),
        (UserChanges { email: Some(Some("Alice@Example.com".into())), ..none.clone() }, taken("alice@example.com")),
        (UserChanges { username: Some(Some("a@b".into())), ..none.clone() }, at),
        (UserChanges { username: Some(None), email: Some(None), ..none.clone() }, AccountError::Nameless),
        (UserChanges { email: Some(None), email_verified: Some(true), ..none.clone() }, AccountError::NothingToVerify),
    ] {
        assert_eq!(refused(update(&app.app, &operator(), bob.id, changes).await), refusal);
    }
    let groups = UserChanges { groups: Some(vec![String::new()]), ..none.clone() };
    let groups = refused(update(&app.app, &operator(), bob.id, groups).await);
    assert!(matches!(&groups, AccountError::Claims(ProfileError::Value(name, _)) if name == "groups"), "{groups:?}");
    let sub = UserChanges { claims: Some(serde_json::json!({"sub": "x"})), ..none.clone() };
    let sub = refused(update(&app.app, &operator(), bob.id, sub).await);
    assert!(matches!(&sub, AccountError::Claims(ProfileError::Unknown(name, _)) if name == "sub"), "{sub:?}");
    assert_eq!(app.user("bob").await.updated_at, bob.updated_at, "nothing was changed");

    let moved = UserChanges { email: Some(Some("alice@new.test".into())), ..none.clone() };
    let moved = update(&app.app, &operator(), alice.id, moved).await.unwrap();
    assert!(alice.email_verified && !moved.email_verified, "nobody has verified the new one");
    assert!(find(&app.app, "alice@example.com").await.unwrap().is_none());
    assert_eq!(app.user("alice@new.test").await.id, alice.id);
    let verified = UserChanges { email_verified: Some(true), administrator: Some(true), ..none };
    let verified = update(&app.app, &operator(), alice.id, verified).await.unwrap();
    assert!(verified.email_verified && verified.administrator);
    assert_eq!(verified.username.as_deref(), Some("alice"), "what was not named stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_on_exactly_one_page() {
    let app = TestApp::start().await;
    let all: Vec<_> = list(&app.app, None, 10).await.unwrap().into_iter().map(|user| user.id).collect();
    assert_eq!(all.len(), 2);
    let first = list(&app.app, None, 1).await.unwrap();
    let second = list(&app.app, Some(first[0].id), 1).await.unwrap();
    assert_eq!([first[0].id, second[0].id], all[..]);
    assert!(list(&app.app, Some(second[0].id), 1).await.unwrap().is_empty());
}
