//! The way back from a changed address holds against whoever changed it.

use std::net::IpAddr;

use latchkey::domain::account::profile::Profile;
use latchkey::foundation::SecretString;
use latchkey::services::account::{
    AddressWanted, NewUser, UserChanges, ask_for_address, confirm_address, create, delete, set_password, update,
};

use super::signed_in;

use crate::harness::{Browser, PASSWORD, Page, Passkey, Shows, TestApp, fresh, operator, seconds};

const HOUR: u64 = 3600;
const CONFIRM: &str = "/account/email/confirm";
const UNDO: &str = "/account/email/undo";

async fn open() -> TestApp {
    TestApp::configured().explaining().start().await
}

/// Presses the button of a mailed link.
async fn follow(app: &TestApp, link: &str) -> Page {
    follow_in(&mut app.browser(), link).await
}

/// The same in this browser.
async fn follow_in(browser: &mut Browser, link: &str) -> Page {
    let question = browser.open(link).await;
    assert_eq!(question.answer.status, 200, "{}", question.answer.text());
    browser.press(&question, "link-confirm", &[]).await
}

/// Somebody who is signed in gives their account this address.
async fn change(app: &TestApp, browser: &mut Browser, email: &str) -> Page {
    let page = browser.open("/account/email").await;
    browser.press(&page, "email-submit", &[("email", email)]).await;
    follow_in(browser, &app.link_to(email, CONFIRM).await).await
}

/// The link in the first mail that alice got at her own address.
async fn owners_link(app: &TestApp) -> String {
    let mails = app.inbox().await;
    let first = mails.iter().rev().find(|mail| mail.to == "alice@example.com" && mail.text.contains(UNDO));
    first.unwrap().links.iter().find(|link| link.contains(UNDO)).unwrap().clone()
}

fn somebody(email: &str) -> NewUser {
    NewUser {
        username: None,
        email: Some(email.to_owned()),
        email_verified: true,
        administrator: false,
        profile: Profile::default(),
        password: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_ends_the_ways_back_that_were_made_since_and_tells_both_addresses() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    for address in ["first@evil.test", "second@evil.test"] {
        assert_eq!(change(&app, &mut thief, address).await.answer.status, 200);
    }
    let theirs = app.link_to("first@evil.test", UNDO).await;
    assert_eq!(follow(&app, &owners_link(&app).await).await.answer.status, 200);
    assert_eq!(app.browser().open(&theirs).await.answer.status, 404, "it was made after the change that was undone");
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
    let mail = app.mail_to("alice@example.com").await;
    assert!(mail.subject.contains("the address of your account") && mail.text.contains("/recover"), "{}", mail.text);
    let mail = app.mail_to("second@evil.test").await;
    assert!(mail.subject.contains("no longer the address") && !mail.text.contains("token="), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_from_before_the_change_that_was_undone_still_holds() {
    let app = open().await;
    let mut owner = signed_in(&app, "alice").await;
    change(&app, &mut owner, "alice@example.org").await;
    app.advance(seconds(1));
    change(&app, &mut owner, "thief@evil.test").await;
    let second = app.link_to("alice@example.org", UNDO).await;
    assert_eq!(follow(&app, &second).await.answer.status, 200);
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.org"));
    assert_eq!(follow(&app, &owners_link(&app).await).await.answer.status, 200);
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_address_is_not_taken_back_by_a_mail_from_before() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    change(&app, &mut thief, "first@evil.test").await;
    change(&app, &mut thief, "second@evil.test").await;
    let theirs = app.link_to("first@evil.test", UNDO).await;
    let given = UserChanges { email: Some(Some("alice@example.com".to_owned())), ..UserChanges::default() };
    update(&app.app, &operator(), app.user("alice").await.id, given).await.unwrap();
    assert_eq!(app.browser().open(&theirs).await.answer.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saves_the_profile_meanwhile_is_not_in_the_way() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    change(&app, &mut thief, "thief@evil.test").await;
    let mut owner = app.browser();
    let question = owner.open(&owners_link(&app).await).await;
    let saving = async {
        for n in 0..20 {
            let page = thief.open("/account/profile").await;
            if page.shows() != Shows::Account {
                break;
            }
            thief.press(&page, "profile-submit", &[("nickname", &format!("Al {n}"))]).await;
        }
    };
    let undoing = async { owner.press(&question, "link-confirm", &[]).await };
    let ((), undone) = tokio::join!(saving, undoing);
    assert_eq!(undone.answer.status, 200, "{}", undone.answer.text());
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_else_has_is_not_given_and_the_link_holds_on() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    change(&app, &mut thief, "thief@evil.test").await;
    let other = create(&app.app, &operator(), somebody("alice@example.com")).await.unwrap();
    let link = owners_link(&app).await;
    assert_eq!(follow(&app, &link).await.answer.status, 409);
    assert!(app.user("alice").await.password_hash.is_some(), "nothing was done");
    delete(&app.app, &operator(), other.id).await.unwrap();
    // What only looks like it is not in the way: the account had its address first.
    create(&app.app, &operator(), somebody("alice@ex\u{430}mple.com")).await.unwrap();
    assert_eq!(follow(&app, &link).await.answer.status, 200);
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_since_proves_nothing_any_more_and_what_was_there_before_still_does() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    change(&app, &mut thief, "thief@evil.test").await;
    app.advance(seconds(1));
    let mut key = Passkey::new(&app);
    let page = thief.open("/account/factors/passkey").await;
    thief.make_passkey(&page, &mut key, "Thief").await;
    assert!(app.user("alice").await.second_factor);
    follow(&app, &owners_link(&app).await).await;
    let alice = app.user("alice").await;
    assert!(!alice.second_factor && alice.password_hash.is_none());
    let rows = app.rows().await;
    assert_eq!((rows["factors"], rows["recovery_codes"], rows["remembered_devices"]), (0, 0, 0));
    let mail = app.mail_to("alice@example.com").await;
    assert!(mail.text.contains("One second factor that was added"), "{}", mail.text);

    let app = open().await;
    app.add_totp("bob").await;
    app.sql("UPDATE users SET email_verified = TRUE WHERE username = 'bob'").await;
    app.recovery_codes("bob").await;
    app.advance(seconds(60));
    let bob = app.user("bob").await;
    let (by, fresh) = fresh(&app, &bob).await;
    let from = IpAddr::from([192, 0, 2, 1]);
    let wanted = AddressWanted { typed: "thief@evil.test", from, locale: None, code_for: None };
    ask_for_address(&app.app, &by, &fresh, wanted).await.unwrap();
    let link = app.link_to("thief@evil.test", CONFIRM).await;
    confirm_address(&app.app, &by, link.split("token=").nth(1).unwrap(), &[bob.id]).await.unwrap();
    follow(&app, &app.link_to("bob@example.com", UNDO).await).await;
    assert!(app.user("bob").await.second_factor, "an old mailbox is no way round it");
    assert_eq!(app.rows().await["recovery_codes"], 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_changes_do_not_push_the_owners_way_back_out() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    for n in 0..20 {
        if n % 8 == 7 {
            app.advance(seconds(HOUR + 1));
            thief = app.browser();
        }
        let page = thief.open("/account/email").await;
        if page.shows() == Shows::Login {
            thief.sign_in(&page, "alice").await;
        }
        assert_eq!(change(&app, &mut thief, &format!("n{n}@evil.test")).await.answer.status, 200, "{n}");
    }
    let refused = change(&app, &mut thief, "last@evil.test").await;
    assert_eq!(refused.answer.status, 429, "{}", refused.answer.text());
    assert_eq!(app.user("alice").await.email.as_deref(), Some("n19@evil.test"), "what could not be undone is not done");
    assert_eq!(follow(&app, &owners_link(&app).await).await.answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_owner_cannot_be_told_because_too_many_mails_wait_that_is_our_fault_and_the_link_holds_on() {
    let app = open().await;
    let mut owner = signed_in(&app, "alice").await;
    let page = owner.open("/account/email").await;
    owner.press(&page, "email-submit", &[("email", "alice@example.org")]).await;
    let link = app.link_to("alice@example.org", CONFIRM).await;
    let later = "'2999-01-01 00:00:00+00:00'";
    let waiting = (0..10_000).map(|n| {
        let id = match app.database.url.starts_with("sqlite:") {
            true => format!("x'{n:032}'"),
            false => format!("'{n:032}'"),
        };
        format!("({id}, 'mail', 'filler {n}', '{{}}', 'waiting', {later}, {later}, 0, 5, 0, {later}, 'filler')")
    });
    let columns =
        "id, kind, key, payload, state, run_at, armed_at, attempts, max_attempts, fence, created_at, created_by";
    let waiting: Vec<_> = waiting.collect();
    app.sql(&format!("INSERT INTO jobs ({columns}) VALUES {}", waiting.join(", "))).await;
    let question = owner.open(&link).await;
    let refused = owner.press(&question, "link-confirm", &[]).await;
    assert_eq!(refused.answer.status, 503, "{}", refused.answer.text());
    assert!(!refused.answer.header("retry-after").is_empty());
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"));
    app.sql("DELETE FROM jobs WHERE created_by = 'filler'").await;
    assert_eq!(follow_in(&mut owner, &link).await.answer.status, 200);
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_before_all_ended_is_not_done_after_it() {
    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    let page = thief.open("/account/email").await;
    thief.press(&page, "email-submit", &[("email", "thief@evil.test")]).await;
    let other = SecretString::new("quite-another-password".to_owned());
    set_password(&app.app, &operator(), &app.user("alice").await, other).await.unwrap();
    assert!(app.inbox().await.iter().all(|mail| mail.to != "thief@evil.test"));

    let app = open().await;
    let mut thief = signed_in(&app, "alice").await;
    let page = thief.open("/account/email").await;
    thief.press(&page, "email-submit", &[("email", "thief@evil.test")]).await;
    let mut owner = signed_in(&app, "alice").await;
    let page = owner.open("/account/sessions").await;
    owner.press(&page, "sign-out-everywhere", &[]).await;
    assert!(app.inbox().await.iter().all(|mail| mail.to != "thief@evil.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_not_deleted_before_its_address_can_be_had_back() {
    let app = TestApp::configured().explaining().toml("[account]\ndelete_after = \"0s\"\n").start().await;
    let mut thief = signed_in(&app, "alice").await;
    change(&app, &mut thief, "thief@evil.test").await;
    let page = thief.open("/account/delete").await;
    thief.press(&page, "delete-submit", &[("confirmation", "alice")]).await;
    assert!(app.inbox().await.iter().any(|mail| mail.to == "alice@example.com" && mail.subject.contains("deleted")));
    app.advance(seconds(6 * 24 * HOUR));
    app.work().await;
    assert_eq!(follow(&app, &owners_link(&app).await).await.answer.status, 200);
    assert_eq!(app.user("alice").await.delete_at, None);
    app.advance(seconds(30 * 24 * HOUR));
    app.work().await;
    app.user("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_an_account_is_told() {
    let app = open().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/delete").await;
    browser.press(&page, "delete-submit", &[("confirmation", "alice")]).await;
    let page = browser.open("/account").await;
    let question = browser.try_password(&page, "alice", PASSWORD).await;
    browser.press(&question, "keep-account", &[]).await;
    let mails = app.inbox().await;
    let told = mails.iter().any(|mail| mail.to == "alice@example.com" && mail.subject.contains("will not be deleted"));
    assert!(told, "{mails:?}");
}
