//! Another address, the way back from it, and proving the one that there is.

use latchkey::services::account::find;

use super::signed_in;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, PASSWORD, Page, Shows, TestApp, seconds};

async fn open() -> TestApp {
    TestApp::configured().explaining().start().await
}

async fn ask(browser: &mut Browser, email: &str) -> Page {
    let page = browser.open("/account/email").await;
    browser.press(&page, "email-submit", &[("email", email)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_confirmed_there_and_the_old_one_is_told_and_can_undo_it() {
    let app = open().await;
    let client = app.client().first_party().create().await;
    let mut browser = signed_in(&app, "alice").await;
    let tokens = client.sign_in_with(&mut browser, "alice", client.request()).await;
    let page = browser.open("/account/email").await;
    assert_page("account-email", &page);
    let asked = browser.press(&page, "email-submit", &[("email", "alice@example.org")]).await;
    assert!(asked.answer.text().contains("Look into the mail of that address"), "{}", asked.answer.text());
    let link = app.link_to("alice@example.org", "/account/email/confirm").await;
    assert_eq!(app.user("alice").await.email.as_deref(), Some("alice@example.com"), "nothing has changed yet");
    // By whoever reads that mail, in whatever browser the account is signed in.
    let mut phone = signed_in(&app, "alice").await;
    let question = phone.open(&link).await;
    assert_page("account-email-confirm", &question);
    let done = phone.press(&question, "link-confirm", &[]).await;
    assert!(done.shows() == Shows::Message && done.answer.status == 200, "{}", done.answer.text());
    let alice = app.user("alice").await;
    assert_eq!((alice.email.as_deref(), alice.email_verified), (Some("alice@example.org"), true));
    assert!(find(&app.app, "alice@example.com").await.unwrap().is_none());
    assert_eq!(phone.press(&question, "link-confirm", &[]).await.answer.status, 404, "once");

    let undo = app.link_to("alice@example.com", "/account/email/undo").await;
    app.advance(seconds(7 * 86_400 - 1));
    let question = phone.open(&undo).await;
    assert_page("account-email-undo", &question);
    let done = phone.press(&question, "link-confirm", &[]).await;
    assert!(done.answer.text().contains("/recover"), "{}", done.answer.text());
    let alice = app.user("alice").await;
    assert_eq!((alice.email.as_deref(), alice.email_verified), (Some("alice@example.com"), true));
    assert!(alice.password_hash.is_none(), "whoever changed it knew the password");
    assert_eq!(browser.open("/account").await.shows(), Shows::Login, "every session has ended");
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    let mut thief = app.browser();
    let login = thief.open("/account").await;
    assert_eq!(thief.try_password(&login, "alice", PASSWORD).await.shows(), Shows::Login);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_a_link_that_they_did_not_ask_for_gives_their_address_to_nobody() {
    let app = open().await;
    let mut thief = signed_in(&app, "bob").await;
    ask(&mut thief, "victim@example.com").await;
    let link = app.link_to("victim@example.com", "/account/email/confirm").await;
    let token = link.split("token=").nth(1).unwrap().to_owned();
    let stranger = app.browser();
    assert_page("account-email-sign-in-first", &stranger.clone().open(&link).await);
    for mut victim in [stranger, signed_in(&app, "alice").await] {
        let page = victim.open(&link).await;
        assert!(page.answer.text().contains("Sign in first"), "{}", page.answer.text());
        let form = [("csrf".to_owned(), csrf_of(&mut victim).await), ("token".to_owned(), token.clone())];
        let refused = victim.post("/account/email/confirm", &form).await;
        assert!(refused.answer.text().contains("Sign in first"), "{}", refused.answer.text());
    }
    assert_eq!(app.user("bob").await.email.as_deref(), Some("bob@example.com"));
    let question = thief.open(&link).await;
    assert_eq!(
        thief.press(&question, "link-confirm", &[]).await.answer.status,
        200,
        "the link holds on for its account"
    );
}

/// The token of the forms of somebody who is signed in, or of nobody.
async fn csrf_of(browser: &mut Browser) -> String {
    let page = browser.open("/account/add").await;
    page.hidden("login-submit", "csrf")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_needs_a_sign_in_leads_there_and_back() {
    let app = open().await;
    let mut desk = signed_in(&app, "alice").await;
    ask(&mut desk, "alice@example.org").await;
    let link = app.link_to("alice@example.org", "/account/email/confirm").await;
    for mut phone in [app.browser(), signed_in(&app, "bob").await] {
        let first = phone.open(&link).await;
        let way = first.answer.text().split("id=\"message-link\" class=\"button\" href=\"").nth(1).unwrap();
        let login = phone.open(way.split('"').next().unwrap()).await;
        let question = phone.sign_in(&login, "alice").await;
        assert_eq!(question.shows(), Shows::MailLink, "{}", question.answer.text());
        assert!(question.answer.text().contains("alice@example.org"));
        assert_eq!(phone.open("/account").await.url, "/account", "it is led back once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_address_it_is_shows_in_the_mail_alone() {
    let app = open().await;
    let mut browser = signed_in(&app, "alice").await;
    let told = |page: &Page| {
        let text = page.answer.text().split("id=\"notice\"").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
        (page.answer.status, text)
    };
    let known = told(&ask(&mut browser, "bob@example.com").await);
    let unknown = told(&ask(&mut browser, "nobody@example.com").await);
    assert_eq!(known, unknown);
    let to_bob = app.mail_to("bob@example.com").await;
    assert!(to_bob.text.contains("You have an account already") && !to_bob.text.contains("token"), "{}", to_bob.text);
    let twin = told(&ask(&mut browser, "b\u{43e}b@example.com").await);
    assert_eq!(twin, known);
    let to_twin = app.mail_to("b\u{43e}b@example.com").await;
    assert!(to_twin.text.contains("looks just like another"), "{}", to_twin.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_link_does_not_tell_whether_other_addresses_are_known() {
    for other in ["bob@example.com", "nobody@example.com"] {
        let app = open().await;
        let mut browser = signed_in(&app, "alice").await;
        ask(&mut browser, "alice@example.org").await;
        let link = app.link_to("alice@example.org", "/account/email/confirm").await;
        for _ in 0..3 {
            ask(&mut browser, other).await;
            app.work().await;
        }
        assert_eq!(browser.open(&link).await.answer.status, 200, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_verified_is_proven_by_a_link_and_tells_nobody_else() {
    let app = open().await;
    let mut browser = signed_in(&app, "bob").await;
    let page = browser.open("/account/email").await;
    browser.press(&page, "email-verify", &[]).await;
    let question = browser.open(&app.link_to("bob@example.com", "/account/email/confirm").await).await;
    browser.press(&question, "link-confirm", &[]).await;
    assert!(app.user("bob").await.email_verified);
    assert_eq!(app.inbox().await.len(), 1, "there was no other address");
    let same = ask(&mut browser, "bob@example.com").await;
    assert!(same.answer.text().contains("That is your address already"));
    // An address that was never proven may be a stranger's: a way back would give them the account.
    app.sql("UPDATE users SET email_verified = FALSE WHERE username = 'alice'").await;
    let mut browser = signed_in(&app, "alice").await;
    ask(&mut browser, "alice@example.org").await;
    let question = browser.open(&app.link_to("alice@example.org", "/account/email/confirm").await).await;
    browser.press(&question, "link-confirm", &[]).await;
    assert!(!app.inbox().await.iter().any(|mail| mail.to == "alice@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_a_fresh_proof_and_a_token_and_a_link_ends_with_a_change_of_the_account() {
    let app = open().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/email").await;
    let form = [("csrf".to_owned(), "x".to_owned()), ("email".to_owned(), "a@evil.test".to_owned())];
    let refused = browser.post("/account/email", &form).await;
    assert!(refused.answer.text().contains("was open for too long"), "{}", refused.answer.text());
    ask(&mut browser, "alice@example.org").await;
    let link = app.link_to("alice@example.org", "/account/email/confirm").await;
    app.advance(seconds(301));
    let stale = browser.press(&page, "email-submit", &[("email", "a@evil.test")]).await;
    assert_eq!(stale.shows(), Shows::Login);
    assert_eq!(app.inbox().await.len(), 1);
    let profile = browser.open("/account/profile").await;
    browser.press(&profile, "profile-submit", &[("nickname", "Al")]).await;
    assert_eq!(browser.open(&link).await.answer.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_asks_ten_times_in_an_hour() {
    let app = open().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = browser.open("/account/email").await;
    for n in 0..10 {
        let email = format!("n{n}@example.com");
        assert_eq!(browser.press(&page, "email-submit", &[("email", &email)]).await.answer.status, 200);
    }
    assert_eq!(browser.press(&page, "email-submit", &[("email", "n@example.com")]).await.answer.status, 429);
}
