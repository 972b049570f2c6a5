//! What happened to one's own account.

use latchkey::services::operation::events;

use super::signed_in;
use crate::harness::snapshot::assert_page;
use crate::harness::{Browser, Page, Shows, TestApp, operator, seconds};

/// What happened has its number by now.
async fn open(app: &TestApp, browser: &mut Browser, path: &str) -> Page {
    events::seal(&app.app).await.unwrap();
    browser.open(path).await
}

/// The entries of the page, in its order.
fn entries(page: &Page) -> Vec<String> {
    let rows = page.answer.text().split("<ul class=\"rows\"").nth(1).unwrap_or_default();
    rows.split("<strong>").skip(1).map(|row| row.split("</strong>").next().unwrap().to_owned()).collect()
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_finds_what_happened_to_their_account_the_latest_first_and_nobody_elses() {
    let app = TestApp::start().await;
    let client = app.client().named("Shop").create().await;
    client.sign_in("bob").await;
    app.advance(seconds(60));
    let mut browser = signed_in(&app, "alice").await;
    app.advance(seconds(60));
    client.authorize(&mut browser, "alice", client.request()).await;
    app.advance(seconds(60));
    let alice = app.user("alice").await;
    latchkey::services::account::set_enabled(&app.app, &operator(), alice.id, false).await.unwrap();
    app.advance(seconds(60));
    latchkey::services::account::set_enabled(&app.app, &operator(), alice.id, true).await.unwrap();
    app.advance(seconds(3600));
    let mut browser = signed_in(&app, "alice").await;
    let page = open(&app, &mut browser, "/account/activity").await;
    let wanted = [
        "You signed in",
        "Your account was opened again",
        "A session ended",
        "Your account was closed",
        "Access to your account was allowed to Shop",
        "You signed in",
    ];
    let mut found = entries(&page);
    // Two of the same moment have no order.
    found[2..4].sort();
    assert_eq!(found, wanted);
    let text = page.answer.text();
    assert!(text.contains("by an administrator") && text.contains("from 192.0.2.10"), "{text}");
    assert!(!text.contains("the account was disabled"), "why, is for operators: {text}");
    assert_eq!(text.matches("This was not me</button>").count(), 3, "what an operator did was not disputed by them");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_a_page_for_each_twenty_five() {
    let app = TestApp::start().await;
    for _ in 0..30 {
        signed_in(&app, "alice").await;
        app.advance(seconds(60));
    }
    let mut browser = signed_in(&app, "alice").await;
    let first = open(&app, &mut browser, "/account/activity").await;
    assert_eq!(entries(&first).len(), 25);
    let link = first.answer.text().split("id=\"activity-older\"").nth(1).unwrap().split('"').nth(3).unwrap().to_owned();
    let second = browser.open(&link).await;
    assert_eq!(entries(&second).len(), 6);
    assert!(!second.answer.text().contains("activity-older"), "{}", second.answer.text());
    for odd in ["", "x", "-1", "99999999999999999999"] {
        let page = browser.open(&format!("/account/activity?before={odd}")).await;
        assert_eq!((page.shows(), page.answer.status.as_u16()), (Shows::Account, 200), "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_the_person_ends_the_session_of_whoever_it_was() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut bob = signed_in(&app, "bob").await;
    app.advance(seconds(60));
    let mut thief = app.browser();
    let tokens = client.sign_in_with(&mut thief, "alice", client.request().with("scope", "openid")).await;
    app.advance(seconds(3600));
    let mut browser = signed_in(&app, "alice").await;
    let page = open(&app, &mut browser, "/account/activity").await;
    assert_page("account-activity", &page);
    let theirs = page.form("dispute-2").submit("dispute-2", &[]);
    let seq = theirs.iter().find(|(name, _)| name == "event").unwrap().1.clone();

    // Neither without the form's token, nor by somebody else.
    browser.post("/account/activity", &[field("csrf", "x"), field("event", &seq)]).await;
    let page_of_bob = open(&app, &mut bob, "/account/activity").await;
    let csrf = page_of_bob.hidden("dispute-1", "csrf");
    let refused = bob.post("/account/activity", &[field("csrf", &csrf), field("event", &seq)]).await;
    assert!(refused.answer.text().contains("nothing like that"), "{}", refused.answer.text());
    assert_eq!(thief.open("/account").await.shows(), Shows::Account);

    let told = browser.press(&page, "dispute-2", &[]).await;
    assert!(told.answer.text().contains("id=\"disputed-password\""), "{}", told.answer.text());
    assert_page("account-activity-disputed", &told);
    assert_eq!(thief.open("/account").await.shows(), Shows::Login);
    client.refresh(&tokens.refresh_token).await.refused("invalid_grant");
    let page = open(&app, &mut browser, "/account/activity").await;
    assert!(entries(&page).contains(&"You said that something was not you".to_owned()), "{:?}", entries(&page));
    assert_eq!(bob.open("/account").await.shows(), Shows::Account);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_said_twenty_times_an_hour_and_ends_the_session_at_hand_never() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "alice").await;
    let page = open(&app, &mut browser, "/account/activity").await;
    for _ in 0..20 {
        let told = browser.press(&page, "dispute-1", &[]).await;
        assert!(told.answer.text().contains("the session that you are using now"), "{}", told.answer.text());
    }
    let rows = app.rows().await["audit_events"];
    let told = browser.press(&page, "dispute-1", &[]).await;
    assert!(told.answer.text().contains("too often"), "{}", told.answer.text());
    assert_eq!(app.rows().await["audit_events"], rows);
}
