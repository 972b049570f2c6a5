//! What is done to get in with a passkey that is not one's own.

use axum::http::Request;

use latchkey::services::account;

use crate::harness::{Browser, PASSWORD, Page, Passkey, Shows, TestApp, body, encode, operator, seconds};

/// alice has a passkey, and somebody is at a login page.
async fn at_login() -> (TestApp, Passkey, Browser, Page) {
    let app = TestApp::start().await;
    let mut passkey = Passkey::new(&app);
    app.browser().add_passkey("alice", &mut passkey).await;
    let mut browser = app.browser();
    let page = browser.open("/account").await;
    (app, passkey, browser, page)
}

#[track_caller]
fn refused(page: &Page) {
    assert_eq!(page.shows(), Shows::Login, "{}", page.answer.text());
    assert!(page.answer.text().contains("That passkey is not known here"), "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_was_given_is_of_no_use_here() {
    let (_app, passkey, mut browser, page) = at_login().await;
    for mut wrong in [
        Passkey { origin: "https://evil.example".into(), ..passkey.clone() },
        Passkey { origin: "https://sub.id.test".into(), ..passkey.clone() },
        Passkey { origin: "https://badid.test".into(), ..passkey.clone() },
        Passkey { origin: "https://id.test:8443".into(), ..passkey.clone() },
        Passkey { origin: "http://id.test".into(), ..passkey.clone() },
        Passkey { origin: "null".into(), ..passkey.clone() },
        Passkey { party: Some("evil.example".into()), ..passkey.clone() },
        Passkey { party: Some("test".into()), ..passkey.clone() },
        Passkey { challenge: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into()), ..passkey.clone() },
        Passkey { verifies: false, ..passkey.clone() },
    ] {
        refused(&browser.give_passkey(&page, &mut wrong).await);
    }
    let mut right = passkey;
    assert_eq!(browser.give_passkey(&page, &mut right).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_taken_once_in_its_own_browser_for_its_own_request_and_in_time() {
    let (app, mut passkey, mut browser, page) = at_login().await;
    let answer = passkey.get(&page.passkey_options());
    let challenge = page.hidden("passkey-submit", "challenge");
    // Somebody saw both, and has a browser of their own.
    let mut stranger = app.browser();
    let theirs = stranger.open("/account").await;
    refused(&stranger.send_passkey(&theirs, &answer, &[("challenge", &challenge)]).await);
    refused(&stranger.send_passkey(&theirs, &answer, &[]).await);
    // Another request of the same browser.
    let client = app.client().first_party().create().await;
    let other = browser.open(&client.request().url()).await;
    refused(&browser.send_passkey(&other, &answer, &[("challenge", &challenge)]).await);
    let (before, mut copy) = (browser.clone(), browser.clone());
    assert_eq!(browser.send_passkey(&page, &answer, &[]).await.url, "/account");
    refused(&copy.send_passkey(&page, &answer, &[]).await);
    let mut late = before;
    let old = late.open("/account").await;
    let answer = passkey.get(&old.passkey_options());
    app.advance(seconds(30 * 60));
    assert_ne!(late.send_passkey(&old, &answer, &[]).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_send_the_same_answer_at_once_one_is_signed_in() {
    let (_app, mut passkey, browser, page) = at_login().await;
    let answer = passkey.get(&page.passkey_options());
    let tries = (0..8).map(|_| {
        let (mut browser, page, answer) = (browser.clone(), page.clone(), answer.clone());
        async move { browser.send_passkey(&page, &answer, &[]).await.url == "/account" }
    });
    let signed_in = futures_util::future::join_all(tries).await;
    assert_eq!(signed_in.into_iter().filter(|signed_in| *signed_in).count(), 1);
}

/// GHSA-x8jp-v2j6-6vjf.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_of_another_person_completes_nobodys_sign_in() {
    let (app, mut alices, mut browser, page) = at_login().await;
    let mut bobs = Passkey::new(&app);
    app.browser().add_passkey("bob", &mut bobs).await;
    // Bob's credential that says to be alice's.
    let mut lying = Passkey { handle: alices.handle.clone(), ..bobs.clone() };
    refused(&browser.give_passkey(&page, &mut lying).await);
    let mut silent = Passkey { discoverable: false, ..bobs.clone() };
    refused(&browser.give_passkey(&page, &mut silent).await);
    // Alice's credential id, signed by Bob's key.
    let mut forged = Passkey { id: alices.id.clone(), handle: alices.handle.clone(), ..bobs.clone() };
    refused(&browser.give_passkey(&page, &mut forged).await);
    // After alice's password, bob's passkey, under either name.
    let half = browser.sign_in(&page, "alice").await;
    for mut wrong in [bobs.clone(), lying, silent, forged] {
        let again = browser.give_passkey(&half, &mut wrong).await;
        assert!(again.answer.text().contains("The passkey was not right"), "{}", again.answer.text());
    }
    assert_eq!(browser.give_passkey(&half, &mut alices).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_one_question_is_none_to_another() {
    let (app, mut passkey, mut browser, page) = at_login().await;
    let alone = (passkey.get(&page.passkey_options()), page.hidden("passkey-submit", "challenge"));
    let half = browser.sign_in(&page, "alice").await;
    let second = (passkey.get(&half.passkey_options()), half.hidden("passkey-submit", "challenge"));
    let again = browser.send_passkey(&half, &alone.0, &[("challenge", &alone.1)]).await;
    assert!(again.answer.text().contains("The passkey was not right"), "{}", again.answer.text());
    refused(&browser.send_passkey(&page, &second.0, &[("challenge", &second.1)]).await);
    // What adds a passkey proves nothing, and what proves one adds none.
    assert_eq!(browser.send_passkey(&half, &second.0, &[]).await.url, "/account");
    let adding = browser.open("/account/factors/passkey").await;
    let made = (Passkey::new(&app).create(&adding.passkey_options()), adding.hidden("passkey-submit", "challenge"));
    let mut other = app.browser();
    let login = other.open("/account").await;
    refused(&other.send_passkey(&login, &made.0, &[("challenge", &made.1)]).await);
    for (answer, challenge) in [&second, &alone] {
        let page = browser.send_passkey(&adding, answer, &[("challenge", challenge)]).await;
        assert!(page.answer.text().contains("was not added"), "{}", page.answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_goes_backwards_is_refused_and_told_once() {
    let (app, mut passkey, mut browser, page) = at_login().await;
    let mut copy = passkey.clone();
    assert_eq!(browser.clone().give_passkey(&page, &mut passkey).await.url, "/account");
    for _ in 0..2 {
        copy.count = Some(0);
        let page = browser.open("/account").await;
        refused(&browser.give_passkey(&page, &mut copy).await);
    }
    let page = browser.open("/account/factors").await;
    let page = browser.give_passkey(&page, &mut passkey).await;
    assert!(page.answer.text().contains("There may be a copy of this passkey"), "{}", page.answer.text());
    latchkey::services::operation::events::seal(&app.app).await.unwrap();
    let filter = latchkey::services::operation::events::Filter::default();
    let events = latchkey::services::operation::events::after(&app.app, 0, usize::MAX, &filter).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "passkey.suspected").count(), 1);
    app.advance(seconds(3));
    let page = browser.open("/account/activity").await;
    assert!(page.answer.text().contains("A passkey may have been copied"), "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_signs_in_a_page_from_before_is_noticed_too() {
    let (_app, mut passkey, mut browser, page) = at_login().await;
    let mut copy = passkey.clone();
    let mut elsewhere = browser.clone();
    let half = elsewhere.try_password(&page, "alice", PASSWORD).await;
    assert_eq!(browser.give_passkey(&page, &mut passkey).await.url, "/account");
    let refused = elsewhere.give_passkey(&half, &mut copy).await;
    assert!(refused.answer.text().contains("The passkey was not right"), "{}", refused.answer.text());
    let page = browser.open("/account/factors").await;
    assert!(page.answer.text().contains("There may be a copy of this passkey"), "{}", page.answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_that_does_not_count_stays_at_nothing() {
    let app = TestApp::start().await;
    let mut passkey = Passkey { count: None, ..Passkey::new(&app) };
    app.browser().add_passkey("alice", &mut passkey).await;
    for _ in 0..2 {
        let mut browser = app.browser();
        let page = browser.open("/account").await;
        assert_eq!(browser.give_passkey(&page, &mut passkey).await.url, "/account");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_is_told_what_a_stranger_is_told() {
    let (app, mut passkey, mut browser, page) = at_login().await;
    let alice = app.user("alice").await;
    account::set_enabled(&app.app, &operator(), alice.id, false).await.unwrap();
    let disabled = browser.give_passkey(&page, &mut passkey).await;
    refused(&disabled);
    let unknown =
        browser.give_passkey(&page, &mut Passkey { handle: passkey.handle.clone(), ..Passkey::new(&app) }).await;
    refused(&unknown);
    assert_eq!(disabled.answer.status, unknown.answer.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_or_without_its_token_is_not_taken() {
    let (_app, mut passkey, mut browser, page) = at_login().await;
    let answer = passkey.get(&page.passkey_options());
    let fields = page.form("passkey-submit").submit("passkey-submit", &[("answer", &answer)]);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = body(Request::post("/login").header(name, value), encode(&fields));
        assert_eq!(browser.exchange(request).await.status.as_u16(), 403, "{name}");
    }
    let forged = page.form("passkey-submit").submit("passkey-submit", &[("answer", &answer), ("csrf", "forged")]);
    assert_eq!(browser.post("/login", &forged).await.shows(), Shows::Login);
    assert_eq!(browser.open("/account").await.shows(), Shows::Login, "nobody was signed in");
    assert_eq!(browser.post("/login", &fields).await.url, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_browser_answers_is_no_fault_of_ours() {
    let (_app, mut passkey, mut browser, page) = at_login().await;
    let right: serde_json::Value = serde_json::from_str(&passkey.get(&page.passkey_options())).unwrap();
    let mut wrong: Vec<String> =
        ["", "{", "null", "[]", "\u{1}"].map(str::to_owned).into_iter().chain(["[".repeat(10_000)]).collect();
    for field in ["authenticatorData", "clientDataJSON", "signature", "userHandle"] {
        for value in ["", "AA", "%%", "_w"] {
            let mut answer = right.clone();
            answer["response"][field] = value.into();
            wrong.push(answer.to_string());
        }
    }
    for answer in &wrong {
        refused(&browser.send_passkey(&page, answer, &[]).await);
    }
    let sealed = page.hidden("passkey-submit", "challenge");
    for challenge in ["", "AA", &sealed[1..], &sealed.replace(['a', 'b'], "c"), &"A".repeat(40_000)] {
        refused(&browser.send_passkey(&page, &right.to_string(), &[("challenge", challenge)]).await);
    }
    assert_eq!(browser.send_passkey(&page, &right.to_string(), &[]).await.url, "/account");
}
