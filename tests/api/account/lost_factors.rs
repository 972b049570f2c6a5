//! Whoever has lost every second factor.

use latchkey::domain::access::actor::{Actor, Origin};
use latchkey::foundation::SecretString;
use latchkey::services::account::{self, UserChanges, set_password};
use latchkey::services::factor::lost_factors::{cancel, cancel_by_link, find};

use crate::harness::snapshot::assert_page;
use crate::harness::{Authenticator, Browser, PASSWORD, Page, Shows, TestApp, operator, seconds};

const ALICE: &str = "alice@example.com";
const HOUR: u64 = 3600;
const DELAY: u64 = 72 * HOUR;

/// alice has an app.
async fn server() -> (TestApp, Authenticator) {
    let app = TestApp::configured().explaining().start().await;
    let phone = app.add_totp("alice").await;
    (app, phone)
}

/// Somebody gave their password, and sees where it stands with their lost factors.
async fn lost(browser: &mut Browser, name: &str) -> Page {
    lost_with(browser, name, PASSWORD).await
}

async fn lost_with(browser: &mut Browser, name: &str, password: &str) -> Page {
    let page = browser.open("/account").await;
    let page = browser.try_password(&page, name, password).await;
    assert_eq!(page.shows(), Shows::SecondFactor, "{}", page.answer.text());
    let flow = page.hidden("mfa-submit", "flow");
    let paper = browser.open(&format!("/second-factor?flow={flow}&method=recovery_code")).await;
    assert!(paper.answer.text().contains("id=\"mfa-lost\""), "{}", paper.answer.text());
    let page = browser.open(&format!("/second-factor/lost?flow={flow}")).await;
    assert_eq!(page.shows(), Shows::LostFactors, "{}", page.answer.text());
    page
}

fn has(page: &Page, id: &str) -> bool {
    page.answer.text().contains(&format!("id=\"{id}\""))
}

/// alice has said it, and was told.
async fn say(app: &TestApp) {
    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    let page = browser.press(&page, "lost-begin", &[]).await;
    assert!(has(&page, "lost-waits"), "{}", page.answer.text());
    app.work().await;
}

/// The code of the newest mail.
fn code(app: &TestApp) -> String {
    let mails = app.mails(ALICE);
    let after = mails.iter().find_map(|mail| mail.text.split("Your code is ").nth(1)).unwrap();
    after.split('.').next().unwrap().to_owned()
}

async fn rows(app: &TestApp) -> i64 {
    app.rows().await["lost_factors"]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_everything_gets_in_again_after_the_delay_and_is_told_twice_before() {
    let (app, phone) = server().await;
    app.recovery_codes("alice").await;
    let mut elsewhere = app.browser();
    let page = elsewhere.open("/account").await;
    let page = elsewhere.sign_in(&page, "alice").await;
    assert_eq!(elsewhere.give_code(&page, &phone.code()).await.url, "/account");
    app.work().await;
    let before = app.mails(ALICE).len();

    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    assert_page("lost-factors", &page);
    assert_eq!(rows(&app).await, 0, "looking says nothing");
    let page = browser.press(&page, "lost-begin", &[]).await;
    assert_page("lost-factors-waits", &page);
    app.work().await;
    let mails = app.mails(ALICE);
    assert_eq!(mails.len(), before + 1);
    assert!(mails[0].subject.starts_with("Somebody said"), "{}", mails[0].subject);
    assert!(app.mailed_link(ALICE).starts_with("https://id.test/recover/factors/cancel?token="));

    app.advance(seconds(48 * HOUR));
    for _ in 0..2 {
        app.work().await;
        app.advance(seconds(601));
    }
    let reminders = app.mails(ALICE).iter().filter(|mail| mail.subject.contains("can soon be removed")).count();
    assert_eq!(reminders, 1, "once");

    app.advance(seconds(24 * HOUR));
    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    let page = browser.press(&page, "lost-send", &[]).await;
    assert_page("lost-factors-code", &page);
    app.work().await;
    let right = code(&app);
    let wrong = browser.press(&page, "lost-verify", &[("code", "no code")]).await;
    assert!(has(&wrong, "lost-verify") && wrong.answer.text().contains("notice bad"));
    let done = browser.press(&wrong, "lost-verify", &[("code", &right)]).await;
    assert_page("lost-factors-removed", &done);

    assert_eq!(elsewhere.open("/account").await.shows(), Shows::Login, "everything ends");
    let page = browser.open("/account").await;
    assert_eq!(browser.sign_in(&page, "alice").await.url, "/account", "the password alone");
    assert_eq!(rows(&app).await, 0);
    for table in ["factors", "recovery_codes"] {
        assert_eq!(app.rows().await[table], 0, "{table}");
    }
    app.work().await;
    assert!(app.mails(ALICE).iter().any(|mail| mail.subject.contains("were reset")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_mail_alone_waits_for_two_delays() {
    let (app, _) = server().await;
    let mut thief = app.browser();
    let page = thief.open("/recover").await;
    thief.press(&page, "recover-submit", &[("username", "alice")]).await;
    app.work().await;
    let page = thief.open(&app.mailed_link(ALICE)).await;
    let by_mail = "quite-another-passphrase";
    thief.press(&page, "reset-submit", &[("password", by_mail)]).await;
    app.advance(seconds(HOUR));
    let page = lost_with(&mut thief, "alice", by_mail).await;
    assert!(page.answer.text().contains("143 hours"), "{}", page.answer.text());
    thief.press(&page, "lost-begin", &[]).await;
    for (advance, due) in [(DELAY, false), (DELAY - 2 * HOUR, false), (HOUR, true)] {
        app.advance(seconds(advance));
        let page = lost_with(&mut app.browser(), "alice", by_mail).await;
        assert_eq!((has(&page, "lost-send"), has(&page, "lost-waits")), (due, !due), "{}", page.answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_time_there_is_no_code_and_no_code_is_taken() {
    let (app, _) = server().await;
    say(&app).await;
    app.advance(seconds(DELAY - 2));
    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    assert!(has(&page, "lost-waits") && !has(&page, "lost-send"));
    let form = |action: &str| {
        let field = |name: &str, value: String| (name.to_owned(), value);
        let hidden = |name| page.hidden("lost-cancel", name);
        vec![
            field("csrf", hidden("csrf")),
            field("flow", hidden("flow")),
            field("action", action.into()),
            field("code", "12345678".into()),
        ]
    };
    let (mails, links) = (app.mails(ALICE).len(), app.rows().await["one_time_links"]);
    for action in ["begin", "send", "verify", ""] {
        browser.post("/second-factor/lost", &form(action)).await;
    }
    assert_eq!((app.mails(ALICE).len(), app.rows().await["one_time_links"]), (mails, links));
    assert_eq!(app.rows().await["factors"], 1);
    app.advance(seconds(2));
    assert!(has(&lost(&mut app.browser(), "alice").await, "lost-send"));
    app.advance(seconds(7 * 24 * HOUR));
    assert!(has(&lost(&mut app.browser(), "alice").await, "lost-begin"), "it holds for a week");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_stops_it_by_the_link_which_a_scanner_does_not_use_up() {
    let (app, _) = server().await;
    say(&app).await;
    let link = app.mailed_link(ALICE);
    for _ in 0..3 {
        assert_eq!(app.browser().open(&link).await.shows(), Shows::CancelRecovery);
    }
    assert_eq!(rows(&app).await, 1);
    let mut browser = app.browser();
    let page = browser.open(&link).await;
    assert_page("cancel-recovery", &page);
    let done = browser.press(&page, "cancel-recovery", &[]).await;
    assert_page("cancel-recovery-done", &done);
    assert_eq!(rows(&app).await, 0);
    let over = browser.open(&link).await;
    assert_eq!(over.shows(), Shows::Message);
    assert!(over.answer.text().contains("your second factors stay"), "{}", over.answer.text());
    let token = link.split_once("token=").unwrap().1;
    assert!(!cancel_by_link(&app.app, &Actor::nobody(Origin::default()), token).await.unwrap());
    assert!(has(&lost(&mut app.browser(), "alice").await, "lost-begin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_an_administrator_and_a_changed_account_stop_it() {
    let (app, phone) = server().await;
    let alice = app.user("alice").await;
    say(&app).await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    let page = browser.sign_in(&page, "alice").await;
    assert_eq!(browser.give_code(&page, &phone.code()).await.url, "/account");
    assert_eq!(rows(&app).await, 0, "it is not lost");

    say(&app).await;
    assert!(cancel(&app.app, &operator(), alice.id).await.unwrap());
    assert!(!cancel(&app.app, &operator(), alice.id).await.unwrap());

    say(&app).await;
    app.advance(seconds(DELAY));
    let password = SecretString::new(PASSWORD.into());
    Box::pin(set_password(&app.app, &operator(), &alice, password)).await.unwrap();
    assert!(has(&lost(&mut app.browser(), "alice").await, "lost-begin"), "the password was changed");
    say(&app).await;
    app.advance(seconds(DELAY));
    let changes = UserChanges { email: Some(Some("alice@elsewhere.example".into())), ..UserChanges::default() };
    Box::pin(account::update(&app.app, &operator(), alice.id, changes)).await.unwrap();
    let alice = app.user("alice").await;
    assert!(find(&app.app, &alice).await.unwrap().is_none(), "the address was changed");
    app.work().await;
    assert_eq!(rows(&app).await, 0, "nobody is reminded of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_offered_to_whoever_cannot_be_told() {
    let (app, _) = server().await;
    app.add_totp("bob").await;
    assert!(!app.user("bob").await.email_verified);
    let off = app.another_with_toml("[factors]\nrecovery_delay = \"off\"\n").await;
    for (app, name) in [(&app, "bob"), (&off, "alice")] {
        let mut browser = app.browser();
        let page = browser.open("/account").await;
        let page = browser.try_password(&page, name, PASSWORD).await;
        let flow = page.hidden("mfa-submit", "flow");
        let paper = browser.open(&format!("/second-factor?flow={flow}&method=recovery_code")).await;
        assert!(!has(&paper, "mfa-lost"), "{name}");
        let page = browser.open(&format!("/second-factor/lost?flow={flow}")).await;
        assert_eq!(page.shows(), Shows::SecondFactor, "{name}");
        let field = |name: &str, value: String| (name.to_owned(), value);
        let csrf = page.hidden("mfa-submit", "csrf");
        let form = [field("csrf", csrf), field("flow", flow), field("action", "begin".into())];
        assert_eq!(browser.post("/second-factor/lost", &form).await.shows(), Shows::SecondFactor, "{name}");
        assert_eq!(rows(app).await, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn saying_it_and_guessing_codes_are_bounded() {
    let (app, _) = server().await;
    let id = app.user("alice").await.id;
    for _ in 0..3 {
        say(&app).await;
        assert!(cancel(&app.app, &operator(), id).await.unwrap());
    }
    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    let refused = browser.press(&page, "lost-begin", &[]).await;
    assert_eq!((refused.shows(), refused.answer.status.as_u16()), (Shows::LostFactors, 429));
    assert_eq!(rows(&app).await, 0);

    app.advance(seconds(24 * HOUR));
    say(&app).await;
    app.advance(seconds(DELAY));
    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    let page = browser.press(&page, "lost-send", &[]).await;
    app.work().await;
    let right = code(&app);
    let wrong = if right == "0000 0000" { "1111 1111" } else { "0000 0000" };
    for _ in 0..5 {
        browser.press(&page, "lost-verify", &[("code", wrong)]).await;
    }
    let refused = browser.press(&page, "lost-verify", &[("code", &right)]).await;
    assert!(!has(&refused, "lost-removed"));
    assert_eq!(app.rows().await["factors"], 1, "after five wrong ones the right one is taken no more");
    for _ in 0..4 {
        assert!(has(&browser.press(&page, "lost-again", &[]).await, "lost-verify"));
    }
    assert_eq!(browser.press(&page, "lost-again", &[]).await.answer.status, 429, "five mails an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_for_somebody_else_in_the_same_browser_makes_no_difference_to_the_own_one() {
    let (app, _) = server().await;
    app.sql("UPDATE users SET email_verified = TRUE WHERE username = 'bob'").await;
    app.add_totp("bob").await;
    for name in ["alice", "bob"] {
        let mut browser = app.browser();
        let page = lost(&mut browser, name).await;
        browser.press(&page, "lost-begin", &[]).await;
    }
    app.advance(seconds(DELAY));
    let mut browser = app.browser();
    let page = lost(&mut browser, "alice").await;
    let own = browser.press(&page, "lost-send", &[]).await;
    app.work().await;
    let right = code(&app);
    let before = browser.cookies.clone();
    let page = lost(&mut browser, "bob").await;
    let others = browser.press(&page, "lost-send", &[]).await;
    app.work().await;
    let refused = browser.press(&others, "lost-verify", &[("code", &right)]).await;
    assert!(refused.answer.text().contains("notice bad"), "{}", refused.answer.text());
    browser.cookies = before;
    let done = browser.press(&own, "lost-verify", &[("code", &right)]).await;
    assert!(has(&done, "lost-removed"), "{}", done.answer.text());
    assert_eq!(app.rows().await["factors"], 1, "the other's is still there");
}
